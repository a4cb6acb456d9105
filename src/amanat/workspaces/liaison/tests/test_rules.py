"""The rules of calls, one by one; then that no order of arrival, and nothing that comes twice, changes what they say."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.workspaces.liaison import rules
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.rules import Climbed, Facts, PickedUp, Rung, Uttered

AT = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CALL = Named("pk", "0")
RUNG = Rung(CALL, "torkham/duty", "af", AT, "kurram", "flash", test=False, period=MINUTE, ranks=4)


def minutes(count: float) -> datetime:
    return AT + count * MINUTE


def opened(at: float, party: str = "af") -> frozenset[PickedUp]:
    return frozenset([PickedUp(party, "torkham/duty", minutes(at))])


def climbed(*said: tuple[str, int, float]) -> frozenset[Climbed]:
    return frozenset(Climbed(party, rank, minutes(at)) for party, rank, at in said)


def told(
    party: str, n: int, at: float = 1, answers: Named | None = None, type_: str = "phrase", **more: Any
) -> Uttered:
    key = Named(party, f"{n}" if n else f"text-{at}")
    return Uttered(key, "torkham/duty", minutes(at), n, type_, None, answers, **more)


def numbers(said: list[Uttered]) -> list[tuple[str, int]]:
    return [(each.key.party, each.n) for each in said]


# --- how far a call has come ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "after", "state"),
    [
        (Facts(RUNG), 0, "rung"),
        (Facts(RUNG, delivered=True), 0, "delivered"),
        (Facts(RUNG, opened=opened(1)), 1, "opened"),
        (Facts(RUNG, opened=opened(1, "pk")), 1, "rung"),  # who rings opens nothing of it
        (Facts(RUNG, uttered=(told("af", 1),)), 1, "answered"),
        (Facts(RUNG, uttered=(told("pk", 1),)), 1, "rung"),
        (Facts(RUNG, delivered=True), 3.99, "delivered"),
        (Facts(RUNG, delivered=True), 4, "unanswered"),
        (Facts(RUNG, opened=opened(9)), 9, "opened"),  # late, and yet somebody
        (Facts(RUNG, uttered=(told("af", 1), told("pk", 1, ends=True))), 2, "ended"),
    ],
)
def test_a_call_is_as_far_as_somebody_signed(facts: Facts, after: float, state: str) -> None:
    assert rules.state(facts, minutes(after)) == state


def test_a_call_is_a_matter_until_it_is_ended_or_rests() -> None:
    assert rules.is_open(Facts(RUNG), AT + rules.RESTS - MINUTE)
    assert not rules.is_open(Facts(RUNG), AT + rules.RESTS)
    assert rules.is_open(Facts(RUNG, uttered=(told("af", 1, at=60),)), AT + rules.RESTS)
    assert not rules.is_open(Facts(RUNG, uttered=(told("af", 1, ends=True),)), minutes(2))


# --- climbing ---------------------------------------------------------------------------------------------------------


def test_each_rank_is_due_after_as_long_again() -> None:
    assert rules.next_rank(Facts(RUNG)) == (1, minutes(1))
    assert rules.next_rank(Facts(RUNG, climbed=climbed(("pk", 1, 1)))) == (2, minutes(2))
    assert rules.next_rank(Facts(RUNG, climbed=climbed(("pk", 1, 1), ("pk", 2, 2), ("pk", 3, 3)))) is None
    assert rules.next_rank(Facts(RUNG, climbed=climbed(("pk", 3, 3)))) == (1, minutes(1))  # no rank is passed over


def test_what_is_dated_before_the_call_by_more_than_clocks_differ_was_not_so() -> None:
    before = opened(-6)
    assert rules.picked_up(Facts(RUNG, opened=before)) is None
    assert rules.picked_up(Facts(RUNG, opened=opened(-4))) is not None
    assert rules.steps(Facts(RUNG, opened=before, climbed=climbed(("pk", 1, 1)))) != ()


def test_a_call_that_was_never_delivered_was_missed_by_nobody() -> None:
    assert rules.state(Facts(RUNG), minutes(60)) == "undelivered"
    assert rules.state(Facts(RUNG, delivered=True), minutes(60)) == "unanswered"


def test_the_callers_node_rings_a_rank_on_time_and_the_others_only_when_it_heard_of_nothing() -> None:
    just, late = minutes(1), minutes(1) + rules.GRACE
    assert rules.climbs(Facts(RUNG), "pk", just) == (1, just)
    assert rules.climbs(Facts(RUNG), "pk", just - timedelta(seconds=1)) is None
    assert rules.climbs(Facts(RUNG), "af", late - timedelta(seconds=1)) is None
    assert rules.climbs(Facts(RUNG), "af", late) == (1, just)
    heard = Facts(RUNG, climbed=climbed(("pk", 1, 1)))
    assert rules.climbs(heard, "af", late) is None


def test_of_two_words_for_a_rank_the_earlier_stands() -> None:
    (step,) = rules.steps(Facts(RUNG, climbed=climbed(("af", 1, 1.2), ("pk", 1, 1.5))))
    assert (step.party, step.at) == ("af", minutes(1.2))
    (step,) = rules.steps(Facts(RUNG, climbed=climbed(("af", 1, 1.2), ("pk", 1, 1))))
    assert (step.party, step.at) == ("pk", minutes(1))


@pytest.mark.parametrize(
    "said",
    [("pk", 1, 0.99), ("pk", 2, 1.5), ("pk", 0, 1), ("pk", 4, 9), ("obs", 1, 1)],
    ids=["before it was due", "a rank before its time", "the rank that rang", "a rank there is not", "a third party"],
)
def test_a_word_that_cannot_be_counts_for_nothing(said: tuple[str, int, float]) -> None:
    facts = Facts(RUNG, climbed=climbed(said))
    assert (rules.steps(facts), rules.rank(facts)) == ((), 0)


def test_an_opening_that_was_earlier_makes_a_climb_void_whenever_it_comes() -> None:
    both = climbed(("pk", 1, 1), ("pk", 2, 2))
    assert rules.rank(Facts(RUNG, climbed=both)) == 2
    assert rules.rank(Facts(RUNG, climbed=both, opened=opened(1.5))) == 1
    assert rules.rank(Facts(RUNG, climbed=both, opened=opened(1))) == 0
    assert rules.next_rank(Facts(RUNG, climbed=both, opened=opened(1.5))) is None


def test_a_test_call_and_one_that_was_ended_climb_no_further() -> None:
    test = Rung(CALL, "node", "af", AT, "kurram", "routine", test=True, period=MINUTE, ranks=4)
    assert rules.next_rank(Facts(test)) is None
    assert rules.next_rank(Facts(RUNG, uttered=(told("pk", 1, ends=True),))) is None


# --- what follows what ------------------------------------------------------------------------------------------------


def test_nothing_stands_before_what_it_answers_whatever_the_clocks_say() -> None:
    asked = told("pk", 1, at=5)
    answer = told("af", 1, at=1, answers=asked.key)  # a clock that is four minutes behind
    assert numbers(rules.in_order([answer, asked])) == [("pk", 1), ("af", 1)]


def test_a_partys_own_numbers_are_its_order() -> None:
    first, second = told("pk", 1, at=5), told("pk", 2, at=1)
    assert numbers(rules.in_order([second, first])) == [("pk", 1), ("pk", 2)]


def again(n: int, at: float, name: str) -> Uttered:
    """Another of pk's under a number."""
    return Uttered(Named("pk", name), "torkham/duty", minutes(at), n, "phrase", None)


