"""A party's database on a PostgreSQL server: one writer at a time among all processes, durable before it answers.

Whoever writes first takes a lock that belongs to the database, and only then looks at anything; so no two can append to
one log from the same edge. Readers see one moment and wait for nobody.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import psycopg
from psycopg.types.string import StrDumper
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext

from amanat.party.errors import Fault, Problem
from amanat.store import schema
from amanat.store.failing import away, busy, full, taken, unscrubbed
from amanat.store.turns import reading

WRITER: Final = 0x616D616E6174  # "amanat": the lock of whoever writes; of this database, not of the whole server

# lock_timeout: as long as SQLite waits for another writer. statement_timeout: nothing that a node asks takes minutes,
# only `scrub` does. idle_in_transaction: a program that hangs with the writer's lock must not stop the node for good.
# By keepalives the server notices a client whose machine is gone.
_SESSION: Final = {
    "synchronous_commit": "on",
    "lock_timeout": "10s",
    "statement_timeout": "5min",
    "idle_in_transaction_session_timeout": "10min",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
}
_CLIENT: Final = {
    "application_name": "amanat",
    "client_encoding": "utf8",
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "target_session_attrs": "read-write",  # of several servers named, the one that is no standby
}
_NEAR: Final = {"", "localhost", "127.0.0.1", "::1"}
_POOL: Final = {"pool_size": 10, "max_overflow": 40}  # more than the threads that answer requests
_BUSY: Final = {"55P03", "57014", "40001", "40P01"}  # lock not available, statement timeout, serialisation, deadlock
_NO_ROOM: Final = {"53100"}
_AWAY: Final = ("08", "57P", "53300", "25006")  # connection lost, server ends or begins, too many clients, a standby
_OTHERS: Final = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"""
_ONLY_DIGESTS: Final = {"entries", "tile", "checkpoint", "witnessed", "cosigned"}

# What the driver warns of is raised to us as well; said by itself it stood amid a command's words, and may quote
# content.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


class _Text(StrDumper):
    """Text as PostgreSQL can hold it: without the character of code 0, in whose place stands U+FFFD."""

    def dump(self, obj: str) -> Any:  # noqa: ANN401 - as psycopg has it
        return super().dump(obj.replace("\0", "\ufffd"))


def create(address: str) -> Engine:
    """Make the core's tables in an empty database. Raises `Fault` when anything is in it, or it sorts by a language."""
    with _opening(address) as engine, engine.begin() as tx:
        if schema.names(tx):
            raise taken(_shown(engine.url))
        _require_bytewise(tx)
        schema.make(tx)
    return engine


def open_existing(address: str) -> Engine:
    """Open a database made by `create`. Raises `Fault` when there is none: nothing is ever created by opening."""
    with _opening(address) as engine, reading(engine) as tx:
        schema.require_current(tx, _shown(engine.url))
        _require_bytewise(tx)
    return engine


def open_any(address: str) -> Engine:
    """Open a node's database of whatever revision. Raises `Fault` when there is none."""
    with _opening(address) as engine, reading(engine) as tx:
        schema.revision(tx, _shown(engine.url))
    return engine


def require_alone(engine: Engine) -> None:
    """Raise `Fault` while another program of this role is connected to the database, as a node that is served is."""
    with reading(engine) as tx:
        if tx.execute(text(_OTHERS)).scalar_one():
            raise busy(_shown(engine.url))


@contextmanager
def _opening(address: str) -> Iterator[Engine]:
    """Lend an engine, and close its connections if what is there turns out to be none of ours."""
    engine = _engine(address)
    with ExitStack() as undo:
        undo.callback(engine.dispose)
        yield engine
        undo.pop_all()


def scrub(engine: Engine) -> None:
    """Write all tables that hold content anew, so that no destroyed content stays in them or their indexes.

    What the server wrote elsewhere (its write-ahead log, archives, standbys, freed blocks of its disk) is its
    operators' to end (docs/operating.md). Raises `Fault` when it could not be done to the end.
    """
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            for name in sorted(schema.names(connection) - _ONLY_DIGESTS):
                connection.exec_driver_sql(f'VACUUM (FULL) "{name}"')
            connection.exec_driver_sql("RESET statement_timeout")
    except Problem as problem:
        raise unscrubbed(problem.says.removesuffix(".")) from problem


@contextmanager
def commits_of_others(engine: Engine) -> Iterator[Callable[[], object]]:
    """Lend a function whose answer changes once another connection has committed something on the server."""
    yield lambda: _running(engine)


def _running(engine: Engine) -> object:
    """Return which transactions are under way; a new thing while the server cannot be asked."""
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            return connection.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one()
    except Problem:
        return object()


def _require_bytewise(tx: Connection) -> None:
    """Refuse a database that puts text into a language's order, or takes other letters than UTF-8's.

    A page of records goes on where the one before it ended, by an order in which no two are equal.
    """
    encoding, bytewise = tx.execute(text("SELECT current_setting('server_encoding'), 'Z' < 'a'")).one()
    if encoding != "UTF8" or not bytewise:
        raise Fault(
            "store.locale",
            f"The database {_shown(tx.engine.url)} has the encoding {encoding}, or sorts text as a language does.",
            "Make it by `CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`.",
        )


def _engine(address: str) -> Engine:
    url = make_url(address).set(drivername="postgresql+psycopg")
    where = _shown(url)
    options = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    given: dict[str, Any] = {**_CLIENT, "options": options}
    if not all(each in _NEAR or each.startswith("/") for each in _hosts(url)):
        given["sslmode"] = "verify-full"
    given |= {name: value for name, value in url.query.items() if name in given}
    engine = create_engine(url, connect_args=given, pool_pre_ping=True, hide_parameters=True, **_POOL)

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _record: object) -> None:
        connection.adapters.register_dumper(str, _Text)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("reading", False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        elif options.get("isolation_level") != "AUTOCOMMIT":
            # Read committed, so that what is looked at after the wait is what the last writer left.
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER})")

    @event.listens_for(engine, "handle_error")
    def _name(context: ExceptionContext) -> None:
        problem = None if context.is_pre_ping else _problem(context, where)
        if problem is not None:
            raise problem

    return engine


def _hosts(url: URL) -> list[str]:
    """Return whom the address names, wherever in it: servers, and folders of local sockets."""
    named = [url.host or "", *(url.query.get(name, "") for name in ("host", "hostaddr"))]
    return [host for each in named for host in ([each] if isinstance(each, str) else each) for host in host.split(",")]


def _problem(context: ExceptionContext, where: str) -> Problem | None:
    """Say what an error of the server means to whoever works here; None for one that is our own mistake."""
    error = context.original_exception
    state = getattr(error, "sqlstate", None)
    why = str(error).strip().partition("\n")[0].rstrip(".")
    if state in _NO_ROOM:
        return full(where)
    if state in _BUSY:
        return busy(where)
    unconnected = state is None and isinstance(error, psycopg.OperationalError)
    if context.is_disconnect or unconnected or (state or "").startswith(_AWAY):
        return away(where, why)
    return None


def _shown(url: URL) -> str:
    """The database's name and server, as a person is told of them."""
    host = url.host or url.query.get("host", "this machine")
    return f"{host}/{url.database}"
