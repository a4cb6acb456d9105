"""Notices between real nodes that meet only by what is carried: the same in any order, what is refused, what floors keep."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amanat.exchange import opening
from amanat.exchange.means import look
from amanat.party.errors import Invalid
from amanat.record.record import Record
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import rules, waiting
from amanat.workspaces.liaison.notices.kinds import Works
from amanat.workspaces.liaison.notices.steps import (
    Acknowledged,
    Ended,
    Explained,
    Explanation,
    Questioned,
)
from amanat.workspaces.liaison.tests.lines import DUTY, hotline
from amanat.workspaces.liaison.tests.notices_cast import BLASTING, SOON, WORKS, Notices, name, states, what_waits

STEP_KIND = "liaison.notice-step"


@pytest.fixture
def them(tmp_path: Path) -> Iterator[Notices]:
    with hotline(tmp_path) as line:
        yield Notices(line)


# --- the way of a notice ------------------------------------------------------------------------------------


def test_a_works_notice_is_acknowledged_asked_about_explained_and_ended_and_all_three_see_the_same(
    them: Notices,
) -> None:
    notice = them.give("pk", WORKS)
    them.carry()
    assert states(them, notice) == {"given"}
    assert what_waits(them, "af") == ["liaison.notice-acknowledge"]
    them.do("af", "acknowledge-notice", notice)
    them.carry()
    assert states(them, notice) == {"acknowledged"}
    assert what_waits(them, "af") == what_waits(them, "pk") == []
    asked = them.do("af", "ask-notice", notice, about_purpose="on", about_duration="on")
    them.carry()
    assert states(them, notice) == {"asked"}
    assert what_waits(them, "pk") == ["liaison.notice-explain"]
    them.forward(hours=25)
    assert states(them, notice) == {"overdue"}
    said = {"purpose_word": "as-noticed", "purpose_purpose": "water", "duration_word": "will-stop"}
    them.do("pk", "explain-notice", notice, question=name(asked), **said, duration_until="2026-12-10 12:00")
    them.carry()
    assert states(them, notice) == {"explained"}
    assert what_waits(them, "pk") == []
    assert rules.questions(them.story("af", notice))[0].late(them.line.side("af").means.now())
    them.do("pk", "end-notice", notice, how="done", sure="on")
    them.carry()
    assert states(them, notice) == {"done"}


def test_the_deed_that_acts_opens_what_it_acts_upon(them: Notices) -> None:
    notice = them.give("pk", WORKS)
    them.carry()
    them.do("af", "acknowledge-notice", notice)
    them.carry()
    with look(them.line.side("pk").means) as turn:
        said = opening.meanings(turn.tx, [notice.key], turn.means.kinds)[notice.key]
    assert [post for post, _ in said["af"].opened] == [DUTY]


def test_a_visit_is_offered_accepted_and_took_place(them: Notices) -> None:
    notice = them.give("pk", WORKS)
    offered = them.do(
        "pk",
        "invite-notice",
        notice,
        time0="2026-12-10 11:00",
        time1="2026-12-10 12:00",
        place="Torkham (PK)",
        most="3",
    )
    them.carry()
    assert "liaison.notice-visit" in what_waits(them, "af")
    them.do(
        "af", "visit-notice", notice, visit=name(offered), accepts="yes", time="2026-12-10T12:00:00+00:00", count="2"
    )
    them.carry()
    for party in ("pk", "af"):
        (offer,) = rules.offers(them.story(party, notice), them.line.side(party).means.now())
        assert offer.state == "accepted"
    assert "liaison.notice-visit" not in what_waits(them, "af")
    with pytest.raises(Invalid, match="Nobody was to come yet"):
        them.do("af", "visited-notice", notice, visit=name(offered), took_place="yes")
    them.forward(days=17)
    them.do("pk", "visited-notice", notice, visit=name(offered), took_place="yes")
    them.carry()
    (offer,) = rules.offers(them.story("af", notice), them.line.side("af").means.now())
    assert (offer.state, [each.key.party for each in offer.words]) == ("accepted", ["pk"])
    them.do("af", "visited-notice", notice, visit=name(offered), took_place="no")
    them.carry()
    (offer,) = rules.offers(them.story("pk", notice), them.line.side("pk").means.now())
    assert offer.state == "disputed"


def test_what_waits_no_more_hides_nothing_that_does(them: Notices, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attack: notices that begin sooner, all of them changed, explained or visited, in front of those that wait."""
    monkeypatch.setattr(waiting, "MOST_WAITING", 2)
    monkeypatch.setattr(waiting, "AT_ONCE", 2, raising=False)
    monkeypatch.setattr(waiting, "MOST_LOOKED", 4, raising=False)
    ours = [them.give("af", BLASTING, **SOON) for _ in range(2)] + [them.give("af", BLASTING)]
    theirs = [them.give("pk", WORKS, **SOON) for _ in range(4)]
    for each in theirs:
        them.give("pk", WORKS, since="2026-12-11 10:00", until="2026-12-11 18:00", changes=name(each))
    them.carry()
    for each in ours[:2]:
        asked = them.do("pk", "ask-notice", each, about_duration="on")
        them.carry()
        key, of_ = Named(*each.key), Named(*asked.key)
        them.say(
            "af",
            STEP_KIND,
            Explained(notice=key, question=of_, says=(Explanation(about="duration", word="as-noticed"),)),
        )
    them.do("pk", "ask-notice", ours[2], about_duration="on")
    them.carry()
    assert what_waits(them, "af") == ["liaison.notice-acknowledge"] * 2 + ["liaison.notice-explain"]


