"""A naive peer of the shapes' distances: Vincenty's formulae on the ellipsoid, and trying points until nothing is nearer.

T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid", Survey Review XXIII (1975) 176: good to half
a millimetre, and not asked here of two points at opposite ends of the earth, where they do not converge.
Law: nothing of the product's own geometry is used, only what its shapes say of themselves.
"""

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from math import atan, atan2, cos, degrees, inf, radians, sin, sqrt, tan

from amanat.workspaces.liaison.ground.shapes import Area, Corridor, Point, Position, Shape

A, F = 6_378_137.0, 1 / 298.257223563
B = A * (1 - F)

GOLDEN = (sqrt(5) - 1) / 2

Place = tuple[float, float]
Edge = tuple[Place, Place]


@lru_cache(maxsize=100_000)
def inverse(one: Place, other: Place) -> tuple[float, float]:
    """The metres from one place to another, and the direction in which one sets out (radians from north by east)."""
    if one == other:
        return 0.0, 0.0
    u1, u2 = (atan((1 - F) * tan(radians(place[0]))) for place in (one, other))
    lon = lam = radians(other[1] - one[1])
    for _ in range(1000):
        across = cos(u2) * sin(lam)
        along = cos(u1) * sin(u2) - sin(u1) * cos(u2) * cos(lam)
        sin_s = sqrt(across**2 + along**2)
        cos_s = sin(u1) * sin(u2) + cos(u1) * cos(u2) * cos(lam)
        sigma = atan2(sin_s, cos_s)
        sin_a = cos(u1) * cos(u2) * sin(lam) / sin_s if sin_s else 0.0
        square = 1 - sin_a**2
        middle = cos_s - 2 * sin(u1) * sin(u2) / square if square else 0.0
        c = F / 16 * square * (4 + F * (4 - 3 * square))
        before, lam = lam, lon + (1 - c) * F * sin_a * (sigma + c * sin_s * (middle + c * cos_s * (2 * middle**2 - 1)))
        if abs(lam - before) < 1e-13:
            break
    a, change = _series(square, sin_s, cos_s, middle)
    return B * a * (sigma - change), atan2(across, along)


@lru_cache(maxsize=100_000)
def direct(one: Place, azimuth: float, metres: float) -> Place:
    """The place that lies so many metres away in a direction."""
    u1 = atan((1 - F) * tan(radians(one[0])))
    sigma1 = atan2(tan(u1), cos(azimuth))
    sin_a = cos(u1) * sin(azimuth)
    square = 1 - sin_a**2
    a, _ = _series(square, 0.0, 1.0, 0.0)
    sigma = metres / (B * a)
    for _ in range(1000):
        middle = cos(2 * sigma1 + sigma)
        _, change = _series(square, sin(sigma), cos(sigma), middle)
        before, sigma = sigma, metres / (B * a) + change
        if abs(sigma - before) < 1e-13:
            break
    middle = cos(2 * sigma1 + sigma)
    part = sin(u1) * sin(sigma) - cos(u1) * cos(sigma) * cos(azimuth)
    lat = atan2(sin(u1) * cos(sigma) + cos(u1) * sin(sigma) * cos(azimuth), (1 - F) * sqrt(sin_a**2 + part**2))
    lam = atan2(sin(sigma) * sin(azimuth), cos(u1) * cos(sigma) - sin(u1) * sin(sigma) * cos(azimuth))
    c = F / 16 * square * (4 + F * (4 - 3 * square))
    lon = lam - (1 - c) * F * sin_a * (sigma + c * sin(sigma) * (middle + c * cos(sigma) * (2 * middle**2 - 1)))
    return degrees(lat), one[1] + degrees(lon)


def _series(square: float, sin_s: float, cos_s: float, middle: float) -> tuple[float, float]:
    """Vincenty's A, and his correction of the angle."""
    k = square * (A**2 - B**2) / B**2
    a = 1 + k / 16384 * (4096 + k * (-768 + k * (320 - 175 * k)))
    b = k / 1024 * (256 + k * (-128 + k * (74 - 47 * k)))
    inner = cos_s * (2 * middle**2 - 1) - b / 6 * middle * (4 * sin_s**2 - 3) * (4 * middle**2 - 3)
    return a, b * sin_s * (middle + b / 4 * inner)


