"""Clarification: what a set of records comes to, who answers and judges, and what no body may say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.errors import Invalid, Refused
from amanat.record.kind import Place
from amanat.workspaces.liaison.clarifications import facts, kinds, rules
from amanat.workspaces.liaison.clarifications.kinds import Answered, Judged, Seen
from amanat.workspaces.liaison.clarifications.rules import Clarification, Standing
from amanat.workspaces.liaison.ground.shapes import Point, Position, Window
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.tests.lines import DUTY
from amanat.workspaces.liaison.told import Told
from compact.cast import TERMS

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOURS = timedelta(hours=24)
ROOT = Named("pk", "01936e1a-7a00-7000-8000-000000000000")
SEEN = Seen(
    sight="building",
    shape=Point(Position(34.12, 71.1), 1500),
    window=Window(NOON - timedelta(hours=3), NOON - timedelta(hours=1)),
    country="AF",
)


def said(number: int, party: str, body: Any, hours: float | None = None) -> Told:
    key = Named(party, f"01936e1a-7a00-7000-8000-{number:012x}")
    return Told(key, DUTY, NOON + timedelta(hours=number if hours is None else hours), body)


def answer(number: int, word: kinds.Word = "not-ours", party: str = "af", **more: Any) -> Told:
    return said(number, party, Answered(clarification=more.pop("of", ROOT), word=word), **more)


def judged(number: int, of: Told, *, enough: bool, party: str = "pk", **more: Any) -> Told:
    why: kinds.Why | None = None if enough else "differs"
    return said(number, party, Judged(clarification=ROOT, answer=of.key, enough=enough, why=why), **more)


def asked(*steps: Told) -> Clarification:
    return Clarification(Told(ROOT, DUTY, NOON, SEEN), "af", frozenset(steps), HOURS, timedelta(hours=48))


def stands(*steps: Told, hours: float = 0) -> Standing:
    return rules.standing(asked(*steps), NOON + timedelta(hours=hours))


def turns(standing: Standing) -> list[tuple[str, str, datetime]]:
    return [(each.code, each.party, each.due) for each in standing.waits]


ONE = answer(1)


def test_who_is_asked_answers_within_the_hours_and_who_asked_judges_within_as_many() -> None:
    assert turns(stands()) == [("answered", "af", NOON + HOURS)]
    assert turns(stands(ONE)) == [("judged", "pk", ONE.at + HOURS)]
    done = stands(ONE, judged(2, ONE, enough=True))
    assert (done.state, done.waits, done.late) == ("enough", (), False)


def test_an_answer_after_its_time_is_late_and_so_is_none_at_all() -> None:
    assert [stands(answer(at)).late for at in (24, 25)] == [False, True]
    assert [stands(hours=at).late for at in (24, 25)] == [False, True]


def test_an_answer_that_was_withdrawn_is_none() -> None:
    gone = replace(ONE, withdrawn=NOON + timedelta(hours=2))
    assert stands(gone).state == "asked"
    assert stands(gone, judged(3, gone, enough=True)).state == "asked"
    assert stands(gone, answer(25)).late


def test_an_answer_that_is_not_enough_is_met_about_and_may_be_answered_anew() -> None:
    no = judged(2, ONE, enough=False)
    assert stands(ONE, no).meet == no.at + timedelta(hours=48)
    assert rules.acts(asked(ONE, no), NOON, "af") == ("answered",)
    assert stands(ONE, no, answer(3)).state == "answered"


def test_a_later_answer_takes_the_place_of_none_that_is_enough() -> None:
    done = stands(ONE, judged(2, ONE, enough=True), answer(3, "cannot-say"))
    assert (done.state, done.answer) == ("enough", ONE)


@pytest.mark.promised(
    "answers and judgements of who may not give them",
    "src/amanat/workspaces/liaison/README.md",
    "What was seen without notice",
    "What is said by anybody else, of another matter, compact or marking, or is dated before what it is about, changes nothing.",
)
@pytest.mark.parametrize(
    "unlawful",
    [
        answer(5, party="pk"),
        answer(5, party="obs"),
        answer(5, of=Named("pk", ONE.key.id)),
        answer(5, hours=-1),
        judged(5, ONE, enough=True, party="af"),
        judged(5, ONE, enough=True, party="obs"),
        judged(5, answer(9), enough=True),
        judged(5, ONE, enough=True, hours=0.5),
        said(5, "af", SEEN),
    ],
)
def test_what_somebody_says_who_may_not_or_too_early_changes_nothing(unlawful: Told) -> None:
    assert stands(ONE, unlawful) == stands(ONE)


def test_who_saw_it_does_not_answer_and_who_is_asked_does_not_judge() -> None:
    assert [rules.acts(asked(), NOON, party) for party in ("pk", "af", "obs")] == [(), ("answered",), ()]
    assert [rules.acts(asked(ONE), NOON, party) for party in ("pk", "af", "obs")] == [("judged",), (), ()]


@st.composite
def _sets(draw: st.DrawFn) -> list[Told]:
    answers = [answer(n, party=draw(st.sampled_from(["pk", "af", "obs"]))) for n in range(1, 4)]
    verdicts = [
        judged(
            n,
            draw(st.sampled_from(answers)),
            enough=draw(st.booleans()),
            party=draw(st.sampled_from(["pk", "af"])),
            hours=draw(st.integers(-1, 5)),
        )
        for n in range(4, 8)
    ]
    return [*answers, *verdicts]


@given(_sets(), st.data())
def test_any_order_of_arrival_gives_the_same_and_never_a_judgement_of_the_answerers(
    those: Sequence[Told], data: st.DataObject
) -> None:
    once, again = stands(*those), stands(*data.draw(st.permutations(those)))
    assert once == again
    assert once.verdict is None or once.verdict.party == "pk"
    assert once.answer is None or once.answer.party == "af"


@pytest.mark.parametrize(("activity", "hours"), [("works", 24), ("patrol", 12), ("exercise", 48), (None, 48)])
def test_the_hours_are_those_in_which_a_notice_is_explained_else_the_longest(
    activity: kinds.Type | None, hours: int
) -> None:
    assert rules.within(TERMS, activity) == timedelta(hours=hours)


def test_where_the_compact_says_no_hours_it_is_48_as_in_vienna() -> None:
    assert rules.within(msgspec.structs.replace(TERMS, notification={}), "works") == timedelta(hours=48)


@pytest.mark.parametrize(
    "body",
    [
        Answered(clarification=ROOT, word="ours"),
        Answered(clarification=ROOT, word="noticed"),
        Answered(clarification=ROOT, word="not-ours", purpose="repair"),
        Answered(clarification=ROOT, word="cannot-say", notice=ROOT),
        Answered(clarification=ROOT, word="ours", purpose="conquest"),
        Judged(clarification=ROOT, answer=ROOT, enough=False),
        Judged(clarification=ROOT, answer=ROOT, enough=True, why="differs"),
    ],
)
def test_a_body_that_contradicts_itself_is_refused(body: kinds.Body) -> None:
    with pytest.raises(Invalid):
        facts.of_clarification(body)


def at(metres: int, sight: kinds.Sight, activity: kinds.Type | None = None) -> Seen:
    shape = Point(Position(34.12345, 71.09876), metres)
    return Seen(sight=sight, activity=activity, shape=shape, window=SEEN.window, country="AF")


def test_nothing_seen_is_told_closer_than_fire_could_be_corrected_by() -> None:
    with pytest.raises(Refused):
        facts.of_clarification(at(200, "building"))


@pytest.mark.parametrize(("sight", "activity"), [("troops", None), ("other", None), ("building", "patrol")])
def test_where_people_may_be_the_floor_is_told_and_a_shape_made_coarser(
    sight: kinds.Sight, activity: kinds.Type | None
) -> None:
    drawn = at(200, sight, activity)
    told = Seen(sight=sight, activity=activity, shape=facts.told(drawn), window=SEEN.window, country="AF")
    (place,) = facts.of_clarification(told).places
    assert isinstance(place, Place)
    assert place.metres >= 10_000
    assert isinstance(facts.told(at(200, "building")), Point)
