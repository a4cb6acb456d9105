"""Where and when something is planned: points, corridors and areas on WGS 84, heights above ground, windows of time.

Law: pure. What could be read in two ways is refused where it is made, and so is what lies near a pole or goes over the
180th meridian. How far two shapes are apart is asked of their spines (`spines`).
"""

from datetime import timedelta
from itertools import combinations, pairwise
from typing import Annotated, Final

import msgspec

from amanat.party.errors import Invalid
from amanat.party.types import Time, require_utc
from amanat.workspaces.liaison.ground import earth
from amanat.workspaces.liaison.ground.earth import Flat, Vector
from amanat.workspaces.liaison.kinds import DECIMALS

MOST_NORTH: Final = 75
MOST_EAST: Final = 175
"""Beyond these degrees, north or south and east or west, nothing is planned by this: no pole, no 180th meridian."""

MOST_POSITIONS: Final = 64
MOST_REACH: Final = 100_000
LONGEST_EDGE: Final = 1_000_000
LONGEST_CORRIDOR: Final = 3_000_000
LONGEST_RING: Final = 2_000_000
SMALLEST_AREA: Final = 100
"""Square metres. What encloses less is a line that was meant as a corridor."""

HIGHEST: Final = 30_000
LONGEST_WINDOW: Final = timedelta(days=366)

Reach = Annotated[int, msgspec.Meta(ge=0, le=MOST_REACH)]
Height = Annotated[int, msgspec.Meta(ge=0, le=HIGHEST)]


class Position(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place in WGS 84 degrees of at most five decimals: to about a metre."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (abs(self.lat) <= MOST_NORTH and abs(self.lon) <= MOST_EAST):
            raise Invalid(
                "liaison.beyond",
                f"A position lies beyond {MOST_NORTH}° of latitude or {MOST_EAST}° of longitude.",
                "Nothing is planned there by this: near the poles and the 180th meridian its distances would be wrong.",
            )
        if round(self.lat, DECIMALS) != self.lat or round(self.lon, DECIMALS) != self.lon:
            raise Invalid(
                "liaison.decimals", f"A place has more than {DECIMALS} decimals of a degree.", "Leave the others out."
            )


Positions = Annotated[tuple[Position, ...], msgspec.Meta(max_length=MOST_POSITIONS)]


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="point"):
    """All that is within `metres` of a position."""

    at: Position
    metres: Reach


class Corridor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="corridor"):
    """All that is within `metres` (half the width) of the way from one position to the next, round at its ends."""

    along: Positions
    metres: Reach

    def __post_init__(self) -> None:
        _require_way(self.along, 2)
        _require_short(_vectors(self.along), LONGEST_CORRIDOR)


class Area(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="area"):
    """All that a ring encloses, and the ring: each position is joined to the next, and the last to the first."""

    ring: Positions

    def __post_init__(self) -> None:
        _require_way((*self.ring, *self.ring[:1]), 4)
        ends = _vectors(self.ring)
        _require_short([*ends, ends[0]], LONGEST_RING)
        _require_simple(self.ring, ends)


Shape = Point | Corridor | Area


class Heights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From how many metres above ground to how many, both included. What stays on the ground has 0 and 0."""

    low: Height
    high: Height

    def __post_init__(self) -> None:
        if self.high < self.low:
            raise Invalid("liaison.heights", "The heights end below where they begin.", "Say the lower one first.")


GROUND: Final = Heights(0, 0)


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From a whole minute of UTC until another, at which it is over."""

    since: Time
    until: Time

    def __post_init__(self) -> None:
        for name, time in (("since", self.since), ("until", self.until)):
            require_utc(time, name)
            if time.second:
                raise Invalid("liaison.minute", f"The time {name} is no whole minute.", "Leave the seconds out.")
        if self.until <= self.since:
            raise Invalid("liaison.window", "The window is over before it begins.", "Say the earlier time first.")
        if self.until - self.since > LONGEST_WINDOW:
            raise Invalid(
                "liaison.window-long",
                f"The window lasts for longer than {LONGEST_WINDOW.days} days.",
                "Plan what comes after that as another.",
            )


