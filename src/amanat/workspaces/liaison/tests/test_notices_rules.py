"""How a notice stands, of the set of its records: the same in any order, and by whose word and when it counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.errors import Invalid
from amanat.workspaces.liaison.ground.shapes import Point, Position, Window
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.notices import rules
from amanat.workspaces.liaison.notices.aid import Convoy
from amanat.workspaces.liaison.notices.kinds import Notice, Works
from amanat.workspaces.liaison.notices.rules import Given, Stepped, Story
from amanat.workspaces.liaison.notices.steps import (
    About,
    Acknowledged,
    Ended,
    Explained,
    Explanation,
    Invited,
    Questioned,
    Step,
    Visited,
    Visiting,
)
from amanat.workspaces.liaison.rules import SKEW
from compact.cast import TERMS

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
KEY = Named("pk", "01936e1a-7a00-7000-8000-000000000001")
SHAPE = Point(Position(34.1, 71.1), 200)
OVER = NOW + timedelta(days=30, hours=8)
WINDOW = Window(NOW + timedelta(days=30), OVER)
WORKS = Works(shape=SHAPE, window=WINDOW, country="PK", works="trench", purpose="water")
CONVOY = Convoy(shape=SHAPE, window=WINDOW, country="PK", by_whom="un", vehicles=3, contact="torkham/duty")
HOUR = timedelta(hours=1)


def notice(body: Notice = WORKS, **more: Any) -> Given:
    terms = TERMS.notification[str(body.__struct_config__.tag)]
    given = Given(KEY, "duty", NOW, body, "pk-af", exercise=False, withdrawn=False, terms=terms)
    return replace(given, **more)


def named(number: int, party: str = "af") -> Named:
    return Named(party, f"01936e1a-7a00-7000-8000-0000000001{number:02}")


def step(number: int, party: str, body: Step, after: timedelta = HOUR, **more: Any) -> Stepped:
    said = Stepped(named(number, party), "duty", NOW + after, body, "pk-af", exercise=False, withdrawn=False)
    return replace(said, **more)


def story(*steps: Stepped, changes: tuple[Given, ...] = (), given_: Given | None = None) -> Story:
    return Story(given_ or notice(), "af", steps, changes)


ACKNOWLEDGED = step(1, "af", Acknowledged(notice=KEY))
ASKED = step(2, "af", Questioned(notice=KEY, about=("duration", "purpose")), 2 * HOUR)
EXPLAINED = step(
    3,
    "pk",
    Explained(
        notice=KEY,
        question=ASKED.key,
        says=(Explanation(about="duration", word="as-noticed"), Explanation(about="purpose", word="will-stop")),
    ),
    3 * HOUR,
)
DONE = step(4, "pk", Ended(notice=KEY, how="done"), 4 * HOUR)
CALLED_OFF = step(4, "pk", Ended(notice=KEY, how="called-off"), 4 * HOUR)
NEWER = notice(Works(shape=SHAPE, window=WINDOW, country="PK", works="road", purpose="civilian", changes=KEY))
NEWER = replace(NEWER, key=named(5, "pk"), at=NOW + 5 * HOUR)
DUE = ASKED.at + timedelta(hours=24)


@pytest.mark.parametrize(
    ("steps", "changes", "now", "state"),
    [
        ((), (), NOW, "given"),
        ((ACKNOWLEDGED,), (), NOW, "acknowledged"),
        ((ACKNOWLEDGED, ASKED), (), DUE, "asked"),
        ((ACKNOWLEDGED, ASKED), (), DUE + timedelta(seconds=1), "overdue"),
        ((ASKED, EXPLAINED), (), DUE + HOUR, "explained"),
        ((ACKNOWLEDGED,), (), OVER - timedelta(seconds=1), "acknowledged"),
        ((ACKNOWLEDGED,), (), OVER, "over"),
        ((ASKED,), (), OVER + HOUR, "overdue"),  # what was asked stays owed
        ((ASKED, EXPLAINED), (), OVER, "over"),
        ((ACKNOWLEDGED, DONE), (), NOW, "done"),
        ((CALLED_OFF,), (), NOW, "called-off"),
        ((ACKNOWLEDGED,), (NEWER,), NOW, "changed"),
        ((DONE,), (NEWER,), NOW, "changed"),
    ],
)
def test_how_it_stands(steps: tuple[Stepped, ...], changes: tuple[Given, ...], now: datetime, state: str) -> None:
    found = story(*steps, changes=changes)
    assert rules.state(found, now) == state
    assert rules.stands(found, now) is (state not in {"over", "done", "called-off", "changed"} and now < OVER)


def test_a_notice_that_was_withdrawn_stands_no_more() -> None:
    found = story(ACKNOWLEDGED, DONE, given_=notice(withdrawn=True))
    assert rules.state(found, NOW) == "withdrawn"
    assert not rules.stands(found, NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"key": named(1, "pk")}, id="by who gave it"),
        pytest.param({"key": named(1, "obs")}, id="by the observer"),
        pytest.param({"at": NOW - SKEW - timedelta(seconds=1)}, id="before it was given"),
        pytest.param({"compact": "another"}, id="under another compact"),
        pytest.param({"exercise": True}, id="as an exercise"),
        pytest.param({"withdrawn": True}, id="withdrawn"),
        pytest.param({"body": Acknowledged(notice=named(9))}, id="of another notice"),
    ],
)
def test_what_does_not_count_for_an_acknowledgement(wrong: dict[str, Any]) -> None:
    assert rules.acknowledged(story(replace(ACKNOWLEDGED, **wrong))) is None
    assert rules.acknowledged(story(ACKNOWLEDGED, replace(ACKNOWLEDGED, **wrong))) == ACKNOWLEDGED


def test_what_is_dated_before_it_by_no_more_than_clocks_differ_counts() -> None:
    assert rules.acknowledged(story(replace(ACKNOWLEDGED, at=NOW - SKEW))) is not None


@pytest.mark.parametrize("by", ["af", "obs"])
def test_only_who_gave_it_ends_changes_and_explains_it_and_invites(by: str) -> None:
    """An attack: whoever could end the other side's notice could hide what is planned from deconfliction."""
    stolen = [replace(each, key=Named(by, each.key.id)) for each in (DONE, EXPLAINED)]
    invited = step(7, by, Invited(notice=KEY, times=(WINDOW.since,), place=Spot(34.1, 71.1, 1000), most=2))
    found = story(ASKED, *stolen, invited, changes=(replace(NEWER, key=Named(by, NEWER.key.id)),))
    assert rules.ended(found) is None
    assert rules.changed_by(found) is None
    assert [each.answered for each in rules.questions(found)] == [None]
    assert rules.offers(found, NOW) == ()


