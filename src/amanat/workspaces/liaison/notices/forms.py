"""The form of a notice: which fields its type has, what was typed in them read into a body, and a body typed back.

Law: the fields follow from the body's struct, so that nothing can be typed that has no place there and nothing that is
needed goes unasked: what a notice says either way is chosen, and no tick that was forgotten says no. What cannot be
read is told with its field, and nothing is guessed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.party.types import quoted
from amanat.workspaces.liaison import calls, slots
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import states
from amanat.workspaces.liaison.notices.announced import Country
from amanat.workspaces.liaison.notices.forces import Arm, Formation, Phase, PhaseCode, Unit
from amanat.workspaces.liaison.notices.kinds import TYPES, Notice

Sort = Literal[
    "code", "codes", "number", "flag", "yes-no", "text", "time", "formations", "phases", "states", "notices", "hotline"
]
Group = Literal["", "strength", "air", "course", "relation"]
"""Of which part of the form an optional field is; "" of the first."""

COMMON: Final = ("shape", "window", "country", "heights", "line_metres", "changes")
ROWS: Final = 6
"""Formations that the form has room for."""
PHASES: Final[tuple[str, ...]] = get_args(PhaseCode)
UNITS: Final[tuple[str, ...]] = get_args(Unit)
ARMS: Final[tuple[str, ...]] = get_args(Arm)
ABOVE: Final = frozenset(("flight", "drone", "firing", "blasting", "exercise"))
"""What may be above the ground."""

RELATED: Final = 4
"""Notices that belong together with one, that the form has room for."""
GROUPS: Final[tuple[Group, ...]] = ("strength", "air", "course", "relation")

_LISTS: Final[Mapping[str, str]] = {
    "purpose": "notice purpose",
    "by_whom": "by whom",
    "command": "level",
    "air_purposes": "notice purpose",
    "aircraft": "craft",
    "differs": "field",
}
_GROUP: Final[Mapping[str, Group]] = {
    **dict.fromkeys(("tanks", "vehicles", "launchers", "artillery", "states", "command", "formations"), "strength"),
    **dict.fromkeys(
        (
            "helicopters",
            "helicopters_attack",
            "helicopters_support",
            "helicopters_transport",
            "sorties",
            "air_purposes",
            "aircraft",
        ),
        "air",
    ),
    **dict.fromkeys(("phases", "direction", "alerted"), "course"),
    **dict.fromkeys(("calendar", "differs", "relates", "designation"), "relation"),
}
_ITEMS: Final[Mapping[Any, Sort]] = {Formation: "formations", Phase: "phases", Country: "states", Named: "notices"}
_SHAPED: Final = ("shape", "places", "metres", "low", "high", "since", "until", "country", "line_metres")
_BESIDE: Final = ("type", "compact", "exercise", "changes", "check", "coarse")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a type of notice: what is typed in it, whether it must be, and of which list its codes are."""

    name: str
    sort: Sort
    required: bool
    of: str = ""
    codes: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs that it has in a form."""
        if self.sort == "codes":
            return tuple(ticked(self.name, each) for each in self.codes)
        if self.sort == "formations":
            return tuple(f"formation{row}_{part}" for row in range(ROWS) for part in ("count", "size", "arm"))
        if self.sort == "phases":
            return tuple(f"{phase}_{end}" for phase in PHASES for end in ("since", "until"))
        if self.sort == "notices":
            return tuple(f"{self.name}{number}" for number in range(RELATED))
        return (self.name,)

    @property
    def group(self) -> Group:
        """Of which part of the form it is; what must be filled in is of none."""
        return "" if self.required else _GROUP.get(self.name, "")


def ticked(name: str, code: str) -> str:
    """Return the name of the input by which a code of several is chosen."""
    return f"{name}_{code.replace('-', '_')}"


@cache
def fields(type_: str) -> tuple[Field, ...]:
    """Return the fields of a type of notice, what must be filled in first; none of a type that there is not."""
    struct = TYPES.get(type_)
    if struct is None:
        return ()
    hints = get_type_hints(struct, include_extras=True)
    own = [each for each in msgspec.structs.fields(struct) if each.name not in COMMON]
    found = [_field(each.name, hints[each.name], required=each.required) for each in own]
    return tuple(sorted(found, key=lambda each: not each.required))


def _field(name: str, hint: Any, *, required: bool) -> Field:  # noqa: ANN401 - a type annotation
    bare = _bare(hint)
    of = _LISTS.get(name, name)
    if bare is bool:
        return Field(name, "yes-no" if required else "flag", required, codes=("yes", "no") if required else ())
    if bare is int:
        return Field(name, "number", required)
    if get_origin(bare) is Literal:
        return Field(name, "code", required, of, get_args(bare))
    if get_origin(bare) is tuple:
        item = get_args(bare)[0]
        if item in _ITEMS:
            return Field(name, _ITEMS[item], required)
        return Field(name, "codes", required, of, get_args(item))
    return Field(name, "time" if bare is datetime else "hotline" if name == "sector" else "text", required)


def _bare(hint: Any) -> Any:  # noqa: ANN401 - a type annotation
    """Return a type without what is said of it, and without None."""
    while get_origin(hint) in (Annotated, Union, UnionType):
        hint = next(each for each in get_args(hint) if each is not type(None))
    return hint


def _inputs() -> list[str]:
    """Return the names of all inputs of all forms, each once."""
    own = (name for type_ in TYPES for each in fields(type_) for name in each.inputs)
    return list(dict.fromkeys((*_BESIDE, *_SHAPED, *own)))


Typed: Final = msgspec.defstruct("Typed", [(name, str, "") for name in _inputs()], frozen=True)
"""What was typed, of whatever type: every input of every form, "" where it is empty."""


def read(turn: Turn, typed: Any) -> Notice:  # noqa: ANN401 - a `Typed`, which is made and not written
    """Return the notice that was typed. Raises `Invalid` for the first field that cannot be read."""
    struct = TYPES.get(typed.type)
    if struct is None:
        raise Invalid("liaison.notice-type", "This is no type of notice.", f"One of {', '.join(TYPES)}.")
    given = {each.name: value for each in fields(typed.type) if (value := _read(turn, each, typed)) is not None}
    if typed.line_metres.strip():
        with slots.in_field("line_metres"):
            given["line_metres"] = drawn.whole(typed.line_metres, "line_metres")
    if typed.changes:
        given["changes"] = _named(typed.changes)
    if not typed.country:
        with slots.in_field("country"):
            raise _empty("country")
    body = struct(
        shape=drawn.shape(turn, typed.shape or "point", typed.places, typed.metres),
        window=drawn.window(turn, typed.since, typed.until),
        heights=drawn.heights(typed.low, typed.high),
        country=typed.country,
        **given,
    )
    try:
        return msgspec.convert(msgspec.to_builtins(body), Notice)  # type: ignore[no-any-return]
    except msgspec.ValidationError as error:
        raise Invalid("liaison.notice-field", f"What was typed cannot stand: {quoted(error)}.", "Mend it.") from error


def typed_of(turn: Turn, body: Notice) -> Mapping[str, str]:
    """Return what the form is filled in with, so that the same notice is read of it."""
    window = {"since": drawn.typed_time(turn, body.window.since), "until": drawn.typed_time(turn, body.window.until)}
    heights = {"low": str(body.heights.low), "high": str(body.heights.high)}
    line = {} if body.line_metres is None else {"line_metres": str(body.line_metres)}
    type_ = str(body.__struct_config__.tag)
    own = dict(pair for each in fields(type_) for pair in _typed(turn, each, getattr(body, each.name)))
    return {"type": type_, "country": body.country, **drawn.typed(body.shape), **window, **heights, **line, **own}


def _read(turn: Turn, field: Field, typed: Any) -> Any:  # noqa: ANN401 - as above
    """Return the value of a field, None where nothing stands in it and nothing need. Raises `Invalid`."""
    several = _SEVERAL.get(field.sort)
    with slots.in_field(field.name):
        if several is not None:
            return tuple(several(turn, field, typed))
        text = slots.digits(getattr(typed, field.name).strip())
        if field.sort == "time":
            return _time(turn, text) if text else None
        if field.sort == "hotline":
            return slots.one_of(text, sorted(calls.titles(turn)), field.name) if text else None
        return bool(text) if field.sort == "flag" else _said(field, text)


def _said(field: Field, text: str) -> str | int | bool | None:
    if not text:
        if field.required:
            raise _empty(field.name)
        return None
    if field.codes and text not in field.codes:
        raise _wrong(field.name, ", ".join(field.codes))
    if field.sort == "yes-no":
        return text == "yes"
    return drawn.whole(text, field.name) if field.sort == "number" else text


def _formations(_turn: Turn, _field: Field, typed: Any) -> Iterator[Formation]:  # noqa: ANN401 - as above
    for row in range(ROWS):
        count, size, arm = (getattr(typed, f"formation{row}_{part}").strip() for part in ("count", "size", "arm"))
        if count:
            if size not in UNITS or arm not in ARMS:
                raise _wrong("formations", "a size and an arm beside each number")
            yield Formation(size=size, arm=arm, count=drawn.whole(count, "formations"))


def _phases(turn: Turn, _field: Field, typed: Any) -> Iterator[Phase]:  # noqa: ANN401 - as above
    for phase in PHASES:
        since, until = (getattr(typed, f"{phase}_{end}").strip() for end in ("since", "until"))
        if since or until:
            yield Phase(phase=phase, since=_time(turn, since), until=_time(turn, until))  # type: ignore[arg-type]


def _codes(_turn: Turn, field: Field, typed: Any) -> list[str]:  # noqa: ANN401 - as above
    return sorted(each for each in field.codes if getattr(typed, ticked(field.name, each)))


def _states(_turn: Turn, field: Field, typed: Any) -> list[str]:  # noqa: ANN401 - as above
    return states.read(getattr(typed, field.name))


def _notices(_turn: Turn, field: Field, typed: Any) -> list[Named]:  # noqa: ANN401 - as above
    return sorted({_named(each) for name in field.inputs if (each := getattr(typed, name))})


_SEVERAL: Final[Mapping[str, Callable[[Turn, Field, Any], Iterable[Any]]]] = {
    "codes": _codes,
    "formations": _formations,
    "phases": _phases,
    "states": _states,
    "notices": _notices,
}
"""Sort of a field that takes several things → how these are read."""


def _named(text: str) -> Named:
    party, _, id_ = text.partition(":")
    return Named(party, id_)


def _time(turn: Turn, text: str) -> datetime:
    return slots.time(text, own_zone(turn), turn.now)


def _typed(turn: Turn, field: Field, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - a value of a body
    if field.sort == "codes":
        yield from ((ticked(field.name, each), "on") for each in value)
    elif field.sort == "formations":
        for row, each in enumerate(value[:ROWS]):
            yield from ((f"formation{row}_{part}", str(getattr(each, part))) for part in ("count", "size", "arm"))
    elif field.sort == "phases":
        for each in value:
            yield f"{each.phase}_since", drawn.typed_time(turn, each.since)
            yield f"{each.phase}_until", drawn.typed_time(turn, each.until)
    elif field.sort == "notices":
        yield from ((f"{field.name}{number}", f"{each.party}:{each.id}") for number, each in enumerate(value[:RELATED]))
    elif value is not None:
        yield field.name, _one(turn, field, value)


def _one(turn: Turn, field: Field, value: Any) -> str:  # noqa: ANN401 - as above
    """Return what is typed in the one input of a field."""
    if field.sort in ("flag", "yes-no"):
        said = {"flag": ("", "on"), "yes-no": ("no", "yes")}[field.sort]
        return said[bool(value)]
    if field.sort == "states":
        return states.typed(value)
    return drawn.typed_time(turn, value) if field.sort == "time" else str(value)


def _empty(name: str) -> Invalid:
    return Invalid("liaison.notice-lacks", f"The field {name} is empty.", "Fill it in.")


def _wrong(name: str, allowed: str) -> Invalid:
    return Invalid("liaison.notice-code", f"What stands in the field {name} does not fit.", f"It takes: {allowed}.")
