"""Parallel measures between two real sides and an observer: what rings, what is signed as read, and what is refused."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from amanat.exchange.means import look
from amanat.officer.may import Actor, permitted
from amanat.party.errors import Invalid, Refused
from amanat.record.record import Record
from amanat.workspace import Ring
from amanat.workspaces.liaison.ground.shapes import Point, Position
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.measures import kinds, pages, waiting
from amanat.workspaces.liaison.measures.kinds import OwnPart
from amanat.workspaces.liaison.tests.beside_cast import MEASURE, PART, Beside, beside, next_day
from amanat.workspaces.liaison.tests.lines import DUTY, of

AT = Position(34.0, 71.2)


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    with beside(tmp_path_factory.mktemp("beside")) as made:
        yield made


@pytest.fixture
def made(met: Beside) -> Beside:
    """The three, a week after the last test."""
    return next_day(met)


def ringing(made: Beside, party: str) -> list[Ring]:
    actor = Actor(1, DUTY, ("duty",), permitted(["duty"]), "console")
    with look(made.side(party).means) as turn:
        return list(waiting.rings(turn, actor))


def test_both_sides_and_the_observer_see_one_measure(made: Beside) -> None:
    proposed = made.propose("pk")
    made.both_agree(proposed)
    for party in ("pk", "af"):
        made.act(party, proposed, "started")
    made.carry()
    seen = [made.measure_stands(party, proposed) for party in ("pk", "af", "obs")]
    assert seen[0] == seen[1] == seen[2]
    assert seen[0].state == "under-way"


@pytest.mark.parametrize("act", ["holds", "stopped"])
def test_a_hold_or_a_stop_rings_at_the_other_side_until_somebody_read_it(made: Beside, act: str) -> None:
    proposed = made.propose("pk")
    made.both_agree(proposed)
    for party in ("pk", "af"):
        made.act(party, proposed, "started")
    made.carry()
    assert ringing(made, "pk") == []
    made.border.clock.forward(minutes=1)
    made.act("af", proposed, act)
    made.carry()
    (ring,) = ringing(made, "pk")
    assert (ring.title, ring.peer, ring.urgent) == (f"liaison.measure-{act}", "af", True)
    assert (ringing(made, "af"), ringing(made, "obs")) == ([], [])
    made.do("pk", "measure-read", **of(proposed))
    assert ringing(made, "pk") == []


def test_what_came_after_the_page_was_shown_is_not_signed_as_read_nor_started_over(made: Beside) -> None:
    proposed = made.propose("pk")
    made.both_agree(proposed)
    made.do("af", "measure-read", **of(proposed))
    shown = seen(made, "af", proposed)
    made.border.clock.forward(minutes=1)
    made.act("pk", proposed, "holds")
    made.carry()
    with pytest.raises(Invalid) as refusal:
        made.act("af", proposed, "started", seen=shown)
    assert refusal.value.code == "liaison.measure-changed"
    made.do("af", "measure-read", **of(proposed), seen=shown)
    assert len(ringing(made, "af")) == 1
    made.do("af", "measure-read", **of(proposed), seen=seen(made, "af", proposed))
    assert ringing(made, "af") == []
    made.act("af", proposed, "started", seen=seen(made, "af", proposed))


def seen(made: Beside, party: str, measure: Record) -> str:
    """What the forms on its page carry."""
    actor = Actor(1, DUTY, ("duty",), permitted(["duty"]), "console")
    with look(made.side(party).means) as turn:
        return str(pages.measure(turn, actor, pages.OneQuery(*measure.key))["seen"])


def test_a_hold_rings_also_in_a_measure_that_was_proposed_long_ago(tmp_path: Path) -> None:
    with beside(tmp_path) as made:
        day = made.border.clock.at + timedelta(days=75)
        proposed = made.propose("pk", since=f"{day:%Y-%m-%d} 08:00", until=f"{day:%Y-%m-%d} 10:00")
        made.carry()
        made.do("af", "measure-read", **of(proposed))
        made.border.clock.at = day
        made.act("pk", proposed, "holds")
        made.carry()
        assert [each.title for each in ringing(made, "af")] == ["liaison.measure-holds"]


def test_one_agrees_and_starts_by_what_was_shown(made: Beside) -> None:
    proposed = made.propose("pk")
    made.both_agree(proposed)
    digest = made.measure_stands("pk", proposed).digest
    made.border.clock.forward(minutes=1)
    made.act("af", proposed, "part", **PART | {"action": "close"})
    made.carry()
    with pytest.raises(Invalid) as refusal:
        made.act("pk", proposed, "agreed", digest=digest)
    assert refusal.value.code == "liaison.measure-changed"
    with pytest.raises(Invalid) as refusal:
        made.act("pk", proposed, "started", digest=digest)
    assert refusal.value.code == "liaison.measure-act"


def test_nobody_gives_a_part_on_the_other_sides_soil(made: Beside) -> None:
    with pytest.raises(Refused) as refusal:
        made.propose("pk", country="AF")
    assert refusal.value.code == "liaison.measure-soil"


def test_a_part_for_the_other_side_that_a_foreign_program_sends_counts_for_nothing(tmp_path: Path) -> None:
    with beside(tmp_path) as made:
        made.border.dishonest.add("pk")
        proposed = made.propose("pk")
        made.carry()
        before = made.measure_stands("af", proposed)
        made.border.clock.forward(minutes=1)
        theirs = OwnPart(action="search", country="AF", area=Point(AT, 3000), contact="torkham/duty")
        made.craft("pk", "liaison.measure", kinds.Part(measure=Named(*proposed.key), part=theirs), proposed)
        made.carry()
        assert made.measure_stands("af", proposed) == before
        aimed = OwnPart(action="search", country="PK", area=Point(AT, 0), contact="torkham/duty")
        made.craft("pk", "liaison.measure", kinds.Part(measure=Named(*proposed.key), part=aimed), proposed)
        assert made.refused("pk", "af") == ["floor.6"]


def test_an_observer_says_nothing_in_a_measure(made: Beside) -> None:
    proposed = made.propose("pk")
    made.carry()
    with pytest.raises(Refused) as refusal:
        made.do("obs", "measure-act", **of(proposed), act="stopped")
    assert refusal.value.code == "liaison.matter-side"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"purpose": ""}, "liaison.choice"),
        ({"action": ""}, "liaison.choice"),
        ({"purpose": "attack"}, "liaison.choice"),
        ({"action": "fire"}, "liaison.choice"),
        ({"since": "05:00", "until": "06:00"}, "liaison.measure-window"),
        ({"since": "2030-01-01 05:00", "until": "2030-01-01 06:00"}, "liaison.measure-window"),
        ({"linked": "pk:01936e1a-7a00-7000-8000-0000000000ff"}, "liaison.linked"),
        ({"metres": "many"}, "liaison.whole"),
        ({"places": "nowhere at all"}, "liaison.place"),
        ({"compact": "no-such"}, "liaison.dealing"),
        ({"clear1_shape": "point", "clear1_places": "34.0, 71.2", "clear1_metres": "20"}, "floor.6"),
    ],
)
def test_what_is_wrong_with_a_proposal_is_told(made: Beside, typed: dict[str, str], code: str) -> None:
    before = made.records("pk")
    with pytest.raises((Invalid, Refused)) as refusal:
        made.propose("pk", **MEASURE | typed)
    assert (refusal.value.code, made.records("pk")) == (code, before)
