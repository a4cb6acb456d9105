"""What one notice, call or pair of notices comes to in the figures: by the rules of its part, and up to a moment."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from amanat.compact.form import Planned
from amanat.compact.terms import Terms
from amanat.exchange.means import look
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices.deconfliction import Activity, judge
from amanat.workspaces.liaison.notices.rules import Story
from amanat.workspaces.liaison.tests.notices_cast import WORKS
from amanat.workspaces.liaison.tests.planned import MORNING, Spread, by_chance
from amanat.workspaces.liaison.tests.year_cast import Year, year
from amanat.workspaces.liaison.year import conflicts, facts
from amanat.workspaces.liaison.year.conflicts import Conflict, Placed
from amanat.workspaces.liaison.year.facts import Noticed

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    with year(tmp_path_factory.mktemp("matters")) as found:
        yield found


@pytest.fixture(scope="module")
def terms(made: Year) -> Terms:
    with look(made.line.side("pk").means) as turn:
        return turn.known.compacts["pk-af"].terms


# --- notices ----------------------------------------------------------------------------------------------------------


def story(made: Year, *done: str, **typed: str) -> Story:
    """A notice of works, about which af asks, and which pk answers and changes, as far as that is done."""
    given_ = made.notices.give("pk", WORKS, **typed)
    made.carry()
    if "asked" in done:
        asked = made.notices.do("af", "ask-notice", given_, about_purpose="on")
        made.wait(hours=1)
        made.carry()
        if "explained" in done:
            said = {"question": ":".join(asked.key), "purpose_word": "as-noticed"}
            made.notices.do("pk", "explain-notice", given_, **said)
    if "changed" in done:
        made.wait(hours=1)
        made.notices.give("pk", WORKS, changes=":".join(given_.key))
    made.carry()
    return made.notices.story("pk", given_)


def test_an_answer_counts_from_the_moment_it_is_dated(made: Year) -> None:
    of = story(made, "asked", "explained")
    asked, explained = sorted(each.at for each in of.steps)
    assert facts.noticed(of, asked).answers == ()
    assert facts.noticed(of, explained).answers == ("waits",)
    assert facts.noticed(of, explained + timedelta(seconds=1)).answers == ("in-time",)


def test_a_question_that_nobody_answers_is_missed_once_its_hours_are_over(made: Year) -> None:
    of = story(made, "asked")
    (asked,) = (each.at for each in of.steps)
    assert of.given.terms is not None
    hours = (of.given.terms.explain_hours or 0) * HOUR
    assert facts.noticed(of, asked + hours).answers == ("waits",)
    assert facts.noticed(of, asked + hours + timedelta(seconds=1)).answers == ("missed",)


def test_a_notice_is_late_by_the_text_that_it_was_given_under(made: Year) -> None:
    of = story(made)
    assert of.given.terms is not None
    assert facts.noticed(of, made.border.clock.at).told == "in-time"
    longer = replace(of.given, at=of.given.body.window.since)
    assert facts.noticed(replace(of, given=longer), made.border.clock.at).told == "late"
    assert facts.noticed(replace(of, given=replace(longer, terms=None)), made.border.clock.at).told == "not-asked"


def test_what_was_changed_ended_when_it_first_was(made: Year) -> None:
    of = story(made, "changed")
    (change,) = of.changes
    again = replace(change, key=Named("pk", "later"), at=change.at + HOUR)
    theirs = replace(change, key=Named("af", "theirs"), at=change.at - HOUR)
    of = replace(of, changes=(again, change, theirs))
    found = facts.noticed(of, made.border.clock.at + 9 * HOUR)
    assert (found.ended, found.moved) == (change.at, change.at)
    assert facts.noticed(of, change.at).ended is None


@pytest.fixture(scope="module")
def whole(made: Year) -> Story:
    """A notice of which all is known that can follow one."""
    return story(made, "asked", "explained", "changed")


@settings(deadline=None, max_examples=25)
@given(by=some.randoms(use_true_random=False))
def test_a_notice_comes_to_the_same_whatever_order_its_steps_came_in(whole: Story, by: Random) -> None:
    until = whole.given.at + 99 * HOUR
    shuffled = replace(whole, steps=tuple(by.sample(whole.steps, len(whole.steps))))
    assert facts.noticed(shuffled, until) == facts.noticed(whole, until)


# --- conflicts --------------------------------------------------------------------------------------------------------


def placed(activity: Activity, at: datetime = MORNING, **more: Any) -> Placed:
    notice = Noticed(Named(activity.party, activity.id), cast(Planned, activity.type), at, "in-time", **more)
    ground = activity.ground
    heights, window = (activity.heights.low, activity.heights.high), activity.window
    return Placed(notice, "text", heights, window.since, window.until, ground.ball, lambda: ground)


@settings(deadline=None, max_examples=40)
@given(number=some.integers(0, 10_000), wide=some.sampled_from((0.02, 0.1, 0.5)))
def test_conflicts_are_those_that_comparing_each_with_each_finds(terms: Terms, number: int, wide: float) -> None:
    chance, spread = by_chance(number), Spread(aside=wide, days=3)
    those = [spread.activity(chance, chance.choice(("pk", "af")), each) for each in range(40)]
    naive = sum(
        one.party != other.party and judge(terms, one, other).level == "conflict"
        for place, one in enumerate(those)
        for other in those[place + 1 :]
    )
    found = conflicts.conflicts([placed(each) for each in those], {"text": terms})
    assert (len(found.conflicts), found.cut) == (naive, False)
    by_chance(number + 1).shuffle(those)
    assert conflicts.conflicts([placed(each) for each in those], {"text": terms}) == found


def pair() -> tuple[Activity, Activity]:
    """Two that are in conflict, of different sides."""
    one = Spread(days=1).activity(by_chance(3), "pk", 1)
    return replace(one, type="works"), replace(one, party="af", id="2", type="works")


@pytest.mark.parametrize(
    ("first", "found"),
    [
        ({}, (Conflict(MORNING + HOUR, settled=False),)),
        ({"withdrawn": True}, ()),
        ({"ended": MORNING + HOUR}, ()),
        ({"ended": MORNING + 2 * HOUR}, (Conflict(MORNING + HOUR, settled=False),)),
        ({"ended": MORNING + 2 * HOUR, "moved": MORNING + 2 * HOUR}, (Conflict(MORNING + HOUR, settled=True),)),
    ],
)
def test_a_conflict_is_of_two_that_stood_when_the_later_was_told_of(
    terms: Terms, first: dict[str, Any], found: tuple[Conflict, ...]
) -> None:
    one, other = pair()
    both = [placed(one, **first), placed(other, MORNING + HOUR)]
    assert conflicts.conflicts(both, {"text": terms}).conflicts == found


def test_two_of_one_side_are_in_no_conflict(terms: Terms) -> None:
    one, other = pair()
    both = [placed(one), placed(replace(other, party="pk"))]
    assert conflicts.conflicts(both, {"text": terms}).conflicts == ()


def test_what_is_beyond_what_is_compared_is_said(terms: Terms, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [placed(each) for each in pair()]
    for name in ("MOST_COMPARED", "MOST_MEASURED"):
        with monkeypatch.context() as less:
            less.setattr(conflicts, name, 0)
            assert conflicts.conflicts(both, {"text": terms}).cut
    assert not conflicts.conflicts(both, {"text": terms}).cut
