"""Nodes that exchange over the network and are killed at random while officers send: nothing that was said is lost.

The nodes are the real program, `amanat node serve`, each forked from a process that loaded it before; SIGKILL ends it and
all that it began. How long each of its lives is was drawn from a seed: `--kills 200 --everywhere` takes more lives than
the gate. On PostgreSQL the server is killed too.
"""

import random
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from amanat import node
from amanat.compact.terms import defaults
from amanat.demo import cast
from amanat.exchange.means import Means, begin, look
from amanat.exchange.send import Pending, send
from amanat.party.errors import Fault, Unreachable
from amanat.record.record import Draft, Post
from amanat.store.tables import ARRIVAL, DELIVERY
from amanat.workspaces.intelligence.kinds import REPORT
from audit import check_acts, check_deliveries, check_evidence, check_logs, check_pair, check_records
from faults.plug import IN_FOLDERS, Outlet, furnish, outlet
from faults.served import SERVE, serving, settle_down
from server import Server
from wire import eventually

SHORTEST, LONGEST = 0.0, 2.0  # seconds of a life; for three of four from when both nodes answer
LONGER = (4.0, 8.0, 16.0, 32.0)  # seconds of one more life each, while no life was long enough to exchange anything
PARTIES = ("pk", "af", "obs")
SERVED = ("granian", "amanat.api.app", "amanat.api.metrics", "amanat.api.serving", "amanat.console.app")
LOADED = ("amanat.cli.node", *SERVED, "litestar.plugins.pydantic")  # also what `serve` loads once it is given
BOTH = (("pk", "af"), ("af", "pk"))


@dataclass
class Desk:
    """Officers of a party who send one report after another by a program beside the node, whether that lives or not."""

    party: str
    means: Means
    said: list[str] = field(default_factory=list)  # digests of envelopes that were said to stand

    def work(self, to: str, ended: threading.Event) -> None:
        """Send until it is over."""
        with begin(self.means) as turn:
            terms = turn.known.compact(cast.COMPACT).terms
        while not ended.wait(0.05):
            handling = defaults(terms, REPORT.name, self.means.now())
            draft = Draft(REPORT.label, REPORT.examples[0], (to,), handling, terms.digest, exercise=True)
            try:
                (sent,) = send([draft], Post(self.party, "torkham/duty"), self.means)
            except (Fault, Unreachable) as problem:
                assert problem.code in ("store.busy", "store.away")  # not said to stand, and sent anew
                continue
            assert isinstance(sent, Pending)
            self.said.append(sent.digest)


def live(mains: Outlet, folder: Path, party: str, ports: list[int], lives: list[float]) -> None:
    """Serve a node again and again, each time until its plug is pulled."""
    for at, seconds in enumerate(lives):
        run = mains.run(folder, SERVE.format(party), after=seconds, ports=ports if at % 4 else [])
        assert run.code == -signal.SIGKILL, run.err


def unsettled(means: Means) -> int:
    """How many envelopes still have no final receipt."""
    with look(means) as turn:
        return len(turn.tx.execute(select(DELIVERY.c.envelope).where(DELIVERY.c.state != "final")).all())


def answered(means: Means) -> int:
    """How many envelopes have any answer."""
    with look(means) as turn:
        return len(turn.tx.execute(select(DELIVERY.c.envelope).where(DELIVERY.c.state != "pending")).all())


