"""Shapes on the ellipsoid: what of them is refused, how far they are apart by a naive peer, and which cells they are in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from math import inf, radians
from typing import Any

import msgspec
import pytest
from hypothesis import assume, example, given, reject, settings
from hypothesis import strategies as st

from amanat.party.errors import Invalid
from amanat.workspaces.liaison.ground import earth
from amanat.workspaces.liaison.ground.shapes import (
    LONGEST_WINDOW,
    MOST_POSITIONS,
    Area,
    Corridor,
    Heights,
    Point,
    Position,
    Shape,
    Window,
    moved,
)
from amanat.workspaces.liaison.ground.spines import at_least, cells, metres_between, spine, within
from amanat.workspaces.liaison.tests.geodesic import Place, direct, inverse, naive, on

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(place: Place) -> Position:
    return Position(round(place[0], 5), round(place[1], 5))


def to(place: Place, bearing: float, metres: float) -> Place:
    return direct(place, radians(bearing), metres)


def square(place: Place, metres: float) -> Area:
    """An area whose corners are so far from its middle."""
    return Area(tuple(at(to(place, bearing, metres)) for bearing in (45, 135, 225, 315)))


# --- shapes by chance -------------------------------------------------------------------------------------------------

sizes = st.floats(1, 5.6).map(lambda power: 10**power)  # metres: from ten to 400,000
bearings = st.floats(0, 360, exclude_max=True)
middles = st.one_of(
    st.tuples(st.floats(29, 38), st.floats(60, 75)),  # about this line
    st.tuples(st.floats(-62, 62), st.floats(-160, 160)),
)
reaches = st.sampled_from([0, 0, 30, 2_000, 50_000])


@st.composite
def shapes(draw: st.DrawFn, middle: Place) -> Shape:
    what = draw(st.sampled_from(["point", "corridor", "area"]))
    if what == "point":
        return Point(at(middle), draw(reaches))
    size = draw(sizes)
    if what == "corridor":
        way = [middle]
        for _ in range(draw(st.integers(1, 4))):
            way.append(to(way[-1], draw(bearings), size * draw(st.floats(0.2, 1))))
        reach = draw(reaches)
        return made(lambda: Corridor(tuple(map(at, way)), reach))
    turns = sorted(draw(st.lists(bearings, min_size=3, max_size=7, unique=True)))
    corners = [at(to(middle, turn, size * draw(st.floats(0.3, 1)))) for turn in turns]
    return made(lambda: Area(tuple(corners)))


def made(make: Callable[[], Shape]) -> Shape:
    """The shape, if it is one."""
    try:
        return make()
    except Invalid:
        reject()


@st.composite
def two(draw: st.DrawFn) -> tuple[Shape, Shape]:
    """Two shapes that are anything from upon one another to a thousand kilometres apart."""
    middle = draw(middles)
    return draw(shapes(middle)), draw(shapes(to(middle, draw(bearings), draw(sizes) * 2.5)))


# --- how far they are apart -------------------------------------------------------------------------------------------


def test_the_peer_is_right_where_the_answer_was_published() -> None:
    """Flinders Peak to Buninyong, as Geoscience Australia has it for this ellipsoid: 54,972.271 m, 306°52'05.37"."""
    flinders, buninyong = (
        (-(37 + 57 / 60 + 3.72030 / 3600), 144 + 25 / 60 + 29.52440 / 3600),
        (
            -(37 + 39 / 60 + 10.15610 / 3600),
            143 + 55 / 60 + 35.38390 / 3600,
        ),
    )
    metres, azimuth = inverse(flinders, buninyong)
    assert metres == pytest.approx(54_972.271, abs=0.001)
    assert azimuth % radians(360) == pytest.approx(radians(306 + 52 / 60 + 5.37 / 3600), abs=1e-7)
    assert direct(flinders, azimuth, metres) == pytest.approx(buninyong, abs=1e-9)


@settings(max_examples=60)
@given(two())
def test_metres_are_those_of_a_naive_computation_on_the_ellipsoid(both: tuple[Shape, Shape]) -> None:
    """To a thousandth, where a hundredth is asked for, and to what the last decimal of a position is worth."""
    assert metres_between(*both) == pytest.approx(naive(*both), rel=0.001, abs=0.5)


