"""A flag meeting between two real parties and an observer as their guest: all three say the same of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from amanat.exchange import doing
from amanat.exchange.drafting import Asked, drafted
from amanat.exchange.means import Turn, begin, look
from amanat.officer.may import at_machine
from amanat.party.errors import Refused
from amanat.record.record import Post, Record
from amanat.workspace import Sent
from amanat.workspaces.liaison.dealings import asked
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings import known, rules
from amanat.workspaces.liaison.meetings.calendar import MEETINGS
from amanat.workspaces.liaison.meetings.kinds import MEETING, Cancelled, Guest, GuestWord
from amanat.workspaces.liaison.meetings.pages import scan
from amanat.workspaces.liaison.tests.icalendar_read import values
from amanat.workspaces.liaison.tests.lines import PERSON
from amanat.workspaces.liaison.tests.meetings_cast import POST, Meetings, meetings, of, refused
from side import foreign


@pytest.fixture
def met(tmp_path: Path) -> Iterator[Meetings]:
    """The three, who have said nothing yet."""
    with meetings(tmp_path) as made:
        yield made


def test_a_meeting_is_proposed_agreed_held_minuted_and_its_tasks_done_and_all_three_say_so(met: Meetings) -> None:
    meeting = met.propose()
    assert meeting.fields.audience == ("af", "obs")
    met.carry()
    assert (met.states(meeting), met.matters("pk"), met.matters("af")) == ({"proposed"}, [], ["meeting-asked"])
    met.agree("af", meeting, choice=1, ours_post0=POST, ours_number0="4")
    met.carry()
    assert (met.states(meeting), met.matters("pk"), met.matters("af")) == ({"agreed"}, [], [])
    assert [each.number for each in rules.people(met.facts("pk", meeting), "af")] == [4]
    met.border.clock.at += timedelta(days=2, hours=1)
    assert met.matters("pk") == met.matters("af") == ["meeting-coming"]
    met.border.clock.at += timedelta(days=1, hours=2)
    assert (met.states(meeting), met.matters("pk")) == ({"over"}, ["meeting-over"])
    minutes = met.minutes("pk", meeting)
    met.carry()
    assert met.matters("pk") == met.matters("af") == ["meeting-sign"]
    met.sign("pk", meeting, minutes, "tkm/112-26")
    met.sign("af", meeting, minutes, "KAB.7")
    met.carry()
    assert (met.states(meeting), met.matters("pk"), met.matters("af")) == ({"held"}, [], ["meeting-task"])
    told = met.do("af", "task-done", **of(meeting), task="0")
    met.carry()
    assert (met.matters("pk"), met.matters("af")) == (["meeting-done"], [])
    met.do("pk", "judge-task", **of(meeting), of=":".join(told.key), agrees="no")
    met.carry()
    met.border.clock.at += timedelta(days=10)
    assert met.matters("af") == ["meeting-task", "meeting-task"]
    for party in ("pk", "af", "obs"):
        states = [each.state for each in rules.tasks(met.facts(party, meeting), met.now)]
        assert states == ["disputed", "overdue", "overdue"]


def test_minutes_are_changed_by_the_other_side_and_each_says_who_of_its_own_was_there(busy: Meetings) -> None:
    meeting = busy.over()
    first = busy.minutes("pk", meeting)
    busy.carry()
    changed = busy.minutes("af", meeting, after=first, ours_number0="5", outcome1="not-agreed")
    assert {each.party: each.number for each in changed.body.people} == {"af": 5, "pk": 2}
    busy.carry()
    again = busy.minutes("pk", meeting, after=changed)
    assert {each.party: each.number for each in again.body.people} == {"af": 5, "pk": 2}
    busy.sign("af", meeting, changed)
    busy.sign("pk", meeting, changed)
    busy.carry()
    for party in ("pk", "af", "obs"):
        joint = rules.joint(busy.facts(party, meeting))
        assert joint is not None
        assert (joint.step.key.party, joint.body.after) == ("af", Named(*first.key))


def test_agreements_that_cross_on_the_way_are_told_to_both_until_one_yields(met: Meetings) -> None:
    meeting = met.propose()
    met.carry()
    other = met.counter("af", meeting, days=4)
    met.carry()
    met.agree("pk", meeting, other)
    met.agree("af", meeting)
    assert {rules.state(met.facts(each, meeting), met.now) for each in ("pk", "af")} == {"agreed"}
    met.carry()
    assert (met.states(meeting), met.matters("pk"), met.matters("af")) == (
        {"crossed"},
        ["meeting-crossed"],
        ["meeting-crossed"],
    )
    met.agree("pk", meeting)  # what it had offered itself
    met.carry()
    assert met.states(meeting) == {"agreed"}
    agreed = rules.agreed(met.facts("obs", meeting))
    assert agreed is not None
    assert agreed.of == Named(*meeting.key)


def test_what_is_carried_in_any_order_comes_to_the_same(busy: Meetings) -> None:
    """What a side did stands before the other has the meeting that it belongs to."""
    meeting = busy.propose()
    busy.border.carry("pk", "af")
    busy.agree("af", meeting)
    busy.border.carry("af", "obs")  # without the proposal
    with look(busy.side("obs").means) as turn:
        assert known.one(turn, *meeting.key) is None
    busy.carry()
    assert busy.states(meeting) == {"agreed"}


def test_a_guest_with_a_node_answers_by_it_and_has_no_other_say(met: Meetings) -> None:
    meeting = met.propose(guest0="observer:obs", guest1="elders")
    met.carry()
    assert met.matters("obs") == ["meeting-invited"]
    answer = met.do("obs", "answer-guest", **of(meeting), guest="observer:obs", word="comes")
    assert answer.fields.audience == ("af", "pk")
    met.carry()
    guests = met.facts("af", meeting).body.guests
    assert [rules.guest_state(met.facts("af", meeting), each) for each in guests] == ["comes", "to-be-agreed"]
    assert (
        refused(met, "obs", "answer-guest", **of(meeting), guest="elders", word="agreed-to") == "liaison.meeting-word"
    )
    assert refused(met, "obs", "agree-meeting", **of(meeting), of=":".join(meeting.key), choice="0") == (
        "liaison.meeting-guests"
    )
    assert refused(met, "obs", "cancel-meeting", **of(meeting), cause="weather") == "liaison.meeting-guests"
    assert refused(met, "obs", "send-proposal", **met.proposal()) == "liaison.dealing"


def by_a_program(met: Meetings, by: str, meeting: Record, body: msgspec.Struct) -> Record:
    """What a party's program that is not ours may send."""
    with begin(met.side(by).means) as turn:
        facts = known.require(turn, *meeting.key)
        made = asked(turn, known.dealing_of(turn, facts), MEETING.name, body, of=known.root(facts))
        return foreign(turn, drafted(turn, made), Post(by, "duty"))


