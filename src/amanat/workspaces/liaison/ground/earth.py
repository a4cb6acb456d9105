"""The ellipsoid of WGS 84 in three dimensions: positions as vectors, edges in pieces, and how far two are apart.

Law: pure, and in metres. An edge is a geodesic, the shortest way over the ground. A piece of it is short enough to be
straight in the gnomonic plane between it and what it is held against: that plane only finds which two points are
nearest, and the distance itself is that of those two points on the ellipsoid.
"""

from collections.abc import Iterable, Iterator
from math import asin, atan2, cos, degrees, dist, hypot, radians, sin, sqrt
from typing import Final, NamedTuple

Vector = tuple[float, float, float]
Flat = tuple[float, float]

AXIS: Final = 6_378_137.0
FLATTENING: Final = 1 / 298.257223563
MEAN: Final = 6_371_008.8
LONGEST_PIECE: Final = 300_000.0
FAR: Final = 3_000_000.0
"""From here on an end of a piece will do for its nearest point: it is not even four kilometres farther off."""

_POLAR: Final = AXIS * (1 - FLATTENING)
_SQUARED: Final = FLATTENING * (2 - FLATTENING)  # the square of the eccentricity
_STRETCH: Final = (AXIS / _POLAR) ** 2


class Piece(NamedTuple):
    """A part of an edge: its ends, the middle between them, and half the way from one to the other."""

    begins: Vector
    ends: Vector
    middle: Vector
    half: float


class Plane(NamedTuple):
    """The gnomonic plane about a point: seen from `centre`, geodesics near the point are straight lines in it."""

    centre: Vector
    east: Vector
    north: Vector
    up: Vector

    def flat(self, at: Vector) -> Flat:
        """Return where a point of the ground stands in the plane; it is less than a quarter of the earth away."""
        (x, y, z), (cx, cy, cz) = at, self.centre
        x, y, z = x - cx, y - cy, z - cz
        (ex, ey, ez), (nx, ny, nz), (ux, uy, uz) = self.east, self.north, self.up
        scale = MEAN / (ux * x + uy * y + uz * z)
        return (ex * x + ey * y + ez * z) * scale, (nx * x + ny * y + nz * z) * scale

    def ground(self, at: Flat) -> Vector:
        """Return the point of the ground that stands there in the plane."""
        (x, y), (ex, ey, ez), (nx, ny, nz), (ux, uy, uz) = at, self.east, self.north, self.up
        ray = (ex * x + nx * y + ux * MEAN, ey * x + ny * y + uy * MEAN, ez * x + nz * y + uz * MEAN)
        return _struck(self.centre, ray)


def vector(lat: float, lon: float) -> Vector:
    """Return the point of the ground at degrees of WGS 84."""
    north, east = radians(lat), radians(lon)
    across = AXIS / sqrt(1 - _SQUARED * sin(north) ** 2)
    return (
        across * cos(north) * cos(east),
        across * cos(north) * sin(east),
        across * (1 - _SQUARED) * sin(north),
    )


def position(at: Vector) -> tuple[float, float]:
    """Return the degrees of a point of the ground."""
    x, y, z = at
    return degrees(atan2(z, (1 - _SQUARED) * hypot(x, y))), degrees(atan2(y, x))


def metres(one: Vector, other: Vector) -> float:
    """Return the way over the ground between two points of it: of 1,000 km, to within some ten metres."""
    return 2 * MEAN * asin(min(dist(one, other) / (2 * MEAN), 1.0))


def moved(lat: float, lon: float, bearing: float, metres: float) -> tuple[float, float]:
    """Return the degrees of what lies so many metres away in a direction (degrees from north by east)."""
    plane = plane_at(vector(lat, lon))
    return position(plane.ground((metres * sin(radians(bearing)), metres * cos(radians(bearing)))))


def pieces(begins: Vector, ends: Vector, longest: float = LONGEST_PIECE) -> Iterator[Piece]:
    """Yield an edge in pieces that are no longer than that."""
    between, half = _between(begins, ends), dist(begins, ends) / 2
    if 2 * half <= longest:
        yield Piece(begins, ends, between, half)
    else:
        # Up along the normal, and not away from the earth's centre: that is another curve, 65 m off in 1,000 km.
        top = _struck(between, _normal(between))
        yield from pieces(begins, top, longest)
        yield from pieces(top, ends, longest)