@given(middles, bearings, st.floats(4, 6.9).map(lambda power: 10**power))
def test_points_are_as_far_apart_as_the_way_between_them(middle: Place, bearing: float, metres: float) -> None:
    """Up to 8,000 km."""
    there = to(middle, bearing, metres)
    assume(abs(there[0]) <= 75 and abs(there[1]) <= 175)
    one, other = Point(at(middle), 0), Point(at(there), 0)
    assert metres_between(one, other) == pytest.approx(naive(one, other), rel=0.0004)


@given(two())
def test_both_are_as_far_from_one_another(both: tuple[Shape, Shape]) -> None:
    one, other = both
    assert metres_between(one, other) == metres_between(other, one)
    assert at_least(spine(one).ball, spine(other).ball) == at_least(spine(other).ball, spine(one).ball)
    assert at_least(spine(one).ball, spine(other).ball) <= metres_between(one, other) + 1e-6
    assert metres_between(one, one) == 0


@given(two(), st.sampled_from([0, 500, 20_000, 300_000]))
def test_what_is_no_farther_than_is_asked_is_measured_and_all_else_is_not(both: tuple[Shape, Shape], most: int) -> None:
    metres = metres_between(*both)
    one, other = map(spine, both)
    assert within(one, other, most) == (metres if metres <= most else inf)


@pytest.mark.parametrize("kilometres", [50, 290, 310, 700, 990])
@pytest.mark.parametrize("bearing", [0, 20, 71, 90, 135])
def test_a_long_edge_is_where_the_shortest_way_is(kilometres: int, bearing: int) -> None:
    """On a map of degrees it would be up to twenty kilometres off."""
    begins = (33.0, 66.0)
    end = at(to(begins, bearing, kilometres * 1000))
    edge = begins, (end.lat, end.lon)
    corridor = Corridor((at(edge[0]), at(edge[1])), 0)
    for share in (0.1, 0.3, 0.5, 0.77):
        assert metres_between(corridor, Point(at(on(edge, share)), 0)) < 5
        aside = to(on(edge, share), bearing + 90, 3000)
        assert metres_between(corridor, Point(at(aside), 0)) == pytest.approx(3000, abs=0.01 * 3000)


def test_a_corridor_along_the_whole_line_is_held_against_a_patrol_beside_it() -> None:
    way = [(29.86, 60.87), (29.4, 66.2), (31.0, 66.7), (32.3, 69.4), (34.1, 71.1), (36.6, 71.6), (37.0, 74.5)]
    corridor = Corridor(tuple(map(at, way)), 500)
    for edge in pairwise(way):
        beside = Point(at(to(on(edge, 0.5), inverse(*edge)[1] * 57.29578 + 90, 4000)), 200)
        assert metres_between(corridor, beside) == pytest.approx(naive(corridor, beside), rel=0.01, abs=1)
        assert 3000 < metres_between(corridor, beside) < 3400


def test_what_touches_or_overlaps_is_no_metre_apart() -> None:
    here = (34.0, 71.0)
    area = square(here, 5000)
    assert metres_between(area, Point(at(here), 0)) == 0
    assert metres_between(area, square(here, 100)) == 0
    assert metres_between(area, square(to(here, 0, 4000), 5000)) == 0
    assert metres_between(area, Corridor((at(to(here, 270, 9000)), at(to(here, 90, 9000))), 0)) == 0
    assert metres_between(Point(at(here), 1000), Point(at(to(here, 40, 1999)), 1000)) == 0
    assert metres_between(Point(at(here), 1000), Point(at(to(here, 40, 2010)), 1000)) == pytest.approx(10, abs=1)
    corner = area.ring[0]
    assert metres_between(area, Corridor((corner, at(to((corner.lat, corner.lon), 45, 100))), 0)) == 0


