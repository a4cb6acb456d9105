"""A party's database in one SQLite file: durable before it answers, and overwriting what it deletes."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor, ExceptionContext
from sqlalchemy.exc import DatabaseError, OperationalError

from amanat.party.errors import Fault
from amanat.store import schema
from amanat.store.failing import busy, foreign, full, taken, unscrubbed
from amanat.store.turns import reading

# FULL: a commit is on the disk before anybody is answered. secure_delete: destroyed content is overwritten with zeros.
# page_size: an envelope and its record fill a small page badly, and what is written is written twice.
# temp_store: no content in files outside the party's folder, which nobody would overwrite.
_PATIENCE = 10_000  # milliseconds
_PATIENCE_ALONE = 1_000  # milliseconds in which a command that was given beside may end
_PRAGMAS = (
    "PRAGMA page_size = 16384",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {_PATIENCE}",
    "PRAGMA temp_store = MEMORY",
)
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)  # for a page, or for what connections share
_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def create(path: str) -> Engine:
    """Make a new database with the core's tables. Raises `Fault` when something is there."""
    engine = _engine(path, "rwc")
    try:
        with engine.begin() as tx:
            if not schema.names(tx):
                schema.make(tx)
                return engine
    except OperationalError as error:
        raise Fault(
            "store.path", f"No database can be made at {path}.", "Name a folder that may be written to."
        ) from error
    except DatabaseError:
        pass  # something else than a database
    raise taken(path)


def open_existing(path: str) -> Engine:
    """Open a database made by `create`. Raises `Fault` when there is none: nothing is ever created by opening."""
    engine = open_any(path)
    with reading(engine) as tx:
        schema.require_current(tx, path)
    return engine


def open_any(path: str) -> Engine:
    """Open a node's database of whatever revision. Raises `Fault` when there is none."""
    engine = _engine(path, "rw")
    try:
        with reading(engine) as tx:
            schema.revision(tx, path)
    except OperationalError as error:
        if Path(path).exists():
            raise
        raise Fault("store.missing", f"There is no database at {path}.", "Name the party's folder.") from error
    except DatabaseError as error:
        raise foreign(path, str(error.orig)) from error
    return engine


def require_alone(engine: Engine) -> None:
    """Keep every other program out until the engine is let go. Raises `Fault` while one has the database open.

    SQLite knows: whoever has opened the file holds a lock on it, a node that is served all the time.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_ALONE}")
        cursor.execute("PRAGMA main.locking_mode = EXCLUSIVE")
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        raise busy(str(engine.url.database)) from error
    finally:
        connection.close()


def copy(engine: Engine, to: Path) -> None:
    """Write a copy of the database, one file for its owner alone, that stands at `to`. Raises `Fault`."""
    to.unlink(missing_ok=True)
    to.touch(mode=0o600)
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("VACUUM INTO ?", (str(to),))
    except sqlite3.OperationalError as error:
        to.unlink(missing_ok=True)
        raise Fault(
            "store.copy", f"No copy could be written to {to}: {error}.", "Make room on its disk; nothing was changed."
        ) from error
    finally:
        connection.close()


def scrub(engine: Engine) -> None:
    """Write the database anew and cut its write-ahead log to nothing, so that no destroyed content stays in either.

    `secure_delete` overwrites what is deleted, and not the copies that SQLite left where it moved rows between pages:
    only a rewrite does. Raises `Fault` when that could not be done to the end; until it is, content may be left.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        (busy, _, _) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        raise unscrubbed(str(error)) from error
    finally:
        connection.close()
    if busy:
        raise unscrubbed("another program reads it")


def cut(engine: Engine) -> bool:
    """Cut the write-ahead log to nothing, in which what was deleted may still stand; return whether it was done.

    It waits for nobody who reads. Writers wait for it.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 0")
        (busy, _, _) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
    finally:
        connection.close()
    return not busy


@contextmanager
def commits_of_others(engine: Engine) -> Iterator[Callable[[], object]]:
    """Lend a function whose answer changes once another connection, of any program, has committed something."""
    connection = engine.raw_connection()
    try:
        yield lambda: _data_version(connection.cursor())
    finally:
        connection.close()


def damage(engine: Engine) -> str:
    """Say what of the database's pages does not hold together, "" when all does."""
    with engine.connect() as connection:
        try:
            says = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
        except DatabaseError as error:
            return str(error.orig)
    return "" if says == "ok" else says


def _data_version(cursor: DBAPICursor) -> int:
    """Return the mark; one of its own while the database cannot be asked, so that a change meanwhile is noticed."""
    try:
        return int(cursor.execute("PRAGMA data_version").fetchone()[0])
    except sqlite3.OperationalError:
        return -1


def _engine(path: str, mode: str) -> Engine:
    address = f"file:{quote(path)}?mode={mode}"  # quoted: a folder may be called anything
    engine = create_engine(
        URL.create("sqlite", database=path),
        creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False),
        hide_parameters=True,  # an error goes to the operators' log, and content does not
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's recipe: we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # IMMEDIATE: the one writer takes its lock before it reads the tree it will append to.
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    @event.listens_for(engine, "handle_error")
    def _name_what_passes(context: ExceptionContext) -> None:
        code = getattr(context.original_exception, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _HELD:  # an extended code says why in its upper bytes
            raise busy(path)
        if code in _NO_ROOM:
            raise full(path)

    return engine
