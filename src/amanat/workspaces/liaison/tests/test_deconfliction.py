"""Which of two plans is too near the other, by each rule and by all; and what is proposed instead is clear.

Law: rules are those of the worked compact, or of it with one written for the question.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from amanat.compact.form import Separation
from amanat.compact.terms import Terms
from amanat.workspaces.liaison.ground.shapes import (
    GROUND,
    Corridor,
    Heights,
    Point,
    Position,
    Shape,
    Window,
    moved,
)
from amanat.workspaces.liaison.ground.spines import metres_between, spine, within
from amanat.workspaces.liaison.notices.deconfliction import (
    DAY,
    FARTHEST,
    STEP,
    Activity,
    OtherRoute,
    OtherTime,
    Talk,
    Verdict,
    farthest,
    judge,
    propose,
    reach,
    severity,
)
from amanat.workspaces.liaison.tests.planned import MORNING, Spread, by_chance
from compact.cast import TERMS

HERE = Position(34.1, 71.1)
POINT = Point(HERE, 0)
MINUTE = timedelta(minutes=1)
BESIDE = Spread()


def terms(*rules: Separation) -> Terms:
    """The worked compact with these rules alone."""
    return structs.replace(TERMS, deconfliction={each.clause: each for each in rules})


def rule(*between: Any, **changes: Any) -> Separation:
    """Patrols and works are to be a kilometre and an hour apart, or whatever else is said."""
    given: dict[str, Any] = {"clause": "8.1", "metres": 1000, "near_metres": 3000, "minutes": 60} | changes
    return Separation(title="a rule", between=between or ("patrol", "works"), **given)


def plan(
    type_: Any = "patrol", shape: Shape | None = None, since: int = 0, lasts: int = 60, party: str = "af", **more: Any
) -> Activity:
    """An activity that begins so many minutes after the morning."""
    begins = MORNING + since * MINUTE
    given: dict[str, Any] = {"heights": GROUND, "id": "1", "exercise": False} | more
    return Activity(
        party=party, type=type_, ground=spine(shape or POINT), window=Window(begins, begins + lasts * MINUTE), **given
    )


def away(metres: float, bearing: float = 90, reach: int = 0) -> Shape:
    return moved(Point(HERE, reach), bearing, metres)


def works(**given: Any) -> Activity:
    return plan("works", party="pk", **given)


class TestOneRule:
    """A conflict is near on the ground, in height and in time, each as the rule says."""

    @pytest.mark.parametrize(
        ("metres", "level"),
        [(0, "conflict"), (990, "conflict"), (1010, "near"), (2990, "near"), (3010, "clear"), (90_000, "clear")],
    )
    def test_on_the_ground(self, metres: int, level: str) -> None:
        found = judge(terms(rule()), plan(), works(shape=away(metres)))
        if level == "clear":
            assert found == Verdict("clear", "", None, plan().window)
        else:
            assert (found.level, found.clause, found.overlap) == (level, "8.1", plan().window)
            assert found.metres == pytest.approx(metres, abs=2)

    def test_just_as_far_as_the_rule_says_is_in_conflict(self) -> None:
        """Upon one another, with a rule of no metres at all."""
        assert judge(terms(rule(metres=0, near_metres=0)), plan(), works()).level == "conflict"
        assert judge(terms(rule(metres=0, near_metres=0)), plan(), works(shape=away(20))).level == "clear"
        assert judge(terms(rule(metres=0, near_metres=0)), plan(), works(shape=away(20, reach=30))).level == "conflict"

    @pytest.mark.parametrize(
        ("since", "level"),
        [(0, "conflict"), (60, "conflict"), (119, "conflict"), (120, "clear"), (-119, "conflict"), (-120, "clear")],
    )
    def test_in_time(self, since: int, level: str) -> None:
        """Each lasts for an hour, and the rule asks for another between them."""
        assert judge(terms(rule()), plan(), works(since=since)).level == level

    def test_who_begins_when_the_other_is_over_is_not_there_at_once(self) -> None:
        at_once = terms(rule(minutes=0))
        assert judge(at_once, plan(), works(since=60)).level == "clear"
        assert judge(at_once, plan(), works(since=-60)).level == "clear"
        assert judge(at_once, plan(), works(since=59)).level == "conflict"
        assert judge(at_once, plan(), works(since=59)).overlap == Window(MORNING + 59 * MINUTE, MORNING + 60 * MINUTE)
        assert judge(terms(rule(minutes=1)), plan(), works(since=60)) == Verdict("conflict", "8.1", 0.0, None)

    @pytest.mark.parametrize(
        ("low", "high", "level"),
        [
            (0, 0, "conflict"),
            (100, 200, "conflict"),
            (300, 400, "conflict"),
            (301, 400, "clear"),
            (5000, 5000, "clear"),
        ],
    )
    def test_in_height(self, low: int, high: int, level: str) -> None:
        above = rule("drone", "works", height_metres=300)
        found = judge(terms(above), plan("drone", heights=Heights(low, high)), works())
        assert found.level == level
        below = judge(terms(above), plan("drone"), works(heights=Heights(low, high)))
        assert below.level == level

    def test_without_a_height_all_heights_are_one(self) -> None:
        assert judge(terms(rule()), plan(heights=Heights(30_000, 30_000)), works()).level == "conflict"

    @pytest.mark.parametrize(
        ("between", "one", "other", "about"),
        [
            (("patrol", "works"), "patrol", "works", True),
            (("patrol", "works"), "works", "patrol", True),
            (("patrol", "works"), "patrol", "patrol", False),
            (("patrol", "works"), "works", "works", False),
            (("works", "works"), "works", "patrol", False),
            (("works", "any"), "works", "patrol", True),
            (("works", "any"), "patrol", "works", True),
            (("works", "any"), "works", "works", True),
            (("works", "any"), "patrol", "drone", False),
            (("any", "any"), "patrol", "drone", True),
        ],
    )
    def test_of_which_types(self, between: tuple[str, str], one: str, other: str, *, about: bool) -> None:
        found = judge(terms(rule(*between)), plan(one), plan(other, party="pk"))
        assert found.level == ("conflict" if about else "clear")
        assert (farthest(terms(rule(*between)), plan(one), plan(other)) is not None) == about


class TestAllRules:
    """The most severe decides."""

    def test_a_conflict_by_a_later_rule_goes_before_what_is_near_by_an_earlier(self) -> None:
        both = terms(rule(metres=100, clause="8.1"), rule("patrol", "any", metres=2000, clause="8.2"))
        assert judge(both, plan(), works(shape=away(1500))).clause == "8.2"
        assert judge(both, plan(), works(shape=away(50))).clause == "8.1"
        near = judge(both, plan(), works(shape=away(2500)))
        assert (near.level, near.clause) == ("near", "8.1")

    def test_one_that_is_not_about_them_says_nothing(self) -> None:
        other_time = rule(metres=9000, near_metres=9000, minutes=0, clause="8.2")
        assert judge(terms(rule(), other_time), plan(), works(since=90, shape=away(2000))).clause == "8.1"

    def test_without_rules_all_is_clear(self) -> None:
        assert judge(terms(), plan(), works()).level == "clear"
        assert reach(terms(), "patrol") == (0, timedelta())

    def test_how_far_rules_reach_is_by_those_about_a_type(self) -> None:
        some = terms(
            rule(near_metres=7000, minutes=5), rule("blasting", "any", near_metres=4000, minutes=90, clause="8.2")
        )
        assert reach(some, "patrol") == (7000, 90 * MINUTE)
        assert reach(some, "drone") == (4000, 90 * MINUTE)
        assert reach(terms(rule()), "drone") == (0, timedelta())


numbers = st.integers(0, 2**32)


@given(numbers)
def test_a_verdict_is_the_same_whichever_of_the_two_is_asked_about(number: int) -> None:
    one, other = two(number)
    assert judge(TERMS, one, other) == judge(TERMS, other, one)


@given(numbers, st.integers(0, 20_000), st.integers(0, 20_000), st.integers(0, 1440), st.integers(0, 1440))
def test_what_asks_for_more_never_finds_less(number: int, metres: int, more: int, minutes: int, longer: int) -> None:
    one, other = two(number)
    lax = rule("any", "any", metres=metres, near_metres=metres + 5000, minutes=minutes)
    strict = structs.replace(lax, metres=metres + more, near_metres=metres + more + 5000, minutes=minutes + longer)
    found, stricter = (judge(terms(each), one, other) for each in (lax, strict))
    assert severity(stricter) <= severity(found)


@given(numbers)
def test_a_verdict_says_what_its_metres_and_minutes_say(number: int) -> None:
    """Asked of each rule by itself, in the words of the compact."""
    one, other = two(number)
    metres = within(one.ground, other.ground, inf)
    gap = max(one.window.since - other.window.until, other.window.since - one.window.until)
    levels = {"clear"}
    for each in TERMS.deconfliction.values():
        names = [{"any", one.type}, {"any", other.type}]
        about = any(a in x and b in y for a, b in [each.between] for x, y in [names, names[::-1]])
        up = max(one.heights.low - other.heights.high, other.heights.low - one.heights.high)
        high = each.height_metres is None or up <= each.height_metres
        if about and high and (gap < timedelta() or gap < each.minutes * MINUTE):
            levels |= {"near"} if metres <= each.near_metres else set()
            levels |= {"conflict"} if metres <= each.metres else set()
    found = judge(TERMS, one, other)
    assert found.level == min(levels, key=["conflict", "near", "clear"].index)
    assert (found.overlap is not None) == (gap < timedelta())


def two(number: int) -> tuple[Activity, Activity]:
    chance = by_chance(number)
    return BESIDE.activity(chance, "af", 1), BESIDE.activity(chance, "pk", 2)


# --- what is proposed -------------------------------------------------------------------------------------------------


def clear(of: Terms, activity: Activity, others: Sequence[Activity]) -> bool:
    return all(judge(of, activity, other).level == "clear" for other in others)


class TestProposed:
    """In one step, clear of all, and no more than is needed."""

    def test_later_and_earlier_by_as_much_as_the_rule_asks(self) -> None:
        found = propose(terms(rule()), plan(since=30), POINT, [works()], MORNING - DAY)
        times = [each.window.since - MORNING for each in found if isinstance(each, OtherTime)]
        assert times == [120 * MINUTE, -120 * MINUTE]

    def test_no_time_that_is_past(self) -> None:
        found = propose(terms(rule()), plan(since=30), POINT, [works()], MORNING - 119 * MINUTE)
        assert [each.window.since - MORNING for each in found if isinstance(each, OtherTime)] == [120 * MINUTE]

    def test_a_time_between_two_others_and_not_one_too_short(self) -> None:
        one = works()
        others = [one, works(since=239, id="2"), works(since=300 + 240, id="3")]
        found = propose(terms(rule()), plan(), POINT, others, MORNING)
        assert [each.window.since - MORNING for each in found if isinstance(each, OtherTime)] == [(239 + 120) * MINUTE]
        others[1] = works(since=240, id="2")
        found = propose(terms(rule()), plan(), POINT, others, MORNING)
        assert [each.window.since - MORNING for each in found if isinstance(each, OtherTime)] == [120 * MINUTE]

    def test_no_time_more_than_a_day_off(self) -> None:
        day = 24 * 60
        found = propose(terms(rule()), plan(since=60), POINT, [works(lasts=day)], MORNING)
        assert [each.window.since - MORNING for each in found if isinstance(each, OtherTime)] == [(day + 60) * MINUTE]
        found = propose(terms(rule()), plan(since=59), POINT, [works(lasts=day)], MORNING)
        assert not [each for each in found if isinstance(each, OtherTime)]

    def test_the_shortest_way_off(self) -> None:
        """The other is two kilometres to the west, and near up to three: a kilometre to the east is enough."""
        found = propose(terms(rule()), plan(), POINT, [works(shape=away(2000, 270))], MORNING)
        (route,) = [each for each in found if isinstance(each, OtherRoute)]
        assert route.bearing == 90
        assert 1000 <= route.metres <= 1000 + STEP
        assert metres_between(route.shape, away(2000, 270)) == pytest.approx(2000 + route.metres, abs=2)

    def test_a_corridor_goes_aside(self) -> None:
        corridor = Corridor((moved_at(-20_000), HERE, moved_at(20_000)), 100)
        found = propose(terms(rule()), plan(shape=corridor), corridor, [works(shape=away(1000, 180))], MORNING)
        (route,) = [each for each in found if isinstance(each, OtherRoute)]
        assert route.bearing == 0
        assert 2100 <= route.metres <= 2100 + 2 * STEP

    def test_one_that_is_clear_is_left_where_it_is(self) -> None:
        assert propose(terms(rule()), plan(), POINT, [works(shape=away(3010))], MORNING) == ()

    def test_talk_where_nothing_else_would_do(self) -> None:
        everywhere = works(shape=Point(HERE, 100_000), lasts=5 * 24 * 60, since=-24 * 60)
        assert propose(terms(rule()), plan(), POINT, [everywhere], MORNING) == (Talk(),)

    def test_nobody_is_sent_where_nothing_is_planned(self) -> None:
        north = Point(Position(74.999, 10.0), 0)
        found = propose(terms(rule()), plan(shape=north), north, [works(shape=north)], MORNING)
        (route,) = [each for each in found if isinstance(each, OtherRoute)]
        assert 90 <= route.bearing <= 270


def moved_at(metres: float) -> Position:
    shape = moved(Point(HERE, 0), 90, metres)
    assert isinstance(shape, Point)
    return shape.at


@settings(max_examples=40)
@given(numbers)
def test_what_is_proposed_is_clear_of_all(number: int) -> None:
    chance = by_chance(number)
    activity, shape = BESIDE.planned(chance, "af", 1)
    others = [BESIDE.activity(chance, "pk", each) for each in range(2, 8)]
    now = MORNING - DAY
    found = propose(TERMS, activity, shape, others, now)
    assert (found == ()) == clear(TERMS, activity, others)
    for each in found:
        if isinstance(each, OtherTime):
            assert clear(TERMS, replace(activity, window=each.window), others)
            assert abs(each.window.since - activity.window.since) <= DAY
            assert each.window.since >= now
            assert each.window.until - each.window.since == activity.window.until - activity.window.since
        if isinstance(each, OtherRoute):
            assert clear(TERMS, replace(activity, ground=spine(each.shape)), others)
            assert 0 < each.metres <= FARTHEST


@settings(max_examples=40)
@given(numbers)
def test_no_shorter_time_would_be_clear(number: int) -> None:
    chance = by_chance(number)
    activity, shape = BESIDE.planned(chance, "af", 1)
    others = [BESIDE.activity(chance, "pk", each) for each in range(2, 6)]
    found = propose(TERMS, activity, shape, others, MORNING - DAY)
    shifts = [(each.window.since - activity.window.since) // MINUTE for each in found if isinstance(each, OtherTime)]

    def free(shift: int) -> bool:
        window = Window(activity.window.since + shift * MINUTE, activity.window.until + shift * MINUTE)
        return clear(TERMS, replace(activity, window=window), others)

    if free(0):
        assert shifts == []
    else:
        for way in (1, -1):
            tried = [shift * way for shift in range(1, 24 * 60 + 1)]
            near = next((shift for shift in tried[: abs(shifts[0]) if shifts else 60] if free(shift)), None)
            assert near is None or near in shifts
