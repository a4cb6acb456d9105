"""Where a party's database is kept in a test, a file or a place on the server: made, copied, put back, read byte by byte.

Law: as on the server, nothing waits for the disk, since no test of these pulls its plug (tests/faults does, by programs of
their own); and what one test's database compiled of our statements, the next one's need not compile again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine, QueuePool, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.util import LRUCache

from amanat.store import postgres, sqlite
from remains import on_disk
from server import Server


class Kept(Protocol):
    """One party's database."""

    @property
    def where(self) -> str: ...
    def create(self) -> Engine: ...
    def create_as(self, copy: bytes) -> Engine: ...
    def snapshot(self, engine: Engine) -> bytes: ...
    def restore(self, engine: Engine, copy: bytes) -> None: ...
    def files(self) -> bytes: ...


Keeping = Callable[[Path, str], Kept]
"""Gives the database that a party is to have, by the test's folder and the party's code."""


@dataclass(frozen=True)
class File:
    """A file of SQLite."""

    path: Path

    @property
    def where(self) -> str:
        return str(self.path)

    def create(self) -> Engine:
        return hurried(sqlite.create(str(self.path)))

    def create_as(self, copy: bytes) -> Engine:
        """Make it a copy of another."""
        self.path.write_bytes(copy)
        return hurried(sqlite.open_existing(str(self.path)))

    def snapshot(self, engine: Engine) -> bytes:
        """A copy of the database, all of it folded into one file."""
        sqlite.scrub(engine)
        return self.path.read_bytes()

    def restore(self, engine: Engine, copy: bytes) -> None:
        """Put the copy in the place of the database."""
        engine.dispose()
        for old in self.path.parent.glob(f"{self.path.name}-*"):
            old.unlink()
        self.path.write_bytes(copy)

    def files(self) -> bytes:
        """All its bytes on the disk."""
        return on_disk(self.path)


def hurried(engine: Engine) -> Engine:
    """Let an engine wait for no disk, and share with others of its kind what was compiled of statements."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _wait_for_no_disk)
    engine.dispose()  # what was opened before waits still
    first = _FIRST.setdefault(engine.dialect.name, engine)
    engine.dialect = first.dialect  # by which what was compiled is known
    engine.update_execution_options(compiled_cache=_COMPILED)
    return engine


_FIRST: dict[str, Engine] = {}
_COMPILED: LRUCache[Any, Any] = LRUCache(2000)


def _wait_for_no_disk(connection: DBAPIConnection, _record: object) -> None:
    connection.cursor().execute("PRAGMA synchronous = OFF")


def let_go(engine: Engine) -> None:
    """Close a database once nobody works on it: what a node that was served had begun may still be at its end."""
    assert isinstance(engine.pool, QueuePool)
    until = time.monotonic() + 20
    while engine.pool.checkedout() and time.monotonic() < until:
        time.sleep(0.01)
    assert engine.pool.checkedout() == 0
    engine.dispose()


def in_folder(folder: Path, party: str) -> Kept:
    """A file of SQLite in the folder."""
    return File(folder / f"{party}.sqlite")


@dataclass(frozen=True)
class Served:
    """A database on the server; its name is nobody else's."""

    server: Server
    name: str

    @property
    def where(self) -> str:
        return self.server.address(self.name)

    def create(self) -> Engine:
        return self.create_as(b"core")

    def create_as(self, copy: bytes) -> Engine:
        """Make it a copy of another."""
        self.server.copy(copy.decode(), self.name)
        return hurried(postgres.open_existing(self.where))

    def snapshot(self, engine: Engine) -> bytes:
        """Copy the database on the server; what is returned names the copy."""
        engine.dispose()
        return self.server.new(self.name).encode()

    def restore(self, engine: Engine, copy: bytes) -> None:
        """Put the copy in the place of the database."""
        engine.dispose()
        self.server.drop(self.name)
        self.server.copy(copy.decode(), self.name)

    def files(self) -> bytes:
        """All bytes of its tables and indexes on the disk; the write-ahead log is the whole server's."""
        self.server.ask("CHECKPOINT")
        ((number,),) = self.server.ask(f"SELECT oid FROM pg_database WHERE datname = '{self.name}'")  # noqa: S608
        return b"".join(_read(each) for each in sorted((self.server.data / "base" / str(number)).iterdir()))


def _read(file: Path) -> bytes:
    """All of a file; nothing of one that is gone since: the server renames its own lists of tables whenever it likes."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


@cache
def on(server: Server) -> Keeping:
    """New databases on a server."""
    return lambda _folder, _party: Served(server, server.name())
