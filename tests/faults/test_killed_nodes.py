"""Nodes that exchange over the network and are killed at random while officers send: nothing that was said is lost.

The nodes are the real program, `amanat node serve`, each forked from a process that loaded it before; SIGKILL ends it and
all that it began. How long each of its lives is was drawn from a seed: `--kills 200` takes more lives than the gate.
"""

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from amanat import node
from amanat.compact.terms import defaults
from amanat.demo import cast
from amanat.exchange.lines import set_address
from amanat.exchange.means import Means, begin, look
from amanat.exchange.send import Pending, send
from amanat.party.errors import Fault
from amanat.record.record import Draft, Post
from amanat.store.tables import ARRIVAL, DELIVERY
from amanat.workspaces.intelligence.kinds import REPORT
from audit import check_acts, check_deliveries, check_evidence, check_logs, check_pair, check_records
from faults.plug import Outlet, environment, furnish, outlet
from wire import eventually, free_port

SHORTEST, LONGEST = 0.3, 2.0  # seconds of a life; a node answers after about half of one
SERVE = "node serve -C {0} --passphrase-file {0}.pass"
PARTIES = ("pk", "af", "obs")


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
            except Fault as fault:
                assert fault.code == "store.busy"  # said to have failed, and sent anew
                continue
            assert isinstance(sent, Pending)
            self.said.append(sent.digest)


def settle_down(folder: Path) -> None:
    """Give each node a port, and the others its address."""
    ports = {party: free_port() for party in PARTIES}
    for party in PARTIES:
        (folder / party / "node.toml").write_text(f"port = {ports[party]}\n", "utf-8")
        means = node.open_node(folder / party, cast.passphrase(party))
        for other in set(PARTIES) - {party}:
            set_address(means, other, f"http://127.0.0.1:{ports[other]}")
        means.engine.dispose()


def live(mains: Outlet, folder: Path, party: str, lives: list[float]) -> None:
    """Serve a node again and again, each time until its plug is pulled."""
    for seconds in lives:
        run = mains.run(folder, SERVE.format(party), after=seconds)
        assert run.code == -signal.SIGKILL, run.err


@contextmanager
def serving(folder: Path, party: str) -> Iterator[None]:
    """Serve a node until it is asked to stop, as an operator does."""
    program = "import sys; from amanat.cli import main; sys.exit(main())"
    with (folder / f"{party}.log").open("w", encoding="utf-8") as said:
        running = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-B", "-c", program, *SERVE.format(party).split()],
            cwd=folder,
            env=environment(),
            stdout=said,
            stderr=said,
        )
        try:
            yield
        finally:
            running.send_signal(signal.SIGINT)
            assert running.wait(30) == 0, (folder / f"{party}.log").read_text("utf-8")


def unsettled(means: Means) -> int:
    """How many envelopes still have no final receipt."""
    with look(means) as turn:
        return len(turn.tx.execute(select(DELIVERY.c.envelope).where(DELIVERY.c.state != "final")).all())


@pytest.fixture
def lives(request: pytest.FixtureRequest) -> dict[str, list[float]]:
    """How long the lives of each node are that end by a kill."""
    first, kills = int(request.config.getoption("--first-kill")), int(request.config.getoption("--kills"))
    drawn = [random.Random(seed).uniform(SHORTEST, LONGEST) for seed in range(first, first + kills)]  # noqa: S311
    return {"pk": drawn[::2], "af": drawn[1::2]}


def test_nodes_killed_at_random_under_load_lose_nothing_that_was_said(
    lives: dict[str, list[float]], tmp_path: Path
) -> None:
    folder = tmp_path / "border"
    furnish(folder, reports=4)
    settle_down(folder)
    opened = {party: node.open_node(folder / party, cast.passphrase(party)) for party in PARTIES}
    desks = {party: Desk(party, opened[party]) for party in ("pk", "af")}
    ended = threading.Event()
    with ExitStack() as running:
        running.enter_context(serving(folder, "obs"))
        nodes = [
            threading.Thread(target=live, args=(running.enter_context(outlet()), folder, party, lives[party]))
            for party in lives
        ]
        officers = [threading.Thread(target=desks[a].work, args=(b, ended)) for a, b in (("pk", "af"), ("af", "pk"))]
        for thread in (*officers, *nodes):
            thread.start()
        for thread in nodes:
            thread.join()
        ended.set()
        for thread in officers:
            thread.join()
        for party in lives:
            running.enter_context(serving(folder, party))
        eventually(lambda: not any(unsettled(means) for means in opened.values()), within=120)
    for desk, at in ((desks["pk"], opened["af"]), (desks["af"], opened["pk"])):
        assert desk.said
        check_arrived(desk.said, at)
    everybody = [Desk(party, means) for party, means in opened.items()]
    for one in everybody:
        check_node(one)
        for other in everybody:
            if one is not other:
                check_pair(one, other)
    for one in everybody:
        one.means.engine.dispose()


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