def naive(one: Shape, other: Shape) -> float:
    """The metres between two shapes."""
    if any(_inside(a, edges(b)[0][0]) for a, b in ((one, other), (other, one)) if isinstance(a, Area)):
        return 0.0
    found = [(_rough(a, b), a, b) for a in edges(one) for b in edges(other)]
    spines = inf
    for rough, a, b in sorted(found):
        if rough <= spines + sum(inverse(*edge)[0] for edge in (a, b)) / 2:  # what lies between was not tried yet
            spines = min(spines, 0.0 if _crossed(a, b) else _tried(a, b))
    return max(spines - _reach(one) - _reach(other), 0.0)


def edges(shape: Shape) -> list[Edge]:
    """The edges of a shape; of a point, one of no length."""
    if isinstance(shape, Point):
        return [(_place(shape.at), _place(shape.at))]
    way = (*shape.ring, shape.ring[0]) if isinstance(shape, Area) else shape.along
    return [(_place(a), _place(b)) for a, b in pairwise(way)]


def on(edge: Edge, share: float) -> Place:
    """The place so far along an edge."""
    if share in {0.0, 1.0}:
        return edge[int(share)]
    metres, azimuth = inverse(*edge)
    return direct(edge[0], azimuth, metres * share)


def _place(at: Position) -> Place:
    return at.lat, at.lon


def _reach(shape: Shape) -> int:
    return shape.metres if isinstance(shape, Point | Corridor) else 0


def _rough(one: Edge, other: Edge) -> float:
    """The least way between any of three points of each."""
    shares = (0.0, 0.5, 1.0)
    return min(inverse(on(one, a), on(other, b))[0] for a in shares for b in shares)


def _tried(one: Edge, other: Edge) -> float:
    """The least way between any point of one and any of the other, each found by ever closer trying."""
    return _least(one, lambda here: _least(other, lambda there: inverse(here, there)[0]))


def _least(edge: Edge, way: Callable[[Place], float]) -> float:
    """The least way there is from an edge: it grows on both sides of the nearest place."""
    if edge[0] == edge[1]:
        return way(edge[0])
    low, high = 0.0, 1.0
    ends = min(way(edge[0]), way(edge[1]))
    a, b = high - GOLDEN, low + GOLDEN
    at_a, at_b = way(on(edge, a)), way(on(edge, b))
    for _ in range(30):
        if at_a < at_b:
            high, b, at_b = b, a, at_a
            a = high - GOLDEN * (high - low)
            at_a = way(on(edge, a))
        else:
            low, a, at_a = a, b, at_b
            b = low + GOLDEN * (high - low)
            at_b = way(on(edge, b))
    return min(ends, at_a, at_b)


def _crossed(one: Edge, other: Edge) -> bool:
    """Whether the ends of each lie on both sides of the other, as one looks along it, and neither lies behind."""
    return all(_parted(a, b) for a, b in ((one, other), (other, one)))


def _parted(one: Edge, other: Edge) -> bool:
    if one[0] == one[1] or other[0] == other[1]:
        return False
    _, ahead = inverse(*one)
    sides = [sin(inverse(one[0], each)[1] - ahead) for each in other]
    return sides[0] * sides[1] < 0


def _inside(area: Area, at: Place) -> bool:
    """Whether who stands there and follows the ring with their eyes turns once round."""
    turned = 0.0
    for edge in edges(area):
        length, _ = inverse(*edge)
        parts = max(int(length // 20_000), 1)
        ways = [inverse(at, on(edge, part / parts))[1] for part in range(parts + 1)]
        turned += sum(atan2(sin(b - a), cos(b - a)) for a, b in pairwise(ways))
    return abs(turned) > 3