@pytest.mark.promised(
    "a number used twice in a call",
    "docs/threat-model.md",
    "A hotline as a weapon",
    "Messages of a party that share a number in a call are all marked",
)
def test_those_under_one_number_are_all_marked_and_the_later_stands_after_the_other_whatever_came_first() -> None:
    said = [told("pk", 1, at=1), told("pk", 2, at=3), again(2, 4, "z"), again(2, 4, "y"), told("pk", 3, at=2)]
    for each in permutations(said):
        assert rules.doubled(each) == {Named("pk", "2"), Named("pk", "y"), Named("pk", "z")}
        assert [one.key.id for one in rules.in_order(each)] == ["1", "2", "3", "y", "z"]
        assert rules.missing(each, "pk") == ()
    early = [told("pk", 1, at=5), told("pk", 2, at=2), again(2, 3, "y")]  # by a clock that was put back meanwhile
    assert [one.key.id for one in rules.in_order(early)] == ["1", "2", "y"]
    assert rules.doubled([told("pk", 0, at=1), told("pk", 0, at=2), told("af", 1), told("pk", 1)]) == frozenset()


def test_a_circle_is_shown_all_the_same() -> None:
    one, other = told("pk", 1, at=2, answers=Named("af", "1")), told("af", 1, at=1, answers=Named("pk", "1"))
    assert numbers(rules.in_order([one, other])) == [("af", 1), ("pk", 1)]


def test_what_is_not_here_yet_is_known_by_its_number() -> None:
    said = [told("pk", 1), told("pk", 4), told("af", 2), told("pk", 0, type_="text")]
    assert rules.missing(said, "pk") == (2, 3)
    assert rules.missing(said, "af") == (1,)
    assert rules.missing([], "pk") == ()


# --- reading back -----------------------------------------------------------------------------------------------------

HERE = Spot(33.9, 70.1, 100, "AF")


