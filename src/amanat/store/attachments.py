"""Attachments and their sealed chunks: which are here, whose record they go with, and who said that they hold them.

A chunk is stored as it travels, sealed, under the address of its attachment; the key that opens it stands in the row of
its attachment and in its record, and is destroyed with both. Chunks go when no record names their address any more.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, delete, func, insert, select, update

from amanat.party import canonical
from amanat.record.attachment import Attachment
from amanat.seal.chunks import address, chunk_count
from amanat.store.dialect import among, upsert
from amanat.store.records import gone
from amanat.store.tables import ATTACHMENT, CHUNK, DELIVERY, HOLDING, RECORD

Runs = tuple[tuple[int, int], ...]
"""Numbers as runs (first, last), in order, none touching the next: one set has one spelling."""


_ANY = select(ATTACHMENT.c.address).where(ATTACHMENT.c.party == bindparam("of")).limit(1)
TOLD = (
    update(ATTACHMENT)
    .where(ATTACHMENT.c.party == bindparam("of"), among(ATTACHMENT.c.address, "keys"))
    .values(told=True)
)
"""Notes that the originator of these attachments was told what is here of them."""


@dataclass(frozen=True, slots=True)
class Here:
    """An attachment named here: its address in hex, whose record it goes with, and how many of its chunks are here."""

    address: str
    attachment: Attachment
    party: str
    id: str
    chunks: int

    @property
    def complete(self) -> bool:
        """Whether every chunk is here."""
        return self.chunks == chunk_count(self.attachment)


@dataclass(frozen=True, slots=True)
class Stand:
    """How another's attachment stands: which of its chunks are here, whose records (party, id) name it.

    A chunk that is here stays as it is until all are dropped, or nobody names the attachment: two that are equal, at
    two times, are of the same bytes.
    """

    attachment: Attachment
    held: Runs
    named: frozenset[tuple[str, str]]
    dropped: int

    def lacks(self) -> frozenset[int]:
        """Return the numbers of the chunks that are not here."""
        return frozenset(number for each in outside(chunk_count(self.attachment), self.held) for number in each)


@dataclass(frozen=True, slots=True)
class Due:
    """An attachment of ours that a recipient is to have, and its last signed word on what it holds (`Holding`)."""

    address: str
    attachment: Attachment
    said: bytes | None


def name(tx: Connection, key: tuple[str, str], attachments: Sequence[Attachment], now: str) -> None:
    """Note that the record of that (party, id) names these, whether or not their chunks are here."""
    rows = [
        {
            "party": key[0],
            "id": key[1],
            "position": position,
            "address": address(each, key[0]).hex(),
            "at": now,
            "told": True,
            "dropped": 0,
            "data": canonical.encode(each),
        }
        for position, each in enumerate(attachments)
    ]
    if rows:
        tx.execute(insert(ATTACHMENT), rows)


def stage(tx: Connection, party: str, attachment: Attachment, now: str) -> str:
    """Note a file of ours that no record names yet, as if its address were one; return that address."""
    address_ = address(attachment, party).hex()
    name(tx, (party, address_), [attachment], now)
    return address_


def unstage(tx: Connection, party: str, staged: Sequence[Attachment]) -> None:
    """Let go of files staged; those that no record names now are destroyed."""
    for each in staged:
        forget(tx, (party, address(each, party).hex()))
    sweep(tx)


def staged(tx: Connection, party: str, address_: str) -> Attachment | None:
    """Return the file staged at an address, None when none is."""
    where = (ATTACHMENT.c.party == party, ATTACHMENT.c.id == address_, ATTACHMENT.c.address == address_)
    data = tx.execute(select(ATTACHMENT.c.data).where(*where)).scalar_one_or_none()
    return None if data is None else _read(data)


def staged_before(tx: Connection, party: str, time: str) -> list[Attachment]:
    """Return the files staged before that time: whoever began to send them did not end it."""
    where = (ATTACHMENT.c.party == party, ATTACHMENT.c.id == ATTACHMENT.c.address, ATTACHMENT.c.at < time)
    return [_read(data) for data in tx.execute(select(ATTACHMENT.c.data).where(*where)).scalars()]


def awaited(tx: Connection, own: str, addresses: Iterable[str]) -> dict[str, Stand]:
    """Return by address those of others' attachments that are named here; what we sent ourselves is here already."""
    where = (ATTACHMENT.c.address.in_(set(addresses)), ATTACHMENT.c.party != own)
    columns = (ATTACHMENT.c.address, ATTACHMENT.c.party, ATTACHMENT.c.id, ATTACHMENT.c.dropped, ATTACHMENT.c.data)
    found: dict[str, list[Any]] = {}
    for row in tx.execute(select(*columns).where(*where)):
        found.setdefault(row.address, []).append(row)
    return {
        address_: Stand(
            _read(rows[0].data),
            held(tx, address_),
            frozenset((row.party, row.id) for row in rows),
            sum(row.dropped for row in rows),
        )
        for address_, rows in found.items()
    }


def of(tx: Connection, key: tuple[str, str]) -> list[Here]:
    """Return the attachments of the record of that (party, id), in its order."""
    return _here(tx, ATTACHMENT.c.party == key[0], ATTACHMENT.c.id == key[1])


def at(tx: Connection, addresses: Iterable[str]) -> list[Here]:
    """Return the attachments of records that have one of these addresses."""
    return _here(tx, ATTACHMENT.c.address.in_(set(addresses)), ATTACHMENT.c.id != ATTACHMENT.c.address)


