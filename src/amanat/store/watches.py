"""Watches of a post: who is to have it when, who took it over, and what was handed over with it.

Law: of a post one watch at most is held; the database itself refuses a second. What was handed over is kept 400 days.
Times are UTC, in ISO 8601 text of whole seconds, so that they compare as they are written.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, delete, select, update

from amanat.store.tables import OFFICER, WATCH

KEPT: Final = timedelta(days=400)
"""How long a watch is kept after its planned end."""
LAPSES: Final = timedelta(hours=1)
"""How long after its planned end a watch that nobody took over still counts as held."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A watch of a post: planned for an officer (`begins` to `ends`), then taken, offered to the next, and given.

    `next` is the number of the watch that followed; `matters` are records that were open ("PARTY:ID"). `salt` went
    into what both watches signed (`exchange.watches.digest`), None where nothing was handed over.
    """

    number: int
    post: str
    officer: int
    begins: datetime
    ends: datetime
    cancelled: datetime | None = None
    taken: datetime | None = None
    offered: datetime | None = None
    given: datetime | None = None
    next: int | None = None
    notes: str = ""
    matters: tuple[str, ...] = ()
    salt: bytes | None = None

    @property
    def open(self) -> bool:
        """Whether somebody took it and nobody took it over, however long ago its end was."""
        return self.taken is not None and self.given is None

    @property
    def unannounced(self) -> bool:
        """Whether it was taken over without a hand-over."""
        return self.given is not None and self.offered is None


def add(tx: Connection, post: str, officer: int, begins: datetime, ends: datetime) -> Watch:
    """Plan a watch, from `begins` until `ends`."""
    span = {"begins": begins.isoformat(), "ends": ends.isoformat()}
    row = {"post": post, "officer": officer, "notes": "", "matters": "[]"} | span
    (number,) = tx.execute(WATCH.insert().returning(WATCH.c.number), row).one()
    return Watch(number, post, officer, begins, ends)


def watch(tx: Connection, number: int) -> Watch | None:
    """Return a watch by its number."""
    row = tx.execute(select(WATCH).where(WATCH.c.number == number)).one_or_none()
    return None if row is None else _read(row)


def put(tx: Connection, changed: Watch) -> None:
    """Keep what became of a watch; its post and officer stay as they were planned."""
    values = {
        **{name: _written(getattr(changed, name)) for name in ("cancelled", "taken", "offered", "given")},
        "next": changed.next,
        "notes": changed.notes,
        "matters": msgspec.json.encode(changed.matters).decode(),
        "salt": changed.salt,
    }
    tx.execute(update(WATCH).where(WATCH.c.number == changed.number).values(values))


def left_open(tx: Connection, post: str) -> Watch | None:
    """Return the watch of a post that nobody took over yet, also one that lapsed."""
    row = tx.execute(select(WATCH).where(WATCH.c.post == post, _open())).one_or_none()
    return None if row is None else _read(row)


def held(tx: Connection, post: str, now: datetime) -> Watch | None:
    """Return the watch that somebody has at a post now; None where nobody has it, or it lapsed."""
    found = left_open(tx, post)
    return found if found is not None and now < found.ends + LAPSES else None


def current(tx: Connection) -> dict[str, Watch]:
    """Return the open watch of each post that has one, also one that lapsed."""
    return {row.post: _read(row) for row in tx.execute(select(WATCH).where(_open()).order_by(WATCH.c.post))}


def roster(tx: Connection, post: str, since: datetime, until: datetime) -> list[Watch]:
    """Return the watches of a post that lie in or reach into a span of time, the earliest first."""
    query = select(WATCH).where(
        WATCH.c.post == post,
        WATCH.c.cancelled.is_(None),
        WATCH.c.begins < until.isoformat(),
        WATCH.c.ends > since.isoformat(),
    )
    return [_read(row) for row in tx.execute(query.order_by(WATCH.c.begins, WATCH.c.number))]


def before(tx: Connection, post: str, limit: int) -> list[Watch]:
    """Return the watches of a post that ended by being taken over, the latest first."""
    query = select(WATCH).where(WATCH.c.post == post, WATCH.c.given.is_not(None))
    return [_read(row) for row in tx.execute(query.order_by(WATCH.c.given.desc(), WATCH.c.number.desc()).limit(limit))]


def standing(officer: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that the officer of that number has the watch of the own post: one that ends `after`."""
    own = (OFFICER.c.id == WATCH.c.officer) & (OFFICER.c.post == WATCH.c.post)
    mine = select(WATCH.c.number).join(OFFICER, own).where(WATCH.c.officer == officer, _open())
    return mine.where(WATCH.c.ends > bindparam("after")).correlate_except(WATCH, OFFICER).exists()


def forget(tx: Connection, now: datetime) -> int:
    """Destroy watches that were to end `KEPT` ago, with their notes and salts; return how many."""
    return tx.execute(delete(WATCH).where(WATCH.c.ends <= (now - KEPT).isoformat())).rowcount


def _open() -> ColumnElement[bool]:
    return WATCH.c.taken.is_not(None) & WATCH.c.given.is_(None)


def _read(row: Any) -> Watch:  # noqa: ANN401 - a row of watches
    return Watch(
        row.number,
        row.post,
        row.officer,
        datetime.fromisoformat(row.begins),
        datetime.fromisoformat(row.ends),
        _time(row.cancelled),
        _time(row.taken),
        _time(row.offered),
        _time(row.given),
        row.next,
        row.notes,
        msgspec.json.decode(row.matters, type=tuple[str, ...]),
        row.salt,
    )


def _time(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
