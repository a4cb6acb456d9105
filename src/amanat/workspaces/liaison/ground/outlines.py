"""The outlines of shapes: rings of degrees for what knows no width, and GeoJSON for what draws them.

Law: pure. An outline holds all of its shape: an arc is drawn round it and not through it. Edges are cut into pieces so
short that a straight line between two degrees is the way over the ground, to some metres.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import atan2, cos, pi, sin
from typing import Any, Final

from amanat.workspaces.liaison.ground import earth
from amanat.workspaces.liaison.ground.earth import Flat, Vector
from amanat.workspaces.liaison.ground.shapes import Area, Corridor, Point, Position, Shape
from amanat.workspaces.liaison.kinds import DECIMALS

Degrees = tuple[float, float]
"""Latitude and longitude, of WGS 84."""
Ring = tuple[Degrees, ...]
"""Closed: the last is the first; gone round to the left, as RFC 7946 asks (3.1.6)."""

LONGEST: Final = 50_000.0
"""Metres of an edge that is drawn as a straight line."""
ARC: Final = 8
"""Edges of half a circle."""
_ROUND: Final = 1 / cos(pi / (2 * ARC))


def rings(shape: Area | Corridor) -> Iterator[Ring]:
    """Yield what together is a shape: one ring of an area, and of a corridor one about each piece of its way."""
    if isinstance(shape, Area):
        yield _to_the_left(tuple(_along((*shape.ring, shape.ring[0]))))
        return
    for a, b in pairwise(_along(shape.along)):
        yield _about(earth.vector(*a), earth.vector(*b), shape.metres)


def geometry(shape: Shape) -> Mapping[str, Any]:
    """Return a shape's geometry in GeoJSON (RFC 7946); how wide it is, GeoJSON cannot say (`metres`)."""
    if isinstance(shape, Point):
        return {"type": "Point", "coordinates": _turned((shape.at.lat, shape.at.lon))}
    if isinstance(shape, Corridor):
        return {"type": "LineString", "coordinates": [_turned(each) for each in _along(shape.along)]}
    return {"type": "Polygon", "coordinates": [[_turned(each) for each in ring] for ring in rings(shape)]}


def metres(shape: Shape) -> int:
    """Return how far round its geometry a shape reaches: a radius, half a width, or 0 of an area."""
    return 0 if isinstance(shape, Area) else shape.metres


def positions(shape: Shape) -> tuple[Position, ...]:
    """Return the positions that a shape was made of."""
    if isinstance(shape, Point):
        return (shape.at,)
    return shape.along if isinstance(shape, Corridor) else shape.ring


def _along(way: tuple[Position, ...]) -> Iterator[Degrees]:
    """Yield the positions of a way, and others between them where they are far apart."""
    yield way[0].lat, way[0].lon
    for one, other in pairwise(way):
        begins, ends = (earth.vector(each.lat, each.lon) for each in (one, other))
        for piece in earth.pieces(begins, ends, LONGEST):
            yield _rounded(earth.position(piece.ends))


def _about(one: Vector, other: Vector, reach: int) -> Ring:
    """Return the ring about all that is within so many metres of the way between two points."""
    plane = earth.plane_at(earth.middle((one, other)))
    a, b = plane.flat(one), plane.flat(other)
    ahead = atan2(b[1] - a[1], b[0] - a[0])
    corners = [*_half(b, ahead - pi / 2, reach), *_half(a, ahead + pi / 2, reach)]
    ring = [_rounded(earth.position(plane.ground(each))) for each in corners]
    return (*ring, ring[0])


def _half(at: Flat, first: float, reach: int) -> Iterator[Flat]:
    """Yield half a circle's corners, to the left, from a direction on (radians)."""
    for step in range(ARC + 1):
        angle = first + pi * step / ARC
        yield at[0] + _ROUND * reach * cos(angle), at[1] + _ROUND * reach * sin(angle)


def _to_the_left(ring: Ring) -> Ring:
    """Return a closed ring gone round to the left."""
    turned = sum(a[1] * b[0] - b[1] * a[0] for a, b in pairwise(ring))
    return ring if turned > 0 else ring[::-1]


def _rounded(at: Degrees) -> Degrees:
    return round(at[0], DECIMALS), round(at[1], DECIMALS)


def _turned(at: Degrees) -> list[float]:
    """Longitude first, as RFC 7946 has it."""
    return [at[1], at[0]]
