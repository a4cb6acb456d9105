"""What a node writes or sends while records travel, step by step: each commit that changes anything, each question asked.

Law: every step goes through one function, which may hurt it; a journey has nothing else that could be lost.
"""

import random
import time
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import httpx
import pytest

from amanat.exchange.peer_client import Wire, client
from amanat.exchange.peer_line import Line
from side import Side
from wire import TRUST

Done = TypeVar("Done")


class Steps(Protocol):
    """Whoever counts the steps."""

    def step(self, party: str, name: str, do: Callable[[], Done]) -> Done:
        """Do what a node writes or sends, as it is to go."""
        ...


@dataclass
class Asking(httpx.BaseTransport):
    """The client's own transport, of which each request with its answer is a step."""

    steps: Steps
    asker: str
    inner: Any

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and have all of the answer."""

        def ask() -> httpx.Response:
            answer: httpx.Response = self.inner.handle_request(request)
            body = answer.read()
            answer.close()
            return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))

        return self.steps.step(self.asker, f"asks {request.method}", ask)

    def close(self) -> None:
        """Close what asks."""
        self.inner.close()


def ask_until_nothing_is_wanted(steps: Steps, asker: Side, asked: str, url: str) -> None:
    """Let a side ask a peer until nothing is wanted, as its line does."""
    with client(TRUST) as http:
        http._transport = Asking(steps, asker.party, http._transport)  # noqa: SLF001 - the edge
        wire = Wire(http, url, asker.party, asked, asker.means.keys.record)
        Line(asker.means, wire, time.monotonic, random.random, lambda _: None, lambda *_: None).work()


def watch_commits(steps: Steps, side: Side, patched: pytest.MonkeyPatch) -> None:
    """Make each commit of a side that changes anything a step."""
    side.means.engine.dispose()  # what its connections changed before is counted by them
    dialect = copy(side.means.engine.dialect)  # which others may share
    commit = dialect.do_commit

    def step(connection: Any) -> None:
        total = connection.driver_connection.total_changes
        if connection.info.get("changes", 0) == total:
            return commit(connection)
        connection.info["changes"] = total
        return steps.step(side.party, "commits", lambda: commit(connection))

    dialect.do_commit = step  # type: ignore[assignment, method-assign]
    patched.setattr(side.means.engine, "dialect", dialect)
