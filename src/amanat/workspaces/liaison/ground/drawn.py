"""What an officer drew or typed of a shape, of heights and of a window of time, read into values; and typed back.

Law: a form without a map says all that one with a map does: a shape is its places, a line each, and a width in metres.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.workspaces.liaison import places, slots
from amanat.workspaces.liaison.ground.shapes import Area, Corridor, Heights, Point, Position, Shape, Window

Form = Literal["point", "corridor", "area"]

FORMS: Final[tuple[Form, ...]] = ("point", "corridor", "area")
MOST_TYPED: Final = 8_000
"""Characters of all places of a shape."""


def shape(turn: Turn, form: Form, typed: str, metres: str, begun: str = "") -> Shape:
    """Return the shape of places, a line each; `metres` is a radius, or half a width.

    Raises `Invalid` with the name of the field: `begun` is how those of this shape begin.
    """
    with slots.in_field(f"{begun}places"):
        along = _along(turn, form, typed)
    if form == "area":
        return Area(along)
    with slots.in_field(f"{begun}metres"):
        reach = whole(metres or "0", "metres")
    return Corridor(along, reach) if form == "corridor" else Point(along[0], reach)


def _along(turn: Turn, form: Form, typed: str) -> tuple[Position, ...]:
    if len(typed) > MOST_TYPED:
        raise Invalid("liaison.shape-typed", "The shape has too much text.", "Give one place a line, and no more.")
    along = tuple(_position(turn, line) for line in typed.splitlines() if line.strip())
    if form == "point" and len(along) != 1:
        raise Invalid("liaison.one-place", f"A point has one place, and {len(along)} were given.", "Give one line.")
    return along


def heights(low: str, high: str) -> Heights:
    """Return a band of heights above ground, in metres: of nothing typed, the ground. Raises `Invalid`."""
    with slots.in_field("low"):
        lowest = whole(low or "0", "low")
    with slots.in_field("high"):
        return Heights(lowest, whole(high or low or "0", "high"))


def window(turn: Turn, since: str, until: str) -> Window:
    """Return a stretch of time that was typed in the own zone (`slots.time`). Raises `Invalid`."""
    zone = own_zone(turn)
    with slots.in_field("since"):
        begins = slots.time(since, zone, turn.now)
    with slots.in_field("until"):
        return Window(begins, slots.time(until, zone, turn.now))


def whole(typed: str, name: str) -> int:
    """Return a whole number, in the digits of any script. Raises `Invalid`, with the name of its field."""
    number = slots.digits(typed.strip())
    if not (number.isascii() and number.isdecimal() and len(number) <= 7):  # noqa: PLR2004 - ten million
        raise Invalid("liaison.whole", f"What stands in {name} is no whole number.", "Write digits alone, like 250.")
    return int(number)


def typed(shape: Shape) -> Mapping[str, str]:
    """Return what a form is filled in with, so that the same shape is read of it: `shape`, `places`, `metres`."""
    if isinstance(shape, Point):
        return {"shape": "point", "places": _line(shape.at), "metres": str(shape.metres)}
    along = shape.along if isinstance(shape, Corridor) else shape.ring
    metres = str(shape.metres) if isinstance(shape, Corridor) else ""
    form = "corridor" if isinstance(shape, Corridor) else "area"
    return {"shape": form, "places": "\n".join(map(_line, along)), "metres": metres}


def typed_time(turn: Turn, time: datetime) -> str:
    """Return a time as a form is filled in with it, in the own zone."""
    return f"{time.astimezone(own_zone(turn)):%Y-%m-%d %H:%M}"


def _position(turn: Turn, line: str) -> Position:
    spot = places.read(turn, line.strip(), None)
    return Position(spot.lat, spot.lon)


def _line(at: Position) -> str:
    return f"{at.lat:.5f}, {at.lon:.5f}"
