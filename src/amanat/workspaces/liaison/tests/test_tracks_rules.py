"""Tracks as rules: whose turn it is, what a set of records comes to, and what no set of them comes to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.workspaces.liaison.ground.shapes import Window
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.told import Told
from amanat.workspaces.liaison.tracks import acts, counted, kinds, rules
from amanat.workspaces.liaison.tracks.counted import Track
from amanat.workspaces.liaison.tracks.kinds import Question

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NEAR = Spot(34.0, 71.0, 12_000)
GATE = Spot(34.1, 71.1, 500)
WINDOW = Window(NOON + timedelta(hours=2), NOON + timedelta(hours=3))
ROOT = Named("pk", "01936e1a-7a00-7000-8000-000000000000")
HOURS = {"at-once": timedelta(hours=1), "today": timedelta(hours=4), "days": timedelta(hours=24)}


def asked(*, alone: bool = True, fears: bool = False, at: datetime = NOON) -> Question:
    return Question(alone=alone, language="ps", post="torkham/protection", at=at, fears=fears)


OPENINGS: dict[counted.Type, Any] = {
    "offered": kinds.Offered(who="adult", count=2, asked=asked(), near=NEAR),
    "missing": kinds.Missing(adults=2, since=NOON, near=NEAR),
    "livestock": kinds.Livestock(found=False, species="sheep", count=4, near=NEAR),
    "vehicle": kinds.Vehicles(found=True, vehicle="car", count=1, near=NEAR),
    "captured": kinds.Captured(well=2, contact="torkham/duty"),
    "passage": kinds.Passage(patients=1, need="at-once", place=GATE, window=WINDOW),
    "bodies": kinds.Bodies(found=False, count=2, place=GATE),
    "ordnance": kinds.Ordnance(ordnance="shell", place=GATE, metres=300, marked=True, here=True),
    "fire": kinds.Fire(here=True, arms="mortar", began=NOON, near=Spot(34.1, 71.1, 1200)),
}


def key(number: int, party: str = "pk") -> Named:
    return Named(party, f"01936e1a-7a00-7000-8000-{number:012x}")


def said(number: int, party: str, body: Any, minutes: int | None = None) -> Told:
    at = NOON + timedelta(minutes=number if minutes is None else minutes)
    return Told(key(number, party), "torkham/duty", at, body)


def track(type_: counted.Type, *steps: Told, opening: Any = None) -> Track:
    root = Told(ROOT, "torkham/duty", NOON, opening or OPENINGS[type_])
    return Track(root, type_, "af", frozenset(steps), HOURS)


def turns(of: Track, now: datetime = NOON) -> list[tuple[str, str]]:
    return [(each.code, each.party) for each in rules.standing(of, now).waits]


def offer(number: int = 1, party: str = "pk", count: int = 2, **changes: Any) -> Told:
    return said(number, party, kinds.Offered(who="adult", count=count, asked=asked(**changes), track=ROOT))


PROPOSED = kinds.Proposed(track=ROOT, place=GATE, window=WINDOW)


AGAIN = NOON + timedelta(minutes=1)
"""When each is asked once more, before they go over."""


def handed(number: int, party: str = "pk", count: int = 2, **changes: Any) -> Told:
    return said(number, party, kinds.HandedOver(track=ROOT, count=count, asked=asked(**{"at": AGAIN} | changes)))


def received(number: int, party: str = "af", count: int = 2) -> Told:
    return said(number, party, kinds.Received(track=ROOT, count=count))


def closed(number: int, party: str) -> Told:
    return said(number, party, kinds.Closed(track=ROOT))


# --- whose turn it is -------------------------------------------------------------------------------------------------


def test_a_crosser_goes_from_the_offer_to_where_both_closed() -> None:
    proposed = said(1, "af", PROPOSED)
    agreed = said(2, "pk", kinds.Agreed(track=ROOT, of=proposed.key))
    steps = [proposed, agreed, handed(3), received(4), closed(5, "pk"), closed(6, "af")]
    seen = [turns(track("offered", *steps[:count])) for count in range(len(steps) + 1)]
    assert seen == [
        [("proposed", "pk")],
        [("agreed", "pk")],
        [("handed", "pk")],
        [("received", "af")],
        [("closed", "pk"), ("closed", "af")],
        [("closed", "af")],
        [],
    ]
    states = [rules.standing(track("offered", *steps[:count]), NOON).state for count in (0, 3, 4, 5, 6)]
    assert states == ["open", "open", "done", "done", "closed"]


@pytest.mark.parametrize(
    ("type_", "first"),
    [
        ("offered", [("proposed", "pk")]),
        ("missing", [("offered", "af")]),
        ("livestock", [("found", "af")]),
        ("vehicle", [("proposed", "pk")]),
        ("captured", [("visit-asked", "af"), ("offered", "pk")]),
        ("passage", [("opens", "af")]),
        ("bodies", [("found", "af")]),
        ("ordnance", [("clearing", "pk")]),
        ("fire", [("explained", "af")]),
    ],
)
def test_each_type_has_a_first_turn(type_: counted.Type, first: list[tuple[str, str]]) -> None:
    assert turns(track(type_)) == first


def test_what_waits_is_due_by_the_compacts_hours_or_the_window_that_was_agreed() -> None:
    (opens,) = rules.standing(track("passage"), NOON).waits
    assert (opens.since, opens.due) == (NOON, NOON + timedelta(hours=1))
    opened = said(1, "af", kinds.Opens(track=ROOT, place=GATE, window=WINDOW))
    (passed,) = rules.standing(track("passage", opened), NOON).waits
    assert (passed.code, passed.since, passed.due) == ("passed", opened.at, WINDOW.until)
    (explained,) = rules.standing(track("fire"), NOON).waits
    assert explained.due == NOON + timedelta(hours=4)
    assert {each.due for each in rules.standing(track("captured"), NOON).waits} == {None}


def test_another_proposal_undoes_what_was_agreed() -> None:
    first, agreed = said(1, "af", PROPOSED), said(2, "pk", kinds.Agreed(track=ROOT, of=key(1, "af")))
    again = said(3, "pk", PROPOSED)
    assert turns(track("offered", first, agreed)) == [("handed", "pk")]
    assert turns(track("offered", first, agreed, again)) == [("agreed", "af")]


def test_nobody_agrees_to_their_own_proposal() -> None:
    proposed = said(1, "af", PROPOSED)
    assert turns(track("offered", proposed, said(2, "af", kinds.Agreed(track=ROOT, of=proposed.key)))) == [
        ("agreed", "pk")
    ]


def test_to_look_into_fire_is_an_answer_and_no_explanation() -> None:
    looking = said(1, "af", kinds.Explained(track=ROOT, explanation="looking"))
    waits = rules.standing(track("fire", looking), NOON).waits
    assert [(each.code, each.party, each.since) for each in waits] == [("explained", "af", looking.at)]
    assert turns(track("fire", looking, said(2, "af", kinds.Explained(track=ROOT, explanation="mistake")))) == [
        ("closed", "pk"),
        ("closed", "af"),
    ]


def test_what_is_not_found_so_far_stays_sought() -> None:
    not_yet = said(1, "af", kinds.Answered(track=ROOT, found=False))
    assert turns(track("livestock", not_yet)) == [("found", "af")]
    assert turns(track("livestock", not_yet, said(2, "af", kinds.Answered(track=ROOT, found=True)))) == [
        ("proposed", "af")
    ]


def test_the_dead_whom_their_own_side_recovered_are_not_handed_over() -> None:
    ours = said(1, "pk", kinds.Done(track=ROOT, did="recovered", count=2))
    theirs = said(1, "af", kinds.Done(track=ROOT, did="recovered", count=2))
    assert rules.standing(track("bodies", ours), NOON).state == "done"
    assert turns(track("bodies", theirs)) == [("handed", "af")]


def test_counts_that_differ_are_seen() -> None:
    assert rules.standing(track("offered", handed(1), received(2, count=1)), NOON).differs
    assert not rules.standing(track("offered", handed(1), received(2)), NOON).differs


@pytest.mark.parametrize(
    ("type_", "step"),
    [
        ("offered", handed(1, "af")),
        ("missing", offer(1, "pk")),
        ("passage", said(1, "pk", kinds.Done(track=ROOT, did="passed", count=1))),
        ("ordnance", said(1, "af", kinds.Done(track=ROOT, did="cleared"))),
        ("fire", said(1, "pk", kinds.Explained(track=ROOT, explanation="not-ours"))),
        ("livestock", said(1, "pk", kinds.Answered(track=ROOT, found=True))),
        ("captured", said(1, "pk", kinds.VisitAsked(track=ROOT, visitor="observer"))),
        ("vehicle", received(1, "pk")),
    ],
)
def test_a_step_that_is_the_other_sides_counts_for_nothing(type_: counted.Type, step: Told) -> None:
    assert turns(track(type_, step)) == turns(track(type_))


@pytest.mark.parametrize("type_", OPENINGS)
def test_what_is_dated_before_the_track_or_said_by_a_third_counts_for_nothing(type_: counted.Type) -> None:
    early = [said(number, party, kinds.Closed(track=ROOT), minutes=-6) for number, party in ((1, "pk"), (2, "af"))]
    third = [said(3, "obs", kinds.Closed(track=ROOT)), said(4, "obs", kinds.NotCompleted(track=ROOT)), offer(5, "obs")]
    assert rules.standing(track(type_, *early, *third), NOON) == rules.standing(track(type_), NOON)
    late = [said(number, party, kinds.Closed(track=ROOT), minutes=-4) for number, party in ((1, "pk"), (2, "af"))]
    assert rules.standing(track(type_, *late), NOON).state == "closed"  # within what clocks may differ


def test_no_later_offer_or_proposal_unsays_a_hand_over_that_both_signed() -> None:
    proposed = said(1, "af", PROPOSED)
    done = [proposed, said(2, "pk", kinds.Agreed(track=ROOT, of=proposed.key)), handed(3), received(4)]
    stood = rules.standing(track("offered", *done), NOON)
    assert stood.state == "done"
    for later in (offer(5, count=1), offer(6, count=9), said(7, "pk", PROPOSED), said(8, "af", PROPOSED)):
        assert rules.standing(track("offered", *done, later), NOON) == stood
    things = [proposed, said(3, "pk", kinds.GivenBack(track=ROOT, count=1)), received(4)]
    assert rules.standing(track("vehicle", *things, said(7, "pk", PROPOSED)), NOON) == rules.standing(
        track("vehicle", *things), NOON
    )


def test_a_hand_over_is_held_against_the_offer_before_it() -> None:
    for steps in ([offer(1, count=1), handed(2)], [handed(1, count=3), offer(2, count=3)]):
        assert rules.standing(track("offered", *steps), NOON).rows[0][-2].said is None
    assert rules.standing(track("offered", offer(1, count=3), handed(2, count=3)), NOON).rows[0][-2].said is not None


# --- floors 3 and 4 ---------------------------------------------------------------------------------------------------


def test_nobody_is_handed_over_without_an_offer_nor_more_than_were_offered() -> None:
    for type_, by in (("missing", "af"), ("captured", "pk")):
        of = track(type_, handed(1, by), received(2, "pk" if by == "af" else "af"))  # type: ignore[arg-type]
        assert rules.standing(of, NOON).state == "open"
    assert turns(track("offered", handed(1, count=3), received(2, count=3))) == [("proposed", "pk")]


@pytest.mark.parametrize("wrong", [{"alone": False}, {"fears": True}, {"at": NOON + timedelta(hours=1)}])
def test_who_was_not_asked_so_is_neither_offered_nor_handed_over(wrong: dict[str, Any]) -> None:
    """Also where a record came that no node should have taken in."""
    assert turns(track("missing", offer(1, "af", **wrong))) == [("offered", "af")]
    assert turns(track("offered", handed(1, **wrong), received(2))) == [("proposed", "pk")]
    unlawful = kinds.Offered(who="adult", count=2, asked=asked(**wrong), near=NEAR)
    assert counted.offered(track("offered", opening=unlawful)) is None


def test_each_is_asked_once_more_after_the_offer_and_within_a_day_before_they_go_over() -> None:
    day = 24 * 60
    for at, minutes, counts in (
        (NOON, 3, False),
        (NOON - timedelta(minutes=1), 3, False),
        (AGAIN, 3, True),
        (AGAIN, day + 1, True),
        (AGAIN, day + 2, False),
    ):
        over = said(1, "pk", kinds.HandedOver(track=ROOT, count=2, asked=asked(at=at)), minutes)
        assert (rules.standing(track("offered", over), NOON).rows[0][-2].said == over) is counts, (at, minutes)


def test_a_search_reads_not_completed_by_the_clock_alone() -> None:
    of, due = track("missing"), NOON + timedelta(hours=24)
    assert [rules.standing(of, due - timedelta(seconds=1)).state, rules.standing(of, due).state] == [
        "open",
        "not-completed",
    ]
    assert rules.standing(of, due).waits == ()
    assert acts.open_to(of, due, "af") == ("offered", "not-completed")
    assert turns(track("missing", offer(1, "af"))) == [("proposed", "af")]  # an offer still counts


@given(
    st.lists(st.sampled_from(["answered", "closed", "received", "handed", "opens", "given", "ended"]), max_size=6),
    st.sampled_from([1, 25]),
)
def test_a_search_stands_the_same_whatever_who_could_have_found_them_says_but_an_offer(
    what: list[str], hours: int
) -> None:
    """So that neither a word nor a silence tells who is there: whoever pleaded, a child alone, or nobody at all."""
    bodies: dict[str, Any] = {
        "answered": kinds.Answered(track=ROOT, found=True),
        "closed": kinds.Closed(track=ROOT),
        "received": kinds.Received(track=ROOT, count=1),
        "handed": kinds.HandedOver(track=ROOT, count=1, asked=asked()),
        "opens": kinds.Opens(track=ROOT, place=GATE, window=WINDOW),
        "given": kinds.GivenBack(track=ROOT, count=1),
        "ended": kinds.NotCompleted(track=ROOT),
    }
    steps = [said(number, "af", bodies[each]) for number, each in enumerate(what, 1)]
    now = NOON + timedelta(hours=hours)
    assert rules.standing(track("missing", *steps), now) == rules.standing(track("missing"), now)
    for party in ("pk", "af"):
        assert acts.open_to(track("missing", *steps), now, party) == acts.open_to(track("missing"), now, party)


@pytest.mark.parametrize("type_", ["offered", "missing", "captured"])
@pytest.mark.parametrize("by", ["pk", "af"])
def test_not_completed_is_said_by_either_side_at_any_step_and_ends_it(type_: counted.Type, by: str) -> None:
    proposed = said(2, "af", PROPOSED)
    agreed = said(3, "pk", kinds.Agreed(track=ROOT, of=proposed.key))
    holder = counted.holder(track(type_))
    road = [offer(1, holder), proposed, agreed, handed(4, holder)]
    for count in range(1 if (type_, by) == ("missing", "af") else 0, len(road) + 1):
        of = track(type_, *road[:count], said(9, by, kinds.NotCompleted(track=ROOT)))
        may = {"visit-asked", "closed"} if type_ == "captured" else set()
        assert rules.standing(of, NOON).state == "not-completed"
        assert {each.code for each in rules.standing(of, NOON).waits} <= may
        over = {"received"} if count == len(road) else set()  # who came is signed for all the same
        assert {each for party in ("pk", "af") for each in acts.open_to(of, NOON, party)} == may | over


def test_not_completed_ends_no_visit_to_those_who_are_still_held() -> None:
    asks = [said(number, "af", kinds.VisitAsked(track=ROOT, visitor="observer")) for number in (1, 2)]
    ended = said(3, "pk", kinds.NotCompleted(track=ROOT))
    of = track("captured", *asks, ended)
    assert rules.standing(of, NOON).state == "not-completed"
    assert turns(of) == [("visit-granted", "pk"), ("visit-granted", "pk")]
    grants = [
        said(4 + n, "pk", kinds.VisitGranted(track=ROOT, of=each.key, window=WINDOW)) for n, each in enumerate(asks)
    ]
    assert turns(track("captured", *asks, ended, grants[1])) == [("visit-granted", "pk"), ("visited", "")]
    visits = [said(6, "pk", kinds.Visited(track=ROOT, visitor="observer"))]
    assert turns(track("captured", *asks, ended, *grants, *visits)) == [("visited", "")]
    visits.append(said(7, "af", kinds.Visited(track=ROOT, visitor="observer")))
    assert turns(track("captured", *asks, ended, *grants, *visits)) == []
    assert acts.open_to(of, NOON, "af") == ("visit-asked", "closed")
    assert acts.open_to(of, NOON, "pk") == ("visit-granted", "closed")


def test_not_completed_has_no_place_for_a_reason_and_an_offer_none_for_a_child_alone() -> None:
    assert kinds.NotCompleted.__struct_fields__ == ("track",)
    assert "child" not in " ".join(kinds.Who.__args__)  # type: ignore[attr-defined]
    for body in (*kinds.Opening.__args__, *kinds.Step.__args__):
        free = {name for name, type_ in body.__annotations__.items() if type_ is str}
        assert free == set(), body


def test_who_could_have_found_somebody_is_offered_no_act_that_says_whether() -> None:
    assert acts.open_to(track("missing"), NOON, "af") == ("offered",)
    assert "closed" in acts.open_to(track("missing"), NOON, "pk")
    assert rules.standing(track("missing", closed(1, "pk")), NOON).state == "closed"


# --- floor 13 ---------------------------------------------------------------------------------------------------------


def test_passage_for_patients_is_refused_by_nothing_and_conditioned_by_nothing() -> None:
    assert kinds.Opens.__struct_fields__ == ("track", "place", "window")
    assert acts.open_to(track("passage"), NOON, "af") == ("opens", "closed")
    for body in (kinds.NotCompleted(track=ROOT), kinds.Answered(track=ROOT, found=False)):
        assert turns(track("passage", said(1, "af", body))) == [("opens", "af")]


# --- sets -------------------------------------------------------------------------------------------------------------

BODIES = st.sampled_from(
    [
        kinds.Offered(who="adult", count=2, asked=asked(), track=ROOT),
        PROPOSED,
        kinds.Agreed(track=ROOT, of=key(1, "af")),
        kinds.Agreed(track=ROOT, of=key(2)),
        kinds.HandedOver(track=ROOT, count=2, asked=asked(at=AGAIN)),
        kinds.GivenBack(track=ROOT, count=2),
        kinds.Received(track=ROOT, count=2),
        kinds.VisitAsked(track=ROOT, visitor="observer"),
        kinds.VisitGranted(track=ROOT, of=key(1, "af"), window=WINDOW),
        kinds.Visited(track=ROOT, visitor="observer"),
        kinds.Opens(track=ROOT, place=GATE, window=WINDOW),
        kinds.Clearing(track=ROOT, window=WINDOW),
        kinds.Done(track=ROOT, did="passed", count=1),
        kinds.Done(track=ROOT, did="cleared"),
        kinds.Explained(track=ROOT, explanation="practice"),
        kinds.Answered(track=ROOT, found=True),
        kinds.NotCompleted(track=ROOT),
        kinds.Closed(track=ROOT),
    ]
)
STEPS = st.lists(st.tuples(st.sampled_from(["pk", "af"]), BODIES, st.integers(-10, 90)), max_size=8)


@given(st.sampled_from(list(OPENINGS)), STEPS, st.randoms(use_true_random=False), st.integers(0, 2000))
def test_a_track_stands_the_same_whatever_order_its_records_came_in(
    type_: counted.Type, steps: list[Any], chance: Any, minutes: int
) -> None:
    made = [said(number, party, body, at) for number, (party, body, at) in enumerate(steps, 1)]
    other = list(made)
    chance.shuffle(other)
    now = NOON + timedelta(minutes=minutes)
    one, two = track(type_, *made), track(type_, *other)
    assert rules.standing(one, now) == rules.standing(two, now)
    for party in ("pk", "af", "obs"):
        assert acts.open_to(one, now, party) == acts.open_to(two, now, party)


@given(st.sampled_from(list(OPENINGS)), STEPS)
def test_whatever_waits_is_one_of_the_two_sides_and_may_be_done_by_it(type_: counted.Type, steps: list[Any]) -> None:
    of = track(type_, *(said(number, party, body, at) for number, (party, body, at) in enumerate(steps, 1)))
    for each in rules.standing(of, NOON).waits:
        assert each.party in ("", "pk", "af")
        for party in ("pk", "af") if not each.party else (each.party,):
            assert each.code in acts.open_to(of, NOON, party)
    assert acts.open_to(of, NOON, "obs") == ()
