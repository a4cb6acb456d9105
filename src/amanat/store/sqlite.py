"""A party's database in one SQLite file: durable before it answers, and overwriting what it deletes."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, ColumnElement, Connection, Engine, Table, bindparam, create_engine, event, func, select
from sqlalchemy.dialects.sqlite import Insert, dialect, insert
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor, ExceptionContext
from sqlalchemy.exc import DatabaseError, OperationalError

from amanat.party.errors import Fault
from amanat.store.tables import METADATA

# FULL: a commit is on the disk before anybody is answered. secure_delete: destroyed content is overwritten with zeros.
# page_size: an envelope and its record fill a small page badly, and what is written is written twice.
# temp_store: no content in files outside the party's folder, which nobody would overwrite.
_PATIENCE = 10_000  # milliseconds
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
        tables = _tables(engine)
    except OperationalError as error:
        raise Fault(
            "store.path", f"No database can be made at {path}.", "Name a folder that may be written to."
        ) from error
    except DatabaseError:
        tables = {"something else"}
    if tables:
        raise Fault("store.exists", f"{path} exists already.", "Choose another folder; nothing was changed.")
    METADATA.create_all(engine)
    return engine


def open_existing(path: str) -> Engine:
    """Open a database made by `create`. Raises `Fault` when there is none: nothing is ever created by opening."""
    engine = _engine(path, "rw")
    try:
        lacking = METADATA.tables.keys() - _tables(engine)
    except OperationalError as error:
        if Path(path).exists():
            raise
        raise Fault("store.missing", f"There is no database at {path}.", "Name the party's folder.") from error
    except DatabaseError as error:
        raise _foreign(path, str(error.orig)) from error
    if lacking:
        raise _foreign(path, f"it has no {', '.join(sorted(lacking))}")
    return engine


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
        raise _unscrubbed(str(error)) from error
    finally:
        connection.close()
    if busy:
        raise _unscrubbed("another program reads it")


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
def marks(engine: Engine) -> Iterator[Callable[[], int]]:
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


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Say that a column is one of the values that the parameter `name` lists, by `listed`."""
    return column.in_(select(func.json_each(bindparam(name)).table_valued("value").c.value))


def listed(values: Iterable[str] | Iterable[int]) -> str:
    """Return many values as one parameter: SQLAlchemy works through parameters one by one."""
    return json.dumps(list(values))


def insert_all(tx: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that name every column; a batch of them at twice the speed of SQLAlchemy's own way."""
    if rows:
        text, in_order = _insertion(table)
        tx.exec_driver_sql(text, [in_order(row) for row in rows])


@cache
def _insertion(table: Table) -> tuple[str, Callable[[Mapping[str, object]], tuple[object, ...]]]:
    return str(table.insert().compile(dialect=dialect())), itemgetter(*table.columns.keys())


@cache
def upsert(table: Table, changing: tuple[str, ...]) -> Insert:
    """Return an INSERT that, where the primary key stands already, updates the columns in `changing` instead."""
    made = insert(table)
    columns = {name: made.excluded[name] for name in changing}
    return made.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=columns)


def _foreign(path: str, why: str) -> Fault:
    return Fault(
        "store.missing",
        f"{path} is not a node's database: {why}.",
        "Name the party's folder; if it is this one, keep the file and restore the last good copy.",
    )


def _unscrubbed(why: str) -> Fault:
    return Fault(
        "store.scrub",
        f"The database was not written anew, so that its files may still hold what was destroyed: {why}.",
        "Close what else has it open, make room on the disk, then erase again.",
    )


def _tables(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())


def _engine(path: str, mode: str) -> Engine:
    address = f"file:{quote(path)}?mode={mode}"  # quoted: a folder may be called anything
    engine = create_engine(
        URL.create("sqlite", database=path),
        creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False),
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
            raise Fault(
                "store.busy",
                f"Another program holds {path}: this step was not begun, or taken back.",
                "Give the command again once that program is done; what was done before stands.",
            )
        if code in _NO_ROOM:
            raise Fault(
                "store.full",
                f"There is no room for more in {path}: this step was taken back.",
                "Make room on its disk, then give the command again; what was done before stands.",
            )

    return engine