def test_a_sliver_is_not_taken_for_what_is_beside_it() -> None:
    """An area a hundred kilometres long and two metres wide, and points on both its sides."""
    begins = (33.0, 70.0)
    ends = to(begins, 63, 100_000)
    aside = [to(place, 153, 2) for place in (ends, begins)]
    sliver = Area((at(begins), at(ends), *map(at, aside)))
    for metres in (-1000, -10, 12, 1002):
        point = Point(at(to(on((begins, ends), 0.5), 153, metres)), 0)
        wanted = -metres if metres < 0 else metres - 2
        assert metres_between(sliver, point) == pytest.approx(wanted, abs=1.6)
        assert metres_between(sliver, point) == pytest.approx(naive(sliver, point), abs=0.5)


def test_where_a_ring_begins_and_which_way_it_goes_changes_nothing() -> None:
    corners = tuple(at(to((34.0, 71.0), bearing, 4000)) for bearing in (10, 100, 250))
    other = Corridor((at((34.1, 71.2)), at((34.2, 71.1))), 20)
    wanted = metres_between(Area(corners), other)
    for ring in permutations(corners):
        assert metres_between(Area(ring), other) == wanted


@given(two(), bearings, st.floats(1, 20_000))
def test_who_moves_so_many_metres_is_that_many_nearer_or_farther_at_most(
    both: tuple[Shape, Shape], bearing: float, metres: float
) -> None:
    """To what the shape changes by being drawn elsewhere: less than a hundredth for what is no larger than a country."""
    one, other = both
    assume(spine(one).ball.metres < 200_000)
    there = made(lambda: moved(one, bearing, metres))
    assert abs(metres_between(there, other) - metres_between(one, other)) <= 1.02 * metres + 2
    if isinstance(one, Point):
        assert metres_between(Point(one.at, 0), Point(there.at, 0)) == pytest.approx(metres, rel=1e-4, abs=1.2)  # type: ignore[union-attr]


# --- cells ------------------------------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(two(), st.sampled_from([0, 1, 500, 20_000]))
@example((Point(Position(34.0, 71.25), 0), Point(Position(34.0, 71.24999), 0)), 1)
def test_what_is_so_near_to_a_shape_is_in_one_of_its_cells(both: tuple[Shape, Shape], metres: int) -> None:
    one, other = both
    if metres_between(one, other) <= metres:
        assert cells(spine(one), metres) & cells(spine(other))


def test_a_cell_is_a_quarter_of_a_degree() -> None:
    here = Point(Position(34.1, 71.1), 0)
    assert cells(spine(here)) == {(34 + 90) * 4 * 1440 + (71 + 180) * 4}
    assert cells(spine(here)) == cells(spine(Point(Position(34.2, 71.2), 100)))
    assert len(cells(spine(Point(Position(34.0, 71.0), 10)))) == 4
    assert 5 <= len(cells(spine(Corridor((Position(34.1, 71.1), Position(34.9, 71.9)), 0)))) <= 12
    assert len(cells(spine(Area((Position(34.1, 71.1), Position(34.9, 71.1), Position(34.9, 71.9)))))) == 16


# --- what is refused --------------------------------------------------------------------------------------------------

