"""A lexicon as a party writes it, in TOML: languages, calendars, names, starts of lunar months, time zones."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from amanat.cli.arguments import fits
from amanat.compact.text import read_text, read_toml
from amanat.exchange.lexica import zone
from amanat.party.errors import Invalid
from amanat.party.lexicon import Key, Lexicon, MonthStart
from amanat.party.types import quoted


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    languages: list[str] = []
    calendars: list[str] = []
    names: dict[str, dict[str, str]] = {}
    month_starts: list[MonthStart] = []
    zones: dict[str, str] = {}


def parse(data: bytes, party: str, serial: int, at: datetime) -> Lexicon:
    """Read the file as a lexicon of `party`; lists, names and zones are put into their one order. Raises `Invalid`."""
    try:
        written = msgspec.convert(read_toml(read_text(data, "lexicon"), "lexicon"), _Written)
        odd = [key for key in written.names if not fits(key, Key)]
        if odd:
            raise Invalid(
                "lexicon.name",
                f"{odd[0][:80]!r} is no key for a name.",
                "Keys are neutral codes in small letters, such as line, authority.af or place.torkham.",
            )
        lexicon = msgspec.convert(
            {
                "party": party,
                "serial": serial,
                "at": at,
                "languages": sorted(written.languages),
                "calendars": sorted(written.calendars),
                "names": {key: dict(sorted(names.items())) for key, names in sorted(written.names.items())},
                "month_starts": sorted(written.month_starts),
                "zones": dict(sorted(written.zones.items())),
            },
            Lexicon,
        )
    except msgspec.ValidationError as error:
        raise Invalid(
            "lexicon.form", f"The lexicon does not fit: {quoted(error)}.", "Correct that place in the file."
        ) from error
    _require_known(lexicon.zones)
    return lexicon


def _require_known(zones: Mapping[str, str]) -> None:
    for party, name in zones.items():
        if zone(name) is None:
            raise Invalid(
                "lexicon.zone",
                f"This machine knows no time zone {name}, which the lexicon gives for {party}.",
                "Write a name of the IANA database, such as Asia/Karachi; if it is one, bring tzdata up to date.",
            )