def test_what_a_guest_says_beyond_its_own_answer_counts_for_nothing(busy: Meetings) -> None:
    meeting = busy.agreed(guest0="elders")
    key = Named(*meeting.key)
    by_a_program(busy, "obs", meeting, Cancelled(meeting=key, cause="weather"))
    by_a_program(busy, "obs", meeting, GuestWord(meeting=key, guest=Guest("elders"), word="agreed-to"))
    busy.carry()
    assert busy.states(meeting) == {"agreed"}
    for party in ("pk", "af"):
        assert rules.guest_state(busy.facts(party, meeting), Guest("elders")) == "to-be-agreed"


def test_elders_come_once_the_other_side_consents(met: Meetings) -> None:
    meeting = met.propose(guest0="elders")
    met.carry()
    assert met.matters("af") == ["meeting-asked", "meeting-welcome"]
    assert refused(met, "pk", "answer-guest", **of(meeting), guest="elders", word="agreed-to") == "liaison.meeting-word"
    met.do("af", "answer-guest", **of(meeting), guest="elders", word="agreed-to")
    met.carry()
    assert met.matters("pk") == ["meeting-invited"]
    met.do("pk", "answer-guest", **of(meeting), guest="elders", word="comes")
    met.carry()
    for party in ("pk", "af", "obs"):
        assert rules.guest_state(met.facts(party, meeting), Guest("elders")) == "comes"


def test_who_presided_yields_at_the_next_meeting_of_the_level(met: Meetings) -> None:
    meeting, _ = met.held()  # af presided
    met.border.clock.at += timedelta(minutes=1)
    assert met.propose().body.chair == "pk"
    assert met.propose(level="medical").body.chair == "af"
    with look(met.side("pk").means) as turn:
        assert known.chaired_before(turn, known.require(turn, *meeting.key)) in ("pk", "af")


