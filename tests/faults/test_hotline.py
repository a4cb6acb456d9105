"""A hotline whose nodes are restarted and cut off: calls climb at the right second, and nothing is lost or doubled."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from amanat.exchange.drafting import drafted
from amanat.exchange.lines import set_address
from amanat.exchange.means import begin, look
from amanat.exchange.send import send_in
from amanat.record.record import Post
from amanat.workspaces.liaison import WORKSPACE, calls, composing, rules, views
from amanat.workspaces.liaison.rules import Facts
from border import Border, meet
from side import Side
from wire import eventually, free_port, serve

DUTY = "torkham/duty"


@pytest.fixture
def border(tmp_path: Path) -> Iterator[Border]:
    """Three parties that have met, hours from any test call."""
    with meet(tmp_path) as met:
        met.clock.at = met.clock.at.replace(hour=8, minute=0, second=0, microsecond=0)
        yield met
        met.check()


def rings(side: Side) -> Facts:
    """Let a duty officer ring."""
    with begin(side.means) as turn:
        asked = composing.ring(turn, composing.require_line(turn, "kurram"), "immediate")
        (sent,) = send_in(turn, [drafted(turn, asked)], Post(side.party, DUTY))
    found = call(side, sent.record.key)
    assert found is not None
    return found


def call(side: Side, key: tuple[str, str]) -> Facts | None:
    with look(side.means) as turn:
        return calls.one(turn, *key)


def escalations(side: Side) -> list[tuple[str, int, str]]:
    """Who said of which rank when that it is rung."""
    with look(side.means) as turn:
        return [(row.party, row.rank, row.at) for row in views.rows(turn.tx, views.ESCALATED)]


def test_a_node_that_was_down_while_the_clock_ran_out_lets_the_call_climb_once_it_is_up(border: Border) -> None:
    ports = {party: free_port() for party in ("pk", "af")}
    for one, other in (("pk", "af"), ("af", "pk")):
        set_address(border.sides[one].means, other, f"http://127.0.0.1:{ports[other]}")
    tend = WORKSPACE.tend
    assert tend is not None
    with ExitStack() as af_up:
        af_up.enter_context(serve(border.af, ports["af"], tends=[tend]))
        with serve(border.pk, ports["pk"], tends=[tend]):
            rung = rings(border.pk).rung
            key = (rung.key.party, rung.key.id)
            eventually(lambda: call(border.af, key) is not None)
            # a second before its time nothing climbs
            border.clock.at = rung.at + rung.period - timedelta(seconds=1)
            time.sleep(2.5)
            assert escalations(border.pk) == escalations(border.af) == []
        # the caller's node is down when the time is over: the other side waits ten seconds more for its word
        border.clock.at = rung.at + rung.period + rules.GRACE - timedelta(seconds=1)
        time.sleep(2.5)
        assert escalations(border.af) == []
        border.clock.forward(seconds=1)
        due = rung.at + rung.period
        eventually(lambda: escalations(border.af) == [("af", 1, views.spell(due + rules.GRACE))])
        # up again, half a minute later, it says so too; the earlier word stands, on both sides
        border.clock.forward(seconds=30)
        with serve(border.pk, ports["pk"], tends=[tend]):
            eventually(lambda: len(escalations(border.pk)) >= 1 and len(escalations(border.af)) >= 1)
            eventually(lambda: sorted(escalations(border.pk)) == sorted(escalations(border.af)))
            for side in (border.pk, border.af):
                found = call(side, key)
                assert found is not None
                assert [(each.party, each.at) for each in rules.steps(found)] == [("af", due + rules.GRACE)]


def test_a_call_climbs_in_the_second_in_which_its_time_is_over(border: Border) -> None:
    began = time.monotonic()

    def running() -> datetime:
        return border.clock() + timedelta(seconds=time.monotonic() - began)

    border.pk.means = replace(border.pk.means, now=running)
    with serve(border.pk, free_port(), tends=[tend for tend in [WORKSPACE.tend] if tend]):
        rung = rings(border.pk).rung
        border.clock.at += rung.period - timedelta(seconds=4)  # of five minutes, four seconds are left
        eventually(lambda: len(escalations(border.pk)) == 1)
        assert escalations(border.pk) == [("pk", 1, views.spell(rung.at + rung.period))]
