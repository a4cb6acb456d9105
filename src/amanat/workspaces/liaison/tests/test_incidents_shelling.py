"""Where shells fell: told so that the next cannot be aimed by it (floor 6)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from amanat.party.errors import Refused
from amanat.workspaces.liaison.incidents.kinds import Incident
from amanat.workspaces.liaison.incidents.titles import facts_of_incident
from amanat.workspaces.liaison.kinds import Spot
from amanat.workspaces.liaison.tests.incidents_cast import Event, event


@pytest.fixture
def shots(tmp_path: Path) -> Iterator[Event]:
    with event(tmp_path) as made:
        yield made


def test_where_shells_fell_is_told_to_a_kilometre_at_best_whatever_was_typed(shots: Event) -> None:
    opened = shots.open(type="shelling", place="33.91234, 70.12345 ±10 m")
    spot = opened.body.place
    assert (spot.lat, spot.lon) == (33.91, 70.12)
    assert spot.metres >= 1_000
    assert shots.open(place="33.91234, 70.12345 ±10 m").body.place.metres == 10


@pytest.mark.parametrize(
    "spot", [Spot(33.912, 70.123, 5_000), Spot(33.91, 70.12, 900), Spot(33.9, 70.1, 5_000, "PK", "x")]
)
def test_shelling_that_is_told_more_closely_is_refused(shots: Event, spot: Spot) -> None:
    when = shots.open().body.when
    with pytest.raises(Refused) as refused:
        facts_of_incident(Incident(type="shelling", place=spot, when=when))
    assert refused.value.code == "floor.6"