def test_what_a_meeting_is_about_knows_how_it_stands(busy: Meetings) -> None:
    about = busy.propose()
    meeting, _ = busy.held(linked=":".join(about.key), of0=":".join(about.key))
    for party in ("pk", "af", "obs"):
        with look(busy.side(party).means) as turn:
            (found,) = known.of_record(turn, *about.key)
            assert (found.key, found.state) == (Named(*meeting.key), "held")
            assert known.of_record(turn, *meeting.key) == ()


def test_the_calendar_has_what_was_agreed_and_tells_of_nothing_else(met: Meetings) -> None:
    meeting = met.agreed(guest0="elders", topic0="prisoners")
    met.propose()
    data = calendar(met, "af")
    assert values(data, "UID") == [f"{':'.join(meeting.key)}@amanat"]
    assert values(data, "STATUS") == ["CONFIRMED"]
    for secret in (b"prisoner", b"elders", b"torkham/duty"):
        assert secret not in data
    moved = met.counter("pk", meeting, days=5)
    met.carry()
    met.agree("af", meeting, moved)
    met.do("pk", "cancel-meeting", **of(meeting), cause="weather")
    met.carry()
    for party in ("pk", "af", "obs"):
        data = calendar(met, party)
        assert (values(data, "STATUS"), values(data, "SEQUENCE")) == (["CANCELLED"], ["2"])
        assert values(data, "DTSTART") == [f"{moved.body.alternatives[0].begins:%Y%m%dT%H%M%SZ}"]


def calendar(met: Meetings, party: str) -> bytes:
    with look(met.side(party).means) as turn:
        return MEETINGS.gives(turn, at_machine(POST), None)


def test_what_belongs_to_a_meeting_expires_with_it_and_is_an_exercise_where_it_is(busy: Meetings) -> None:
    meeting = busy.propose(exercise="on")
    busy.border.clock.at += timedelta(hours=1)
    busy.carry()
    agreed = busy.agree("af", meeting)
    assert agreed.fields.exercise
    assert agreed.fields.handling.expires == meeting.fields.handling.expires
    assert [(ref.relation, ref.id) for ref in agreed.fields.refs] == [("answers", meeting.key[1])]


# --- the floors ------------------------------------------------------------------------------------------------------


def scanned(met: Meetings, meeting: Record, minutes: Record, **handling: Any) -> Asked:
    """The record of a sheet signed in ink, as its draft would be sent."""
    actor, typed = at_machine(POST), scan.Typed(*meeting.key, ":".join(minutes.key))
    with look(met.side("pk").means) as turn:
        begun = scan.draft(turn, actor, typed)
    return msgspec.structs.replace(begun, handling={**begun.handling, **handling})


def sent(met: Meetings, made: Asked) -> Record:
    def says(_turn: Turn) -> Sent:
        return Sent((made,))

    _, (record,) = doing.do(met.side("pk").means, at_machine(POST), "record.send", says)
    return record.record


def test_a_sheet_signed_in_ink_counts_as_naming_a_person(busy: Meetings) -> None:
    """Floor 2, tried to be broken: without its ground, grading and risk of custody it does not go."""
    meeting, minutes = busy.held()
    bare = scanned(busy, meeting, minutes)
    with pytest.raises(Refused) as refusal:
        sent(busy, bare)
    assert refusal.value.by == "floor 2"
    for lacking in ("grading", "custody_risk"):
        rest = {name: value for name, value in PERSON.items() if name != lacking}
        with pytest.raises(Refused) as refusal:
            sent(busy, scanned(busy, meeting, minutes, legal_basis="duty-to-warn", **rest))
        assert refusal.value.by in ("floor 2", "floor 12")
    record = sent(busy, scanned(busy, meeting, minutes, legal_basis="duty-to-warn", **PERSON))
    assert record.facts.names_person


def test_no_body_of_a_meeting_has_room_for_a_name(busy: Meetings) -> None:
    """Decision 26: but for codes of closed patterns nothing in it is text."""
    text = [
        each
        for each in msgspec.json.schema_components([MEETING.body])[1].values()
        for field in each.get("properties", {}).values()
        if field.get("type") == "string" and not {"pattern", "enum", "const", "format"} & field.keys()
    ]
    assert text == []
    assert refused(busy, "pk", "send-proposal", **(busy.proposal() | {"ours_post0": "نام کسی"})) == "form.field"
