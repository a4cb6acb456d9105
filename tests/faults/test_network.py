"""Lines, disks and clocks that fail while nodes are served: it is shown, it is tried again, and nothing is lost.

Seconds between tries are those of a node, but for the longest, which is cut down where a test has to wait for one.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection

from amanat.exchange import pace
from amanat.exchange.due import Due
from amanat.exchange.lines import set_address
from amanat.exchange.pace import IDLE, LONGEST_WAIT, Pace
from amanat.exchange.peer_line import Standing
from amanat.exchange.send import Pending
from border import Border, meet
from faults.proxy import Manner, Proxy, between
from side import Side
from wire import Node, Nodes, connected, eventually, free_port, serve


@pytest.fixture
def border(tmp_path: Path) -> Iterator[Border]:
    """Three parties that have met; whatever went wrong, everything holds at its end."""
    with meet(tmp_path) as met:
        yield met
        met.check()


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that is down is asked every second at the least."""
    monkeypatch.setattr(pace, "LONGEST_WAIT", 1.0)


@contextmanager
def misbehaving(border: Border) -> Iterator[tuple[Nodes, "Wire"]]:
    """All three served, and a wire between pk and af, both ways, that can be told to misbehave."""
    with ExitStack() as proxies:
        made = list[Proxy]()

        def through(asker: str, asked: str, url: str) -> str:
            if {asker, asked} != {"pk", "af"}:
                return url
            made.append(proxies.enter_context(between(url)))
            return made[-1].url

        with connected(border, through=through) as nodes:
            yield nodes, Wire(made)


@dataclass
class Wire:
    """The two ways of one wire."""

    ways: list[Proxy]

    def behave(self, manner: Manner) -> None:
        """Carry what connects from now on in that manner."""
        for way in self.ways:
            way.manner = manner


def standing(node: Node, peer: str) -> Standing:
    return node.lines.standing()[peer]


def delivered(border: Border, *texts: str) -> bool:
    return [each.body.text for each in border.af.received()] == list(texts)


# --- the wire ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "manner",
    [
        Manner(there=0),
        Manner(there=300),
        Manner(there=3000),
        Manner(back=0),
        Manner(back=100),
        Manner(back=1500),
        Manner(back=1500, gently=True),
        Manner(there=3000, gently=True),
    ],
    ids=str,
)
def test_a_line_that_is_cut_or_truncated_anywhere_delivers_once_it_is_mended(border: Border, manner: Manner) -> None:
    with misbehaving(border) as (nodes, wire):
        eventually(lambda: standing(nodes["pk"], "af").state == "up")
        wire.behave(manner)
        time.sleep(0.05)
        sent = [border.pk.send("af", text=text) for text in ("one", "two")]
        for node in nodes.values():
            for line in node.lines.lines.values():
                line.wire.cut()
        eventually(lambda: standing(nodes["pk"], "af").tries >= 1)
        wire.behave(Manner())
        eventually(lambda: all(border.pk.delivery(each, "af") == "final" for each in sent))
        assert delivered(border, "one", "two")


def test_a_line_that_is_two_seconds_late_delivers_all_the_same(border: Border) -> None:
    with misbehaving(border) as (_, wire):
        wire.behave(Manner(late=2.0))
        sent = border.pk.send("af", text="late")
        eventually(lambda: border.pk.delivery(sent, "af") in ("provisional", "final"))
        assert delivered(border, "late")


def test_a_line_that_stalls_holds_up_no_other_and_is_given_up(border: Border) -> None:
    with misbehaving(border) as (nodes, wire):
        eventually(lambda: standing(nodes["pk"], "af").state == "up")
        wire.behave(Manner(there=500, stalls=True))
        for node in (nodes["pk"], nodes["af"]):
            for line in node.lines.lines.values():
                line.wire.cut()
        stuck = border.pk.send("af", text="stuck")
        other = border.pk.send("obs", text="free", **border.pk.green())
        eventually(lambda: border.pk.delivery(other, "obs") != "pending")
        assert border.pk.delivery(stuck, "af") == "pending"
        wire.behave(Manner())
        for line in nodes["pk"].lines.lines.values():
            line.wire.cut()
        eventually(lambda: border.pk.delivery(stuck, "af") == "final")


# --- the disk of the receiver -----------------------------------------------------------------------------------------


