"""Forms of several rows without a script: how their fields are named, and what was typed in them, read into values.

Law: a row in which nothing is typed is none. What cannot be read is told with the row that it stands in.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar, get_args

import msgspec

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.party.types import quoted
from amanat.workspaces.liaison import places, slots
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.kinds import Named, Spoken, Spot
from amanat.workspaces.liaison.meetings.kinds import People

T = TypeVar("T")

LANGUAGES: Final[tuple[Spoken, ...]] = get_args(Spoken)
MOST_PEOPLE: Final = 4
"""Posts of each side that a form has rows for."""


def form(name: str, *single: str, **rows: tuple[int, tuple[str, ...]]) -> type[msgspec.Struct]:
    """Return what is typed in a form: single fields, and of each sort of rows so many with some fields each.

    A field of a row is called by its name and the row's number, the first being 0; each is "" unless it is filled in.
    """
    numbered = (f"{field}{number}" for count, fields in rows.values() for number in range(count) for field in fields)
    return msgspec.defstruct(name, [(each, str, "") for each in (*single, *numbered)], frozen=True)


def rows(typed: msgspec.Struct, count: int, *fields: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the rows in which something is typed: its number, and what stands in its fields."""
    for number in range(count):
        row = {field: str(getattr(typed, f"{field}{number}")).strip() for field in fields}
        if any(row.values()):
            yield number, row


def text(typed: msgspec.Struct, field: str) -> str:
    """Return what is typed in a single field."""
    return str(getattr(typed, field)).strip()


def spot(turn: Turn, row: Mapping[str, str]) -> Spot:
    """Return the place of a row that has `place` and `country`. Raises `Invalid`."""
    return places.read(turn, row["place"], row["country"] or None)


def time(turn: Turn, typed: str, field: str) -> Any:  # noqa: ANN401 - a datetime
    """Return a time in the own zone, of a field that has to be filled in. Raises `Invalid`."""
    if not typed:
        raise Invalid("liaison.meeting-empty", f"The field {field} is empty.", "Fill it in.")
    return slots.time(typed, own_zone(turn), turn.now)


def record(typed: str) -> Named | None:
    """Return a record that is named as "PARTY:ID", None where nothing is typed. Raises `Invalid`."""
    if not typed:
        return None
    party, _, id_ = typed.removeprefix("/record/").replace("/", ":").partition(":")
    try:
        return msgspec.convert({"party": party, "id": id_}, Named)
    except msgspec.ValidationError as error:
        raise Invalid(
            "liaison.meeting-record",
            f"{typed[:80]!r} names no record.",
            "Write the party's code, a colon and the record's id, as they stand on its page.",
        ) from error


def people(typed: msgspec.Struct, party: str, prefix: str) -> Iterator[People]:
    """Yield the people of a party that are typed in rows of `PREFIXpost` and `PREFIXnumber`. Raises `Invalid`."""
    for _, row in rows(typed, MOST_PEOPLE, f"{prefix}post", f"{prefix}number"):
        number = drawn.whole(row[f"{prefix}number"], "number")
        yield read({"party": party, "post": row[f"{prefix}post"], "number": number}, People)


def minutes(typed: str) -> int:
    """Return for how many minutes a meeting lasts. Raises `Invalid`."""
    return drawn.whole(typed, "minutes")


def read(body: Mapping[str, Any], wanted: type[T]) -> T:
    """Return a body, or a part of one, as its type has it. Raises `Invalid`, which says where it is amiss."""
    try:
        return msgspec.convert(msgspec.to_builtins(body), wanted, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid("form.field", f"What was typed cannot be read: {quoted(error)}.", "Mend it.") from error