@dataclass
class Scene:
    """Three parties' folders, a port for each, the means of programs beside their nodes, and officers at two of them."""

    folder: Path
    ports: dict[str, int]
    opened: dict[str, Means]
    desks: dict[str, Desk]
    ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Let officers of both send to the other while the block runs."""
        officers = [threading.Thread(target=self.desks[a].work, args=(b, self.ended)) for a, b in BOTH]
        for thread in officers:
            thread.start()
        try:
            yield
        finally:
            self.ended.set()
            for thread in officers:
                thread.join()

    def settle(self) -> None:
        """Wait until every envelope has its final receipt."""
        eventually(lambda: not any(unsettled(means) for means in self.opened.values()), within=300)

    def check(self) -> None:
        """All that was said to stand came, once; every node is as it must be, and so is each pair of them."""
        for sender, recipient in BOTH:
            assert self.desks[sender].said
            check_arrived(self.desks[sender].said, self.opened[recipient])
        everybody = [Desk(party, means) for party, means in self.opened.items()]
        for one in everybody:
            check_node(one)
            for other in everybody:
                if one is not other:
                    check_pair(one, other)


@contextmanager
def scene(folder: Path, places: Mapping[str, str]) -> Iterator[Scene]:
    """Let three meet, with their databases in those places."""
    furnish(folder, reports=4, places=places)
    ports = settle_down(folder, PARTIES)
    opened = {party: node.open_node(folder / party, cast.passphrase(party)) for party in PARTIES}
    yield Scene(folder, ports, opened, {party: Desk(party, opened[party]) for party in ("pk", "af")})
    for means in opened.values():
        means.engine.dispose()


def on(server: Server) -> dict[str, str]:
    """A database on the server for each party."""
    return {party: server.address(server.new()) for party in PARTIES}


def live_both(mains: Mapping[str, Outlet], at: Scene, ports: list[int], lives: Mapping[str, list[float]]) -> None:
    """Let both nodes live these lives, each at its own time."""
    nodes = [
        threading.Thread(target=live, args=(mains[party], at.folder, party, ports, lives[party])) for party in lives
    ]
    for thread in nodes:
        thread.start()
    for thread in nodes:
        thread.join()


# --- nodes that are killed --------------------------------------------------------------------------------------------


def drawn(config: pytest.Config, of: int) -> dict[str, list[float]]:
    """How long the lives of each node are that end by a kill: one of so many kills as are asked for."""
    first, kills = int(config.getoption("--first-kill")), int(config.getoption("--kills")) // of
    seconds = [random.Random(seed).uniform(SHORTEST, LONGEST) for seed in range(first, first + kills)]  # noqa: S311
    return {"pk": seconds[::2], "af": seconds[1::2]}


@pytest.mark.parametrize("place", ["sqlite", "postgresql"])
def test_nodes_killed_at_random_under_load_lose_nothing_that_was_said(
    place: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A kill takes seconds here: on a server, where all else is the same, the gate has a fifth of them."""
    served = place == "postgresql"
    places = on(request.getfixturevalue("server")) if served else IN_FOLDERS
    lives = drawn(request.config, 5 if served and not request.config.getoption("--everywhere") else 1)
    with scene(tmp_path / "border", places) as at, ExitStack() as running:
        met = [at.ports["pk"], at.ports["af"]]
        running.enter_context(serving(at.folder, "obs"))
        outlets = {party: running.enter_context(outlet(load=LOADED)) for party in lives}
        with at.sending():
            live_both(outlets, at, met, lives)
            for seconds in LONGER:
                if not all(answered(desk.means) for desk in at.desks.values()):
                    live_both(outlets, at, met, {party: [seconds] for party in lives})
        assert all(answered(desk.means) for desk in at.desks.values()), "no life was long enough to exchange anything"
        for party in lives:
            running.enter_context(serving(at.folder, party))
        at.settle()
        at.check()


# --- a database server that is killed ---------------------------------------------------------------------------------


def test_a_database_server_killed_and_stopped_under_load_loses_nothing_that_was_said(
    server: Server, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """The nodes live on and go on by themselves once it is back; its disk held what it said, as a killed process's does."""
    with scene(tmp_path / "border", on(server)) as at, ExitStack() as running:
        for party in PARTIES:
            running.enter_context(serving(at.folder, party))
        with at.sending():
            for _ in range(10 if pytestconfig.getoption("--everywhere") else 1):
                more_is_answered(at)
                server.kill()
                more_is_answered(at)
                server.stop("fast")
                time.sleep(1)  # so that nodes and officers come to a server that is away
                server.start()
            more_is_answered(at)
        at.settle()
        at.check()


def more_is_answered(at: Scene) -> None:
    """Wait until both sides have more answers than now."""
    before = {party: answered(desk.means) for party, desk in at.desks.items()}
    eventually(lambda: all(answered(at.desks[party].means) > count for party, count in before.items()), within=180)


def check_arrived(said: list[str], at: Means) -> None:
    """All that was said to stand came, once."""
    with look(at) as turn:
        came = list(turn.tx.execute(select(ARRIVAL.c.envelope)).scalars())
    assert len(came) == len({*came})
    assert {*said} <= {*came}


def check_node(desk: Desk) -> None:
    """A node is as it must be, by `Border.check`'s own questions; its views by those of `amanat audit`."""
    with begin(desk.means) as turn:
        check_logs(turn, desk)
        check_acts(turn)
        check_deliveries(turn)
        check_records(turn)
        check_evidence(turn)
