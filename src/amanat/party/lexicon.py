"""A party's lexicon: its own names for the line, authorities, places and groups, in each language, and its calendars.

Records carry neutral codes; each node shows them by its own party's lexicon, signed by the party's record key.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Final, Literal

import msgspec

from amanat.party import dsse, labels
from amanat.party.canonical import decode
from amanat.party.errors import Invalid
from amanat.party.manifest import Manifest, Serial, record_keys
from amanat.party.types import PartyCode, Time, first_hidden, require_sorted, require_utc

Language = Literal["en", "fa-AF", "ps", "ur"]
Calendar = Literal["gregorian", "lunar-hijri", "solar-hijri"]
Key = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+(\.[a-z0-9-]+)*$(?!\n)", max_length=64)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

MAX_NAMES: Final = 5000
MAX_BYTES: Final = 1024 * 1024
_IDLE_JOINER: Final = re.compile(r"(?<![\u0620-\u06ff])[\u200c\u200d]|[\u200c\u200d](?![\u0620-\u06ff])")


class MonthStart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, order=True):
    """The Gregorian day on which a lunar Hijri month began, as the party's authority announced it."""

    year: Annotated[int, msgspec.Meta(ge=1300, le=1600)]
    month: Annotated[int, msgspec.Meta(ge=1, le=12)]
    begins: date


class Lexicon(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Names by key ("line", "authority.af", "place.torkham", "group.…", "party.af") and language."""

    party: PartyCode
    serial: Serial
    at: Time
    languages: tuple[Language, ...]
    calendars: tuple[Calendar, ...]
    names: Mapping[Key, Mapping[Language, Text]]
    month_starts: tuple[MonthStart, ...] = ()

    def __post_init__(self) -> None:
        require_utc(self.at, "at")
        require_sorted(self.languages, "languages")
        require_sorted(self.calendars, "calendars")
        wrong = _wrong(self)
        if wrong:
            raise Invalid("lexicon.content", f"The lexicon of {self.party}: {wrong}.", "Correct it and sign it again.")


def accept(data: bytes, manifest: Manifest, held: Lexicon | None) -> Lexicon:
    """Verify a lexicon signed by the party of `manifest`, newer than the one `held`. Raises `Invalid`."""
    statement, lexicon = _read(data)
    if lexicon.party != manifest.party:
        raise Invalid(
            "lexicon.party", f"The lexicon is of {lexicon.party}, not {manifest.party}.", "Give the right one."
        )
    if not dsse.signers(statement, record_keys(manifest), f"lexicon of {manifest.party}"):
        raise Invalid("lexicon.unsigned", f"No record key of {manifest.party} signed it.", "Ask for it again.")
    if held is not None and lexicon.serial <= held.serial:
        raise Invalid("lexicon.serial", f"Serial {held.serial} is held already.", "Ask for the latest lexicon.")
    return lexicon


def read_lexicon(data: bytes) -> Lexicon:
    """Parse a lexicon that was verified before it was stored."""
    return _read(data)[1]


def name(lexicon: Lexicon, key: str, language: Language) -> str:
    """Return the party's name for a key in a language; else in English; else the neutral key itself."""
    names = lexicon.names.get(key, {})
    return names.get(language) or names.get("en") or key


def _read(data: bytes) -> tuple[dsse.Statement, Lexicon]:
    statement = dsse.parse(data, labels.LEXICON, "lexicon")
    return statement, decode(statement.body(), Lexicon, "lexicon", limit=MAX_BYTES)


def _wrong(lexicon: Lexicon) -> str | None:
    """Name the first thing in the lexicon that cannot be shown or has two spellings, or None."""
    if len(lexicon.names) > MAX_NAMES:
        return f"it has {len(lexicon.names)} names, and at most {MAX_NAMES} are read"
    if list(lexicon.names) != sorted(lexicon.names):
        return "its names are not sorted by key"
    for key, names in lexicon.names.items():
        if not names or not set(names) <= set(lexicon.languages) or list(names) != sorted(names):
            return f"{key} has no language, one that is not listed, or they are out of order"
        wrong = next((found for found in map(_wrong_text, names.values()) if found), None)
        if wrong:
            return f"the name of {key} {wrong}"
    return _wrong_months(lexicon.month_starts)


def _wrong_text(text: str) -> str | None:
    """Say why a name could be taken for another that looks the same, or None."""
    hidden = first_hidden(text)
    if hidden is not None:
        return f"holds the invisible character U+{ord(hidden):04X}"
    if _IDLE_JOINER.search(text):
        return "holds a joiner (U+200C or U+200D) that does not stand between two Arabic letters"
    if text != " ".join(unicodedata.normalize("NFC", text).split()):
        return "is not in Unicode's form NFC with single spaces inside"
    return None


def _wrong_months(starts: tuple[MonthStart, ...]) -> str | None:
    for one, next_ in pairwise(starts):
        if (one.year * 12 + one.month) + 1 != next_.year * 12 + next_.month:
            return f"month {next_.year}-{next_.month:02} does not follow {one.year}-{one.month:02}"
        if (next_.begins - one.begins).days not in (29, 30):
            return f"month {one.year}-{one.month:02} has neither 29 nor 30 days"
    return None
