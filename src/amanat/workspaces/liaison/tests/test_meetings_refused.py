"""What of a meeting is refused by who would send it, before anything is sent."""

from datetime import timedelta
from typing import Any

import pytest

from amanat.exchange.means import look
from amanat.party.errors import Invalid
from amanat.record.record import Record
from amanat.workspaces.liaison.dealings import require_dealing
from amanat.workspaces.liaison.meetings import rules, views
from amanat.workspaces.liaison.meetings.kinds import MEETING
from amanat.workspaces.liaison.tests.meetings_cast import PLACE, POST, Meetings, of, refused


@pytest.fixture(scope="module")
def over(busy: Meetings) -> Record:
    """A meeting that is over."""
    return busy.over()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"begins0": "2020-01-01 10:00"}, "liaison.meeting-past"),
        ({"begins0": "soon"}, "liaison.time"),
        ({"begins0": ""}, "liaison.meeting-empty"),
        ({"place0": "nowhere at all"}, "liaison.place"),
        ({"place0": "", "begins0": "", "place1": "", "begins1": ""}, "liaison.meeting-when"),
        ({"level": "emperors"}, "liaison.choice"),
        ({"topic0": "gossip"}, "liaison.choice"),
        ({"topic0": "other"}, "liaison.meeting-other"),
        ({"of0": "that incident"}, "liaison.meeting-record"),
        ({"linked": "pk:nothing"}, "liaison.meeting-record"),
        ({"minutes": "an hour"}, "liaison.whole"),
        ({"minutes": "5"}, "form.field"),
        ({"chair": "obs"}, "liaison.meeting-chair"),
        ({"topic0": "", "topic1": ""}, "form.field"),
        ({"works3": "", "works2": ""}, "form.field"),
        ({"ours_post0": "Mr Nobody"}, "form.field"),
        ({"ours_number0": "100"}, "form.field"),
        ({"ours_post1": POST, "ours_number1": "1"}, "liaison.meeting-twice"),
        ({"guest0": "king"}, "liaison.choice"),
        ({"compact": "no-such"}, "liaison.dealing"),
    ],
)
def test_a_proposal_that_says_what_it_may_not_is_refused(busy: Meetings, changes: dict[str, str], code: str) -> None:
    assert refused(busy, "pk", "send-proposal", **(busy.proposal() | changes)) == code


def test_what_is_over_is_not_agreed_to_nor_what_nobody_offers(busy: Meetings) -> None:
    meeting = busy.propose()
    busy.carry()
    name = ":".join(meeting.key)
    assert refused(busy, "af", "agree-meeting", **of(meeting), of=name, choice="4") == "liaison.meeting-alternative"
    busy.border.clock.at += timedelta(days=2, minutes=1)
    assert refused(busy, "af", "agree-meeting", **of(meeting), of=name, choice="0") == "liaison.meeting-begun"
    assert refused(busy, "af", "agree-meeting", party="pk", id="none", of=name, choice="0") == "liaison.meeting"
    doubled = {"ours_post0": POST, "ours_number0": "1", "ours_post1": POST, "ours_number1": "2"}
    assert (
        refused(busy, "af", "agree-meeting", **of(meeting), of=name, choice="1", **doubled) == "liaison.meeting-twice"
    )


def test_who_offers_too_often_is_told_to_begin_anew(busy: Meetings) -> None:
    meeting = busy.propose()
    for number in range(rules.MOST_OFFERS - 1):
        busy.counter("pk", meeting, days=4 + number)
    when = {"place0": PLACE, "begins0": busy.typed(days=20), "minutes": "45"}
    assert refused(busy, "pk", "counter-meeting", **of(meeting), **when) == "liaison.meeting-offers"


