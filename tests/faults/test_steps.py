"""Each thing that is written or sent while a record with a file travels may fail, fail though it was done, or be the last.

The steps are numbered as they come in a journey that nothing hurts: every commit of each of the three nodes, every
request with its answer. Then each of them is hurt in each manner, and the same record is brought until it is there. Those
that are killed after a step are processes, killed by SIGKILL and begun anew on the same files.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import httpx
import pytest
from sqlalchemy import select

from amanat.exchange.send import Held, release_held
from amanat.record.record import Post
from amanat.store.tables import DELIVERY
from border import Border, meet
from faults.mortal import Life, Mortals, mortals
from faults.steps import Done, ask_until_nothing_is_wanted, watch_commits
from wire import Nodes, free_port, serve

Manner = Literal["unhurt", "fails", "fails though done"]
ROUND = (("pk", "af"), ("af", "obs"), ("pk", "af"))  # to it, to a witness, and back for the receipt that is final
MOST_ROUNDS = 8
FILE = b"two lorries at the bridge"


class BrokenOff(httpx.TransportError, sqlite3.OperationalError):
    """What both a line and a disk are taken to have said."""


@dataclass
class Journey:
    """Three served nodes, and which of the steps is hurt."""

    border: Border
    nodes: Nodes
    manner: Manner = "unhurt"
    hurt: int = 0
    seen: list[str] = field(default_factory=list)
    counting: threading.Lock = field(default_factory=threading.Lock)

    def step(self, party: str, name: str, do: Callable[[], Done]) -> Done:
        """Do what a node writes or sends, as it is to go."""
        with self.counting:
            self.seen.append(f"{party} {name}")
            hurt = len(self.seen) == self.hurt and self.manner
        if hurt == "fails":
            raise BrokenOff(f"{party} {name}")
        done = do()
        if hurt:
            raise BrokenOff(f"{party} {name}")
        return done

    def exchange(self, asker: str, asked: str) -> None:
        """Let one ask the other."""
        ask_until_nothing_is_wanted(self, self.border.sides[asker], asked, self.nodes[asked].url)

    def release(self, held: Held) -> None:
        """Let the second officer release the record; who is told that it failed looks whether it stands."""
        pk = self.border.pk
        for _ in range(2):
            if pk.state(held.record) is None:
                with suppress(Exception):  # whatever it says, he looks
                    release_held(held.record.fields.id, held.digest, Post("pk", "chief"), pk.means)


def prepared(border: Border) -> Held:
    """A record with a file that waits for its second person."""
    return border.pk.hold("af", attachments=(border.pk.attach("bridge.jpg", FILE),), **border.pk.person())


def bring(border: Border, held: Held, exchange: Callable[[str, str], None], told: str) -> None:
    """Let them exchange until the record is there for good, once and with its file."""
    for _ in range(MOST_ROUNDS):
        for asker, asked in ROUND:
            exchange(asker, asked)
        if there(border, held):
            break
    assert there(border, held), told
    assert [each.key for each in border.af.received()].count(held.record.key) == 1, told
    assert border.af.file(held.record) == FILE, told


def there(border: Border, held: Held) -> bool:
    """Whether the record is at af with its file, and pk holds a final receipt of it, as of all before."""
    if border.af.state(held.record) is None or border.af.parts(held.record) != 1:
        return False
    with border.pk.means.engine.connect() as connection:
        return {*connection.execute(select(DELIVERY.c.state)).scalars()} == {"final"}


# --- a step that fails, be it done or not -----------------------------------------------------------------------------


Scene = tuple[Border, Nodes]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Three that have met and are served; no line of theirs is at work but by these tests."""
    with meet(tmp_path_factory.mktemp("steps")) as border, ExitStack() as running:
        yield border, {party: running.enter_context(serve(side, free_port())) for party, side in border.sides.items()}


def travelled(scene: Scene, manner: Manner, hurt: int) -> list[str]:
    """Let a record travel with that step hurt; return all steps, once it is there for good."""
    border, nodes = scene
    held, journey = prepared(border), Journey(border, nodes, manner, hurt)
    with pytest.MonkeyPatch.context() as patched:
        for side in border.sides.values():
            watch_commits(journey, side, patched)
        journey.release(held)
        bring(border, held, journey.exchange, f"step {hurt}, {manner}, of {journey.seen}")
    return journey.seen


@pytest.mark.parametrize("manner", ["fails", "fails though done"])
def test_whatever_step_is_hurt_the_record_is_delivered_once_with_a_final_receipt(scene: Scene, manner: Manner) -> None:
    travelled(scene, "unhurt", 0)  # the papers, which travel once
    steps = travelled(scene, "unhurt", 0)
    assert {f"{party} commits" for party in ("pk", "af", "obs")} <= {*steps}
    assert {"pk asks POST", "af asks POST"} <= {*steps}
    for at in range(1, len(steps) + 1):
        travelled(scene, manner, at)
    scene[0].check()


# --- a step after which the node is killed ----------------------------------------------------------------------------


def outlived(border: Border, nodes: Mortals, party: str = "", last: int = 0) -> dict[str, list[str]]:
    """Let a record travel while a node is killed after that step of its own; return each node's steps."""
    held = prepared(border)
    for each, node in nodes.items():
        node.ask(Life.arm, last if each == party else 0)

    def exchange(asker: str, asked: str) -> None:
        nodes[asker].ask(Life.exchange, asked, nodes[asked].url)
        for node in nodes.values():
            node.revive()

    while border.pk.state(held.record) is None:
        nodes["pk"].ask(Life.release, held.record.fields.id, held.digest)
        nodes["pk"].revive()
    bring(border, held, exchange, f"{party} killed after its step {last}")
    return {each: node.ask(Life.steps) for each, node in nodes.items()}


def test_whatever_step_a_node_is_killed_after_the_record_is_delivered_once_with_a_final_receipt(
    tmp_path: Path,
) -> None:
    with meet(tmp_path) as border, mortals(border) as nodes:
        outlived(border, nodes)
        steps = outlived(border, nodes)
        assert all("commits" in done for done in steps.values())
        assert "asks POST" in steps["pk"]
        assert "asks POST" in steps["af"]
        for party, done in steps.items():
            for last in range(1, len(done) + 1):
                outlived(border, nodes, party, last)
            assert nodes[party].deaths == len(done)
        border.check()
