"""A meeting between two sides over a real border: whatever one side says without end, what both signed stands."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from amanat.exchange.drafting import drafted
from amanat.exchange.means import begin, look
from amanat.party.errors import Invalid
from amanat.record.record import Post, Record
from amanat.workspaces.liaison.dealings import Dealing, asked
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings import known, rules, views
from amanat.workspaces.liaison.meetings.kinds import MEETING, Agreed, Cancelled, Countered, Declined, Minutes, Signature
from amanat.workspaces.liaison.tests.meetings_cast import POST, Meetings, meetings, of
from side import foreign


@pytest.fixture
def met(tmp_path: Path) -> Iterator[Meetings]:
    """The three, who have said nothing yet."""
    with meetings(tmp_path) as made:
        yield made


def tell(met: Meetings, by: str, meeting: Record, body: Any, count: int = 1, **earlier: int) -> Record:
    """Say something so often as a program of a party may that is not ours, at a time of its own."""
    facts = met.facts(by, meeting)
    met.border.clock.at -= timedelta(**earlier)
    with begin(met.side(by).means) as turn:
        dealing, root = known.dealing_of(turn, facts), known.root(facts)
        for _ in range(count):
            sent = foreign(turn, drafted(turn, asked(turn, dealing, MEETING.name, body, of=root)), Post(by, POST))
    met.border.clock.at += timedelta(**earlier)
    return sent


def joint(met: Meetings, meeting: Record) -> set[tuple[str, str] | None]:
    """Which minutes both signed, as each of the three says."""
    found = (rules.joint(met.facts(party, meeting)) for party in met.border.sides)
    return {None if each is None else (each.step.key.party, each.step.key.id) for each in found}


def test_no_steps_of_one_side_however_dated_hide_minutes_that_both_signed(met: Meetings) -> None:
    meeting, minutes = met.held()
    key, text = Named(*meeting.key), minutes.body
    assert joint(met, meeting) == {minutes.key}
    other = replace(text, ended=text.ended - timedelta(minutes=1))
    tell(met, "pk", meeting, Declined(meeting=key, cause="too-soon"), 125, hours=1)
    tell(met, "pk", meeting, other, rules.MOST_VERSIONS + 1, minutes=50)
    tell(
        met, "pk", meeting, Signature(meeting=key, of=Named(*minutes.key), digest="0" * 64, number="1"), 25, minutes=40
    )
    met.carry()
    assert joint(met, meeting) == {minutes.key}
    assert met.states(meeting) == {"held"}
    facts = met.facts("af", meeting)
    assert facts.more
    counts = {type_: len(list(facts.by("pk", type_))) for type_ in (Declined, Minutes, Signature)}
    assert counts == {Declined: 8, Minutes: rules.MOST_VERSIONS + 1, Signature: 1}


def test_no_offers_or_agreements_of_one_side_however_dated_hide_what_both_agreed_to(met: Meetings) -> None:
    meeting = met.propose()
    met.carry()
    met.border.clock.at += timedelta(hours=1)
    offer = met.counter("pk", meeting, days=1)
    met.carry()
    met.agree("af", meeting, offer)
    met.carry()
    key, whens = Named(*meeting.key), meeting.body.alternatives
    for earlier in (50, 0):
        tell(met, "pk", meeting, Countered(meeting=key, alternatives=whens, minutes=30), 12, minutes=earlier)
        nothing = Agreed(meeting=key, of=key, choice=4)
        tell(met, "pk", meeting, nothing, views.MOST_AGREED + 1, minutes=earlier)
        met.carry()
        for party in met.border.sides:
            found = rules.agreed(met.facts(party, meeting))
            assert found is not None
            assert found.of == Named(*offer.key)


def test_what_is_dated_before_the_proposal_takes_the_place_of_nothing(met: Meetings) -> None:
    meeting = met.propose()
    met.carry()
    offer = met.counter("af", meeting, days=1)
    whens = offer.body.alternatives
    early = Countered(meeting=Named(*meeting.key), alternatives=whens, minutes=30)
    tell(met, "af", meeting, early, rules.MOST_OFFERS + 1, minutes=10)
    met.carry()
    facts = met.facts("pk", meeting)
    assert [each.key for each in facts.by("af", Countered)] == [Named(*offer.key)]


def test_who_signs_old_minutes_late_exchanges_nothing_and_is_refused_by_the_form(met: Meetings) -> None:
    meeting = met.over()
    old = met.minutes("pk", meeting)
    met.carry()
    met.sign("pk", meeting, old)
    met.carry()
    new = met.minutes("pk", meeting, after=old, outcome0="noted")
    met.carry()
    with pytest.raises(Invalid) as refused:
        met.sign("af", meeting, old)
    assert refused.value.code == "liaison.minutes-other"
    for party in ("pk", "af"):
        met.sign(party, meeting, new)
    met.carry()
    late = Signature(meeting=Named(*meeting.key), of=Named(*old.key), digest=views.digest(old.body), number="9")
    tell(met, "af", meeting, late)
    met.carry()
    assert joint(met, meeting) == {new.key}


def test_what_is_dated_more_than_a_day_ahead_counts_once_it_is_no_more_than_that(met: Meetings) -> None:
    meeting = met.agreed()
    tell(met, "af", meeting, Cancelled(meeting=Named(*meeting.key), cause="settled"), days=-1, hours=-3)
    tell(
        met, "af", meeting, Agreed(meeting=Named(*meeting.key), of=Named(*meeting.key), choice=1), 41, days=-1, hours=-3
    )
    met.carry()
    assert met.states(meeting) == {"agreed"}
    met.border.clock.at += timedelta(hours=3)
    assert met.states(meeting) == {"cancelled"}


def test_a_meeting_that_is_proposed_more_than_a_day_ahead_is_none_yet(met: Meetings) -> None:
    met.border.clock.at += timedelta(days=1, hours=3)
    meeting = met.propose()
    met.border.clock.at -= timedelta(days=1, hours=3)
    met.carry()
    assert met.matters("af") == []
    with look(met.side("af").means) as turn:
        assert known.one(turn, *meeting.key) is None
    met.border.clock.at += timedelta(hours=3)
    assert met.matters("af") == ["meeting-asked"]


def test_what_an_observer_proposes_is_no_meeting(met: Meetings) -> None:
    body = met.propose().body
    with begin(met.side("obs").means) as turn:
        compact = next(iter(turn.known.compacts.values()))
        proposed = asked(turn, Dealing(compact, "obs", ""), MEETING.name, body)
        sent = foreign(turn, drafted(turn, proposed), Post("obs", POST))
    met.carry()
    for party in met.border.sides:
        with look(met.side(party).means) as turn:
            assert known.one(turn, *sent.key) is None
    assert "meeting-coming" not in met.matters("pk")


def test_a_meeting_that_began_is_called_off_no_more(met: Meetings) -> None:
    meeting = met.over()
    with pytest.raises(Invalid) as refused:
        met.do("pk", "cancel-meeting", **of(meeting), cause="settled")
    assert refused.value.code == "liaison.meeting-begun"