def test_late_is_marked_on_both_sides_and_not_refused(them: Notices) -> None:
    late, in_time = them.give("pk", WORKS, **SOON), them.give("pk", WORKS)
    them.carry()
    for party in ("pk", "af", "obs"):
        assert rules.late(them.story(party, late).given)
        assert not rules.late(them.story(party, in_time).given)


# --- whatever the order ---------------------------------------------------------------------------------------


@dataclass
class Said:
    """What a party says at some minute of the story: a step, or a notice in its place."""

    party: str
    body: Any


def _said(number: int, notice: Record) -> Said:
    key = Named(*notice.key)
    window = notice.body.window
    bodies: list[Said] = [
        Said("af", Acknowledged(notice=key)),
        Said("af", Questioned(notice=key, about=("purpose",))),
        Said("pk", Ended(notice=key, how="done")),
        Said("pk", Ended(notice=key, how="called-off")),
        Said("af", Ended(notice=key, how="done")),  # whose it is not
        Said(
            "pk", Works(shape=notice.body.shape, window=window, country="PK", works="road", purpose="new", changes=key)
        ),
        Said(
            "af", Works(shape=notice.body.shape, window=window, country="AF", works="road", purpose="new", changes=key)
        ),
    ]
    return bodies[number]


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 90), st.sampled_from(("pk", "af", ""))), max_size=7))
def test_whatever_is_said_and_carried_when_both_sides_come_to_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[int, int, str]]
) -> None:
    """Each says things while others are under way; in between one direction or the other is carried, or none."""
    with hotline(tmp_path_factory.mktemp("story")) as line:
        them = Notices(line)
        notice = them.give("pk", WORKS)
        them.line.border.exchange("pk", "af")
        for number, minutes, carried in story:
            them.forward(minutes=minutes)
            said = _said(number, notice)
            them.say(said.party, "liaison.notice" if isinstance(said.body, Works) else STEP_KIND, said.body)
            if carried:
                them.line.border.exchange(carried, "af" if carried == "pk" else "pk")
        them.carry()
        assert len(states(them, notice)) == 1
        plan = {"country": "AF", "type": "blasting", "charge_kg": "5", "below_ground": "no", "purpose": "road"}
        met = {(each.other.party, each.other.id) for each in them.met("af", plan).met}
        given = them.given("af", "pk")
        now = line.side("pk").means.now()
        assert met == {key for key in given if rules.stands(them.story_of("pk", *key), now)}
