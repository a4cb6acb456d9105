"""A party's lexicon: its own names for the line, authorities, places and groups in each language, calendars and zones.

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
# A name in the form of the IANA time zone database; whether there is such a zone only a machine that holds it can say.
Zone = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*){0,2}$(?!\n)", max_length=64)]

MAX_NAMES: Final = 5000
MAX_BYTES: Final = 1024 * 1024

# RFC 5892 appendix A.1: a non-joiner is seen only after a letter that would join its next (Joining_Type D), and before
# another that would be joined (D or R). Unicode's ArabicShaping.txt, the Arabic block.
_DUAL: Final = (
    r"\u0620\u0626\u0628\u062a-\u062e\u0633-\u063f\u0641-\u0647\u0649\u064a\u066e\u066f\u0678-\u0687\u069a-\u06bf"
    r"\u06c1\u06c2\u06cc\u06ce\u06d0\u06d1\u06fa-\u06fc\u06ff"
)
_RIGHT: Final = (
    r"\u0622-\u0625\u0627\u0629\u062f-\u0632\u0648\u0671-\u0673\u0675-\u0677\u0688-\u0699\u06c0\u06c3-\u06cb\u06cd"
    r"\u06cf\u06d2\u06d3\u06d5\u06ee\u06ef"
)
_MARKS: Final = r"[\u0610-\u061a\u064b-\u065f\u0670]*"
_SEEN_JOINER: Final = re.compile(rf"([{_DUAL}]{_MARKS})\u200c(?=[{_DUAL}{_RIGHT}])")
_SIGNS: Final = frozenset(("Nd", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Zs"))


class MonthStart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, order=True):
    """The Gregorian day on which a lunar Hijri month began, as the party's authority announced it."""

    year: Annotated[int, msgspec.Meta(ge=1300, le=1600)]
    month: Annotated[int, msgspec.Meta(ge=1, le=12)]
    begins: date


class Lexicon(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Names by key ("line", "authority.af", "place.torkham", "group.…", "party.af") and language.

    `zones` says, for each party, in which time zone this one shows that party's times; where it says nothing, in UTC.
    """

    party: PartyCode
    serial: Serial
    at: Time
    languages: tuple[Language, ...]
    calendars: tuple[Calendar, ...]
    names: Mapping[Key, Mapping[Language, Text]]
    month_starts: tuple[MonthStart, ...] = ()
    zones: Mapping[PartyCode, Zone] = {}

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
    if list(lexicon.zones) != sorted(lexicon.zones):
        return "its zones are not sorted by party"
    return _wrong_months(lexicon.month_starts)


def _wrong_text(text: str) -> str | None:
    """Say why a name could be taken for another that looks the same, or None."""
    hidden = first_hidden(text)
    if hidden is not None:
        return f"holds the invisible character U+{ord(hidden):04X}"
    spelt = _SEEN_JOINER.sub(r"\1", text)
    if "\u200c" in spelt or "\u200d" in spelt:
        return "holds a joiner (U+200C or U+200D) where it changes nothing that is seen"
    if text != " ".join(unicodedata.normalize("NFKC", text).split()):
        return "is not in Unicode's form NFKC with single spaces inside"
    strange = next((each for each in spelt if _script(each) is None), None)
    if strange is not None:
        return f"holds U+{ord(strange):04X}, which the languages here do not write"
    mixed = next((word for word in spelt.split() if len(set(map(_script, word)) - {""}) > 1), None)
    return None if mixed is None else f"mixes two scripts in the word {mixed!r}"


def _script(character: str) -> str | None:
    """Return "latin" or "arabic" for a letter, "" for what both write (digits, signs, marks), None for all else.

    A Latin letter is one of the 26, with marks or without; an Arabic one is no tatweel. Marks that nobody sees have
    combining class 0.
    """
    category = unicodedata.category(character)
    if category.startswith("L"):
        base = unicodedata.normalize("NFD", character)[0]
        if base.isascii():
            return "latin"
        return "arabic" if unicodedata.name(base, "").startswith("ARABIC LETTER ") else None
    return "" if category in _SIGNS or unicodedata.combining(character) else None


def _wrong_months(starts: tuple[MonthStart, ...]) -> str | None:
    for one, next_ in pairwise(starts):
        if (one.year * 12 + one.month) + 1 != next_.year * 12 + next_.month:
            return f"month {next_.year}-{next_.month:02} does not follow {one.year}-{one.month:02}"
        if (next_.begins - one.begins).days not in (29, 30):
            return f"month {one.year}-{one.month:02} has neither 29 nor 30 days"
    return None
