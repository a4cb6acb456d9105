"""A node's files in one sealed file, and out of it again: the database as of one moment, while others go on writing.

Inside is a tar of `node.key`, which stays locked by its passphrase, `node.toml` and public backup keys, and last
`node.sqlite`, so that whoever has the backup key can take them out with tools of his own. A server's database goes in
as a file of SQLite too, which can be put back on either; its views are made anew there.
"""

import io
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast
from urllib.parse import quote

from sqlalchemy import Connection, Engine, StaticPool, create_engine, select

from amanat.party.errors import Fault, Invalid
from amanat.seal.backup import Opening, Sealing
from amanat.store import database, schema, sqlite
from amanat.store.dialect import count_on
from amanat.store.tables import METADATA, VIEW
from amanat.store.turns import reading, writing

DATABASE = "node.sqlite"
PAGES = 4096  # copied at a time, 64 MiB
ROWS = 64  # carried at a time: one may have a chunk of a file in it

Lent = AbstractContextManager[tuple[BinaryIO, int]]
"""A file of SQLite without a name, and its size."""


def write(sealing: Sealing, files: Mapping[str, bytes], database: Lent) -> None:
    """Write small files by name, and a database as it is at one moment. Raises `Fault` when it cannot be read."""
    with tarfile.open(fileobj=cast("IO[bytes]", sealing), mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for name, data in files.items():
            tar.addfile(_member(name, len(data)), io.BytesIO(data))
        with database as (copy, size):
            tar.addfile(_member(DATABASE, size), copy)
    sealing.end()


def read(opening: Opening) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield each file's name and content, to be read before the next. Raises `Invalid` when it is no backup of ours."""
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", opening), mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None:
                    raise _foreign(member.name)
                yield member.name, content
    except tarfile.TarError as error:
        raise _foreign(str(error)) from error
    while opening.read(PAGES):  # to its end: what was cut off there is noticed by the last chunk alone
        pass


def at_one_moment(where: str, folder: Path) -> Lent:
    """Return what lends a node's database as one file; a server's is written in the folder."""
    return _dump(database.open_existing(where), folder) if database.served(where) else snapshot(Path(where))


def load(copy: Path, engine: Engine) -> None:
    """Put all that a backup's file has into a database that has the core's tables, and nothing in them."""
    held = sqlite.open_existing(str(copy))
    with reading(held) as source, writing(engine) as target:
        _carry(source, target)
    held.dispose()


@contextmanager
def _dump(engine: Engine, folder: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Lend a server's tables as they were at one moment. The file has no name, and is gone afterwards."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{DATABASE}.", suffix=".part")
    try:
        with os.fdopen(handle, "rb") as copy:
            with closing(sqlite3.connect(name)) as file:
                for pragma in ("page_size = 16384", "journal_mode = OFF", "temp_store = MEMORY", "schema_version"):
                    file.execute(f"PRAGMA {pragma}")
                Path(name).unlink()
                into = create_engine("sqlite://", creator=lambda: file, poolclass=StaticPool)
                with reading(engine) as source, into.begin() as target:
                    schema.make(target)
                    _carry(source, target)
            engine.dispose()
            yield copy, os.fstat(copy.fileno()).st_size
    finally:
        Path(name).unlink(missing_ok=True)


def _carry(source: Connection, target: Connection) -> None:
    """Carry the core's rows, but for which views stand: those are made anew."""
    for table in METADATA.sorted_tables:
        if table is not VIEW:
            found = source.execute(select(table).execution_options(yield_per=ROWS))
            for rows in found.mappings().partitions():
                target.execute(table.insert(), [dict(row) for row in rows])  # each with the number that it has
            count_on(target, table)


@contextmanager
def snapshot(database: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Lend a copy of a SQLite database as it was at one moment, and its size. It has no name, and is gone afterwards.

    It stands on the database's own disk: content in another place nobody would overwrite.
    """
    handle, name = tempfile.mkstemp(dir=database.parent, prefix=f".{database.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "rb") as copy:
            with (
                closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as source,
                closing(sqlite3.connect(name)) as target,
            ):
                target.execute("PRAGMA journal_mode = OFF")
                target.execute("PRAGMA schema_version")  # it is open from here on, and needs its name no more
                Path(name).unlink()
                source.execute("BEGIN")
                source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the moment
                source.backup(target, pages=PAGES, sleep=0)
            yield copy, os.fstat(copy.fileno()).st_size
    except sqlite3.Error as error:
        raise Fault("backup.database", f"{database} could not be copied: {error}.", "See to its disk.") from error
    finally:
        Path(name).unlink(missing_ok=True)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _foreign(what: str) -> Invalid:
    return Invalid("backup.content", f"The backup holds what no node wrote there: {what}.", "Do not use it.")