@pytest.mark.parametrize("by", ["pk", "obs"])
def test_only_the_other_member_asks(by: str) -> None:
    assert rules.questions(story(replace(ASKED, key=Named(by, ASKED.key.id)))) == ()


@pytest.mark.parametrize(
    "wrong",
    [{"exercise": True}, {"compact": "another"}, {"withdrawn": True}, {"at": NOW - 2 * SKEW}, {"body": WORKS}],
)
def test_a_notice_is_not_changed_by_one_of_another_marking_compact_or_time(wrong: dict[str, Any]) -> None:
    assert rules.changed_by(story(changes=(replace(NEWER, **wrong),))) is None


def test_of_several_in_its_place_the_newest_stands_for_all_who_look() -> None:
    older = replace(NEWER, key=named(6, "pk"), at=NOW + HOUR)
    for changes in ((older, NEWER), (NEWER, older)):
        assert rules.changed_by(story(changes=changes)) == NEWER


def test_of_two_that_change_one_another_the_later_does() -> None:
    """An attack: of two that both are gone nobody would be told, though both sides hold them."""
    later = replace(NEWER, at=NOW, key=named(99, "pk"))
    earlier = replace(NEWER, at=NOW - timedelta(seconds=1))
    assert rules.changed_by(story(changes=(later,))) == later
    assert rules.changed_by(story(changes=(earlier,))) is None


