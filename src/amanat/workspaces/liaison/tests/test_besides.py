"""What a plan is held against besides notices, at both sides: in when it is agreed or told, out when it is over."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import get_args
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as some

from amanat.compact.form import Kept as Type
from amanat.exchange.means import look
from amanat.officer.may import at_machine
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.ground.kept import Kept, whole
from amanat.workspaces.liaison.ground.shapes import GROUND, Shape, Window
from amanat.workspaces.liaison.ground.spines import metres_between
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import besides
from amanat.workspaces.liaison.notices.deconfliction import Activity, OtherRoute, OtherTime, Plan, judge
from amanat.workspaces.liaison.notices.giving import Met
from amanat.workspaces.liaison.notices.waiting import now as waits
from amanat.workspaces.liaison.tests import notices_cast, warnings_cast
from amanat.workspaces.liaison.tests.all_cast import ORDNANCE, All, all_of_it
from amanat.workspaces.liaison.tests.beside_cast import AGAIN, OFFER, PART, page
from amanat.workspaces.liaison.tests.lines import DUTY
from amanat.workspaces.liaison.tests.meetings_cast import PLACE, of
from amanat.workspaces.liaison.tests.planned import Spread, by_chance
from amanat.workspaces.liaison.tracks.kinds import Done
from api.cast import Desk, desk
from compact.cast import TERMS

Served = tuple[All, dict[str, Desk]]
WEEK = timedelta(days=8)
PATROL = {**notices_cast.PATROL, "country": "PK"}
SPOT = "34.10000, 71.10000"
PLAN = {"place": SPOT, "since": "08:00", "until": "09:00"}
HERE = {"shape": "point", "places": "34.1, 71.1", "metres": "100"}


@pytest.fixture(scope="module")
def at_desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with ExitStack() as open_:
        made = open_.enter_context(all_of_it(tmp_path_factory.mktemp("besides")))
        yield made, {party: open_.enter_context(desk(made.beside.side(party))) for party in ("af", "obs")}


@pytest.fixture
def served(at_desks: Served) -> Served:
    """The same a week later, so that nothing of another test is there."""
    clock = at_desks[0].beside.border.clock
    clock.at = (clock.at + WEEK).replace(hour=6, minute=30, second=0)
    at_desks[0].carry()
    return at_desks


@pytest.fixture
def made(served: Served) -> All:
    return served[0]


def met(made: All, party: str, **typed: str) -> list[tuple[str, str, str]]:
    """What a party is shown that a plan of today meets: as what, how near, by which clause."""
    found = looked(made, party, **typed)
    return [(each.other.type, each.verdict.level, each.verdict.clause) for each in found]


def looked(made: All, party: str, **typed: str) -> tuple[Met, ...]:
    today = {"since": made.meetings.typed(hours=1), "until": made.meetings.typed(hours=4)}
    return made.notices.met(party, {**PATROL, **HERE, **today, **typed}).met


def kept(made: All, party: str) -> tuple[Kept, ...]:
    """All that a party knows to stand in the next hours, besides notices."""
    with look(made.beside.side(party).means) as turn:
        window = Window(*whole(turn.now, turn.now + timedelta(hours=6)))
        return besides.stands(turn, Plan(party, "", "patrol", GROUND, window, exercise=False))


def alike(made: All) -> set[str]:
    """As what all three, the observer too, know something to stand."""
    pk, af, obs = (set(kept(made, party)) for party in ("pk", "af", "obs"))
    assert pk == af == obs
    return {each.type for each in pk}


# --- flag meetings ----------------------------------------------------------------------------------------------------


def test_a_plan_is_held_against_a_meeting_once_both_agreed_until_it_is_called_off(made: All) -> None:
    meeting = made.meetings.propose(place0=SPOT, begins0=made.meetings.typed(hours=2))
    made.carry()
    assert met(made, "pk") == met(made, "af") == []
    made.meetings.agree("af", meeting)
    made.carry()
    assert alike(made) == {"meeting"}
    assert met(made, "pk") == met(made, "af") == [("meeting", "conflict", "8.13")]
    (found,) = looked(made, "af", **notices_cast.BLASTING)
    assert (found.verdict.clause, found.path) == ("8.1", f"/liaison/meeting?party=pk&id={meeting.key[1]}")
    made.meetings.do("af", "cancel-meeting", **of(meeting), cause="not-safe")
    made.carry()
    assert alike(made) == set()
    assert met(made, "pk") == met(made, "af") == []


def test_a_meeting_that_was_moved_is_held_against_where_and_when_it_is_now(made: All) -> None:
    meeting = made.meetings.propose(place0=SPOT, begins0=made.meetings.typed(hours=2))
    made.carry()
    made.meetings.agree("af", meeting)
    made.carry()
    later = made.meetings.counter("af", meeting, hours=30)
    made.carry()
    assert met(made, "pk") == [("meeting", "conflict", "8.13")]
    made.meetings.agree("pk", meeting, later)
    made.carry()
    assert met(made, "pk") == met(made, "af") == []
    then = {"since": made.meetings.typed(hours=30), "until": made.meetings.typed(hours=31), "places": PLACE}
    assert met(made, "af", **then) == [("meeting", "conflict", "8.13")]


def test_many_meetings_that_nobody_answered_hide_none_that_was_agreed(
    made: All, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amanat.workspaces.liaison.meetings.shown.MOST", 1)
    meeting = made.meetings.propose(place0=SPOT, begins0=made.meetings.typed(hours=2))
    made.carry()
    made.meetings.agree("af", meeting)
    for _ in range(2):
        made.meetings.propose()
    made.carry()
    assert met(made, "af") == [("meeting", "conflict", "8.13")]


# --- tracks -----------------------------------------------------------------------------------------------------


def test_a_plan_is_held_against_a_hand_over_that_both_agreed_to_until_it_is_done(made: All) -> None:
    line = made.beside
    track = line.open("af", "offered", **OFFER)
    made.carry()
    proposed = line.step("af", track, "proposed", **PLAN)
    made.carry()
    assert alike(made) == set()
    line.step("pk", track, "agreed", of=":".join(proposed.key))
    made.carry()
    assert alike(made) == {"hand-over"}
    assert met(made, "pk") == met(made, "af") == [("hand-over", "conflict", "8.14")]
    assert looked(made, "pk")[0].path == f"/liaison/track?party=af&id={track.key[1]}"
    line.step("af", track, "handed", count="2", **AGAIN)
    made.carry()
    line.step("pk", track, "received", count="2")
    made.carry()
    assert alike(made) == set()


def test_a_recovery_that_was_agreed_is_held_against_and_one_not_completed_is_not(made: All) -> None:
    line = made.beside
    bodies = line.open("pk", "bodies", found="yes", count="1", place="34.1, 71.1")
    made.carry()
    proposed = line.step("pk", bodies, "proposed", stops="yes", **PLAN)
    made.carry()
    line.step("af", bodies, "agreed", of=":".join(proposed.key))
    made.carry()
    assert met(made, "pk") == met(made, "af") == [("hand-over", "conflict", "8.14")]
    line.step("pk", bodies, "recovered", count="1")
    made.carry()
    line.step("pk", bodies, "handed", count="1")
    made.carry()
    line.step("af", bodies, "received", count="1")
    made.carry()
    assert alike(made) == set()
    offered = line.open("af", "offered", **OFFER)
    made.carry()
    proposed = line.step("af", offered, "proposed", **PLAN)
    made.carry()
    line.step("pk", offered, "agreed", of=":".join(proposed.key))
    made.carry()
    assert alike(made) == {"hand-over"}
    line.step("af", offered, "not-completed")
    made.carry()
    assert alike(made) == set()


def test_a_passage_is_held_against_from_when_it_is_told_and_where_it_is_received(made: All) -> None:
    line = made.beside
    track = line.open("af", "passage", patients="2", need="at-once", **PLAN)
    made.carry()
    assert alike(made) == {"passage"}
    assert met(made, "pk") == met(made, "af") == [("passage", "conflict", "8.15")]
    line.step("pk", track, "opens", **PLAN | {"place": "34.30000, 71.30000"})
    made.carry()
    assert met(made, "pk") == []
    assert met(made, "pk", places="34.30000, 71.30000") == [("passage", "conflict", "8.15")]
    line.step("pk", track, "passed", count="2")
    made.carry()
    assert alike(made) == set()


def test_ordnance_that_the_other_told_of_is_held_against_until_it_is_cleared(made: All) -> None:
    line = made.beside
    track = line.open("pk", "ordnance", **ORDNANCE)
    made.carry()
    assert alike(made) == {"warning"}
    assert met(made, "pk") == []
    assert met(made, "af") == [("warning", "conflict", "8.17")]
    line.border.clock.at += timedelta(days=400)
    assert [(each.type, each.until) for each in kept(made, "af")] == [("warning", None)]
    line.craft("pk", "liaison.track", Done(track=Named(*track.key), did="cleared"), root=track)
    made.carry()
    assert alike(made) == set()


# --- parallel measures ------------------------------------------------------------------------------------------------

CLEAR = {"clear1_shape": "point", "clear1_places": "34.1, 71.1", "clear1_metres": "900"}
FAR = {"places": "34.5, 71.5"}


def test_what_is_kept_clear_is_held_against_both_and_where_one_acts_against_the_other(made: All) -> None:
    line = made.beside
    measure = line.propose("pk", **CLEAR, **FAR)
    made.carry()
    line.act("af", measure, "part", **PART | {"places": "34.8, 71.8"})
    made.carry()
    line.act("pk", measure, "agreed")
    made.carry()
    assert alike(made) == set()
    line.act("af", measure, "agreed")
    made.carry()
    assert alike(made) == {"measure"}
    assert met(made, "pk") == met(made, "af") == [("measure", "conflict", "8.16")]
    assert looked(made, "pk")[0].path == f"/liaison/measure?party=pk&id={measure.key[1]}"
    assert (met(made, "pk", **FAR), met(made, "af", **FAR)) == ([], [("measure", "conflict", "8.16")])
    there = {"places": "34.8, 71.8"}
    assert (met(made, "pk", **there), met(made, "af", **there)) == ([("measure", "conflict", "8.16")], [])


@pytest.mark.parametrize("last", ["stopped", "changed"])
def test_a_measure_is_held_against_until_both_stopped_or_a_part_is_changed(made: All, last: str) -> None:
    line = made.beside
    measure = line.propose("pk", **CLEAR, **FAR)
    line.both_agree(measure)
    if last == "changed":
        line.act("pk", measure, "part", **PART | CLEAR | FAR)
        made.carry()
        assert alike(made) == set()
        return
    line.act("af", measure, "started")
    line.act("pk", measure, "stopped")
    made.carry()
    assert alike(made) == {"measure"}
    line.act("af", measure, "stopped")
    made.carry()
    assert alike(made) == set()


def test_one_that_was_started_is_held_against_though_a_part_was_changed_since(made: All) -> None:
    line = made.beside
    measure = line.propose("pk", **CLEAR, **FAR)
    line.both_agree(measure)
    line.act("af", measure, "started")
    made.carry()
    line.act("pk", measure, "part", **PART | CLEAR | FAR)
    made.carry()
    assert alike(made) == {"measure"}
    assert met(made, "af") == [("measure", "conflict", "8.16")]


# --- warnings ---------------------------------------------------------------------------------------------------------


def test_a_warning_of_the_other_side_is_held_against_until_it_is_cancelled(made: All) -> None:
    until = made.meetings.typed(hours=8)
    warning = warnings_cast.warn(made.beside, places="34.1, 71.1", until=until)
    made.carry()
    assert alike(made) == {"warning"}
    assert (met(made, "pk"), met(made, "af")) == ([], [("warning", "conflict", "8.17")])
    assert looked(made, "af")[0].path == f"/liaison/warning?party=pk&id={warning.key[1]}"
    warnings_cast.change(made.beside, warning, places="34.5, 71.5", until=until)
    made.carry()
    assert met(made, "af") == []
    warnings_cast.cancel(made.beside, warning)
    made.carry()
    assert alike(made) == set()


# --- all of them ------------------------------------------------------------------------------------------------------


def test_what_is_marked_as_an_exercise_is_held_against_exercises_alone(made: All) -> None:
    warnings_cast.warn(made.beside, places="34.1, 71.1", until=made.meetings.typed(hours=8), exercise="on")
    made.carry()
    assert met(made, "af") == []
    assert met(made, "af", exercise="on") == [("warning", "conflict", "8.17")]


def test_what_is_proposed_is_clear_of_it_too(made: All) -> None:
    warnings_cast.warn(made.beside, places="34.1, 71.1", until=made.meetings.typed(hours=8))
    made.carry()
    today = {"since": made.meetings.typed(hours=1), "until": made.meetings.typed(hours=4)}
    found = made.notices.met("af", PATROL, **HERE, **today)
    assert any(isinstance(each, OtherTime) for each in found.proposals)
    for each in found.proposals:
        if isinstance(each, OtherTime):
            assert each.window.since >= made.meetings.now.replace(second=0) + timedelta(hours=8)
            times = {"since": each.window.since, "until": each.window.until}
            assert met(made, "af", **{name: f"{at:%Y-%m-%d %H:%M}" for name, at in times.items()}) == []
        elif isinstance(each, OtherRoute):
            assert met(made, "af", **dict(drawn.typed(each.shape))) == []


def test_a_plan_of_ours_waits_when_something_came_after_it_that_it_is_in_conflict_with(made: All) -> None:
    today = {"since": made.meetings.typed(hours=1), "until": made.meetings.typed(hours=4)}
    ours = made.notices.give("af", notices_cast.BLASTING, **HERE, **today)
    made.carry()
    assert conflicts(made, "af") == []
    track = made.beside.open("pk", "passage", patients="2", need="at-once", **PLAN)
    made.carry()
    assert conflicts(made, "af") == [ours.key]
    made.beside.step("af", track, "opens", **PLAN | {"place": "34.30000, 71.30000"})
    made.carry()
    assert conflicts(made, "af") == []


def conflicts(made: All, party: str) -> list[tuple[str, str]]:
    with look(made.beside.side(party).means) as turn:
        waiting = list(waits(turn, at_machine(DUTY)))
    return [(each.party, each.id) for each in waiting if each.matter == "liaison.notice-conflict"]


def test_a_plan_and_a_notice_lead_to_the_page_of_what_they_are_held_against(served: Served) -> None:
    made, at = served
    track = made.beside.open("af", "passage", patients="2", need="at-once", **PLAN)
    today = {"since": made.meetings.typed(hours=1), "until": made.meetings.typed(hours=4)}
    notice = made.notices.give("af", notices_cast.BLASTING, **HERE, **today)
    made.carry()
    path = f"/liaison/track?party=af&amp;id={track.key[1]}"
    for address in (f"plan?{urlencode({**PATROL, **HERE, **today, 'check': 'on'})}", f"notice?{urlencode(of(notice))}"):
        text = page(at["af"], f"/liaison/{address}")
        assert f'<a href="{path}">passage for patients</a>' in text
    assert path not in page(at["obs"], f"/liaison/notice?{urlencode(of(notice))}")


def test_looking_writes_nothing_down(made: All) -> None:
    made.beside.open("af", "passage", patients="2", need="at-once", **PLAN)
    made.carry()
    before = made.notices.rows("pk")
    assert met(made, "pk")
    assert made.notices.rows("pk") == before


# --- by chance --------------------------------------------------------------------------------------------------------

TYPES: tuple[Type, ...] = get_args(Type)


@given(some.integers(0, 2**32), some.sampled_from(TYPES), some.booleans(), some.integers(-900, 900))
def test_a_plan_meets_what_a_naive_computation_says(seed: int, type_: Type, both: bool, minutes: int) -> None:  # noqa: FBT001
    chance, spread = by_chance(seed), Spread(aside=0.02)
    planned, shape = spread.planned(chance, "pk", 1)
    told, there = spread.planned(chance, "af", 2)
    begins = planned.window.since + timedelta(minutes=minutes)
    until = begins + timedelta(minutes=chance.randint(1, 1500)) if chance.random() < 0.8 else None
    its = Kept(
        type=type_,
        key=Named("af", told.id),
        by=Named("af", told.id),
        whose="" if both else "af",
        compact=TERMS.id,
        exercise=False,
        shape=there,
        since=begins,
        until=until,
        path="",
    )
    found = {judge(TERMS, planned, each).level for each in besides.held(TERMS, planned, [its])} or {"clear"}
    assert found == {naive(planned, shape, its)}


def naive(planned: Activity, shape: Shape, its: Kept) -> str:
    """How the two stand, by every rule of the compact asked in full."""
    levels, metres = ["clear"], metres_between(shape, its.shape)
    for rule in TERMS.deconfliction.values():
        a, b = ({planned.type, "any"}, {its.type, "any"})
        about = any(one in a and other in b for one, other in (rule.between, rule.between[::-1]))
        apart = timedelta(minutes=rule.minutes)
        late = its.until is not None and planned.window.since >= its.until + apart
        early = its.since >= planned.window.until + apart
        high = rule.height_metres is not None and planned.heights.low > rule.height_metres
        if about and not (late or early or high):
            levels += ["conflict"] if metres <= rule.metres else ["near"] if metres <= rule.near_metres else []
    return min(levels, key=["conflict", "near", "clear"].index)
