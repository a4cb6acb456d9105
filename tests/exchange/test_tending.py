"""A served node says by itself what its workspaces have to say: at its second, once, and whatever else is refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from amanat.exchange.drafting import Asked
from amanat.exchange.keeping import Keeping
from amanat.exchange.means import Turn, begin
from amanat.exchange.peer_line import Standing
from amanat.exchange.tending import AGAIN, Attending, Tending
from amanat.record.record import read
from amanat.store import marks, turns
from amanat.store.tables import RECORD
from border import Border
from side import START, Side

DUE = START + timedelta(seconds=60)


def asked(text: str, **changes: Any) -> Asked:
    """What a node is to say."""
    given = {"kind": "intelligence.report", "compact": "pk-af", "to": ("af",), "body": {"text": text}, "exercise": True}
    return Asked(**{**given, **changes})


@dataclass
class Clocked:
    """A workspace with a clock: at `due` it says things, each until it stands among our own records."""

    says: tuple[Asked, ...] = (asked("the clock ran out"),)
    due: datetime = DUE
    seen: list[Attending] = field(default_factory=list)

    def __call__(self, turn: Turn, attending: Attending) -> Iterator[Asked]:
        self.seen.append(attending)
        own = turn.tx.execute(select(RECORD.c.data).where(RECORD.c.party == turn.means.party)).scalars()
        said = {getattr(read(data, turn.means.kinds).body, "text", "") for data in own}
        yield from (each for each in self.says if turn.now >= self.due and each.body["text"] not in said)


def tending(side: Side, *tends: Any) -> Tending:
    """One that is served now."""
    lines = {"af": Standing("up", side.means.now())}
    return Tending(side.means, tends, lambda: frozenset({"torkham/duty"}), lambda: lines)


def said(border: Border) -> list[str]:
    """What the node of pk said, as that of af reads it."""
    border.carry("pk", "af")
    return [each.body.text for each in border.af.received()]


def seconds(border: Border, of: Tending, count: int = 1) -> None:
    for _ in range(count):
        border.clock.forward(seconds=1)
        of.round()


def test_it_is_said_at_its_second_and_once_at_the_post_of_the_node(border: Border) -> None:
    of = tending(border.pk, Clocked())
    seconds(border, of, 59)
    assert said(border) == []
    seconds(border, of)
    seconds(border, of, 5)
    assert said(border) == ["the clock ran out"]
    (record,) = border.af.received()
    assert (record.fields.author.name, record.fields.at) == ("node", DUE)


def test_nothing_is_written_in_a_second_in_which_nothing_is_to_be_said(border: Border) -> None:
    of = tending(border.pk, Clocked(), Clocked())
    before = turns.commits(border.pk.means.engine)
    seconds(border, of, 59)
    assert turns.commits(border.pk.means.engine) == before


def test_a_node_that_was_down_when_a_clock_ran_out_says_it_when_it_is_up(border: Border) -> None:
    seconds(border, tending(border.pk, Clocked()), 30)
    border.clock.forward(seconds=100)
    again = tending(border.pk, Clocked())
    again.round()
    seconds(border, again, 3)
    assert said(border) == ["the clock ran out"]


def test_a_node_that_was_restarted_while_a_clock_runs_says_it_at_the_same_second(border: Border) -> None:
    seconds(border, tending(border.pk, Clocked()), 30)
    border.clock.forward(seconds=10)
    seconds(border, tending(border.pk, Clocked()), 19)
    assert said(border) == []
    seconds(border, tending(border.pk, Clocked()), 1)
    assert said(border) == ["the clock ran out"]


def test_what_is_refused_is_told_once_and_keeps_nothing_else_from_going_out(border: Border) -> None:
    first = Clocked((asked("not agreed", compact="none"), asked("agreed")), START)
    of = tending(border.pk, first, Clocked((asked("another's"),), START))
    with capture_logs() as lines:
        seconds(border, of, 200)
    assert sorted(said(border)) == ["agreed", "another's"]
    assert [(each["what"], each["problem"]) for each in lines] == [
        ("intelligence.report under none to af", "compact.unknown")
    ]


def test_what_was_refused_is_tried_again_after_a_minute_and_not_before(border: Border) -> None:
    of = tending(border.pk, Clocked((asked("to a stranger", to=("cn",)),), START))
    seconds(border, of)
    before = turns.commits(border.pk.means.engine)
    seconds(border, of, int(AGAIN.total_seconds()) - 1)
    assert turns.commits(border.pk.means.engine) == before
    seconds(border, of)
    assert turns.commits(border.pk.means.engine) != before


def test_a_mistake_in_one_workspace_silences_no_other_and_is_told_once_until_it_is_mended(border: Border) -> None:
    broken = True

    def breaks(_turn: Turn, _attending: Attending) -> list[Asked]:
        if broken:
            raise ZeroDivisionError
        return []

    of = tending(border.pk, breaks, Clocked())
    with capture_logs() as lines:
        seconds(border, of, 70)
        broken = False
        seconds(border, of)
        broken = True
        seconds(border, of, 2)
    assert said(border) == ["the clock ran out"]
    assert [each["problem"] for each in lines] == ["ZeroDivisionError"] * 2


def test_who_says_the_same_for_ever_ends_nothing(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amanat.exchange.tending.MOST", 3)
    of = tending(border.pk, lambda _turn, _attending: [asked("again")])
    of.round()
    assert said(border) == ["again"] * 3


def test_a_node_that_was_put_back_says_nothing(border: Border) -> None:
    of = tending(border.pk, Clocked(due=START))
    with begin(border.pk.means) as turn:
        marks.put(turn.tx, "restored", turn.now)
    with capture_logs() as lines:
        seconds(border, of, 3)
    assert lines == []
    with begin(border.pk.means) as turn:
        marks.drop(turn.tx, "restored")
    seconds(border, of)
    assert said(border) == ["the clock ran out"]


def test_a_workspace_is_told_who_attends_how_lines_stand_and_since_when(border: Border) -> None:
    clocked = Clocked()
    of = tending(border.pk, clocked)
    of.round()
    (seen,) = clocked.seen
    assert (seen.posts, seen.lines["af"].state) == (frozenset({"torkham/duty"}), "up")
    assert (seen.began, seen.alive) == (START, None)


def test_when_a_node_was_served_last_is_known_to_within_a_minute(border: Border) -> None:
    keeping = Keeping(border.pk.means, lambda: 0.0, timedelta)
    border.clock.forward(minutes=1)
    keeping.note()
    border.clock.forward(seconds=50)
    crashed = Clocked()
    tending(border.pk, crashed).round()
    assert crashed.seen[-1].alive == START + timedelta(minutes=1)
    keeping.begin()
    keeping.end()
    ended = Clocked()
    of = tending(border.pk, ended)
    of.round()
    border.clock.forward(minutes=5)
    keeping.note()
    of.round()
    assert {each.alive for each in ended.seen} == {START + timedelta(seconds=110)}


def test_it_goes_on_by_itself_until_it_is_ended(border: Border) -> None:
    of = tending(border.pk, Clocked(due=START))
    of.begin()
    of.end()
    nothing = tending(border.pk)
    nothing.begin()
    nothing.end()
