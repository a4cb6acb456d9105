"""How far two shapes are apart on the ground, and which cells of a fixed grid a shape is in: asked of their spines.

Law: pure. Two shapes are as far apart as the nearest points of their ground, by the way over the ellipsoid, and that is
the same whichever of them is asked about.
"""

from collections.abc import Iterator
from itertools import pairwise
from math import cos, dist, floor, inf, radians
from typing import Final, NamedTuple

from amanat.workspaces.liaison.ground import earth
from amanat.workspaces.liaison.ground.earth import Flat, Piece, Vector
from amanat.workspaces.liaison.ground.shapes import Area, Point, Shape

CELLS_PER_DEGREE: Final = 4

_CELL_PIECE: Final = 30_000  # metres, of an edge: so short that it bends by less than _BEND within it
_BEND: Final = 100
_METRES_PER_DEGREE: Final = 110_500  # of latitude, and a little fewer: what is looked through is never too small


class Ball(NamedTuple):
    """All that is within so many metres, through the earth, of a point in it."""

    x: float
    y: float
    z: float
    metres: float


class Spine(NamedTuple):
    """What a shape is made of: the pieces of its edges, and how far it reaches beyond them on each side.

    All of them are within `half` of `middle`. A `ring` encloses what is within it too.
    """

    reach: int
    ring: bool
    pieces: tuple[Piece, ...]
    middle: Vector
    half: float

    @property
    def ball(self) -> Ball:
        """A ball that all of its ground is in."""
        return Ball(*self.middle, self.half + self.reach)


def spine(shape: Shape) -> Spine:
    """Return what a shape is made of."""
    if isinstance(shape, Point):
        at = earth.vector(shape.at.lat, shape.at.lon)
        return Spine(shape.metres, ring=False, pieces=(Piece(at, at, at, 0.0),), middle=at, half=0.0)
    ring = isinstance(shape, Area)
    way, reach = ((*shape.ring, shape.ring[0]), 0) if isinstance(shape, Area) else (shape.along, shape.metres)
    ends = [earth.vector(each.lat, each.lon) for each in way]
    its = tuple(piece for edge in pairwise(ends) for piece in earth.pieces(*edge))
    middle = earth.middle(ends)
    return Spine(reach, ring, its, middle, max(dist(middle, piece.middle) + piece.half for piece in its))


def metres_between(one: Shape, other: Shape) -> float:
    """Return the least way over the ground from one to the other in metres; 0.0 where they touch or overlap."""
    return within(spine(one), spine(other), inf)


def within(one: Spine, other: Spine, most: float) -> float:
    """Return the metres from one to the other when they are no more than `most`, else infinitely many."""
    first, second = sorted((one, other))  # so that it comes to the same whichever is asked of which
    reach = first.reach + second.reach
    if dist(first.middle, second.middle) - (first.half + second.half + reach) > most:
        return inf
    if _holds(first, second.pieces[0].begins) or _holds(second, first.pieces[0].begins):
        return 0.0
    limit, found = most + reach, inf
    near, there = _near(first, second, limit), _near(second, first, limit)
    bounds = [(dist(a.middle, b.middle) - (a.half + b.half), a, b) for a in near for b in there]
    for bound, a, b in sorted(each for each in bounds if each[0] <= limit):
        if bound >= found:
            break
        found = min(found, earth.apart(a, b))
        if found <= reach:
            return 0.0
    metres = found - reach
    return metres if metres <= most else inf


def at_least(one: Ball, other: Ball) -> float:
    """Return metres that what is in one ball is away from what is in another at the least: soon known, often enough."""
    return dist(one[:3], other[:3]) - (one.metres + other.metres)


def cells(of: Spine, metres: float = 0) -> frozenset[int]:
    """Return cells of a fixed grid (a quarter of a degree), among them all in which something is so near to a shape."""
    finer = [each for piece in of.pieces for each in earth.pieces(piece.begins, piece.ends, _CELL_PIECE)]
    found = [(earth.position(piece.begins), earth.position(piece.ends)) for piece in finer]
    if of.ring:
        lats, lons = zip(*(end for ends in found for end in ends), strict=True)
        found = [((min(lats), min(lons)), (max(lats), max(lons)))]
    return frozenset(cell for ends in found for cell in _cells(*ends, metres + of.reach + _BEND))


def _near(of: Spine, other: Spine, most: float) -> list[Piece]:
    """The pieces that may be so near to another spine."""
    return [piece for piece in of.pieces if dist(piece.middle, other.middle) - piece.half - other.half <= most]


def _holds(ring: Spine, at: Vector) -> bool:
    """Whether a ring encloses a point: whether a line from there to the east meets it an odd number of times."""
    if not ring.ring or dist(ring.middle, at) > ring.half:
        return False
    plane = earth.plane_at(at)
    corners = [plane.flat(piece.begins) for piece in ring.pieces]
    inside = False
    for (x, y), (to_x, to_y) in pairwise((*corners, corners[0])):
        if (y > 0) != (to_y > 0) and x + y * (to_x - x) / (y - to_y) > 0:
            inside = not inside
    return inside


def _cells(one: Flat, other: Flat, metres: float) -> Iterator[int]:
    """The cells of the square between two positions, and of so many metres around it."""
    (lat, lon), (to_lat, to_lon) = one, other
    up = metres / _METRES_PER_DEGREE
    south, north = min(lat, to_lat) - up, max(lat, to_lat) + up
    aside = up / cos(radians(min(max(abs(south), abs(north)), 89)))
    west, east = min(lon, to_lon) - aside, max(lon, to_lon) + aside
    for row in range(_row(south + 90), _row(north + 90) + 1):
        for column in range(_row(west + 180), _row(east + 180) + 1):
            yield row * 360 * CELLS_PER_DEGREE + column


def _row(degrees: float) -> int:
    return floor(degrees * CELLS_PER_DEGREE)
