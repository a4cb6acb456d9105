"""What an officer typed of a notice that is to be sealed, read into the notice: the fields of each type as it has them.

Law: a form asks what the notice's own struct has and nothing else. What cannot be read is told with its field's name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec
from msgspec import inspect

from amanat.exchange.means import Turn
from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.party.types import quoted
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.notices.kinds import Notice

How = Literal["choice", "several", "number", "flag", "text"]

DRAWN: Final = ("shape", "window", "country", "heights")
LEFT_OUT: Final = ("changes", "formations", "phases")
"""What a sealed notice is told without: it stands by itself, and is told in full once it is opened."""
LISTS: Final[Mapping[str, str]] = {"purpose": "notice purpose", "by_whom": "by whom", "size": "size"}
"""What the list is called by in words whose field is called otherwise."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form: how it is filled in, with which options of which list of words, and whether it has to be."""

    name: str
    how: How
    options: tuple[str, ...]
    words: str
    required: bool


TYPES: Final[Mapping[str, type[Any]]] = {str(each.__struct_config__.tag): each for each in Notice.__args__}


def fields(type_: str) -> tuple[Field, ...]:
    """Return what a form asks of a notice of a type beside where and when it is."""
    return _FIELDS[type_]


def box(field: Field, option: str) -> str:
    """Return what the box of one of several options is called."""
    return f"{field.name}_{option}".replace("-", "_")


def read(turn: Turn, typed: Any) -> Notice:  # noqa: ANN401 - `Typed`, of which each field is a text
    """Return the notice that was typed. Raises `Invalid`."""
    if typed.type not in TYPES:
        raise Invalid("liaison.sealed-type", "It is not said what is planned.", "Choose one of the list.")
    window = drawn.window(turn, typed.since, typed.until)
    body: dict[str, Any] = {
        "type": typed.type,
        "shape": msgspec.to_builtins(drawn.shape(turn, typed.shape, typed.places, typed.metres)),
        "heights": msgspec.to_builtins(drawn.heights(typed.low, typed.high)),
        "window": msgspec.to_builtins(window),
        "country": typed.country,
    }
    for field in fields(typed.type):
        value = _value(field, typed)
        if value is not None:
            body[field.name] = value
    return _notice(body)


def _notice(body: Mapping[str, Any]) -> Notice:
    """Return it as it comes back of its one encoding, so that what is sealed is what is opened."""
    try:
        found: Notice = msgspec.convert(body, Notice)
    except msgspec.ValidationError as error:
        raise Invalid("liaison.sealed-field", f"What was typed is no notice: {quoted(error)}.", "Mend it.") from error
    return canonical.decode(canonical.encode(found), Notice, "notice")  # type: ignore[arg-type]


def _value(field: Field, typed: Any) -> Any:  # noqa: ANN401 - what JSON has
    """Return what was typed for a field, None for nothing. Raises `Invalid`."""
    if field.how == "several":
        return sorted(each for each in field.options if getattr(typed, box(field, each)))
    said = getattr(typed, field.name).strip()
    if field.how == "flag":
        return bool(said)
    if not said:
        if field.required:
            raise Invalid("liaison.sealed-empty", f"The field {field.name} is empty.", "Fill it in.")
        return None
    return drawn.whole(said, field.name) if field.how == "number" else said


def _fields_of(struct: type[Any]) -> Iterator[Field]:
    its = inspect.type_info(struct)
    assert isinstance(its, inspect.StructType)  # noqa: S101 - each type of notice is one
    for each in its.fields:
        if each.name in DRAWN or each.name in LEFT_OUT:
            continue
        how, options = _how(each.type)
        yield Field(each.name, how, options, LISTS.get(each.name, each.name), each.required and how != "several")


def _how(type_: inspect.Type) -> tuple[How, tuple[str, ...]]:
    if isinstance(type_, inspect.Metadata):
        return _how(type_.type)
    if isinstance(type_, inspect.UnionType):
        return _how(next(each for each in type_.types if not isinstance(each, inspect.NoneType)))
    if isinstance(type_, inspect.LiteralType):
        return "choice", tuple(str(each) for each in type_.values)
    if isinstance(type_, inspect.VarTupleType):
        return "several", _how(type_.item_type)[1]
    if isinstance(type_, inspect.BoolType):
        return "flag", ()
    return ("number" if isinstance(type_, inspect.IntType) else "text"), ()


def _names() -> Iterator[str]:
    yield from ("type", "opens", "escrow", "exercise", "shape", "places", "metres", "since", "until", "low", "high")
    yield "country"
    for found in _FIELDS.values():
        for each in found:
            yield from (box(each, option) for option in each.options) if each.how == "several" else (each.name,)


_FIELDS: Final = {name: tuple(_fields_of(struct)) for name, struct in TYPES.items()}
Typed: Final = msgspec.defstruct("Typed", [(name, str, "") for name in dict.fromkeys(_names())], frozen=True)
"""All that the form of any type may have; what another type has is not read."""