def moved(shape: Shape, bearing: float, metres: float) -> Shape:
    """Return a shape as it is some way off in a direction (degrees from north by east). Raises `Invalid`."""
    if isinstance(shape, Point):
        return Point(_moved(shape.at, bearing, metres), shape.metres)
    if isinstance(shape, Corridor):
        return Corridor(tuple(_moved(each, bearing, metres) for each in shape.along), shape.metres)
    return Area(tuple(_moved(each, bearing, metres) for each in shape.ring))


# --- what is refused --------------------------------------------------------------------------------------------------


def _require_way(along: tuple[Position, ...], fewest: int) -> None:
    if len(along) < fewest:
        raise Invalid(
            "liaison.positions", "The shape has too few positions.", "Give two of a corridor, or three of an area."
        )
    if any(a == b for a, b in pairwise(along)):
        raise Invalid(
            "liaison.position-twice",
            "In the shape a position is followed by itself.",
            "Give each once; the last of an area is joined to its first by itself.",
        )
    if any(abs(a.lon - b.lon) > 180 for a, b in pairwise(along)):  # noqa: PLR2004 - half of all degrees there are
        raise Invalid(
            "liaison.antimeridian",
            "The shape goes over the 180th meridian.",
            "Nothing is planned there by this: its distances would be wrong.",
        )


def _require_short(ends: list[Vector], longest: int) -> None:
    """Refuse edges that are too long: each, or all together."""
    lengths = [earth.metres(a, b) for a, b in pairwise(ends)]
    if max(lengths) > LONGEST_EDGE:
        raise Invalid(
            "liaison.edge-long",
            f"Two positions that follow one another are more than {LONGEST_EDGE // 1000} km apart.",
            "Give positions in between: an edge is the shortest way over the ground, which no map shows as it is.",
        )
    if sum(lengths) > longest:
        raise Invalid(
            "liaison.shape-long",
            f"The shape is longer than {longest // 1000} km all along its edges.",
            "Plan it as several.",
        )


def _require_simple(ring: tuple[Position, ...], ends: list[Vector]) -> None:
    """Refuse a ring that crosses itself, meets itself in a position, or encloses nothing."""
    plane = earth.plane_at(earth.middle(ends))
    corners = [plane.flat(each) for each in ends]
    edges = list(pairwise((*corners, corners[0])))
    if len(set(ring)) < len(ring) or any(_cross(a, b) for a, b in combinations(edges, 2)):
        raise Invalid("liaison.ring", "The ring of the area crosses itself.", "Give its positions in order, round it.")
    first = corners[0]
    if abs(sum(earth.turn(first, a, b) for a, b in edges)) < 2 * SMALLEST_AREA:
        raise Invalid("liaison.area-small", "The area encloses nothing.", "Give a corridor, or a point.")


def _cross(one: tuple[Flat, Flat], other: tuple[Flat, Flat]) -> bool:
    """Whether two edges cross; most are nowhere near one another, which is sooner seen."""
    (a, b), (c, d) = one, other
    if max(a[0], b[0]) < min(c[0], d[0]) or max(c[0], d[0]) < min(a[0], b[0]):
        return False
    if max(a[1], b[1]) < min(c[1], d[1]) or max(c[1], d[1]) < min(a[1], b[1]):
        return False
    return earth.crossing(a, b, c, d)


# --- vectors ----------------------------------------------------------------------------------------------------------


def _vectors(positions: tuple[Position, ...]) -> list[Vector]:
    return [earth.vector(each.lat, each.lon) for each in positions]


def _moved(at: Position, bearing: float, metres: float) -> Position:
    lat, lon = earth.moved(at.lat, at.lon, bearing, metres)
    return Position(round(lat, DECIMALS), round(lon, DECIMALS))
