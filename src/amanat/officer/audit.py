"""The party's own audit log: one row for every act, and for every look at a person's data (floor 7).

Law: a row is written in the transaction of what it tells of. Its digest becomes a leaf of the log named `audit`, in
which no row can be altered or left out afterwards. What a row says can be erased; then its digest tells nothing any
more, for the 16 random bytes that went into it are erased too.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, bindparam, func, select, tuple_, update

from amanat.officer.may import Act, Actor, Channel
from amanat.party import canonical, labels
from amanat.party.errors import Fault
from amanat.party.types import Time
from amanat.store.dialect import aside, insert_all
from amanat.store.tables import AUDIT

LOG = "audit"
"""What the log is called: its origin is the party's name and this. No compact is called so."""

SALT_BYTES = 16
MAX_SUBJECT = 200

_BEFORE = "before:"

_NEXT = select(func.coalesce(func.max(AUDIT.c.number) + 1, 0))
_DIGESTS = select(AUDIT.c.digest).where(AUDIT.c.number >= bindparam("first")).order_by(AUDIT.c.number)

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
class Search:
    """Which rows are looked for; `before` is the last number of the page before. An erased row is never found."""

    officer: int | None = None
    subject: str = ""
    act: Act | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50
    outcome: Outcome | None = None


def note(tx: Connection, actor: Actor, done: Done, now: datetime, salt: bytes) -> int:
    """Write one row in the transaction of what it tells of; `salt` is 16 fresh random bytes. Return its number."""
    if len(salt) != SALT_BYTES:
        raise Fault("audit.salt", "The salt has the wrong length.", "Report this; nothing was done.")
    number = tx.execute(_NEXT).scalar_one()
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
    insert_all(tx, AUDIT, [row])
    return entry.number


def digests_from(tx: Connection, number: int) -> list[bytes]:
    """Return the digests of all rows from a number on, in order: what is to be logged next."""
    return [bytes.fromhex(digest) for digest in tx.execute(_DIGESTS, {"first": number}).scalars()]


def search(tx: Connection, wanted: Search) -> list[Entry]:
    """Return a page of rows, newest first: all by their numbers, what is narrowed down by what the clock said."""
    leads = _leads(wanted)
    query = select(AUDIT).where(AUDIT.c.salt.is_not(None))
    exactly = (("officer", wanted.officer), ("act", wanted.act), ("outcome", wanted.outcome))
    for name, value in (*exactly, ("subject", wanted.subject or None)):
        column = AUDIT.c[name] if name == leads else aside(AUDIT.c[name])
        query = query if value is None else query.where(column == value)
    by = (AUDIT.c.at, AUDIT.c.number) if leads else (AUDIT.c.number,)
    if wanted.since is not None:
        query = query.where(AUDIT.c.at >= wanted.since.isoformat())
    until = wanted.until and wanted.until.isoformat()
    if wanted.before is not None:
        last = tx.execute(select(*by).where(AUDIT.c.number == wanted.before, AUDIT.c.at.is_not(None))).one_or_none()
        if last is None:
            query = query.where(AUDIT.c.number < wanted.before)
        elif until is None or last[0] < until:  # one bound alone, or SQLite reads by the wider
            query, until = query.where(tuple_(*by) < tuple_(*last)), None
    if until is not None:
        query = query.where(AUDIT.c.at < until)
    return [_read(row) for row in tx.execute(query.order_by(*(each.desc() for each in by)).limit(wanted.limit))]


def _leads(wanted: Search) -> str:
    """By which of the filters rows are read, in the order of time: that which leaves least, as far as one can tell."""
    asked = {
        "subject": wanted.subject,
        "outcome": wanted.outcome == "refused",
        "officer": wanted.officer is not None,
        "act": wanted.act,
        "at": wanted.since or wanted.until or wanted.outcome,
    }
    return next((name for name, given in asked.items() if given), "")


def looked_at_since(tx: Connection, officer: int, subjects: Sequence[str], since: datetime) -> frozenset[str]:
    """Return at which of those an officer looked since then."""
    query = select(AUDIT.c.subject).where(
        AUDIT.c.subject.in_(subjects),
        AUDIT.c.officer == officer,
        AUDIT.c.act == "record.person",
        AUDIT.c.outcome == "done",
        AUDIT.c.at >= since.isoformat(),
    )
    return frozenset(tx.execute(query).scalars())


def erase_before(tx: Connection, actor: Actor, when: datetime, now: datetime, salt: bytes) -> int:
    """Erase what all rows say before the first one of that time or later, and their salts; note it in a row.

    Return how many there were. That row names the number below which all is erased, so that whoever erases without
    saying so is found (`amiss`).
    """
    later = select(func.min(AUDIT.c.number)).where(AUDIT.c.at >= when.isoformat())
    end = select(func.coalesce(later.scalar_subquery(), func.max(AUDIT.c.number) + 1, 0))
    kept_from = tx.execute(end).scalar_one()
    emptied = dict.fromkeys(("at", "officer", "post", "act", "subject", "outcome", "channel", "salt"))
    over = (AUDIT.c.number < kept_from, AUDIT.c.salt.is_not(None))
    erased = tx.execute(update(AUDIT).where(*over).values(emptied)).rowcount
    note(tx, actor, Done("audit.erase", f"{_BEFORE}{kept_from}"), now, salt)
    return erased


def amiss(tx: Connection, first: int, leaves: Sequence[bytes]) -> Iterator[tuple[int, str]]:
    """Hold rows against the leaves that the log has from index `first` on; yield number and fault where they differ."""
    query = select(AUDIT).where(AUDIT.c.number >= first, AUDIT.c.number < first + len(leaves))
    found = {row.number: row for row in tx.execute(query)}
    erased_to = _erased_to(tx)
    for number, leaf in enumerate(leaves, first):
        row = found.get(number)
        if row is None:
            yield number, "It is missing."
        elif row.salt is None and number >= erased_to:
            yield number, "It was erased, and no row says so."
        elif row.digest != leaf.hex() or (row.salt is not None and _digest(row) != leaf):
            yield number, "It does not say what was logged."


def _erased_to(tx: Connection) -> int:
    """The number below which everything was erased, as the rows say that tell of erasing."""
    said = tx.execute(select(AUDIT.c.subject).where(AUDIT.c.act == "audit.erase")).scalars()
    numbers = [each.removeprefix(_BEFORE) for each in said if each.startswith(_BEFORE)]
    return max((int(each) for each in numbers if each.isdecimal()), default=0)


def _digest(row: Any) -> bytes:  # noqa: ANN401 - a row of the audit
    """What the row hashes to; nothing for one that somebody made into what we never write."""
    try:
        return _read(row).digest()
    except (AttributeError, TypeError, ValueError):
        return b""


def _read(row: Any) -> Entry:  # noqa: ANN401 - a row of the audit
    at = datetime.fromisoformat(row.at)
    return Entry(row.number, at, row.officer, row.post, row.act, row.subject, row.outcome, row.channel, row.salt.hex())