P = Position


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: P(75.00001, 0), "liaison.beyond"),
        (lambda: P(-75.00001, 0), "liaison.beyond"),
        (lambda: P(0, 175.1), "liaison.beyond"),
        (lambda: P(0, -175.1), "liaison.beyond"),
        (lambda: P(float("nan"), 0), "liaison.beyond"),
        (lambda: P(1.000001, 0), "liaison.decimals"),
        (lambda: P(0, 1.000001), "liaison.decimals"),
        (lambda: Corridor((), 0), "liaison.positions"),
        (lambda: Corridor((P(0, 0),), 0), "liaison.positions"),
        (lambda: Area(()), "liaison.positions"),
        (lambda: Area((P(0, 0), P(0, 1))), "liaison.positions"),
        (lambda: Corridor((P(0, 0), P(0, 0)), 0), "liaison.position-twice"),
        (lambda: Area((P(0, 0), P(0, 1), P(1, 1), P(0, 0))), "liaison.position-twice"),
        (lambda: Corridor((P(70, 174), P(70, -174)), 0), "liaison.antimeridian"),
        (lambda: Corridor((P(0, 0), P(0, 9.1)), 0), "liaison.edge-long"),
        (lambda: Corridor((P(0, 0), P(0, 8), P(0, 16), P(0, 24), P(0, 32)), 0), "liaison.shape-long"),
        (lambda: Area((P(0, 0), P(0, 6), P(6, 6), P(6, 0))), "liaison.shape-long"),
        (lambda: Area((P(0, 0), P(1, 1), P(0, 1), P(1, 0))), "liaison.ring"),
        (lambda: Area((P(0, 0), P(0, 1), P(1, 1), P(0, 1), P(1, 0))), "liaison.ring"),
        (lambda: Area((P(0, 0), P(0, 1), P(0, 2))), "liaison.area-small"),
        (lambda: Area((P(0, 0), P(0, 1), P(0, 0.5))), "liaison.area-small"),
        (lambda: Heights(2, 1), "liaison.heights"),
        (lambda: Window(NOON, NOON), "liaison.window"),
        (lambda: Window(NOON, NOON - MINUTE), "liaison.window"),
        (lambda: Window(NOON, NOON + LONGEST_WINDOW + MINUTE), "liaison.window-long"),
        (lambda: Window(NOON, NOON + timedelta(seconds=90)), "liaison.minute"),
        (lambda: Window(NOON + timedelta(seconds=1), NOON + MINUTE), "liaison.minute"),
        (lambda: Window(NOON.replace(tzinfo=None), NOON), "field.time"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(make: Any, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        make()
    assert caught.value.code == code
    assert caught.value.mend


@pytest.mark.parametrize(
    "make",
    [
        lambda: P(75, 175),
        lambda: P(-75, -175),
        lambda: Corridor((P(0, 0), P(0, 8.9)), 0),
        lambda: Corridor((P(0, 0), P(0, 8), P(0, 16), P(0, 24)), 100_000),
        lambda: Area((P(0, 0), P(0, 0.001), P(0.00181, 0))),
        lambda: Area((P(0, 0), P(0, 4.4), P(4.4, 4.4), P(4.4, 0))),
        lambda: Heights(0, 0),
        lambda: Window(NOON, NOON + MINUTE),
        lambda: Window(NOON, NOON + LONGEST_WINDOW),
    ],
)
def test_what_is_just_as_large_as_it_may_be_is_not(make: Any) -> None:
    make()


def ring(number: int) -> list[dict[str, float]]:
    """Positions on a circle."""
    turns = (at(to((34.0, 71.0), 360 * each / number, 9000)) for each in range(number))
    return [{"lat": each.lat, "lon": each.lon} for each in turns]


@pytest.mark.parametrize(
    "said",
    [
        {"type": "point", "at": {"lat": 1, "lon": 2}, "metres": -1},
        {"type": "point", "at": {"lat": 1, "lon": 2}, "metres": 100_001},
        {"type": "point", "at": {"lat": 1, "lon": 2}, "metres": 1, "more": 1},
        {"type": "circle", "at": {"lat": 1, "lon": 2}, "metres": 1},
        {"type": "area", "ring": ring(MOST_POSITIONS + 1)},
        {
            "type": "area",
            "ring": [{"lat": 0, "lon": 0}, {"lat": 1, "lon": 1}, {"lat": 0, "lon": 1}, {"lat": 1, "lon": 0}],
        },
    ],
)
def test_what_is_no_shape_is_not_read(said: Any) -> None:
    with pytest.raises((msgspec.ValidationError, Invalid)):
        msgspec.convert(said, Shape)


def test_an_area_of_as_many_positions_as_there_may_be_is_read() -> None:
    read = msgspec.convert({"type": "area", "ring": ring(MOST_POSITIONS)}, Shape)
    assert metres_between(read, Point(Position(34.0, 71.0), 0)) == 0


def test_degrees_are_what_their_vector_comes_back_as() -> None:
    for place in ((34.12345, 71.54321), (-60.0, -170.0), (0.0, 0.0), (75.0, 175.0)):
        assert earth.position(earth.vector(*place)) == pytest.approx(place, abs=1e-9)