def test_no_notice_changes_itself() -> None:
    assert rules.changed_by(story(changes=(replace(NEWER, key=KEY),))) is None


HALVES: tuple[tuple[int, About], ...] = ((3, "purpose"), (4, "duration"))


class TestExplaining:
    """What was asked is answered when all of it was, and in time by the compact."""

    def test_half_an_answer_is_none_and_two_halves_are_one(self) -> None:
        halves = [
            step(
                number,
                "pk",
                Explained(notice=KEY, question=ASKED.key, says=(Explanation(about=about, word="will-move"),)),
                number * HOUR,
            )
            for number, about in HALVES
        ]
        (half,) = rules.questions(story(ASKED, halves[0]))
        assert half.answered is None
        (whole,) = rules.questions(story(*halves, ASKED))
        assert whole.answered == NOW + 4 * HOUR
        assert len(whole.answers) == 2

    def test_late_is_what_comes_after_the_compact_s_time_and_stays_so(self) -> None:
        in_time, late = replace(EXPLAINED, at=DUE), replace(EXPLAINED, at=DUE + timedelta(seconds=1))
        assert not rules.questions(story(ASKED, in_time))[0].late(OVER)
        assert rules.questions(story(ASKED, late))[0].late(OVER)

    def test_an_answer_to_another_question_is_none(self) -> None:
        said = replace(EXPLAINED, body=Explained(notice=KEY, question=named(9), says=EXPLAINED.body.says))  # type: ignore[union-attr]
        assert rules.questions(story(ASKED, said))[0].answered is None

    def test_of_a_type_that_the_compact_says_nothing_of_nothing_is_late(self) -> None:
        (question,) = rules.questions(story(ASKED, given_=notice(terms=None)))
        assert question.due is None
        assert not question.late(OVER + timedelta(days=1000))
        assert rules.told_by(notice(terms=None)) is None
        assert not rules.late(notice(terms=None))


def test_a_convoy_of_aid_is_asked_nothing_and_visited_by_nobody_whatever_records_say() -> None:
    """Floor 13: an answer that could be awaited would be a permission."""
    invited = step(7, "pk", Invited(notice=KEY, times=(WINDOW.since,), place=Spot(34.1, 71.1, 1000), most=2))
    found = story(ACKNOWLEDGED, ASKED, invited, given_=notice(CONVOY))
    assert rules.questions(found) == ()
    assert rules.offers(found, NOW) == ()
    assert rules.state(found, OVER - HOUR) == "acknowledged"


TIME = WINDOW.since
OFFER = step(7, "pk", Invited(notice=KEY, times=(TIME, TIME + HOUR), place=Spot(34.1, 71.1, 1000), most=2))


def coming(number: int = 8, after: timedelta = 8 * HOUR, **more: Any) -> Stepped:
    said: dict[str, Any] = {"accepts": True, "time": TIME, "count": 2} | more
    return step(number, "af", Visiting(notice=KEY, visit=OFFER.key, **said), after)


LATER = 40 * 24 * HOUR


def word(party: str, *, took_place: bool, after: timedelta = LATER) -> Stepped:
    return step(9, party, Visited(notice=KEY, visit=OFFER.key, took_place=took_place), after)


DECLINED = coming(9, 9 * HOUR, accepts=False, time=None, count=None)
EARLY = word("pk", took_place=True, after=TIME - NOW - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("steps", "now", "state"),
    [
        ((), NOW, "offered"),
        ((), TIME + HOUR, "passed"),
        ((coming(),), NOW, "accepted"),
        ((coming(time=TIME + 2 * HOUR),), NOW, "offered"),  # a time that was not offered
        ((coming(count=3),), NOW, "offered"),  # more than were invited
        ((coming(8, 8 * HOUR), DECLINED), NOW, "declined"),
        ((coming(), word("af", took_place=True), word("pk", took_place=True)), OVER, "took-place"),
        ((coming(), word("af", took_place=False), word("pk", took_place=False)), OVER, "did-not"),
        ((coming(), word("pk", took_place=True)), OVER, "accepted"),  # by one side's word nothing took place
        ((coming(), word("af", took_place=False)), OVER, "accepted"),
        ((word("af", took_place=True), word("pk", took_place=True)), OVER, "passed"),  # nobody said that it would come
        ((DECLINED, word("af", took_place=True), word("pk", took_place=True)), OVER, "declined"),
        ((coming(), EARLY, word("af", took_place=True)), OVER, "accepted"),  # said before its time
        ((coming(), replace(DECLINED, at=TIME)), OVER, "accepted"),  # too late to be declined
        ((coming(), word("af", took_place=False), word("pk", took_place=True)), OVER, "disputed"),
        ((coming(), word("obs", took_place=True)), OVER, "accepted"),
    ],
)
def test_how_a_visit_stands(steps: tuple[Stepped, ...], now: datetime, state: str) -> None:
    (offer,) = rules.offers(story(OFFER, *steps), now)
    assert offer.state == state


