"""A form from a JSON Schema: which fields it has, what was typed into them, and the data that this makes.

Law: pure. What an officer typed stands in the form until it is right: what cannot be read as its schema asks is kept as
it was typed, for the kind itself to say what is wrong. What was left empty is not there.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import msgspec

from amanat.console.words import words
from amanat.exchange.parts import Fields
from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.record.record import MAX_RECORD_BYTES

What = Literal["line", "text", "whole", "number", "yes", "choice", "day", "moment", "group", "rows", "data"]

Schema = Mapping[str, Any]

BODY: Final = "body"
"""The path of the whole form."""

DEEPEST: Final = 6
"""So many levels of a form are shown as fields; what lies deeper is data in one."""

LINE: Final = 400
"""Up to here a text stands on one line."""

_LEFT_OUT: Final = object()
_SIMPLE: Final[Mapping[str, What]] = {"integer": "whole", "number": "number", "boolean": "yes"}
_SECOND: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_TYPED: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
_TIMES: Final[Mapping[str, What]] = {"date": "day", "date-time": "moment"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `path` names it in the form, `name` is the property's code, `value` what stands in it, as typed.

    `choices` are what it may be, called by the list `words` where there is one; `parts` are the fields of a group, or
    the rows of a list. A field of `data` takes JSON of any form.
    """

    path: str
    name: str
    what: What
    required: bool = False
    value: str = ""
    choices: tuple[str, ...] = ()
    words: str = ""
    says: str = ""
    most: int | None = None
    parts: tuple["Field", ...] = ()


def form(schema: Schema, body: Any) -> Field:  # noqa: ANN401 - JSON
    """Return the form of a schema, filled in with a body, which may be unfinished or wrong."""
    return _field(_Place(schema, BODY, "", required=True, deep=0), schema, body)


def typed(schema: Schema, given: Fields) -> Any:  # noqa: ANN401 - JSON
    """Return the body that a form makes as it was typed.

    Of a kind whose bodies have several forms it is data in one field: what is typed there and is no body stays, under
    the field's own name.
    """
    read = _read(_Place(schema, BODY, "", required=True, deep=0), schema, given)
    if read is _LEFT_OUT:
        return {}
    return read if isinstance(read, dict) else {BODY: read}


def number(given: Fields, name: str, most: int) -> int:
    """Return the whole number, at most so large, that a form carries; 0 where it carries none. Raises `Invalid`."""
    value = given.get(name, ("",))[-1] or "0"
    if not re.fullmatch(r"[0-9]{1,15}", value) or int(value) > most:
        raise Invalid("form.number", f"{name} is no number that this form has.", "Load the page anew.")
    return int(value)


def with_row(field: Field, schema: Schema, path: str) -> Field:
    """Return the form with one more row, empty, in the list of that path."""
    place = _Place(schema, field.path, field.name, field.required, deep=0)
    return _with_row(field, place, schema, path)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a form a schema stands; `root` holds the definitions that it refers to."""

    root: Schema
    path: str
    name: str
    required: bool
    deep: int

    def part(self, name: str, *, required: bool) -> "_Place":
        return _Place(self.root, f"{self.path}/{name}", name, required, self.deep + 1)

    def row(self, number: int) -> "_Place":
        return _Place(self.root, f"{self.path}/{number}", self.name, required=False, deep=self.deep + 1)


def _resolved(root: Schema, schema: Schema) -> Schema:
    """Return what a schema refers to; a choice between one thing and nothing is that thing."""
    while True:
        if "$ref" in schema:
            schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema and len(some := [each for each in schema["anyOf"] if each != {"type": "null"}]) == 1:
            schema = some[0]
        else:
            return schema


def _what(schema: Schema, deep: int) -> What:
    kind = schema.get("type")
    if "enum" in schema:
        return "choice"
    if kind == "object" and "properties" in schema and deep < DEEPEST:
        return "group"
    if kind == "array" and isinstance(schema.get("items"), dict) and deep < DEEPEST:
        return "rows"
    if kind == "string":
        bounded = "pattern" in schema or schema.get("maxLength", LINE + 1) <= LINE
        return _TIMES.get(schema.get("format", ""), "line" if bounded else "text")
    return _SIMPLE.get(kind, "data") if isinstance(kind, str) else "data"


def _field(place: _Place, schema: Schema, body: Any) -> Field:  # noqa: ANN401 - JSON
    schema = _resolved(place.root, schema)
    what = _what(schema, place.deep)
    made = Field(
        place.path, place.name, what, place.required, says=schema.get("description", ""), most=schema.get("maxLength")
    )
    if what == "group":
        held = body if isinstance(body, dict) else {}
        return replace(made, parts=tuple(_field(at, inner, held.get(at.name)) for at, inner in _parts(place, schema)))
    if what == "rows":
        rows = body if isinstance(body, list) else []
        return replace(made, parts=tuple(_field(place.row(at), schema["items"], row) for at, row in enumerate(rows)))
    if what == "choice":
        listed = place.name if words(place.name) else ""
        made = replace(made, choices=tuple(str(each) for each in schema["enum"]), words=listed)
    return with_moment(made, body) if what == "moment" else replace(made, value=_shown(what, body))


def with_moment(field: Field, said: Any) -> Field:  # noqa: ANN401 - JSON
    """Return a field of a moment filled in: a whole second of UTC as browsers ask for it, all else in a line as it is.

    A browser empties its own field for date and time of what it cannot show.
    """
    value = _shown("line", said)
    plain = value.removesuffix("Z") if _SECOND.fullmatch(value) else value
    fits = not plain or _TYPED.fullmatch(plain)
    return replace(field, what="moment" if fits else "line", value=plain)


def moment(value: str) -> str:
    """Return the moment that was typed: of a browser's date and time, which are in UTC, or as it was typed."""
    found = _TYPED.fullmatch(value)
    return value if found is None else f"{value}Z" if found[1] else f"{value}:00Z"


