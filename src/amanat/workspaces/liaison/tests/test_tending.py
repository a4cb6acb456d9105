"""What nodes say of hotlines by themselves: both let a call climb at the right second, together or cut off."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from amanat.exchange.drafting import drafted
from amanat.exchange.means import begin, look
from amanat.exchange.peer_line import Standing
from amanat.exchange.send import send_in
from amanat.exchange.tending import Attending
from amanat.record.record import Post
from amanat.workspaces.liaison import calls, composing, rules, tending, views
from amanat.workspaces.liaison.kinds import Urgency
from amanat.workspaces.liaison.rules import Facts
from border import Border, meet
from side import Side

DUTY = "torkham/duty"


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Border]:
    """The border, whose parties know of hotlines; it is 10 o'clock, hours after the test call."""
    with meet(tmp_path) as border:
        yield _open(border)


def _open(border: Border) -> Border:
    border.clock.at = border.clock.at.replace(hour=10, minute=0, second=0, microsecond=0)
    return border


def attending(side: Side, *posts: str, alive: datetime | None = None, **lines: Standing) -> Attending:
    return Attending(frozenset(posts), lines, side.means.now(), alive)


def tend(side: Side, *posts: str, **more: object) -> list[str]:
    """Let a node say what it has to; return of what type that was."""
    with begin(side.means) as turn:
        asked = list(tending.tend(turn, attending(side, *posts, **more)))  # type: ignore[arg-type]
        drafts = [drafted(turn, each) for each in asked]
        send_in(turn, drafts, Post(side.party, "node"))
    return [str(each.body.get("type", each.kind)) for each in asked]


def quiet(line: Border) -> None:
    """Let both desks say that nobody is there."""
    for side in (line.pk, line.af):
        tend(side)
    line.exchange("pk", "af")


def rings(side: Side, urgency: Urgency = "immediate") -> Facts:
    """Let a duty officer ring on the hotline of Kurram."""
    with begin(side.means) as turn:
        hotline = composing.require_line(turn, "kurram")
        asked = composing.ring(turn, hotline, urgency)
        (sent,) = send_in(turn, [drafted(turn, asked)], Post(side.party, DUTY))
    return call(side, *sent.record.key)


def call(side: Side, party: str, id_: str) -> Facts:
    with look(side.means) as turn:
        found = calls.one(turn, party, id_)
    assert found is not None
    return found


def test_a_call_that_nobody_opens_climbs_at_the_right_second_and_both_sides_see_the_same(line: Border) -> None:
    quiet(line)
    rung = rings(line.pk).rung
    line.exchange("pk", "af")
    line.clock.at = rung.at + rung.period - timedelta(seconds=1)
    assert tend(line.pk) == []
    line.clock.forward(seconds=1)
    assert tend(line.pk) == ["escalated"]
    assert tend(line.pk) == []
    line.exchange("pk", "af")
    here, there = call(line.pk, *(rung.key.party, rung.key.id)), call(line.af, rung.key.party, rung.key.id)
    assert [each.rank for each in rules.steps(here)] == [1]
    assert rules.steps(here) == rules.steps(there)


def test_while_the_link_is_cut_the_side_that_is_called_lets_it_climb_by_its_own_clock(line: Border) -> None:
    quiet(line)
    rung = rings(line.pk).rung
    line.exchange("pk", "af")
    line.clock.at = rung.at + rung.period
    assert tend(line.af) == []
    line.clock.forward(seconds=10)
    assert tend(line.af) == ["escalated"]
    line.clock.forward(seconds=60)
    assert tend(line.pk) == ["escalated"]  # its node was down, and says it when it comes up
    line.exchange("pk", "af")
    facts = [call(side, rung.key.party, rung.key.id) for side in (line.pk, line.af)]
    assert [each.party for each in rules.steps(facts[0])] == ["af"]
    assert rules.steps(facts[0]) == rules.steps(facts[1])


def test_an_opening_in_time_stops_the_clock_even_if_the_word_of_it_comes_late(line: Border) -> None:
    quiet(line)
    rung = rings(line.pk).rung
    line.exchange("pk", "af")
    line.clock.at = rung.at + rung.period - timedelta(seconds=30)
    line.af.open((rung.key.party, rung.key.id), DUTY)
    line.clock.at = rung.at + rung.period
    assert tend(line.pk) == ["escalated"]
    assert tend(line.af) == []
    line.exchange("pk", "af")
    facts = call(line.pk, rung.key.party, rung.key.id)
    assert rules.steps(facts) == ()
    assert rules.state(facts, line.clock.at) == "opened"


def test_whose_desk_is_open_is_told_once_when_it_changes(line: Border) -> None:
    quiet(line)
    line.clock.forward(seconds=1)
    assert set(tend(line.af, DUTY)) == {"desk"}
    assert tend(line.af, DUTY) == []
    line.clock.forward(seconds=40)
    assert set(tend(line.af)) == {"desk"}


def test_the_ends_ring_test_calls_in_turn_at_the_agreed_hours_and_once(line: Border) -> None:
    quiet(line)
    with look(line.pk.means) as turn:
        hours = calls.lines(turn)[0].compact.terms.calling.tests  # type: ignore[union-attr]
        count = len(calls.lines(turn))
    for number, clock in enumerate(hours):
        hour, minute = map(int, clock.split(":"))
        line.clock.at = (line.clock.at + timedelta(days=1)).replace(hour=hour, minute=minute, second=3)
        caller, other = (line.af, line.pk) if number % 2 == 0 else (line.pk, line.af)
        assert tend(caller).count("liaison.call") == count
        assert tend(other).count("liaison.call") == 0
        assert tend(caller).count("liaison.call") == 0


def test_a_node_that_was_down_tells_since_when_and_until_when(line: Border) -> None:
    quiet(line)
    down = line.clock.at - timedelta(minutes=7)
    assert tend(line.pk, alive=down) == ["outage"]
    assert tend(line.pk, alive=down) == []
    with look(line.pk.means) as turn:
        (row,) = views.rows(turn.tx, views.OUTAGE)
    assert (row.cause, row.since) == ("node", views.spell(down))
