"""Nodes of the border on real HTTP: each side served by the real server, with lines to those whose addresses it has."""

import asyncio
import os
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from litestar import Litestar

from amanat.api.app import Served, create
from amanat.api.metrics import Watched
from amanat.api.serving import Connected
from amanat.cli.node import AT_ONCE, BACKLOG, HEADER_MILLISECONDS
from amanat.console import app as pages
from amanat.console.paper import printed
from amanat.console.problems import lost
from amanat.exchange.keeping import Keeping
from amanat.exchange.lines import Lines, addresses, set_address
from amanat.exchange.meters import Meters
from amanat.exchange.peer_api import Reception
from amanat.exchange.peer_auth import Nonces
from amanat.exchange.peer_client import client
from amanat.exchange.tending import Tend
from amanat.settings import Settings
from amanat.store import turns
from border import Border
from side import Side

PATIENCE = 60.0  # seconds: of a machine that much else runs on; whoever fails waits, and nobody else
TRUST = ssl.create_default_context()  # once: it reads all authorities of the system
CLOSED = Settings()  # of a node that nobody set anything of: strangers are told nothing


@dataclass
class Node:
    """A side that is being served."""

    side: Side
    url: str
    lines: Lines
    reception: Reception
    meters: Meters
    app: Litestar
    loop: asyncio.AbstractEventLoop


Nodes = dict[str, Node]


@contextmanager
def serve(  # noqa: PLR0913, PLR0917 - what a node can be set to
    side: Side,
    port: int,
    head_milliseconds: int = HEADER_MILLISECONDS,
    token: str = "",
    settings: Settings = CLOSED,
    tends: Sequence[Tend] = (),
) -> Iterator[Node]:
    """Serve a side at a port of loopback until the block ends; by itself it says what `tends` return."""
    http = client(TRUST, httpx.Timeout(20.0, connect=2.0))
    meters = Meters(side.means, lambda: 1)
    lines = Lines(side.means, http, time.monotonic, random.random, meters.told, meters.exchanged)
    reception = Reception(side.means, Nonces(os.urandom, time.monotonic), lines.heard, meters.told)
    keeping = Keeping(side.means, time.monotonic, lines.clocks.ours_ahead)
    lines.keyed.append(Connected(reception, lines, meters, keeping).use)
    app = create(
        reception,
        lines,
        keeping,
        Served(
            pages.routes(),
            printed,
            lost,
            watched=Watched(meters, lines, token),
            logs=settings.serve_logs,
            tends=tends,
        ),
    )
    server = listening(app, port, head_milliseconds)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(),), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{port}"
    eventually(lambda: answers(url))
    try:
        yield Node(side, url, lines, reception, meters, app, loop)
    finally:
        loop.call_soon_threadsafe(server.stop)
        loop.call_soon_threadsafe(app.state.broadcast.end)  # a server waits for who is being answered
        thread.join(3 * PATIENCE)  # it serves to their end those who are slow
        loop.close()
        http.close()


def listening(app: Litestar, port: int, head_milliseconds: int = HEADER_MILLISECONDS) -> Server:
    """Return the server that a node is served by, at a port of loopback and in this process."""
    return Server(
        app,
        "127.0.0.1",
        port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        log_enabled=False,
        websockets=False,
        backlog=BACKLOG,
        backpressure=AT_ONCE,
        http1_settings=HTTP1Settings(header_read_timeout=head_milliseconds),
    )


@contextmanager
def connected(
    border: Border,
    *served: str,
    through: Callable[[str, str, str], str] | None = None,
    settings: Settings = CLOSED,
    tends: Sequence[Tend] = (),
) -> Iterator[Nodes]:
    """Serve all three or those `served`, each with the addresses of the others.

    `through` may give (who asks, who is asked, the address there) another address, such as one of a proxy.
    """
    urls = {party: f"http://127.0.0.1:{free_port()}" for party in border.sides}
    for party, side in border.sides.items():
        for other in border.sides.keys() - {party}:
            set_address(side.means, other, through(party, other, urls[other]) if through else urls[other])
    with ExitStack() as running:
        yield {
            party: running.enter_context(
                serve(border.sides[party], int(urls[party].rpartition(":")[2]), settings=settings, tends=tends)
            )
            for party in served or border.sides
        }


def port_of(node: Node, party: str) -> int:
    """Return the port at which a node knows another's."""
    with turns.reading(node.side.means.engine) as tx:
        return int(addresses(tx)[party][0].rpartition(":")[2])


def eventually(holds: Callable[[], bool], within: float = PATIENCE) -> None:
    """Wait until something holds."""
    until = time.monotonic() + within
    while not holds():
        assert time.monotonic() < until, "it never came to hold"
        time.sleep(0.005)


def free_port() -> int:
    """Return a port of loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether a node answers there."""
    try:
        return httpx.get(f"{url}/peer/v1/nonce", verify=TRUST).status_code == 204
    except httpx.HTTPError:
        return False
