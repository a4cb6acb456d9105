"""What happened, in the order in which it was committed: what live pages are told, and can catch up with.

An event is written in the transaction of what it tells of, so that none is seen that did not happen. It names a record
and holds nothing of it: whoever looks is authorised when he looks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, bindparam, delete, func, select

from amanat.exchange.means import Turn
from amanat.record.record import Record, refs_to
from amanat.store.dialect import insert_all
from amanat.store.tables import EVENT

Type = Literal[
    "sent",
    "held",
    "draft",
    "accepted",
    "declined",
    "discarded",
    "answered",
    "withdrawn",
    "overdue",
    "erased",
    "papers",
    "line",
    "clock",
    "asked",
]
KEPT = 10_000  # events; who was away for longer loads the page anew
AT_ONCE = 500  # events that are read at once

_NEWEST = select(func.max(EVENT.c.number))
_AFTER = select(*EVENT.c).where(EVENT.c.number > bindparam("last")).order_by(EVENT.c.number).limit(bindparam("most"))


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
    tell_all(turn, type_, [(party, id_, detail)])


def tell_all(turn: Turn, type_: Type, told: Sequence[tuple[str, str, str]]) -> None:
    """Write many events of one type, each of a (party, id, detail)."""
    at = turn.now.isoformat()
    rows = [{"at": at, "type": type_, "party": party, "id": id_, "detail": detail} for party, id_, detail in told]
    insert_all(turn.tx, EVENT, rows)


def tell_records(turn: Turn, type_: Type, records: Sequence[Record]) -> None:
    """Write that these records came to be here, and for each that withdraws an earlier one, that it was withdrawn."""
    tell_all(turn, type_, [(*record.key, record.fields.kind) for record in records])
    marked = [ref for record in records for ref in refs_to(record, "withdraws")]
    tell_all(turn, "withdrawn", [(ref.party, ref.id, "") for ref in marked])


def after(tx: Connection, number: int, limit: int = AT_ONCE) -> Iterator[Event]:
    """Yield the events that came after one, oldest first."""
    yield from (Event(*row) for row in tx.execute(_AFTER, {"last": number, "most": limit}))


def newest(tx: Connection) -> int:
    """Return the number of the newest event, 0 when there is none."""
    return tx.execute(_NEWEST).scalar_one() or 0


def oldest(tx: Connection) -> int:
    """Return the number of the oldest event that is kept, 0 when there is none."""
    return tx.execute(select(func.min(EVENT.c.number))).scalar_one() or 0


def trim(turn: Turn) -> None:
    """Forget all events but the newest `KEPT`."""
    turn.tx.execute(delete(EVENT).where(EVENT.c.number <= newest(turn.tx) - KEPT))
