"""What a node keeps back until it is to be said: the own plan behind a digest that was told already.

Law: it is no record and no view, so that it never leaves the node and no rebuild makes it anew; it goes into backups as
all does. It is kept no longer than it is needed: what need not be said any more (`Workspace.spent`), and what nobody
said in time, is destroyed. Times are UTC, in ISO 8601 text of whole seconds.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from amanat.record.kind import Tx
from amanat.store.tables import KEPT_BACK


def keep(tx: Tx, digest: str, data: bytes, until: datetime) -> None:
    """Keep back what a digest (hex) is of, until a time at the latest."""
    tx.execute(insert(KEPT_BACK), {"digest": digest, "data": data, "until": until.isoformat()})


def of(tx: Tx, digest: str) -> bytes | None:
    """Return what is kept back under a digest, None where nothing is."""
    found: bytes | None = tx.execute(select(KEPT_BACK.c.data).where(KEPT_BACK.c.digest == digest)).scalar_one_or_none()
    return found


def every(tx: Tx) -> dict[str, bytes]:
    """Return all that is kept back, by digest."""
    return {row.digest: row.data for row in tx.execute(select(KEPT_BACK).order_by(KEPT_BACK.c.digest))}


def overdue(tx: Connection, now: datetime) -> list[str]:
    """Return the digests of what nobody said in time."""
    query = select(KEPT_BACK.c.digest).where(KEPT_BACK.c.until <= now.isoformat())
    return list(tx.execute(query.order_by(KEPT_BACK.c.digest)).scalars())


def destroy(tx: Connection, digests: Collection[str]) -> int:
    """Destroy what is kept back under these; return how much it was."""
    return tx.execute(delete(KEPT_BACK).where(KEPT_BACK.c.digest.in_(sorted(digests)))).rowcount