@pytest.mark.parametrize(
    ("back", "alike"),
    [
        (Spot(33.9, 70.1, 100, "PK"), True),  # whose it is said to be is no matter of a read-back
        (Spot(33.9017, 70.1, 50), True),  # 189 m
        (Spot(33.9020, 70.1, 50), False),  # 222 m: farther than 100 m beyond what it is known to
        (Spot(33.9020, 70.1, 100_000), False),  # how vaguely the reader knows it makes nothing right
        (Spot(-33.9, 70.1, 100), False),
    ],
)
def test_a_place_is_read_back_right_within_what_it_is_known_to(back: Spot, *, alike: bool) -> None:
    assert (rules.differing({"place": HERE}, {"place": back}, ["place"]) == ()) is alike


def test_a_name_read_back_is_another_place_where_its_point_lies_elsewhere() -> None:
    named = Spot(33.9, 70.1, 100, "AF", "place.kurram")
    assert rules.differing({"place": named}, {"place": Spot(34.2, 70.5, 100, "AF", "place.kurram")}, ["place"])
    assert not rules.differing({"place": named}, {"place": Spot(33.9, 70.1, 100, "AF")}, ["place"])


def test_times_and_numbers_are_read_back_to_the_letter() -> None:
    said: dict[str, Any] = {"count": 12, "time": "2026-11-24T04:30:00Z", "arms": "mortar"}
    assert rules.differing(said, {"count": 12, "time": "2026-11-24T04:30:00Z"}, ["count", "time"]) == ()
    assert rules.differing(said, {"count": 21, "time": "2026-11-24T04:31:00Z"}, ["count", "time"]) == ("count", "time")
    assert rules.differing(said, {"count": 12}, ["count", "time"]) == ("time",)


# --- whatever the order -----------------------------------------------------------------------------------------------

PARTIES = st.sampled_from(["pk", "af"])
AFTER = st.integers(0, 20).map(lambda quarters: quarters / 4)
CLIMBS = st.builds(lambda party, rank, at: Climbed(party, rank, minutes(at)), PARTIES, st.integers(0, 4), AFTER)
OPENS = st.builds(lambda party, at: PickedUp(party, "torkham/duty", minutes(at)), PARTIES, AFTER)


@st.composite
def uttered(draw: Callable[..., Any]) -> list[Uttered]:
    """What two parties said: some of it in answer to what came before, by clocks of their own."""
    said = list[Uttered]()
    for party in draw(st.lists(PARTIES, max_size=8)):
        n = 1 + sum(each.key.party == party for each in said)
        to = draw(st.sampled_from([None, *(each.key for each in said)]))
        said.append(told(party, n, draw(AFTER), to, ends=draw(st.integers(0, 9)) == 0))
    return said


@given(st.lists(CLIMBS, max_size=6), st.lists(OPENS, max_size=3), uttered(), st.randoms(), AFTER)
def test_no_order_of_arrival_changes_what_is_said_of_a_call(
    climbs: list[Climbed], opens: list[PickedUp], said: list[Uttered], random: Any, after: float
) -> None:
    here = Facts(RUNG, delivered=True, opened=frozenset(opens), climbed=frozenset(climbs), uttered=tuple(said))
    mixed = [random.sample(each, len(each)) for each in (climbs, opens, said)]
    twice = [each + each[:2] for each in mixed]
    there = Facts(
        RUNG, delivered=True, opened=frozenset(twice[1]), climbed=frozenset(twice[0]), uttered=tuple(twice[2])
    )
    now = minutes(after)
    assert rules.state(here, now) == rules.state(there, now)
    assert rules.steps(here) == rules.steps(there)
    assert rules.next_rank(here) == rules.next_rank(there)
    assert rules.in_order(here.uttered) == rules.in_order(there.uttered)
    assert rules.answered(here) == rules.answered(there)


@given(uttered(), st.randoms())
def test_nothing_is_lost_doubled_or_before_what_it_answers(said: list[Uttered], random: Any) -> None:
    ordered = rules.in_order(random.sample(said, len(said)))
    assert sorted(each.key for each in ordered) == sorted(each.key for each in said)
    place = {each.key: number for number, each in enumerate(ordered)}
    assert all(place[each.answers] < place[each.key] for each in ordered if each.answers)
    for party in ("pk", "af"):
        own = [each.n for each in ordered if each.key.party == party]
        assert own == sorted(own)


@given(st.lists(CLIMBS, max_size=6), st.lists(OPENS, max_size=3), st.lists(CLIMBS, max_size=3))
def test_what_comes_later_only_ever_moves_a_climb_earlier_or_makes_it_void(
    climbs: list[Climbed], opens: list[PickedUp], more: list[Climbed]
) -> None:
    before = {each.rank: each for each in rules.steps(Facts(RUNG, climbed=frozenset(climbs)))}
    for each in rules.steps(Facts(RUNG, climbed=frozenset(climbs + more), opened=frozenset(opens))):
        assert each.rank not in before or each.at <= before[each.rank].at
