"""Times of no use: no body may have one, and from those that are left every rule reckons without an end of time."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.workspaces.liaison import WORKSPACE, facts, slots
from amanat.workspaces.liaison.incidents import custody, kinds
from amanat.workspaces.liaison.incidents import rules as incident_rules
from amanat.workspaces.liaison.incidents.kinds import Done, Evidence, Held, Incident, When
from amanat.workspaces.liaison.incidents.told import Begun, Facts
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.meetings import rules as meeting_rules
from amanat.workspaces.liaison.meetings.steps import Step
from amanat.workspaces.liaison.tests import test_incidents_rules as incidents
from amanat.workspaces.liaison.tests import test_meetings_rules as meetings
from amanat.workspaces.liaison.told import Told

TIME = re.compile(rb'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"')
BODIES = [(kind, each) for kind in WORKSPACE.kinds for each in kind.examples if TIME.search(canonical.encode(each))]
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, 23, 59, tzinfo=UTC)
EDGES = ("0001-01-01T00:00:00Z", "1969-12-31T23:59:00Z", "3000-01-01T00:00:00Z", "9999-12-31T23:59:00Z")
USED = st.sampled_from((FIRST, incidents.BEGAN, LAST))


@given(st.sampled_from(BODIES), st.sampled_from(EDGES), st.data())
def test_no_body_of_any_kind_has_a_time_of_no_use(of: tuple[Any, Any], edge: str, data: st.DataObject) -> None:
    kind, body = of
    written = canonical.encode(body)
    found = data.draw(st.sampled_from(list(TIME.finditer(written))))
    altered = written[: found.start()] + f'"{edge}"'.encode() + written[found.end() :]
    with pytest.raises(Invalid):
        kind.facts(canonical.decode(altered, kind.body, kind.label))


@pytest.mark.parametrize("edge", EDGES)
def test_no_slot_of_a_phrase_has_one(edge: str) -> None:
    assert not facts.is_time(edge)
    assert facts.is_time("2999-12-31T23:59:00Z")


@pytest.mark.parametrize("hours", [-12, 5])
def test_a_time_that_no_zone_has_is_told_where_it_was_typed(hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    with pytest.raises(Invalid) as refused:
        slots.time("0001-01-01 00:00" if hours > 0 else "9999-12-31 23:59", zone, incidents.NOW)
    assert refused.value.code == "liaison.time"


@given(USED, USED, USED, USED, st.sampled_from((0, 10_080)))
def test_whatever_times_an_incident_is_told_with_its_clock_is_reckoned(
    at: datetime, happened: datetime, did: datetime, now: datetime, minutes: int
) -> None:
    body = Incident(type="shots", place=Spot(33.9, 70.1, 500), when=When(happened, minutes))
    root = Begun(incidents.KEY, "duty", at, body)
    done = Told(Named("af", "1"), "duty", did, Done(incident=incidents.KEY, step="cease", time=did))
    known = Facts((root,), incidents.MEMBERS, incidents.LADDER, (done,))
    told = incident_rules.counted(known, now)
    assert [each.due for each in incident_rules.clock(known, told, now)] == [at + each.within for each in known.ladder]
    kept = Evidence(digest="0" * 64, what="photo", taken=When(happened, minutes), held=(Held("duty", did),))
    assert len(custody.flaws(kept)) <= 1


@given(USED, USED, USED, USED)
def test_whatever_times_a_meeting_is_proposed_with_its_state_is_reckoned(
    at: datetime, begins: datetime, agreed: datetime, now: datetime
) -> None:
    whens = meetings.whens(0, since=begins)
    root = meetings.proposal(at=at)
    root = replace_body(root, alternatives=whens, minutes=24 * 60)
    agrees = Step(Named("af", "1"), "duty", agreed, meetings.agrees("af", 1).body)
    assert meeting_rules.state(meetings.facts(agrees, root=root), now) in meeting_rules.STATES


def replace_body(step: Step, **fields: Any) -> Step:
    return Step(step.key, step.post, step.at, replace(step.body, **fields))


def test_the_kinds_of_incidents_and_meetings_are_among_those_asked() -> None:
    assert {kinds.INCIDENT.label, kinds.STEP.label, "liaison.meeting/1"} <= {kind.label for kind, _ in BODIES}