def test_an_agreed_meeting_is_not_declined_and_one_called_off_is_over_with(busy: Meetings) -> None:
    meeting = busy.agreed()
    assert refused(busy, "af", "decline-meeting", **of(meeting), cause="too-soon") == "liaison.meeting-agreed"
    assert refused(busy, "af", "cancel-meeting", **of(meeting), cause="") == "liaison.choice"
    busy.do("af", "cancel-meeting", **of(meeting), cause="weather")
    busy.carry()
    assert busy.states(meeting) == {"cancelled"}
    assert refused(busy, "pk", "cancel-meeting", **of(meeting), cause="weather") == "liaison.meeting-closed"
    with pytest.raises(Invalid) as refusal:
        busy.minutes("pk", meeting)
    assert refusal.value.code == "liaison.meeting-closed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ended": "2099-01-01 10:00"}, "liaison.meeting-ended"),
        ({"began": ""}, "liaison.meeting-empty"),
        ({"chair": "obs"}, "liaison.meeting-chair"),
        ({"ours_post0": "", "ours_number0": ""}, "liaison.meeting-nobody"),
        ({"outcome0": ""}, "liaison.choice"),
        ({"topic0": "other", "of0": ""}, "liaison.meeting-other"),
        ({"what0": "fill-trench", "whose0": ""}, "liaison.choice"),
        ({"what0": "punish"}, "liaison.choice"),
        ({"what0": "other", "task_of0": ""}, "liaison.meeting-other"),
        ({"by0": "2020-01-01 10:00"}, "liaison.task-by"),
        ({"by0": ""}, "liaison.meeting-empty"),
        ({"place": "nowhere"}, "liaison.place"),
    ],
)
def test_minutes_that_say_what_they_may_not_are_refused(
    busy: Meetings, over: Record, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        busy.minutes("pk", over, **changes)
    assert refusal.value.code == code


def test_minutes_tell_of_what_is_over(busy: Meetings, over: Record) -> None:
    with pytest.raises(Invalid) as refusal:
        busy.minutes("pk", over, ended=busy.typed(hours=1))
    assert refusal.value.code == "liaison.minutes-early"


def test_what_is_signed_is_what_was_read_once_under_a_number_of_ones_own(busy: Meetings) -> None:
    meeting = busy.over()
    minutes = busy.minutes("pk", meeting)
    busy.carry()
    name = {"of": ":".join(minutes.key), "digest": views.digest(minutes.body)}
    assert refused(busy, "af", "sign-minutes", **of(meeting), **name, number=" ") == "liaison.minutes-number"
    assert refused(busy, "af", "sign-minutes", **of(meeting), **name, number="of Mr Nobody") == "form.field"
    other = name | {"digest": "0" * 64}
    assert refused(busy, "af", "sign-minutes", **of(meeting), **other, number="1") == "liaison.minutes-other"
    busy.sign("af", meeting, minutes)
    assert refused(busy, "af", "sign-minutes", **of(meeting), **name, number="2") == "liaison.minutes-signed"


def test_tasks_are_told_done_by_whose_they_are_and_judged_by_the_other(busy: Meetings) -> None:
    meeting, _ = busy.held()
    assert refused(busy, "pk", "task-done", **of(meeting), task="0") == "liaison.task"
    told = busy.do("af", "task-done", **of(meeting), task="0")
    assert refused(busy, "af", "task-done", **of(meeting), task="0") == "liaison.task"
    name = ":".join(told.key)
    assert refused(busy, "af", "judge-task", **of(meeting), of=name, agrees="yes") == "liaison.task-done"
    busy.carry()
    busy.do("pk", "judge-task", **of(meeting), of=name, agrees="yes")
    assert refused(busy, "pk", "judge-task", **of(meeting), of=name, agrees="no") == "liaison.task-done"


def test_minutes_of_one_side_have_an_end(busy: Meetings) -> None:
    meeting = busy.over()
    for _ in range(rules.MOST_VERSIONS):
        busy.minutes("pk", meeting)
    with pytest.raises(Invalid) as refusal:
        busy.minutes("pk", meeting)
    assert refusal.value.code == "liaison.minutes-many"


def test_a_meeting_is_proposed_under_a_compact_alone(busy: Meetings) -> None:
    with look(busy.side("pk").means) as turn:
        assert require_dealing(turn, MEETING.name).audience(MEETING.name) == ("af", "obs")
