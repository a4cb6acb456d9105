"""What a record says, for a person to read: in the parts its kind knows, else field by field as its schema has them."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.record.kind import Kind, Part

MOST: Final = 60
"""So many parts are shown on a page; of a body with more, the rest is in its JSON."""

JSON_SHOWN: Final = 32 * 1024
"""Characters of JSON that a page holds beside; what is longer is downloaded."""

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")


class Shown(msgspec.Struct, frozen=True):
    """A body as a page shows it: its parts, how many more there are, and its JSON, "" where that is too long."""

    parts: tuple[Part, ...]
    more: int
    json: str


def shown(kind: Kind, data: Any, *, whole: bool = False) -> Shown:  # noqa: ANN401 - a body, as JSON has it
    """Return how a body is shown, a draft's as the record will show it; `whole` with all its parts and all its JSON.

    One that is not what its kind asks, as a draft's may be, is read field by field as it stands.
    """
    encoded = msgspec.json.encode(data)
    try:
        made = msgspec.json.decode(encoded, type=kind.body)
        encoded, known = canonical.encode(made), kind.parts(made)
    except (Invalid, msgspec.DecodeError):  # told beside it, by what judges the draft
        known = ()
    parts = known or (Part("", "", tuple(_fields(msgspec.json.decode(encoded), ""))),)
    written = msgspec.json.format(encoded).decode()
    if whole:
        return Shown(parts, 0, written)
    return Shown(parts[:MOST], max(len(parts) - MOST, 0), written if len(written) <= JSON_SHOWN else "")


def _fields(value: Any, name: str) -> Iterator[tuple[str, str | datetime]]:  # noqa: ANN401 - foreign JSON
    """Each field with its value; of what stands within another, the path to it."""
    if isinstance(value, dict):
        for inner, each in value.items():
            yield from _fields(each, f"{name}.{inner}" if name else inner)
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for number, each in enumerate(value, 1):
            yield from _fields(each, f"{name} {number}")
    elif isinstance(value, list):
        yield name, ", ".join(map(str, value))
    elif isinstance(value, str) and _TIME.fullmatch(value):
        yield name, datetime.fromisoformat(value)
    else:
        yield name, value if isinstance(value, str) else msgspec.json.encode(value).decode()