def _parts(place: _Place, schema: Schema) -> Iterable[tuple[_Place, Schema]]:
    required = schema.get("required", ())
    for name, inner in schema["properties"].items():
        yield place.part(name, required=name in required), inner


def _shown(what: What, body: Any) -> str:  # noqa: ANN401 - JSON
    """Return what stands in a field for a piece of a body."""
    if body is None:
        return ""
    if what == "data":
        return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=2)
    if what == "yes":
        return "yes" if body is True else ""
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)


def _read(place: _Place, schema: Schema, given: Fields) -> Any:  # noqa: ANN401 - JSON
    """Return what a part of the form makes; `_LEFT_OUT` for what is empty and so not there."""
    schema = _resolved(place.root, schema)
    what = _what(schema, place.deep)
    if what == "group":
        pieces = {at.name: _read(at, inner, given) for at, inner in _parts(place, schema)}
        said = {name: piece for name, piece in pieces.items() if piece is not _LEFT_OUT}
        return said if place.required or any(piece is not False for piece in said.values()) else _LEFT_OUT
    if what == "rows":
        rows = [_read(place.row(at), schema["items"], given) for at in _numbers(place.path, given)]
        said_rows = [row for row in rows if row is not _LEFT_OUT]
        return said_rows if said_rows or place.required else _LEFT_OUT
    value = given.get(place.path, ("",))[-1].replace("\r\n", "\n")
    if what == "yes":
        return value == "yes"
    return _LEFT_OUT if not value.strip() else _said(what, schema, value)


def _numbers(path: str, given: Fields) -> list[int]:
    """Return the numbers of the rows that a form has of a list."""
    at = re.compile(re.escape(path) + r"/([0-9]{1,4})(?:/|$)")
    return sorted({int(found[1]) for name in given if (found := at.match(name))})


def _said(what: What, schema: Schema, value: str) -> Any:  # noqa: ANN401 - JSON
    """Return a typed value as its schema asks, or as it was typed where that cannot be."""
    if what == "choice":
        return next((each for each in schema["enum"] if str(each) == value), value)
    if what == "moment":
        return moment(value)
    if what in {"whole", "number", "data"}:
        try:
            canonical.check_text(value.encode(), "field", MAX_RECORD_BYTES)
            return msgspec.json.decode(value)
        except (Invalid, msgspec.DecodeError):
            return value
    return value


def _with_row(field: Field, place: _Place, schema: Schema, path: str) -> Field:
    schema = _resolved(place.root, schema)
    if field.path == path and field.what == "rows":
        number = 1 + max((int(row.path.rpartition("/")[2]) for row in field.parts), default=-1)
        return replace(field, parts=(*field.parts, _field(place.row(number), schema["items"], None)))
    if field.what == "group":
        inner = zip(field.parts, _parts(place, schema), strict=True)
        return replace(field, parts=tuple(_with_row(part, at, each, path) for part, (at, each) in inner))
    if field.what == "rows":
        number_of = [int(row.path.rpartition("/")[2]) for row in field.parts]
        rows = zip(field.parts, number_of, strict=True)
        return replace(field, parts=tuple(_with_row(row, place.row(at), schema["items"], path) for row, at in rows))
    return field
