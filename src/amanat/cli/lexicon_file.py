"""A lexicon as a party writes it, in TOML: languages, calendars, names by key and language, starts of lunar months."""

from datetime import datetime
from typing import Any

import msgspec

from amanat.compact.text import read_text, read_toml
from amanat.party.errors import Invalid
from amanat.party.lexicon import Lexicon


def parse(data: bytes, party: str, serial: int, at: datetime) -> Lexicon:
    """Read the file as a lexicon of `party`; lists and names are put into their one order. Raises `Invalid`."""
    written: dict[str, Any] = read_toml(read_text(data))
    unknown = sorted(set(written) - {"languages", "calendars", "names", "month_starts"})
    if unknown:
        raise Invalid(
            "lexicon.key",
            f"The lexicon has the key {unknown[0]!r}.",
            "It has languages, calendars, names, month_starts.",
        )
    try:
        return msgspec.convert(
            {
                "party": party,
                "serial": serial,
                "at": at,
                "languages": sorted(written.get("languages", [])),
                "calendars": sorted(written.get("calendars", [])),
                "names": {key: dict(sorted(names.items())) for key, names in sorted(written.get("names", {}).items())},
                "month_starts": written.get("month_starts", []),
            },
            Lexicon,
        )
    except (msgspec.ValidationError, TypeError, AttributeError) as error:
        raise Invalid(
            "lexicon.form", f"The lexicon does not fit: {error}.", "Correct that place in the file."
        ) from error
