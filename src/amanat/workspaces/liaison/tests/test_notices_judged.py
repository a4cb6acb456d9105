"""Whether an explanation is enough, who asked says; where it is not, the two sides meet (Vienna Document 2011, III 17)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.exchange.means import look
from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Invalid
from amanat.record.notices import Withdrawal
from amanat.record.record import Record
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import rules, stories
from amanat.workspaces.liaison.notices.rules import Question
from amanat.workspaces.liaison.notices.steps import Judged
from amanat.workspaces.liaison.tests.lines import DUTY, hotline
from amanat.workspaces.liaison.tests.meetings_cast import Meetings
from amanat.workspaces.liaison.tests.notices_cast import WORKS, Notices, name, what_waits

STEP_KIND = "liaison.notice-step"
SAYS = {"purpose_word": "as-noticed", "purpose_purpose": "water"}


@pytest.fixture
def them(tmp_path: Path) -> Iterator[Notices]:
    with hotline(tmp_path) as line:
        yield Notices(line)


def explained(them: Notices) -> tuple[Record, Record, Record]:
    """A notice of pk's, what af asked about it, and what pk answered."""
    notice = them.give("pk", WORKS)
    them.carry()
    them.do("af", "acknowledge-notice", notice)
    asked = them.do("af", "ask-notice", notice, about_purpose="on")
    them.carry()
    answer = them.do("pk", "explain-notice", notice, question=name(asked), **SAYS)
    them.carry()
    return notice, asked, answer


def question(them: Notices, party: str, notice: Record) -> Question:
    (found,) = rules.questions(them.story(party, notice))
    return found


def judge(them: Notices, notice: Record, asked: Record, enough: str) -> Record:
    return them.do("af", "judge-notice", notice, question=name(asked), enough=enough)


def test_what_was_explained_waits_for_who_asked_until_they_say_that_it_is_enough(them: Notices) -> None:
    notice, asked, _ = explained(them)
    assert (what_waits(them, "af"), what_waits(them, "pk")) == (["liaison.notice-judge"], [])
    judge(them, notice, asked, "yes")
    them.carry()
    for party in ("pk", "af", "obs"):
        found = question(them, party, notice)
        assert (found.lacking, found.meet) == (False, None)
        assert found.judged is not None
    assert what_waits(them, "af") == what_waits(them, "pk") == []


def test_where_it_is_not_enough_both_sides_are_to_meet_within_the_time_of_the_ladder(them: Notices) -> None:
    notice, asked, _ = explained(them)
    judge(them, notice, asked, "no")
    them.carry()
    for party in ("pk", "af", "obs"):
        found = question(them, party, notice)
        assert found.judged is not None
        assert found.meet == found.judged.at + timedelta(hours=48)
    assert what_waits(them, "af") == what_waits(them, "pk") == ["liaison.notice-meet"]
    Meetings(them.line.border).propose("pk", linked=name(notice))
    them.carry()
    assert what_waits(them, "af") == what_waits(them, "pk") == []


def test_what_is_explained_further_can_be_said_to_be_enough(them: Notices) -> None:
    notice, asked, _ = explained(them)
    judge(them, notice, asked, "no")
    them.carry()
    them.forward(minutes=10)
    them.do("pk", "explain-notice", notice, question=name(asked), **SAYS)
    them.carry()
    assert question(them, "af", notice).lacking
    judge(them, notice, asked, "yes")
    them.carry()
    assert not question(them, "pk", notice).lacking
    assert what_waits(them, "af") == what_waits(them, "pk") == []


def test_who_did_not_ask_judges_nothing(them: Notices) -> None:
    notice, asked, answer = explained(them)
    with pytest.raises(Invalid):
        them.do("pk", "judge-notice", notice, question=name(asked), enough="yes")
    them.line.border.dishonest.add("pk")
    them.say("pk", STEP_KIND, Judged(notice=Named(*notice.key), answer=Named(*answer.key), enough=True))
    them.carry()
    assert question(them, "af", notice).judged is question(them, "pk", notice).judged is None


@pytest.mark.parametrize("typed", [{"enough": "perhaps"}, {"enough": "yes", "question": "af:none"}, {"enough": ""}])
def test_a_word_on_what_was_not_explained_is_refused(them: Notices, typed: dict[str, str]) -> None:
    notice, asked, _ = explained(them)
    with pytest.raises(Invalid) as refused:
        them.do("af", "judge-notice", notice, **{"question": name(asked), **typed})
    assert refused.value.code == "liaison.notice-judged"


def test_an_answer_that_is_withdrawn_is_no_answer_and_nothing_is_judged(them: Notices) -> None:
    notice, asked, answer = explained(them)
    judge(them, notice, asked, "no")
    them.carry()
    pk = them.line.side("pk")
    withdraw(answer.fields.id, Withdrawal("mistaken"), pk.post, pk.means)
    them.carry()
    found = question(them, "af", notice)
    assert (found.answered, found.judged, found.meet) == (None, None, None)
    assert what_waits(them, "pk") == ["liaison.notice-explain"]


def test_a_word_dated_clearly_before_the_answer_counts_for_nothing(them: Notices) -> None:
    notice, _, _ = explained(them)
    story = them.story("af", notice)
    (asked,) = rules.questions(story)
    answer = asked.answers[-1]
    said = replace(
        answer,
        key=Named("af", "01936e1a-7a00-7000-8000-0000000000aa"),
        post=DUTY,
        body=Judged(notice=story.given.key, answer=answer.key, enough=False),
    )
    early = replace(said, at=answer.at - timedelta(minutes=30))
    assert rules.questions(replace(story, steps=(*story.steps, early)))[0].judged is None
    assert rules.questions(replace(story, steps=(*story.steps, said)))[0].judged == said


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rules.Story]:
    """A notice that was explained, and judged three times."""
    with hotline(tmp_path_factory.mktemp("told")) as line:
        them = Notices(line)
        notice, asked, _ = explained(them)
        judge(them, notice, asked, "no")
        them.forward(minutes=5)
        judge(them, notice, asked, "yes")
        them.carry()
        them.forward(minutes=5)
        judge(them, notice, asked, "no")
        them.carry()
        with look(line.side("pk").means) as turn:
            found = stories.one(turn, *notice.key)
        assert found is not None
        yield found


@given(st.randoms(use_true_random=False))
def test_the_last_word_counts_in_whatever_order_they_came(told: rules.Story, chance: Any) -> None:
    steps = list(told.steps)
    chance.shuffle(steps)
    assert rules.questions(replace(told, steps=tuple(steps))) == rules.questions(told)
    assert rules.questions(told)[0].lacking
