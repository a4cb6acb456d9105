"""Tracks between two sides: floors 3, 4, 6 and 13 tried to be broken at both ends, and what never leaves the house."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from amanat.party.errors import Invalid, Refused
from amanat.workspaces.liaison.ground.shapes import Window
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.tests.beside_cast import AGAIN, NEAR, OFFER, PLAN, Beside, beside, next_day
from amanat.workspaces.liaison.tests.lines import of
from amanat.workspaces.liaison.tracks import counted, facts, kinds, rules
from amanat.workspaces.liaison.tracks.kinds import Question


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    with beside(tmp_path_factory.mktemp("beside")) as made:
        yield made


@pytest.fixture
def made(met: Beside) -> Beside:
    """The three, a week after the last test."""
    return next_day(met)


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Beside]:
    """Three of whom one does what it may not."""
    with beside(tmp_path) as found:
        found.border.dishonest.add("pk")
        yield found


def asked(now: datetime, *, alone: bool = True, fears: bool = False) -> Question:
    return Question(alone=alone, language="ps", post="torkham/duty", at=now - timedelta(minutes=20), fears=fears)


UNLAWFUL = [
    pytest.param({"who": "child-alone"}, id="a child alone"),
    pytest.param({"fears": "yes"}, id="who fears return"),
    pytest.param({"alone": "no"}, id="who was not asked alone"),
]


# --- floor 4: at the own end ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", UNLAWFUL)
def test_nobody_is_offered_who_is_protected_and_nothing_is_sent_of_them(made: Beside, wrong: dict[str, str]) -> None:
    before = made.records("pk")
    with pytest.raises(Refused) as refusal:
        made.open("pk", "offered", **OFFER | wrong)
    assert (refusal.value.code, refusal.value.by) == ("floor.4", "floor 4")
    assert "Nothing was sent" in refusal.value.mend
    assert made.records("pk") == before


def test_which_of_these_it_was_is_told_by_nothing(made: Beside) -> None:
    """The same sentence for each: what a page shows is seen by whoever looks over a shoulder."""
    said = set()
    for each in UNLAWFUL:
        with pytest.raises(Refused) as refusal:
            made.open("pk", "offered", **OFFER | each.values[0])  # type: ignore[operator]
        said.add((refusal.value.says, refusal.value.mend))
    assert len(said) == 1


@pytest.mark.parametrize(
    ("lacking", "code"),
    [
        ({"alone": ""}, "liaison.track-asked"),
        ({"fears": ""}, "liaison.track-asked"),
        ({"language": ""}, "liaison.track-asked-language"),
        ({"asked_at": "2030-01-01 10:00"}, "liaison.track-asked-later"),
        ({"who": ""}, "liaison.choice"),
        ({"count": ""}, "liaison.whole"),
        ({"near": "nowhere at all"}, "liaison.place"),
        ({"language": "klingon"}, "body.form"),
        ({"count": "0"}, "body.form"),
    ],
)
def test_what_is_not_said_of_the_question_is_asked_for(made: Beside, lacking: dict[str, str], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        made.open("pk", "offered", **OFFER | lacking)
    assert refusal.value.code == code


@pytest.mark.parametrize("wrong", UNLAWFUL[1:])
def test_who_fears_return_in_the_end_is_not_handed_over(made: Beside, wrong: dict[str, str]) -> None:
    track = made.open("pk", "offered", **OFFER)
    with pytest.raises(Refused) as refusal:
        made.step("pk", track, "handed", count="2", **AGAIN | wrong)
    assert refusal.value.code == "floor.4"
    made.step("pk", track, "handed", count="1", **AGAIN)  # those who do not are
    made.carry()
    assert made.stands("af", track).rows == made.stands("pk", track).rows


def test_no_more_are_handed_over_than_were_offered(made: Beside) -> None:
    track = made.open("pk", "offered", **OFFER)
    with pytest.raises(Invalid) as refusal:
        made.step("pk", track, "handed", count="3", **AGAIN)
    assert refusal.value.code == "liaison.track-more"


@pytest.mark.parametrize("asked_at", ["06:00", "06:10"])
def test_nobody_is_handed_over_by_the_answer_that_was_given_for_the_offer(made: Beside, asked_at: str) -> None:
    track = made.open("pk", "offered", **OFFER)
    with pytest.raises(Invalid) as refusal:
        made.step("pk", track, "handed", count="2", **AGAIN | {"asked_at": asked_at})
    assert refusal.value.code == "liaison.track-asked"
    made.step("pk", track, "handed", count="2", **AGAIN)


# --- floor 4: at the other end ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"alone": False}, {"fears": True}])
def test_a_program_that_is_not_ours_cannot_have_such_an_offer_taken_in(apart: Beside, wrong: dict[str, Any]) -> None:
    now = apart.border.clock.at
    near = Spot(34.0, 71.0, 12_000)
    apart.craft("pk", "liaison.track", kinds.Offered(who="adult", count=1, asked=asked(now, **wrong), near=near))
    assert apart.refused("pk", "af") == ["floor.4"]
    assert apart.refused("pk", "obs") == ["floor.4"]


def test_a_hand_over_of_who_was_not_asked_is_not_taken_in(apart: Beside) -> None:
    track = apart.open("pk", "offered", **OFFER)
    apart.carry()
    body = kinds.HandedOver(track=Named(*track.key), count=2, asked=asked(apart.border.clock.at, fears=True))
    apart.craft("pk", "liaison.track", body, track)
    assert apart.refused("pk", "af") == ["floor.4"]
    assert apart.stands("af", track).waits[0].code == "proposed"


@pytest.mark.parametrize(
    ("near", "metres"),
    [
        (Spot(34.12345, 71.1, 500), 500),
        (Spot(34.12345, 71.1, 20_000), 20_000),
        (Spot(34.1, 71.1, 20_000, None, "place.torkham"), 0),
    ],
)
def test_where_persons_are_is_not_taken_in_more_closely_than_ten_kilometres(
    apart: Beside, near: Spot, metres: int
) -> None:
    """Whatever it says of itself: the digits count, and a name is exact."""
    body = kinds.Missing(adults=1, since=apart.border.clock.at, near=near)
    apart.craft("pk", "liaison.track", body)
    assert apart.refused("pk", "af") == ["floor.6"], metres


def test_fire_is_not_told_so_closely_that_the_next_could_be_aimed(apart: Beside) -> None:
    now = apart.border.clock.at
    for near in (Spot(34.123, 71.123, 100), Spot(34.123, 71.123, 5000), Spot(34.1, 71.1, 5000, None, "place.torkham")):
        with pytest.raises(Refused) as refusal:
            facts.of_track(kinds.Fire(here=True, arms="mortar", began=now, near=near))
        assert refusal.value.code == "floor.6"
    apart.craft("pk", "liaison.track", kinds.Fire(here=True, arms="mortar", began=now, near=Spot(34.123, 71.1, 100)))
    assert apart.refused("pk", "af") == ["floor.6"]


# --- floor 6: what the forms send -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "typed", "metres"),
    [
        ("offered", OFFER, 12_000),
        ("missing", {"adults": "1", "gone": "06:00", "near": NEAR}, 12_000),
        ("livestock", {"found": "yes", "species": "sheep", "count": "4", "near": NEAR}, 12_000),
        ("vehicle", {"found": "no", "vehicle": "car", "count": "1", "near": "Torkham (AF)"}, 12_000),
        ("fire", {"here": "yes", "arms": "mortar", "began": "06:00", "near": NEAR}, 1_200),
    ],
)
def test_whatever_is_typed_where_they_are_is_told_coarsely(
    made: Beside, type_: str, typed: dict[str, str], metres: int
) -> None:
    near = made.open("pk", type_, **typed).body.near
    digits = 1 if metres > 10_000 else 2
    assert (near.metres, near.name) == (metres, None)
    assert (round(near.lat, digits), round(near.lon, digits)) == (near.lat, near.lon)


def test_no_body_of_captured_personnel_has_a_place() -> None:
    assert set(kinds.Captured.__struct_fields__) == {"well", "wounded", "dead", "contact"}


# --- floor 3: what the other side can see -----------------------------------------------------------------------------


def test_a_search_is_the_same_at_both_sides_for_who_pleaded_and_for_whom_nobody_found(made: Beside) -> None:
    """The officer of af found somebody who fears return in one of them, and nobody in the other."""
    searches = [made.open("pk", "missing", adults="1", gone="06:00", near=NEAR) for _ in range(2)]
    made.carry()
    with pytest.raises(Refused):
        made.step("af", searches[0], "offered", **OFFER | {"count": "1", "fears": "yes"})
    made.carry()
    made.border.clock.forward(hours=25)
    for party in ("pk", "af", "obs"):
        one, other = (made.stands(party, each) for each in searches)
        assert (one.state, other.state, one.waits, other.waits) == ("not-completed", "not-completed", (), ())
        tracks = [made.track(party, each) for each in searches]
        assert [len(each.said) for each in tracks] == [0, 0]


@pytest.mark.parametrize("step", ["found", "closed", "received"])
def test_who_could_have_found_them_cannot_say_so(made: Beside, step: str) -> None:
    search = made.open("pk", "missing", adults="1", gone="06:00", near=NEAR)
    made.carry()
    with pytest.raises(Invalid) as refusal:
        made.step("af", search, step, found="yes", count="1")
    assert refusal.value.code == "liaison.track-step"


# --- both sides -------------------------------------------------------------------------------------------------------


def test_a_crosser_is_asked_and_then_handed_back_and_both_sides_and_the_observer_see_the_same(made: Beside) -> None:
    search = made.open("af", "missing", adults="1", animals="40", gone="06:00", near=NEAR)
    made.carry()
    made.step("pk", search, "offered", **OFFER | {"count": "1"})
    made.carry()
    proposed = made.step("af", search, "proposed", **PLAN)
    made.carry()
    made.border.clock.forward(minutes=1)
    made.step("pk", search, "agreed", of=":".join(proposed.key))
    made.border.clock.forward(hours=2)
    made.step("pk", search, "handed", count="1", **AGAIN)
    made.carry()
    made.step("af", search, "received", count="1")
    made.carry()
    for party in ("pk", "af"):
        made.step(party, search, "closed")
    made.carry()
    seen = [made.stands(party, search) for party in ("pk", "af", "obs")]
    assert seen[0] == seen[1] == seen[2]
    assert (seen[0].state, seen[0].waits) == ("closed", ())
    assert all(step.said for row in seen[0].rows for step in row)


def test_one_agrees_to_the_proposal_that_was_shown(made: Beside) -> None:
    track = made.open("pk", "offered", **OFFER)
    made.carry()
    first = made.step("af", track, "proposed", **PLAN)
    made.border.clock.forward(minutes=1)
    made.step("af", track, "proposed", **PLAN | {"since": "08:30"})
    made.carry()
    with pytest.raises(Invalid) as refusal:
        made.step("pk", track, "agreed", of=":".join(first.key))
    assert refusal.value.code == "liaison.track-proposal"


@pytest.mark.parametrize(
    ("window", "code"),
    [
        ({"since": "05:00", "until": "06:00"}, "liaison.track-window-over"),
        ({"since": "2030-01-01 08:00", "until": "2030-01-01 09:00"}, "liaison.track-window-far"),
        ({"since": "09:00", "until": "08:00"}, "liaison.window"),
    ],
)
def test_a_window_is_to_come_and_near(made: Beside, window: dict[str, str], code: str) -> None:
    track = made.open("pk", "vehicle", found="yes", vehicle="car", count="1", near=NEAR)
    with pytest.raises(Invalid) as refusal:
        made.step("pk", track, "proposed", **PLAN | window)
    assert refusal.value.code == code


def test_an_observer_makes_no_step_and_reads(made: Beside) -> None:
    track = made.open("pk", "offered", **OFFER)
    made.carry()
    with pytest.raises(Refused) as refusal:
        made.step("obs", track, "closed")
    assert refusal.value.code == "liaison.matter-side"
    made.do("obs", "track-read", **of(track))
    made.carry()
    assert made.side("obs").state(track) == "current"


def test_a_step_of_a_track_that_is_not_here_is_refused(made: Beside) -> None:
    with pytest.raises(Invalid) as refusal:
        made.do("pk", "track-step", party="pk", id="01936e1a-7a00-7000-8000-0000000000ff", step="closed")
    assert refusal.value.code == "liaison.track"


def test_of_one_side_no_more_is_read_than_is_bounded_and_the_other_side_is_heard(
    made: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever floods a track silences nobody but itself, and is told so before."""
    monkeypatch.setattr(counted, "MOST_STEPS", 3)
    track = made.open("pk", "vehicle", found="yes", vehicle="car", count="1", near=NEAR)
    for minute in range(3):
        made.border.clock.forward(minutes=1)
        made.step("pk", track, "proposed", **PLAN | {"until": f"09:0{minute}"})
    with pytest.raises(Invalid) as refusal:
        made.step("pk", track, "handed", count="1")
    assert refusal.value.code == "liaison.track-full"
    made.border.clock.forward(minutes=1)
    for end in ("09:05", "09:06"):  # by a program that is not ours
        window = Window(made.border.clock.at, made.border.clock.at.replace(hour=9, minute=int(end[3:])))
        body = kinds.Proposed(track=Named(*track.key), place=Spot(34.1, 71.1, 500), window=window)
        made.craft("pk", "liaison.track", body, track)
    made.carry()
    made.step("af", track, "closed")
    made.carry()
    for party in ("pk", "af"):
        assert rules.closing(made.track(party, track)) == {"af"}
        assert len(made.track(party, track).said) == 5, "the first three, the last, and what the other side said"
