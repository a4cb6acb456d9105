"""A party's database, wherever it is: a file of SQLite, or on a PostgreSQL server when it is named by an address."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import Engine

from amanat.store import schema, sqlite

SCHEME: Final = "postgresql:"


def served(where: str) -> bool:
    """Whether a database is named by a server's address, and not by a file's path."""
    return where.startswith(SCHEME)


def create(where: str) -> Engine:
    """Make the core's tables in a new file, or in a server's empty database. Raises `Fault` when something is there."""
    return _of(where).create(where)


def open_existing(where: str) -> Engine:
    """Open a database made by `create`. Raises `Fault` when there is none, `Invalid` when it must be upgraded first."""
    return _of(where).open_existing(where)


def open_any(where: str) -> Engine:
    """Open a node's database of whatever revision. Raises `Fault` when there is none."""
    return _of(where).open_any(where)


def scrub(engine: Engine) -> None:
    """Write a database anew, so that no destroyed content stays in it. Raises `Fault` when that could not be done."""
    _of(f"{engine.dialect.name}:").scrub(engine)


def cut(engine: Engine) -> bool:
    """Cut what a database wrote ahead, in which destroyed content may still stand; return whether it was done.

    A server's write-ahead log is its operators' to end (docs/operating.md).
    """
    return sqlite.cut(engine) if engine.dialect.name == "sqlite" else True


def damage(engine: Engine) -> str:
    """Say what of a file's pages does not hold together, "" when all does; a server looks after its own."""
    return sqlite.damage(engine) if engine.dialect.name == "sqlite" else ""


def commits_of_others(engine: Engine) -> AbstractContextManager[Callable[[], object]]:
    """Lend a function whose answer changes once another connection, of any program, has committed something."""
    return _of(f"{engine.dialect.name}:").commits_of_others(engine)


@dataclass(frozen=True, slots=True)
class Upgraded:
    """From which revision to which a database was brought, and where a file as it was before stands, if it was one."""

    before: str
    after: str
    copy: Path | None


def upgrade(where: str) -> Upgraded:
    """Bring a database to this version's revision: all in one transaction. Of a file, a copy is put beside it first.

    Raises `Fault` when there is none or another program has it open, `Invalid` when a later version made it.
    """
    from amanat.store import migrations  # noqa: PLC0415 - only who upgrades needs alembic

    engine = open_any(where)
    try:
        with engine.begin() as tx:
            before = schema.revision(tx, where)
        if before >= schema.REVISION:
            _of(where).open_existing(where).dispose()
            return Upgraded(before, before, None)
        _of(where).require_alone(engine)
        copy = None if served(where) else Path(f"{where}.before-{schema.REVISION}")
        if copy is not None:
            sqlite.copy(engine, copy)
        with engine.begin() as tx:
            migrations.upgrade(tx)
            schema.require_current(tx, where)
    finally:
        engine.dispose()
    return Upgraded(before, schema.REVISION, copy)


class _Store(Protocol):
    """What `sqlite` and `postgres` both offer."""

    def create(self, where: str, /) -> Engine: ...
    def open_existing(self, where: str, /) -> Engine: ...
    def open_any(self, where: str, /) -> Engine: ...
    def require_alone(self, engine: Engine, /) -> None: ...
    def scrub(self, engine: Engine, /) -> None: ...
    def commits_of_others(self, engine: Engine, /) -> AbstractContextManager[Callable[[], object]]: ...


def _of(where: str) -> _Store:
    if not served(where):
        return sqlite
    from amanat.store import postgres  # noqa: PLC0415 - a node on SQLite loads no server's driver

    return postgres
