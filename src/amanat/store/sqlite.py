"""A party's database in one SQLite file: durable before it answers, and overwriting what it deletes."""

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, event
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError

from amanat.party.errors import Fault
from amanat.store.tables import METADATA

# FULL: a commit is on the disk before anybody is answered. secure_delete: destroyed content is overwritten with zeros.
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 10000",
)


def create(path: str, views: Iterable[MetaData]) -> Engine:
    """Make a new database with the core's tables and the workspaces' views. Raises `Fault` when it has tables."""
    engine = _engine(path)
    with engine.connect() as connection:
        if connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one():
            raise Fault("store.exists", f"{path} is a database already.", "Choose another folder.")
    for metadata in (METADATA, *views):
        metadata.create_all(engine)
    return engine


def open_existing(path: str) -> Engine:
    """Open a database made by `create`. Raises `Fault` when there is none: nothing is ever created by opening."""
    engine = _engine(f"file:{path}?mode=rw&uri=true")
    try:
        connection = engine.connect()
    except OperationalError as error:
        raise Fault("store.missing", f"There is no database at {path}.", "Name the party's folder.") from error
    with connection:
        if not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE name = 'checkpoint'").scalar_one():
            raise Fault(
                "store.missing",
                f"{path} is not a node's database.",
                "Make a node with `amanat party create`.",
            )
    return engine


def scrub(engine: Engine) -> None:
    """Fold the write-ahead log into the database and cut it to nothing, so that no destroyed content stays in it.

    Raises `Fault` when somebody who still reads the database keeps it from that.
    """
    connection = engine.raw_connection()
    try:
        (busy, _, _) = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    if busy:
        raise Fault(
            "store.busy",
            "Another program reads the database, so that the write-ahead log still holds what was destroyed.",
            "Close what else has it open, then erase again.",
        )


def upsert(table: Table, changing: tuple[str, ...]) -> Insert:
    """Return an INSERT that, where the primary key stands already, updates the columns in `changing` instead."""
    made = insert(table)
    columns = {name: made.excluded[name] for name in changing}
    return made.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=columns)


def _engine(path: str) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

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
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
