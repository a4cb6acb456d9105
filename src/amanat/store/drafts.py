"""Drafts as the database has them: one row each, changed only by who names the version that was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, literal, select, update

from amanat.store.tables import DRAFT


@dataclass(frozen=True, slots=True)
class Row:
    """One draft. `data` is its form as JSON, `officer` and `post` changed it last, `writers` are all who ever did.

    `writers` are officers' numbers and `files` addresses of staged files, each with spaces between; times are RFC 3339.
    `returned` is why a second person gave it back, of the post `returned_by`. `title` is what a list calls it by, None
    where it may name a person.
    """

    id: str
    version: int
    changed: str
    expires: str
    officer: int
    post: str
    writers: str
    files: str
    returned: str | None
    returned_by: str | None
    data: bytes
    title: str | None


_COLUMNS = tuple(DRAFT.c[name] for name in Row.__slots__)


def add(tx: Connection, row: Row) -> None:
    """Keep a new draft."""
    tx.execute(insert(DRAFT), {name: getattr(row, name) for name in Row.__slots__})


def one(tx: Connection, id_: str) -> Row | None:
    """Return one draft, None when there is none."""
    row = tx.execute(select(*_COLUMNS).where(DRAFT.c.id == id_)).one_or_none()
    return None if row is None else Row(*row)


def page(tx: Connection, before: str, limit: int) -> list[Row]:
    """Return drafts, the newest first; those begun before that one, where one is named."""
    query = select(*_COLUMNS).order_by(DRAFT.c.id.desc()).limit(limit)
    return [Row(*row) for row in tx.execute(query.where(DRAFT.c.id < before) if before else query)]


def returned(tx: Connection, writer: int, limit: int) -> list[Row]:
    """Return so many drafts of an officer that a second person gave back, the one that waits longest first."""
    query = select(*_COLUMNS).where(*_returned_to(writer)).order_by(DRAFT.c.changed, DRAFT.c.id).limit(limit)
    return [Row(*row) for row in tx.execute(query)]


def returned_count(tx: Connection, writer: int, most: int) -> int:
    """Return how many drafts in which an officer wrote were given back, `most` at the most."""
    counted = select(DRAFT.c.id).where(*_returned_to(writer)).limit(most).subquery()
    return int(tx.execute(select(func.count()).select_from(counted)).scalar_one())


def _returned_to(writer: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    among = literal(" ").concat(DRAFT.c.writers).concat(" ").contains(f" {writer} ")
    return DRAFT.c.returned.is_not(None), (DRAFT.c.officer == writer) | among


def replace(tx: Connection, id_: str, version: int, values: Mapping[str, Any]) -> bool:
    """Write over a draft, unless it is of another version by now; say whether that was done."""
    where = (DRAFT.c.id == id_, DRAFT.c.version == version)
    return tx.execute(update(DRAFT).where(*where).values(**values, version=version + 1)).rowcount > 0


def remove(tx: Connection, id_: str, version: int) -> bool:
    """Destroy a draft, unless it is of another version by now; say whether that was done."""
    return tx.execute(delete(DRAFT).where(DRAFT.c.id == id_, DRAFT.c.version == version)).rowcount > 0


def expired(tx: Connection, now: str) -> list[Row]:
    """Return the drafts whose time is over."""
    return [Row(*row) for row in tx.execute(select(*_COLUMNS).where(DRAFT.c.expires <= now).order_by(DRAFT.c.id))]


def files(tx: Connection) -> set[str]:
    """Return the addresses of all files that drafts name."""
    return {address for said in tx.execute(select(DRAFT.c.files)).scalars() for address in said.split()}