def plane_at(middle: Vector) -> Plane:
    """Return the gnomonic plane about the point of the ground above a point; the poles have none."""
    up = (ux, uy, uz) = _normal(middle)
    across = AXIS / sqrt(1 - _SQUARED * uz * uz)
    centre = ((across - MEAN) * ux, (across - MEAN) * uy, (across * (1 - _SQUARED) - MEAN) * uz)
    level = hypot(ux, uy)
    ex, ey = -uy / level, ux / level
    return Plane(centre, (ex, ey, 0.0), (-uz * ey, uz * ex, level), up)


def middle(ends: Iterable[Vector]) -> Vector:
    """Return the point between the outermost of some, in the earth below them."""
    x, y, z = zip(*ends, strict=True)
    return (min(x) + max(x)) / 2, (min(y) + max(y)) / 2, (min(z) + max(z)) / 2


def apart(one: Piece, other: Piece) -> float:
    """Return the least way over the ground from a piece to another; 0.0 where they cross."""
    if dist(one.middle, other.middle) - one.half - other.half > FAR:
        return min(metres(a, b) for a in (one.begins, one.ends) for b in (other.begins, other.ends))
    plane = plane_at(_between(one.middle, other.middle))
    a, b, c, d = plane.flat(one.begins), plane.flat(one.ends), plane.flat(other.begins), plane.flat(other.ends)
    if crossing(a, b, c, d):
        return 0.0
    # Two that do not cross are nearest at an end of one of them.
    _, share, point, piece, begins, ends = min(
        (*_foot(a, c, d), one.begins, other, c, d),
        (*_foot(b, c, d), one.ends, other, c, d),
        (*_foot(c, a, b), other.begins, one, a, b),
        (*_foot(d, a, b), other.ends, one, a, b),
    )
    if share in {0.0, 1.0}:
        return metres(point, piece.ends if share else piece.begins)
    x, y = begins[0] + share * (ends[0] - begins[0]), begins[1] + share * (ends[1] - begins[1])
    return metres(point, plane.ground((x, y)))


def crossing(a: Flat, b: Flat, c: Flat, d: Flat) -> bool:
    """Whether the segments from a to b and from c to d have a point in common that is no end of either."""
    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def turn(a: Flat, b: Flat, c: Flat) -> float:
    """Return twice the area of a triangle, positive when it is gone round to the left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _foot(at: Flat, begins: Flat, ends: Flat) -> tuple[float, float]:
    """The square of the way to the nearest point of a segment, and how far along it, from 0.0 to 1.0, that is."""
    from_x, from_y = at[0] - begins[0], at[1] - begins[1]
    x, y = ends[0] - begins[0], ends[1] - begins[1]
    length = x * x + y * y
    share = (from_x * x + from_y * y) / length if length else 0.0
    share = 0.0 if share < 0.0 else 1.0 if share > 1.0 else share  # noqa: FURB136 - asked ten thousand times a second
    from_x, from_y = from_x - share * x, from_y - share * y
    return from_x * from_x + from_y * from_y, share


def _between(one: Vector, other: Vector) -> Vector:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2, (one[2] + other[2]) / 2


def _normal(at: Vector) -> Vector:
    """The direction that is up, of length one, at the point of the ground above a point."""
    x, y, z = at[0], at[1], at[2] * _STRETCH
    length = sqrt(x * x + y * y + z * z)
    return x / length, y / length, z / length


def _struck(begins: Vector, ray: Vector) -> Vector:
    """Where a ray from within the ellipsoid comes out of it."""
    (x, y, z), (rx, ry, rz) = begins, ray
    square = rx * rx + ry * ry + rz * rz * _STRETCH
    half = x * rx + y * ry + z * rz * _STRETCH
    rest = x * x + y * y + z * z * _STRETCH - AXIS * AXIS
    along = (sqrt(half * half - square * rest) - half) / square
    return x + along * rx, y + along * ry, z + along * rz