def _here(tx: Connection, *where: ColumnElement[bool]) -> list[Here]:
    count = select(func.count()).where(CHUNK.c.address == ATTACHMENT.c.address).scalar_subquery()
    query = select(ATTACHMENT, count.label("chunks")).where(*where)
    rows = tx.execute(query.order_by(ATTACHMENT.c.party, ATTACHMENT.c.id, ATTACHMENT.c.position)).all()
    return [Here(row.address, _read(row.data), row.party, row.id, row.chunks) for row in rows]


def put(tx: Connection, chunks: Sequence[tuple[str, int, bytes]]) -> None:
    """Store chunks by (address, number), and note that their sender is to be told what is here of them.

    One that is here stays: whoever may read a file could seal another in its place.
    """
    rows = [{"address": address_, "number": number, "data": data} for address_, number, data in chunks]
    if rows:
        upsert(tx, CHUNK, (), *rows)
        named = {address_ for address_, _, _ in chunks}
        tx.execute(update(ATTACHMENT).where(ATTACHMENT.c.address.in_(named)).values(told=False))


def chunk(tx: Connection, address_: str, number: int) -> bytes | None:
    """Return a sealed chunk, or None when it is not here."""
    where = (CHUNK.c.address == address_, CHUNK.c.number == number)
    return tx.execute(select(CHUNK.c.data).where(*where)).scalar_one_or_none()


def held(tx: Connection, address_: str) -> Runs:
    """Return which chunks of an attachment are here."""
    query = select(CHUNK.c.number).where(CHUNK.c.address == address_).order_by(CHUNK.c.number)
    return runs(tx.execute(query).scalars())


def untold(tx: Connection, party: str) -> list[str]:
    """Return the addresses of a party's attachments that are not whole, or of which chunks came since it was told."""
    if tx.execute(_ANY, {"of": party}).first() is None:
        return []
    found = _here(tx, ATTACHMENT.c.party == party)
    told = select(ATTACHMENT.c.address).where(ATTACHMENT.c.party == party, ATTACHMENT.c.told.is_(False))
    return sorted({*tx.execute(told).scalars(), *(each.address for each in found if not each.complete)})


def drop_chunks(tx: Connection, address_: str) -> None:
    """Destroy the chunks of an attachment that turned out to be another file; its sender is told that none is here."""
    tx.execute(delete(CHUNK).where(CHUNK.c.address == address_))
    noted = {"told": False, "dropped": ATTACHMENT.c.dropped + 1}
    tx.execute(update(ATTACHMENT).where(ATTACHMENT.c.address == address_).values(noted))


def due(tx: Connection, own: str, recipient: str, recalled: Sequence[str]) -> list[Due]:
    """Return the attachments of our records that were sent to a recipient, with its last word on what it holds.

    Those of records that it refused, that are destroyed, or that are withdrawn and of a `recalled` kind are not due.
    """
    rows = tx.execute(_due(tuple(recalled)), {"own": own, "to": recipient}).all()
    return [Due(row.address, _read(row.data), row.said) for row in rows]


@cache
def _due(recalled: tuple[str, ...]) -> Select[str, bytes, bytes | None]:
    record = and_(RECORD.c.party == ATTACHMENT.c.party, RECORD.c.id == ATTACHMENT.c.id)
    delivery = and_(DELIVERY.c.envelope == RECORD.c.envelope, DELIVERY.c.recipient == bindparam("to"))
    said = and_(HOLDING.c.address == ATTACHMENT.c.address, HOLDING.c.holder == bindparam("to"))
    joined = ATTACHMENT.join(RECORD, record).join(DELIVERY, delivery).outerjoin(HOLDING, said)
    own = ATTACHMENT.c.party == bindparam("own")
    where = (own, DELIVERY.c.state != "refused", RECORD.c.data.is_not(None), ~gone(recalled))
    query = select(ATTACHMENT.c.address, ATTACHMENT.c.data, HOLDING.c.data.label("said")).select_from(joined)
    return query.where(*where).order_by(DELIVERY.c.sequence, ATTACHMENT.c.position)


def said(tx: Connection, address_: str, holder: str) -> bytes | None:
    """Return a holder's last signed word of what it holds of an attachment, or None."""
    where = (HOLDING.c.address == address_, HOLDING.c.holder == holder)
    return tx.execute(select(HOLDING.c.data).where(*where)).scalar_one_or_none()


def take_word(tx: Connection, address_: str, holder: str, at_: str, data: bytes) -> None:
    """Keep a holder's signed word of what it holds of an attachment, instead of its last."""
    row = {"address": address_, "holder": holder, "at": at_, "data": data}
    upsert(tx, HOLDING, ("at", "data"), row)


def forget(tx: Connection, key: tuple[str, str]) -> None:
    """Destroy what a record names of its attachments, their keys among it; `sweep` ends with their chunks."""
    tx.execute(delete(ATTACHMENT).where(ATTACHMENT.c.party == key[0], ATTACHMENT.c.id == key[1]))


def sweep(tx: Connection) -> None:
    """Destroy chunks and holders' words that belong to no attachment named here any more."""
    for table in (CHUNK, HOLDING):
        tx.execute(delete(table).where(table.c.address.not_in(select(ATTACHMENT.c.address))))


def runs(numbers: Iterable[int]) -> Runs:
    """Return ascending numbers as runs."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def outside(count: int, here: Runs) -> Iterator[range]:
    """Yield as ranges the numbers below `count` that are in none of the runs."""
    expected = 0
    for first, last in (*here, (count, count)):
        if expected < min(first, count):
            yield range(expected, min(first, count))
        expected = last + 1


def _read(data: bytes) -> Attachment:
    return canonical.decode(data, Attachment, "stored attachment")