def test_whose_word_it_is_is_kept_where_one_side_alone_said_that_it_was() -> None:
    (offer,) = rules.offers(story(OFFER, coming(), EARLY, word("pk", took_place=True)), OVER)
    assert [(each.key.party, each.at) for each in offer.words] == [("pk", NOW + LATER)]


ALL = (
    ACKNOWLEDGED,
    ASKED,
    EXPLAINED,
    DONE,
    CALLED_OFF,
    OFFER,
    coming(),
    word("pk", took_place=True),
    word("af", took_place=False),
)


def known(found: Story, now: datetime) -> tuple[Any, ...]:
    """All that is said of a notice anywhere."""
    return (
        rules.state(found, now),
        rules.stands(found, now),
        rules.acknowledged(found),
        rules.ended(found),
        rules.changed_by(found),
        rules.questions(found),
        rules.offers(found, now),
    )


@given(
    steps=st.lists(
        st.builds(
            lambda each, minutes, party: replace(
                each, at=NOW + timedelta(minutes=minutes), key=Named(party, each.key.id)
            ),
            st.sampled_from(ALL),
            st.integers(-10, 60 * 24 * 40),
            st.sampled_from(("pk", "af", "obs")),
        ),
        max_size=12,
    ),
    changed=st.lists(st.integers(-10, 6000), max_size=3, unique=True),
    hours=st.integers(0, 24 * 50),
    random=st.randoms(use_true_random=False),
)
def test_in_whatever_order_records_came_both_sides_say_the_same(
    steps: list[Stepped], changed: list[int], hours: int, random: Any
) -> None:
    # Several of one sort by one party, each of a name of its own, beside those that others refer to by theirs.
    others = [replace(each, key=named(10 + number, each.key.party)) for number, each in enumerate(steps)]
    distinct = tuple({each.key: each for each in (*steps, *others)}.values())
    changes = tuple(
        replace(NEWER, key=named(50 + number, "pk"), at=NOW + timedelta(minutes=minutes))
        for number, minutes in enumerate(changed)
    )
    now = NOW + hours * HOUR
    here = story(*distinct, changes=changes)
    there = story(*random.sample(distinct, len(distinct)), changes=tuple(random.sample(changes, len(changes))))
    assert known(here, now) == known(there, now)


PASSED = Acknowledged(notice=KEY, unit="torkham/company", passed=NOW)


def test_a_notice_is_known_to_have_reached_a_unit_by_the_other_sides_word_alone() -> None:
    assert rules.passed(story(step(1, "af", Acknowledged(notice=KEY)))) == ()
    assert rules.passed(story(step(1, "pk", PASSED))) == ()
    assert rules.passed(story(step(1, "af", PASSED, withdrawn=True))) == ()
    told, later = step(1, "af", Acknowledged(notice=KEY)), step(2, "af", PASSED, 2 * HOUR)
    assert rules.passed(story(later, told)) == (later,)
    assert rules.acknowledged(story(later, told)) == told
    assert rules.acknowledged(story(later)) == later


@pytest.mark.parametrize("more", [{"unit": "torkham/company"}, {"passed": NOW}])
def test_who_passed_a_notice_on_says_to_which_unit_and_when(more: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        Acknowledged(notice=KEY, **more)
    assert caught.value.code == "liaison.passed"
