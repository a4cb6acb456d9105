"""Each thing that is written or sent while a record with a file travels may fail, fail though it was done, or be the last.

The steps are numbered as they come in a journey that nothing hurts: every commit of each of the three nodes, every
request with its answer. Then each of them is hurt in each manner, and the same record is brought until it is there.
"""

import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import httpx
import pytest
from sqlalchemy import select

from amanat.exchange.peer_auth import Nonces
from amanat.exchange.peer_client import Wire, client
from amanat.exchange.peer_line import Line
from amanat.exchange.send import Held, release_held
from amanat.record.record import Post
from amanat.store.tables import DELIVERY
from border import Border, meet
from side import Side
from wire import TRUST, Nodes, free_port, serve

Manner = Literal["unhurt", "fails", "fails though done", "killed after"]
Done = TypeVar("Done")
ROUND = (("pk", "af"), ("af", "obs"), ("pk", "af"))  # to it, to a witness, and back for the receipt that is final
MOST_ROUNDS = 8
FILE = b"two lorries at the bridge"


class BrokenOff(httpx.TransportError, sqlite3.OperationalError):
    """What both a line and a disk are taken to have said."""


@dataclass
class Journey:
    """Three served nodes, and which of the steps is hurt; `dead` are nodes killed and not yet started anew."""

    border: Border
    nodes: Nodes
    manner: Manner = "unhurt"
    hurt: int = 0
    seen: list[str] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)
    counting: threading.Lock = field(default_factory=threading.Lock)

    def step(self, party: str, name: str, do: Callable[[], Done]) -> Done:
        """Do what a node writes or sends, as it is to go."""
        with self.counting:
            self.seen.append(f"{party} {name}")
            hurt = len(self.seen) == self.hurt and self.manner
        if party in self.dead or hurt == "fails":
            raise BrokenOff(f"{party} {name}")
        done = do()
        if hurt == "killed after":
            self.dead.add(party)
        if hurt:
            raise BrokenOff(f"{party} {name}")
        return done

    def start_anew(self) -> None:
        """Start those that were killed: what they had in memory is gone, what was not committed is taken back."""
        for party in self.dead:
            self.border.sides[party].means.engine.dispose()
            self.nodes[party].reception.nonces = Nonces(os.urandom, time.monotonic)
        self.dead.clear()

    def exchange(self, asker: str, asked: str) -> None:
        """Let one ask the other until nothing is wanted, as its line does."""
        with client(TRUST) as http:
            http._transport = Asking(self, asker, http._transport)  # noqa: SLF001 - the edge
            wire = Wire(http, self.nodes[asked].url, asker, asked, self.border.sides[asker].means.keys.record)
            Line(
                self.border.sides[asker].means, wire, time.monotonic, random.random, lambda _: None, lambda *_: None
            ).work()
        self.start_anew()

    def release(self, held: Held) -> None:
        """Let the second officer release the record; who is told that it failed looks whether it stands."""
        pk = self.border.pk
        for _ in range(2):
            if pk.state(held.record) is None:
                with suppress(Exception):  # whatever it says, he looks
                    release_held(held.record.fields.id, held.digest, Post("pk", "chief"), pk.means)
                self.start_anew()


@dataclass
class Asking(httpx.BaseTransport):
    """The client's own transport, of which each request with its answer is a step."""

    journey: Journey
    asker: str
    inner: Any

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and have all of the answer."""

        def ask() -> httpx.Response:
            answer: httpx.Response = self.inner.handle_request(request)
            body = answer.read()
            answer.close()
            return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))

        return self.journey.step(self.asker, f"asks {request.method}", ask)

    def close(self) -> None:
        """Close what asks."""
        self.inner.close()


def watch_commits(journey: Journey, side: Side, patched: pytest.MonkeyPatch) -> None:
    """Make each commit of a side that changes anything a step."""
    side.means.engine.dispose()  # what its connections changed before is counted by them
    dialect = side.means.engine.dialect
    commit = dialect.do_commit

    def step(connection: Any) -> None:
        total = connection.driver_connection.total_changes
        if connection.info.get("changes", 0) == total:
            return commit(connection)
        connection.info["changes"] = total
        return journey.step(side.party, "commits", lambda: commit(connection))

    patched.setattr(dialect, "do_commit", step)


# --- the journey ------------------------------------------------------------------------------------------------------


Scene = tuple[Border, Nodes]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Three that have met and are served; no line of theirs is at work but by these tests."""
    with meet(tmp_path_factory.mktemp("steps")) as border, ExitStack() as running:
        yield border, {party: running.enter_context(serve(side, free_port())) for party, side in border.sides.items()}


def travelled(scene: Scene, manner: Manner, hurt: int) -> list[str]:
    """Let a record travel with that step hurt; return all steps, once it is there for good."""
    border, nodes = scene
    held = border.pk.hold("af", attachments=(border.pk.attach("bridge.jpg", FILE),), **border.pk.person())
    journey = Journey(border, nodes, manner, hurt)
    with pytest.MonkeyPatch.context() as patched:
        for side in border.sides.values():
            watch_commits(journey, side, patched)
        journey.release(held)
        for _ in range(MOST_ROUNDS):
            for asker, asked in ROUND:
                journey.exchange(asker, asked)
            if there(border, held):
                break
    told = f"step {hurt}, {journey.seen[hurt - 1] if hurt else ''}, {manner}"
    assert there(border, held), told
    assert [each.key for each in border.af.received()].count(held.record.key) == 1, told
    assert border.af.file(held.record) == FILE, told
    return journey.seen


def there(border: Border, held: Held) -> bool:
    """Whether the record is at af with its file, and pk holds a final receipt of it, as of all before."""
    if border.af.state(held.record) is None or border.af.parts(held.record) != 1:
        return False
    with border.pk.means.engine.connect() as connection:
        return {*connection.execute(select(DELIVERY.c.state)).scalars()} == {"final"}


@pytest.mark.parametrize("manner", ["fails", "fails though done", "killed after"])
def test_whatever_step_is_hurt_the_record_is_delivered_once_with_a_final_receipt(scene: Scene, manner: Manner) -> None:
    travelled(scene, "unhurt", 0)  # the papers, which travel once
    steps = travelled(scene, "unhurt", 0)
    assert {f"{party} commits" for party in ("pk", "af", "obs")} <= {*steps}
    assert {"pk asks POST", "af asks POST"} <= {*steps}
    for at in range(1, len(steps) + 1):
        travelled(scene, manner, at)
    scene[0].check()
