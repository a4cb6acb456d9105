"""Where persons are, told no better than floor 6 lets it be told to who does not administer that ground.

Law: pure. How closely a shape tells a place follows from the shape alone, from its digits too, and never from what
somebody says beside it. What is made coarser holds all of what it was made of, so that nothing planned lies outside.
"""

import math
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Final

from amanat.compact.floors import PRECISE_METRES
from amanat.party.errors import Invalid
from amanat.record.kind import NO_FACTS, Facts, Place
from amanat.workspaces.liaison.ground import earth
from amanat.workspaces.liaison.ground.shapes import MOST_REACH, Area, Corridor, Point, Position, Shape
from amanat.workspaces.liaison.notices.kinds import Notice, of_people

METRES_PER_DEGREE: Final = 111_000
EDGE: Final = 100
"""Metres by which an edge may lie farther off than its two ends do, where both were moved."""


def facts(body: Notice) -> Facts:
    """Return what the floors have to know of a notice: where persons are by it, and how closely it says so."""
    if not of_people(body):
        return NO_FACTS
    return Facts(places=(Place(body.country, closely(body.shape)),))


def closely(shape: Shape) -> float:
    """Return to within how many metres a shape tells where somebody is: no farther than its digits let it."""
    if isinstance(shape, Point):
        return min(shape.metres, _of_digits((shape.at,)))
    if isinstance(shape, Corridor):
        return min(shape.metres, _of_digits(shape.along))
    return min(_halfway(shape), _of_digits(shape.ring))


def coarse(shape: Shape, to: int = PRECISE_METRES) -> Shape:
    """Return a shape that tells no place better than floor 6 asks, or to so many metres, and holds all of another.

    Its places have few digits; it is a wide corridor of a corridor, else a circle. Raises `Invalid` where it would be
    wider than shapes are.
    """
    if closely(shape) >= to:
        return shape
    digits = round(math.log10(METRES_PER_DEGREE / to))  # a tenth of a degree is eleven kilometres
    if isinstance(shape, Area):
        north, east = (sum(getattr(each, axis) for each in shape.ring) / len(shape.ring) for axis in ("lat", "lon"))
        middle = _rounded(north, east, digits)
        return Point(middle, _wide(max(_metres(middle, each) for each in shape.ring), to))
    along = (shape.at,) if isinstance(shape, Point) else shape.along
    places = [_rounded(each.lat, each.lon, digits) for each in along]
    reach = _wide(shape.metres + max(map(_metres, places, along)), to)
    distinct = tuple(place for place, _ in groupby(places))
    return Corridor(distinct, reach) if len(distinct) > 1 else Point(distinct[0], reach)


def _rounded(lat: float, lon: float, digits: int) -> Position:
    return Position(round(lat, digits), round(lon, digits))


def _metres(one: Position, other: Position) -> float:
    return earth.metres(earth.vector(one.lat, one.lon), earth.vector(other.lat, other.lon))


def _wide(reach: float, to: int) -> int:
    """Return whole kilometres that hold so many metres and, of an edge that moved with its ends, a little more."""
    found = max(to, math.ceil((reach + EDGE) / 1000) * 1000)
    if found > MOST_REACH:
        raise Invalid(
            "liaison.coarse",
            f"Told no better than {to // 1000} km, this would be wider than {MOST_REACH // 1000} km.",
            "Give a corridor instead of an area, or plan it as several.",
        )
    return found


def _of_digits(along: tuple[Position, ...]) -> float:
    """Return how far apart two places of so many decimals of a degree are."""
    decimals = max(_decimals(each) for at in along for each in (at.lat, at.lon))
    return METRES_PER_DEGREE * 10.0**-decimals


def _decimals(degrees: float) -> int:
    return max(0, -int(Decimal(repr(degrees)).normalize().as_tuple().exponent))


def _halfway(area: Area) -> float:
    """Return no more than how far the inmost point of an area is from its edge: what it encloses over how long that is.

    So that a long and narrow area counts as narrow.
    """
    ends = [earth.vector(each.lat, each.lon) for each in area.ring]
    plane = earth.plane_at(earth.middle(ends))
    corners = [plane.flat(each) for each in ends]
    edges = list(pairwise((*corners, corners[0])))
    twice = abs(sum(earth.turn(corners[0], a, b) for a, b in edges))
    return twice / 2 / sum(math.dist(a, b) for a, b in edges)
