"""The party's own audit log: one row for every act, and for every look at a person's data (floor 7).

Law: a row is written in the transaction of what it tells of. Its digest becomes a leaf of the log named `audit`, in
which no row can be altered or left out afterwards. What a row says can be erased; then its digest tells nothing any
more, for the 16 random bytes that went into it are erased too.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, func, select, update

from amanat.officer.may import Act, Actor, Channel
from amanat.party import canonical, labels
from amanat.party.errors import Fault
from amanat.party.types import Time
from amanat.store.tables import AUDIT

LOG = "audit"
"""What the log is called: its origin is the party's name and this. No compact is called so."""

SALT_BYTES = 16
MAX_SUBJECT = 200

Outcome = Literal["done", "refused"]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is hashed of a row: `number` is its place in the log, `salt` 32 hex digits, `officer` 0 for none."""

    number: int
    at: Time
    officer: int
    post: str
    act: Act
    subject: str
    outcome: Outcome
    channel: Channel
    salt: str

    def digest(self) -> bytes:
        """Return the 32 bytes that become a leaf."""
        return hashlib.sha256(labels.AUDIT_ROW + canonical.encode(self)).digest()


@dataclass(frozen=True, slots=True)
class Done:
    """What is to be noted: which act, on what ("pk:ID", "officer:khan", "token:7", a peer's code), and how it ended."""

    act: Act
    subject: str = ""
    outcome: Outcome = "done"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is kept; `entry` is None once it was erased."""

    number: int
    digest: str
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Search:
    """Which rows are looked for; `before` is the last number of the page before. An erased row is never found."""

    officer: int | None = None
    subject: str = ""
    act: Act | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50


def note(tx: Connection, actor: Actor, done: Done, now: datetime, salt: bytes) -> int:
    """Write one row in the transaction of what it tells of; `salt` is 16 fresh random bytes. Return its number."""
    if len(salt) != SALT_BYTES:
        raise Fault("audit.salt", "The salt has the wrong length.", "Report this; nothing was done.")
    number = tx.execute(select(func.coalesce(func.max(AUDIT.c.number) + 1, 0))).scalar_one()
    entry = Entry(
        number,
        now.replace(microsecond=0),
        actor.officer,
        actor.post,
        done.act,
        done.subject[:MAX_SUBJECT],
        done.outcome,
        actor.channel,
        salt.hex(),
    )
    row = msgspec.structs.asdict(entry) | {"at": entry.at.isoformat(), "salt": salt, "digest": entry.digest().hex()}
    tx.execute(AUDIT.insert(), row)
    return entry.number


def digests_from(tx: Connection, number: int) -> list[bytes]:
    """Return the digests of all rows from a number on, in order: what is to be logged next."""
    query = select(AUDIT.c.digest).where(AUDIT.c.number >= number).order_by(AUDIT.c.number)
    return [bytes.fromhex(digest) for digest in tx.execute(query).scalars()]


def search(tx: Connection, wanted: Search) -> list[Row]:
    """Return a page of rows, newest first."""
    query = select(AUDIT).where(AUDIT.c.salt.is_not(None))
    for column, value in ((AUDIT.c.officer, wanted.officer), (AUDIT.c.act, wanted.act)):
        query = query if value is None else query.where(column == value)
    if wanted.subject:
        query = query.where(AUDIT.c.subject == wanted.subject)
    if wanted.since is not None:
        query = query.where(AUDIT.c.at >= wanted.since.isoformat())
    if wanted.until is not None:
        query = query.where(AUDIT.c.at < wanted.until.isoformat())
    if wanted.before is not None:
        query = query.where(AUDIT.c.number < wanted.before)
    return [_read(row) for row in tx.execute(query.order_by(AUDIT.c.number.desc()).limit(wanted.limit))]


def rows(tx: Connection) -> Iterator[Row]:
    """Return every row, oldest first, erased ones too: what an audit goes through."""
    yield from map(_read, tx.execute(select(AUDIT).order_by(AUDIT.c.number)))


def erase_before(tx: Connection, when: datetime) -> int:
    """Erase what rows older than that say, and their salts; the digests stay. Return how many there were."""
    emptied = dict.fromkeys(("at", "officer", "post", "act", "subject", "outcome", "channel", "salt"))
    return tx.execute(update(AUDIT).where(AUDIT.c.at < when.isoformat()).values(emptied)).rowcount


def _read(row: Any) -> Row:  # noqa: ANN401 - a row of the audit
    if row.salt is None:
        return Row(row.number, row.digest, None)
    at = datetime.fromisoformat(row.at)
    entry = Entry(row.number, at, row.officer, row.post, row.act, row.subject, row.outcome, row.channel, row.salt.hex())
    return Row(row.number, row.digest, entry)
