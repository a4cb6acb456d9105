"""What officers look up: pages of records, what became of each at its recipients, and what is held for approval."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, tuple_

from amanat.store.dialect import within
from amanat.store.tables import DELIVERY, ENVELOPE, HELD, RECORD


@dataclass(frozen=True, slots=True)
class Listed:
    """One record as the database has it; `data` is None once it was destroyed.

    `state` is "current", "superseded", "withdrawn" or "destroyed".
    """

    party: str
    id: str
    envelope: str
    compact: str
    kind: str
    at: str
    expires: str | None
    log_index: int
    state: str
    kept_until: str | None
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an envelope at one recipient; `answer` is its receipt or refusal.

    `state` is "pending", "provisional", "final" or "refused".
    """

    recipient: str
    sequence: int
    state: str
    answer: bytes | None


@dataclass(frozen=True, slots=True)
class Search:
    """Which records are looked for: `own` or others'; `after` is the last (party, id) of the page before."""

    own: bool
    text: str = ""
    kind: str = ""
    party: str = ""
    after: tuple[str, str] | None = None
    limit: int = 50


def listing(tx: Connection, party: str, search: Search) -> list[Listed]:
    """Return a page of the records that `party`, who asks, sent or was sent; newest first."""
    query = select(*(RECORD.c[name] for name in Listed.__slots__))
    query = query.where(RECORD.c.party == party if search.own else RECORD.c.party != party)
    if search.text:
        query = query.where(within(search.text.encode(), RECORD.c.data))
    if search.kind:
        query = query.where(RECORD.c.kind.startswith(f"{search.kind}/", autoescape=True))
    if search.party:
        query = query.where(RECORD.c.party == search.party)
    if search.after is not None:
        last = select(RECORD.c.at, RECORD.c.party, RECORD.c.id)
        last = last.where(RECORD.c.party == search.after[0], RECORD.c.id == search.after[1])
        query = query.where(tuple_(RECORD.c.at, RECORD.c.party, RECORD.c.id) < last.scalar_subquery())
    query = query.order_by(RECORD.c.at.desc(), RECORD.c.party.desc(), RECORD.c.id.desc()).limit(search.limit)
    return [Listed(*row) for row in tx.execute(query)]


def one(tx: Connection, party: str, id_: str) -> Listed | None:
    """Return one record's row, destroyed or not."""
    query = select(*(RECORD.c[name] for name in Listed.__slots__)).where(RECORD.c.party == party, RECORD.c.id == id_)
    row = tx.execute(query).one_or_none()
    return None if row is None else Listed(*row)


def deliveries(tx: Connection, envelope: str) -> list[Delivery]:
    """Return what became of an envelope of ours (digest, hex) at each of its recipients."""
    columns = (DELIVERY.c.recipient, DELIVERY.c.sequence, DELIVERY.c.state, DELIVERY.c.answer)
    query = select(*columns).where(DELIVERY.c.envelope == envelope).order_by(DELIVERY.c.recipient)
    return [Delivery(*row) for row in tx.execute(query)]


def sealed(tx: Connection, envelope: str) -> tuple[bytes, bytes] | None:
    """Return an envelope's bytes and its content key, unless they were destroyed."""
    row = tx.execute(select(ENVELOPE.c.data, ENVELOPE.c.content_key).where(ENVELOPE.c.digest == envelope)).one_or_none()
    return None if row is None or row.data is None or row.content_key is None else (row.data, row.content_key)


def held(tx: Connection) -> list[bytes]:
    """Return the records that wait for a second person, oldest first."""
    return list(tx.execute(select(HELD.c.data).order_by(HELD.c.id)).scalars())
