"""A node of the border in a process of its own, which SIGKILL ends right after one step, and those that come after it.

Law: the process kills itself, as the step returns, by the signal that no program can put off; whoever follows it has the
same files and nothing else. The processes are forked from one that loaded the program and did nothing.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

import pytest

from amanat.exchange.means import Means
from amanat.exchange.send import release_held
from amanat.party.keys import NodeSecrets, node_keys
from amanat.party.manifest import Manifest
from amanat.record.record import Post
from amanat.store import sqlite
from border import Border
from faults.steps import Done, ask_until_nothing_is_wanted, watch_commits
from kept import File
from side import KINDS, Clock, Side
from wire import free_port, serve

PATIENCE: Final = 120
FORKS: Final = multiprocessing.get_context("forkserver")
LOADED: Final = ["pytest", "alembic.command", "amanat.cli.node", "faults.mortal"]


def forked(do: Callable[..., object], *given: Any) -> BaseProcess:
    """Begin a process that does this, and ends with this one; what it is forked from loaded the program."""
    FORKS.set_forkserver_preload(LOADED)
    made = FORKS.Process(target=do, args=given, daemon=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", os.pathsep.join(sys.path))  # else what it is forked from finds none of it
        made.start()
    return made


@dataclass(frozen=True)
class Born:
    """All that a node's process begins with; `last` is the step that ends it, counted from when it is up; 0 is none."""

    party: str
    secrets: NodeSecrets
    manifest: Manifest
    where: str
    clock: Clock
    port: int
    last: int = 0


# --- in its process ---------------------------------------------------------------------------------------------------


@dataclass
class Life:
    """A side that is served, and that does what it is asked to; each of its steps may be the last."""

    side: Side
    last: int
    seen: list[str] = field(default_factory=list)
    counting: threading.Lock = field(default_factory=threading.Lock)

    def step(self, _party: str, name: str, do: Callable[[], Done]) -> Done:
        """Do it, and die of it if it is the last."""
        done = do()
        with self.counting:
            self.seen.append(name)
            if len(self.seen) == self.last:
                os.kill(os.getpid(), signal.SIGKILL)
        return done

    def arm(self, last: int) -> None:
        """Count from here on, and die after that step."""
        self.seen, self.last = [], last

    def steps(self) -> list[str]:
        """What was done since."""
        return self.seen

    def exchange(self, asked: str, url: str) -> None:
        """Ask a peer until nothing is wanted."""
        ask_until_nothing_is_wanted(self, self.side, asked, url)

    def release(self, id_: str, digest: str) -> None:
        """Let the second officer release a record."""
        release_held(id_, digest, Post(self.side.party, "chief"), self.side.means)


def live(born: Born, told: Connection) -> None:
    """Serve a side, and do what is asked until nothing more is."""
    kept = File(Path(born.where))
    engine = sqlite.open_existing(born.where)
    means = Means(born.party, node_keys(born.secrets), KINDS, engine, born.clock, os.urandom)
    life = Life(Side(born.party, (), born.secrets, born.manifest, means, kept), born.last)
    with pytest.MonkeyPatch.context() as patched, serve(life.side, born.port):
        watch_commits(life, life.side, patched)
        told.send("up")
        while (asked := told.recv()) is not None:
            act, *arguments = asked
            told.send(act(life, *arguments))


# --- beside it --------------------------------------------------------------------------------------------------------


@dataclass
class Mortal:
    """A node that is killed and born again; `deaths` counts how often."""

    born: Born
    deaths: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.born.port}"

    def begin(self) -> None:
        """Be born."""
        self._pipe, its = FORKS.Pipe()
        self._process = forked(live, self.born, its)
        its.close()
        assert self._pipe.recv() == "up"

    def ask(self, *asked: Any) -> Any:
        """What it answers to an act of `Life`, and what that takes; None when it died of it."""
        try:
            self._pipe.send(asked)
            return self._pipe.recv()
        except (EOFError, ConnectionError):
            self._process.join(PATIENCE)
            return None

    def revive(self) -> None:
        """Let another take its place if it is dead."""
        if not self._process.is_alive():
            assert self._process.exitcode == -signal.SIGKILL
            self.deaths += 1
            self._pipe.close()
            self.begin()

    def end(self) -> None:
        """Let it end in peace."""
        if self._process.is_alive():
            self._pipe.send(None)
            self._process.join(PATIENCE)
        self._pipe.close()


Mortals = dict[str, Mortal]


@contextmanager
def mortals(border: Border) -> Iterator[Mortals]:
    """Let each side of a border be served by a process of its own."""
    made = {party: Mortal(born(side, border.clock)) for party, side in border.sides.items()}
    with ExitStack() as ending:
        for each in made.values():
            each.begin()
            ending.callback(each.end)
        yield made


def born(side: Side, clock: Clock) -> Born:
    """What a side's process begins with."""
    side.means.engine.dispose()
    return Born(side.party, side.secrets, side.manifest, side.kept.where, replace(clock), free_port())
