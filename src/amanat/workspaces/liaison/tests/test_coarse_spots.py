"""Where persons, animals, vehicles or fire are told to be: coarsely, and never where they are not (floor 6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.compact.floors import PRECISE_METRES
from amanat.workspaces.liaison.facts import FIRE_METRES, known_to
from amanat.workspaces.liaison.kinds import Spot
from amanat.workspaces.liaison.matter_rows import coarse
from amanat.workspaces.liaison.rules import metres_apart
from amanat.workspaces.liaison.tracks.typed import FIRE_METRES as FIRE
from amanat.workspaces.liaison.tracks.typed import NEAR_METRES as NEAR

SPOTS = st.builds(
    lambda lat, lon, metres: Spot(round(lat, 5), round(lon, 5), metres),
    st.floats(-80, 80),
    st.floats(-180, 180),
    st.integers(1, 90_000),
)


@pytest.mark.parametrize(("metres", "floor"), [(NEAR, PRECISE_METRES), (FIRE, FIRE_METRES)])
@given(SPOTS)
def test_who_is_there_is_within_what_is_told_and_it_is_told_no_better_than_the_floor(
    metres: int, floor: int, spot: Spot
) -> None:
    told = coarse(spot, metres)
    assert metres_apart(spot, told) + spot.metres <= told.metres * 1.005
    assert known_to(told) >= floor
    assert told.metres <= spot.metres + metres


def test_a_place_is_told_to_a_tenth_of_a_degree_and_fire_to_a_hundredth() -> None:
    assert coarse(Spot(33.55321, 70.45678, 1, "PK"), NEAR) == Spot(33.6, 70.5, NEAR, "PK")
    assert coarse(Spot(33.55321, 70.45678, 1, "PK"), FIRE) == Spot(33.55, 70.46, FIRE, "PK")
