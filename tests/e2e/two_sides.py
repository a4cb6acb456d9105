"""Two nodes of the border with a wire between them that can be cut, a clock that goes on, and an officer's desk at each."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx

from amanat.workspaces.liaison import WORKSPACE
from api.cast import Desk
from border import Border
from faults.proxy import Manner, Proxy, between
from side import Clock
from wire import TRUST, Node, connected


@dataclass
class Running(Clock):
    """A clock that goes on, from where a test left it."""

    began: float = 0.0

    def __call__(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self.began)


@dataclass
class Served:
    """Two served nodes with a wire between them that can be cut, and the desk of each."""

    border: Border
    nodes: dict[str, Node]
    desks: dict[str, Desk]
    ways: list[Proxy]

    def cut(self) -> None:
        """Let nothing pass any more."""
        self._behave(Manner(there=0))

    def heal(self) -> None:
        """Let all pass again."""
        self._behave(Manner())

    def _behave(self, manner: Manner) -> None:
        for way in self.ways:
            way.manner = manner
        for node in self.nodes.values():
            for line in node.lines.lines.values():
                line.wire.cut()


@contextmanager
def served(border: Border, hour: int = 8) -> Iterator[Served]:
    """Nodes that say by themselves what they have to, by a clock that runs; no test call is due."""
    clock = Running(border.clock.at.replace(hour=hour, minute=0, second=0, microsecond=0), time.monotonic())
    border.clock = clock
    for side in border.sides.values():
        side.means = replace(side.means, now=clock)
    ways = list[Proxy]()
    with ExitStack() as open_:

        def through(asker: str, asked: str, url: str) -> str:
            if "obs" in (asker, asked):
                return url
            ways.append(open_.enter_context(between(url)))
            return ways[-1].url

        assert WORKSPACE.tend is not None
        nodes = open_.enter_context(connected(border, "pk", "af", through=through, tends=[WORKSPACE.tend]))
        desks = {
            party: Desk(node, open_.enter_context(httpx.Client(base_url=node.url, timeout=30, verify=TRUST)))
            for party, node in nodes.items()
        }
        yield Served(border, nodes, desks, ways)