@contextmanager
def no_room(side: Side) -> Iterator[None]:
    """Let a side's database, by whatever connection, grow no more until the block ends."""
    engine = side.means.engine

    def full(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
        connection.cursor().execute("PRAGMA max_page_count = 1")

    def roomy(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
        connection.cursor().execute("PRAGMA max_page_count = 1073741823")

    event.listen(engine, "checkout", full)
    yield
    event.remove(engine, "checkout", full)
    event.listen(engine, "checkout", roomy)


def test_a_full_disk_of_the_receiver_is_shown_at_the_sender_and_what_waited_arrives(border: Border) -> None:
    with connected(border) as nodes:
        eventually(lambda: standing(nodes["pk"], "af").state == "up")
        with no_room(border.af):
            sent = [border.pk.send("af", text="x" * 50_000) for _ in range(8)]
            eventually(lambda: standing(nodes["pk"], "af").tries >= 2)
            shown = standing(nodes["pk"], "af")
            assert shown.state == "down"
            assert "503" in shown.says
            assert "no room" in shown.says
            assert all(border.pk.delivery(each, "af") == "pending" for each in sent)
        eventually(lambda: all(border.pk.delivery(each, "af") == "final" for each in sent))


def test_a_database_that_another_program_holds_is_told_as_such_and_what_waited_arrives(border: Border) -> None:
    event.listen(border.af.means.engine, "checkout", impatient)
    with connected(border) as nodes:
        eventually(lambda: standing(nodes["pk"], "af").state == "up")
        with closing(sqlite3.connect(border.af.kept.where, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            sent = border.pk.send("af", text="waits")
            eventually(lambda: standing(nodes["pk"], "af").tries >= 2)
            shown = standing(nodes["pk"], "af").says
            assert "503" in shown
            assert "Another program holds" in shown
            other.execute("ROLLBACK")
        eventually(lambda: border.pk.delivery(sent, "af") == "final")
        eventually(lambda: standing(nodes["af"], "pk").state == "up")


def impatient(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
    """Wait for another program 0.2 seconds, where a node waits ten."""
    connection.cursor().execute("PRAGMA busy_timeout = 200")


# --- time -------------------------------------------------------------------------------------------------------------


def test_a_peer_away_for_a_week_has_everything_soon_after_it_is_back(border: Border) -> None:
    ports = {"pk": free_port(), "af": free_port(), "obs": free_port()}
    for party, side in border.sides.items():
        for other in border.sides.keys() - {party}:
            set_address(side.means, other, f"http://127.0.0.1:{ports[other]}")
    with serve(border.pk, ports["pk"]) as pk, serve(border.obs, ports["obs"]):
        sent = list[Pending]()
        for day in range(7):
            sent += [border.pk.send("af", text=f"day {day}, report {each}") for each in range(3)]
            border.clock.forward(days=1)
        eventually(lambda: standing(pk, "af").tries >= 2)
        assert standing(pk, "af").since < border.clock() - timedelta(days=6)
        assert standing(pk, "af").wait <= LONGEST_WAIT
        with serve(border.af, ports["af"]):
            eventually(lambda: len(border.af.received()) == 21)
            eventually(lambda: all(border.pk.delivery(each, "af") == "final" for each in sent))


def test_the_pause_between_tries_grows_and_is_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "LONGEST_WAIT", LONGEST_WAIT)
    waits = [Pace().failed(tries, chance) for tries in range(1, 40) for chance in (0.0, 1.0)]
    assert waits[:8] == [0.5, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0]
    assert waits[-2:] == [LONGEST_WAIT / 2, LONGEST_WAIT]


def test_a_clock_ten_minutes_off_that_steps_back_stops_nothing(border: Border) -> None:
    ahead = [timedelta(minutes=10)]
    af = border.af
    af.means = replace(af.means, now=lambda: border.clock() + ahead[0])
    with connected(border) as nodes:
        for text, by in (("ahead", 10), ("behind", -10), ("right", 0)):
            ahead[0] = timedelta(minutes=by)
            there, back = border.pk.send("af", text=text), border.af.send("pk", text=text)
            eventually(lambda: border.pk.delivery(there, "af") == "final")
            eventually(lambda: border.af.delivery(back, "pk") == "final")
            eventually(lambda: standing(nodes["pk"], "af").skew == ahead[0])


# --- how a line keeps its pace ----------------------------------------------------------------------------------------


def test_a_line_that_others_keep_awake_asks_its_peer_all_the_same() -> None:
    """What is committed for others begins no new wait: a peer that cannot be reached but asks for nothing else."""
    line, nothing = Pace(papers=()), Due(records=False, answers=False, countersign=0, papers=(), newest=0)
    assert line.wanted(nothing, 0.0).pull
    line.done(0.0, 0.0, pull=True)
    assert not any(line.wanted(nothing, second / 10) for second in range(int(IDLE) * 10))
    assert line.wanted(nothing, IDLE).pull


def test_what_takes_long_is_brought_in_smaller_shares() -> None:
    line = Pace()
    for _ in range(10):
        line.done(0.0, 60.0, pull=False)
    assert line.most == pace.LEAST
    for _ in range(10):
        line.done(0.0, 1.0, pull=False)
    assert line.most == pace.MOST


def test_whoever_does_not_countersign_is_asked_ever_later_until_a_log_grows() -> None:
    line, grown = Pace(papers=()), Due(records=False, answers=False, countersign=5, papers=(), newest=0)
    line.done(0.0, 0.0, pull=True)
    line.asked_to_countersign(5, 0.0)
    for _ in range(6):
        line.asked_to_countersign(5, 0.0)
    assert not line.wanted(grown, 20.0).countersign
    assert line.wanted(replace(grown, countersign=6), 20.0).countersign
