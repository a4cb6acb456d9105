"""A node's files in one sealed file, and out of it again: the database as of one moment, while others go on writing.

Inside is a tar of `node.key`, which stays locked by its passphrase, `node.toml` and public backup keys, and last
`node.sqlite`, so that whoever has the backup key can take them out with tools of his own.
"""

import io
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast
from urllib.parse import quote

from amanat.party.errors import Fault, Invalid
from amanat.seal.backup import Opening, Sealing

PAGES = 4096  # copied at a time, 64 MiB


def write(sealing: Sealing, files: Mapping[str, bytes], database: Path) -> None:
    """Write small files by name, and a database as it is at one moment. Raises `Fault` when it cannot be read."""
    with tarfile.open(fileobj=cast("IO[bytes]", sealing), mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for name, data in files.items():
            tar.addfile(_member(name, len(data)), io.BytesIO(data))
        with snapshot(database) as (copy, size):
            tar.addfile(_member(database.name, size), copy)
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
