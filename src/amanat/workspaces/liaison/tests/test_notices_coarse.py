"""What is told of where persons are: never better than floor 6 lets it be, and always all of what was planned."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from amanat.compact.floors import PRECISE_METRES
from amanat.party.errors import Invalid
from amanat.workspaces.liaison.ground.earth import metres, vector
from amanat.workspaces.liaison.ground.shapes import MOST_REACH, Area, Corridor, Point, Position, Shape
from amanat.workspaces.liaison.ground.spines import metres_between
from amanat.workspaces.liaison.notices.coarse import closely, coarse
from amanat.workspaces.liaison.notices.kinds import NOTICE, of_people

positions = st.builds(lambda lat, lon: Position(round(lat, 5), round(lon, 5)), st.floats(29.5, 37), st.floats(61, 72))
reaches = st.integers(0, 30_000)


@st.composite
def near(draw: Any, count: int) -> tuple[Position, ...]:
    """Positions within some tens of kilometres of one another."""
    first = draw(positions)
    away = st.floats(-0.4, 0.4)
    return tuple(Position(round(first.lat + draw(away), 5), round(first.lon + draw(away), 5)) for _ in range(count))


@st.composite
def shapes(draw: Any) -> Shape:
    which = draw(st.sampled_from(("point", "corridor", "area")))
    try:
        if which == "point":
            return Point(draw(positions), draw(reaches))
        if which == "corridor":
            return Corridor(draw(near(draw(st.integers(2, 5)))), draw(reaches))
        return Area(draw(near(3)))
    except Invalid:
        assume(condition=False)
        raise


@settings(deadline=None)
@given(shapes())
def test_what_is_told_is_coarse_and_holds_all_of_what_was_planned(shape: Shape) -> None:
    told = coarse(shape)
    assert closely(told) >= PRECISE_METRES
    assert coarse(told) == told
    if told is shape:
        return
    ends = (shape.at,) if isinstance(shape, Point) else shape.along if isinstance(shape, Corridor) else shape.ring
    reach = 0 if isinstance(shape, Area) else shape.metres
    assert isinstance(told, Point | Corridor)
    for at in ends:
        bare = Point(told.at, 0) if isinstance(told, Point) else Corridor(told.along, 0)
        assert metres_between(Point(at, 0), bare) + reach <= told.metres + 1


@given(positions, st.integers(0, 50_000))
def test_a_circle_tells_no_less_than_its_digits_do(at: Position, reach: int) -> None:
    """An attack: a wide circle about an exact place tells the place."""
    told = closely(Point(at, reach))
    assert told <= reach
    digits = max(len(f"{each:.5f}".rstrip("0").partition(".")[2]) for each in (at.lat, at.lon))
    assert told <= 111_000 / 10**digits


def test_a_long_and_narrow_area_tells_as_much_as_a_narrow_corridor() -> None:
    """An attack: a strip some hundred metres wide and a hundred kilometres long, at places of few digits."""
    strip = Area((Position(34.0, 71.0), Position(34.0, 72.0), Position(34.1, 72.0)))
    assert closely(strip) < PRECISE_METRES
    assert (
        closely(Area((Position(34.0, 71.0), Position(34.0, 72.0), Position(35.0, 72.0), Position(35.0, 71.0))))
        > PRECISE_METRES
    )


def test_an_area_that_would_be_wider_than_shapes_are_is_refused() -> None:
    wide = Area((Position(33.00001, 68.0), Position(33.0, 71.0), Position(35.0, 71.0)))
    with pytest.raises(Invalid) as refused:
        coarse(wide)
    assert refused.value.code == "liaison.coarse"
    assert MOST_REACH == 100_000


def test_what_is_told_of_people_by_example_is_coarse_already() -> None:
    for each in NOTICE.examples:
        if of_people(each):
            assert coarse(each.shape) == each.shape


def test_two_places_that_become_one_are_a_circle() -> None:
    short = Corridor((Position(34.101, 71.101), Position(34.102, 71.102)), 50)
    told = coarse(short)
    assert told == Point(Position(34.1, 71.1), 10_000)
    assert metres(vector(34.1, 71.1), vector(34.102, 71.102)) < 10_000
