"""Where a party's database is kept in a test, a file or a place on the server: made, copied, put back, read byte by byte."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, QueuePool

from amanat.store import postgres, sqlite
from remains import on_disk
from server import Server


class Kept(Protocol):
    """One party's database."""

    @property
    def where(self) -> str: ...
    def create(self) -> Engine: ...
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
        return sqlite.create(str(self.path))

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
    """A database on the server, made as a copy of one that has the core's tables."""

    server: Server
    name: str

    @property
    def where(self) -> str:
        return self.server.address(self.name)

    def create(self) -> Engine:
        return postgres.open_existing(self.where)

    def snapshot(self, engine: Engine) -> bytes:
        """Copy the database on the server; what is returned names the copy."""
        engine.dispose()
        return self.server.new(self.name).encode()

    def restore(self, engine: Engine, copy: bytes) -> None:
        """Put the copy in the place of the database."""
        engine.dispose()
        self.server.drop(self.name)
        self.server.ask(f"CREATE DATABASE {self.name} TEMPLATE {copy.decode()}")

    def files(self) -> bytes:
        """All bytes of its tables and indexes on the disk; the write-ahead log is the whole server's."""
        self.server.ask("CHECKPOINT")
        ((number,),) = self.server.ask(f"SELECT oid FROM pg_database WHERE datname = '{self.name}'")  # noqa: S608
        return b"".join(each.read_bytes() for each in sorted((self.server.data / "base" / str(number)).iterdir()))


def on(server: Server) -> Keeping:
    """New databases on a server."""
    return lambda _folder, _party: Served(server, server.new())
