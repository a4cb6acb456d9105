"""What the benches of the wire share: a node in a process of its own, and what a disk and a socket cost bare."""

import asyncio
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import psycopg
from sqlalchemy import create_engine

from amanat import node
from amanat.api.app import Served as Serves
from amanat.api.app import create
from amanat.console import app as pages
from amanat.console.paper import printed
from amanat.demo.cast import Actor
from amanat.exchange.keeping import Keeping
from amanat.exchange.lines import Lines
from amanat.exchange.means import Means
from amanat.exchange.peer_api import Reception
from amanat.exchange.peer_auth import Nonces
from amanat.exchange.receive import Report
from amanat.store import database

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))  # what serves there is found where it is
from server import Server
from wire import answers, eventually, listening

PATIENCE = 20.0
Told = Callable[[Report], None]


@dataclass(frozen=True)
class Served:
    """A node that is served: where, its process, and a pipe over which it answers how it fares."""

    url: str
    pid: int
    pipe: Connection

    def fares(self) -> tuple[float, int]:
        """Processor seconds that it took so far, and the most bytes of memory that it held."""
        self.pipe.send("?")
        seconds, most = self.pipe.recv()
        return seconds, most


@contextmanager
def served(actor: Actor, port: int) -> Iterator[Served]:
    """Serve a party's node at a port of loopback, in a process of its own. Begin no thread before."""
    actor.means.engine.dispose()
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(actor, port, there), daemon=True)
    process.start()
    url = f"http://127.0.0.1:{port}"
    eventually(lambda: answers(url), PATIENCE)
    try:
        yield Served(url, process.pid or 0, here)
    finally:
        process.terminate()
        process.join(PATIENCE)


def _serve(actor: Actor, port: int, pipe: Connection) -> None:
    engine = database.open_existing(node.database_of(actor.folder.absolute()))
    reception, lines = connected(replace(actor.means, engine=engine), lambda _: None)
    keeping = Keeping(lines.means, time.monotonic, lines.clocks.ours_ahead)
    server = listening(create(reception, lines, keeping, Serves(pages.routes(), printed)), port)

    async def both() -> None:
        asyncio.get_running_loop().add_reader(pipe.fileno(), _answer, pipe)
        await server.serve()

    asyncio.run(both())


def _answer(pipe: Connection) -> None:
    pipe.recv()
    pipe.send((time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))


def connected(means: Means, told: Told) -> tuple[Reception, Lines]:
    """A node's two sides of the network, as `amanat.node.connect` makes them, for plain HTTP."""
    http = httpx.Client(timeout=httpx.Timeout(60.0), trust_env=False)
    lines = Lines(means, http, time.monotonic, lambda: 0.5, told)
    return Reception(means, Nonces(os.urandom, time.monotonic), lines.heard, told), lines


def on_both(figures: Callable[..., None]) -> None:
    """Measure on both databases; SQLite last, whose ratio is the one that is promised."""
    with on_a_server("pk", "af", "obs") as databases:
        figures("PostgreSQL", databases)
    figures("SQLite")


@contextmanager
def on_a_server(*parties: str) -> Iterator[dict[str, str]]:
    """An empty database for each on a server of PostgreSQL that keeps them on the disk; return their addresses."""
    made = Server(Path(tempfile.mkdtemp(prefix="amanat-bench-")), {"shared_buffers": "256MB", "max_connections": "200"})
    made.make()
    try:
        for party in parties:
            made.ask(f"CREATE DATABASE {party}")
        yield {party: made.address(party) for party in parties}
    finally:
        made.end()


def row_commits_on_a_server(address: str) -> Callable[[], None]:
    """A function that commits one small row, durable, to a server's database."""
    connection = psycopg.connect(address, autocommit=True)
    connection.execute("CREATE TABLE IF NOT EXISTS bare_row (data BYTEA)")

    def commit() -> None:
        connection.execute("INSERT INTO bare_row VALUES (%s)", (bytes(64),))

    return commit


def one_row_commits(folder: Path) -> Callable[[], None]:
    """A function that commits one small row, durable, to a database of its own."""
    engine = create_engine(f"sqlite:///{folder / 'rows.sqlite'}").raw_connection()
    engine.cursor().executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE row (data BLOB);")

    def commit() -> None:
        engine.cursor().execute("INSERT INTO row VALUES (?)", (bytes(64),))
        engine.commit()

    return commit


def syncs(folder: Path) -> Callable[[], None]:
    """A function that appends a page to a file and waits for the disk."""
    handle = os.open(folder / "synced", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def sync() -> None:
        os.write(handle, bytes(4096))
        os.fsync(handle)

    return sync
