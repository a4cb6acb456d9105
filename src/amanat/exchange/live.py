"""What happened, in the order in which it was committed: what live pages are told, and can catch up with.

An event is written in the transaction of what it tells of, so that none is seen that did not happen. It names a record
and holds nothing of it: whoever looks is authorised when he looks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, func, select

from amanat.exchange.means import Turn
from amanat.store.tables import EVENT

Type = Literal["sent", "held", "accepted", "declined", "answered", "erased", "papers", "line"]
KEPT = 10_000  # events; who was away for longer loads the page anew


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: its number, when (RFC 3339), its type, the record's or peer's name, and one word."""

    number: int
    at: str
    type: str
    party: str
    id: str
    detail: str


def tell(turn: Turn, type_: Type, party: str, id_: str = "", detail: str = "") -> None:
    """Write an event of this transaction."""
    turn.tx.execute(
        EVENT.insert(), {"at": turn.now.isoformat(), "type": type_, "party": party, "id": id_, "detail": detail}
    )


def after(tx: Connection, number: int, limit: int = 500) -> Iterator[Event]:
    """Yield the events that came after one, oldest first."""
    query = select(*EVENT.c).where(EVENT.c.number > number).order_by(EVENT.c.number).limit(limit)
    yield from (Event(*row) for row in tx.execute(query))


def newest(tx: Connection) -> int:
    """Return the number of the newest event, 0 when there is none."""
    return tx.execute(select(func.max(EVENT.c.number))).scalar_one() or 0


def oldest(tx: Connection) -> int:
    """Return the number of the oldest event that is kept, 0 when there is none."""
    return tx.execute(select(func.min(EVENT.c.number))).scalar_one() or 0


def trim(turn: Turn) -> None:
    """Forget all events but the newest `KEPT`."""
    turn.tx.execute(delete(EVENT).where(EVENT.c.number <= newest(turn.tx) - KEPT))
