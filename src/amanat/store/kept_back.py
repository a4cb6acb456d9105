"""What a node keeps back until it is to be said: the own plan behind a digest that was told already.

Law: it is no record and no view, so that it never leaves the node and no rebuild makes it anew. It is kept no longer than
it is needed: what was said, what belongs to a record that was withdrawn or destroyed, and what nobody said in time, is
destroyed. Times are UTC, in ISO 8601 text of whole seconds.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, insert, or_, select, update

from amanat.record.kind import Tx
from amanat.store.tables import KEPT_BACK, RECORD

GONE: Final = ("withdrawn", "destroyed")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept back under a digest (hex); `id` is that of the own record that told the digest."""

    digest: str
    id: str
    data: bytes


def keep(tx: Tx, digest: str, data: bytes, until: datetime) -> None:
    """Keep back what a digest is of, until a time at the latest."""
    tx.execute(insert(KEPT_BACK), {"digest": digest, "data": data, "until": until.isoformat()})


def bind(tx: Tx, digest: str, id_: str) -> None:
    """Note by which own record the digest was told, the first time that it was."""
    tx.execute(update(KEPT_BACK).where(KEPT_BACK.c.digest == digest, KEPT_BACK.c.id.is_(None)).values(id=id_))


def of(tx: Tx, digest: str) -> bytes | None:
    """Return what is kept back under a digest, None where nothing is."""
    found: bytes | None = tx.execute(select(KEPT_BACK.c.data).where(KEPT_BACK.c.digest == digest)).scalar_one_or_none()
    return found


def told(tx: Tx, party: str) -> list[Kept]:
    """Return what is kept back for the party's records that were sent and stand, by their ids."""
    query = select(KEPT_BACK.c.digest, KEPT_BACK.c.id, KEPT_BACK.c.data).join(RECORD, _its_record(party))
    return [Kept(*row) for row in tx.execute(query.where(RECORD.c.state.not_in(GONE)).order_by(KEPT_BACK.c.id))]


def destroy(tx: Tx, digest: str) -> None:
    """Destroy what is kept back under a digest, once it was said."""
    tx.execute(delete(KEPT_BACK).where(KEPT_BACK.c.digest == digest))


def due(tx: Connection, party: str, now: datetime) -> list[str]:
    """Return the digests of what is to be destroyed without having been said."""
    gone = exists().where(and_(_its_record(party), RECORD.c.state.in_(GONE)))
    query = select(KEPT_BACK.c.digest).where(or_(KEPT_BACK.c.until <= now.isoformat(), gone))
    return list(tx.execute(query.order_by(KEPT_BACK.c.digest)).scalars())


def destroy_all(tx: Connection, digests: Collection[str]) -> int:
    """Destroy what is kept back under these; return how much it was."""
    return tx.execute(delete(KEPT_BACK).where(KEPT_BACK.c.digest.in_(sorted(digests)))).rowcount


def _its_record(party: str) -> ColumnElement[bool]:
    return and_(RECORD.c.party == party, RECORD.c.id == KEPT_BACK.c.id)
