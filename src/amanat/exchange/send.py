"""Sending, step by step: compose, floors, check, [approve], address, sign, seal, log; then it waits for delivery.

The steps and their numbers are those of docs/life-of-a-record.md. A batch is one transaction: all of it, or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from amanat.compact import floors
from amanat.compact.check import Permitted, check
from amanat.exchange import sequencer
from amanat.exchange.means import Known, Means, known
from amanat.party.errors import Invalid
from amanat.party.key_id import key_id
from amanat.party.manifest import sealing_key_at
from amanat.record.record import Draft, Post, Record, approve, compose, read
from amanat.seal.envelope import Envelope, seal
from amanat.seal.header import Recipient, address
from amanat.seal.sign import sign
from amanat.store import records
from amanat.store.tables import DELIVERY, HELD

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Pending:
    """A record that is signed, sealed, logged and waiting for delivery."""

    record: Record
    digest: str
    log_index: int


@dataclass(frozen=True, slots=True)
class Held:
    """A record that waits for its second person, who approves exactly the bytes of this SHA-256 (hex)."""

    record: Record
    digest: str


def send(drafts: Sequence[Draft], author: Post, means: Means) -> list[Pending | Held]:
    """Send drafts of one post; those that need a second person are held. Raises `Invalid` or `Refused`."""
    with means.engine.begin() as tx:
        now_known = known(tx, means.now())
        composed = [compose(draft, author, means.kinds, means.new_id(), means.now()) for draft in drafts]
        permitted = [permit(tx, record, now_known, means) for record in composed]
        held = [_hold(tx, each) for each in permitted if each.needs_second_person]
        return [*release(tx, [each for each in permitted if not each.needs_second_person], now_known, means), *held]


def release_held(id_: str, digest: str, second: Post, means: Means) -> Pending:
    """Step 4: approve a held record as the second person, check it again, and release it."""
    with means.engine.begin() as tx:
        data = tx.execute(select(HELD.c.data).where(HELD.c.id == id_)).scalar_one_or_none()
        if data is None:
            raise Invalid("held.unknown", f"No record {id_} is held.", "List those held: `amanat held`.")
        now_known = known(tx, means.now())
        approved = approve(read(data, means.kinds), digest, second, means.kinds)
        (pending,) = release(tx, [permit(tx, approved, now_known, means)], now_known, means)
        tx.execute(delete(HELD).where(HELD.c.id == id_))
        return pending


def permit(tx: Connection, record: Record, now_known: Known, means: Means) -> Permitted:
    """Steps 2 and 3, the same for sender and receiver: floors first, then the compact. Raises `Refused`."""
    compact = now_known.by_digest(record.fields.compact)
    return check(floors.keep(record, compact.terms, _cited(tx, record, means)), compact)


def release(tx: Connection, permitted: Sequence[Permitted], now_known: Known, means: Means) -> list[Pending]:
    """Steps 5 to 8 for records of any compacts, in the caller's transaction."""
    numbers: dict[str, int] = {}
    envelopes = [_seal(tx, each, numbers, now_known, means) for each in permitted]
    rows = []
    for log in sorted({_log(envelope, now_known) for envelope in envelopes}):
        batch = [envelope for envelope in envelopes if _log(envelope, now_known) == log]
        first = sequencer.commit(tx, log, [envelope.digest for envelope in batch], now_known, means)
        rows += [
            records.Row(each.record, log, each.digest.hex(), each.data, each.content_key, first + at)
            for at, each in enumerate(batch)
        ]
    records.write(tx, rows)
    for row in rows:
        row.record.kind.apply(tx, row.record)
    return [Pending(row.record, row.digest, row.log_index) for row in rows]


def _seal(
    tx: Connection, permitted: Permitted, numbers: dict[str, int], now_known: Known, means: Means
) -> Envelope:
    recipients = []
    for party in permitted.record.fields.audience:
        numbers[party] = numbers[party] + 1 if party in numbers else records.next_sequence(tx, party)
        key, public = sealing_key_at(now_known.manifests[party], means.now())
        recipients.append(Recipient(party, key, public, numbers[party]))
    own_key = key_id(means.keys.record.public_key().public_bytes_raw())
    addressed = address(permitted, own_key, recipients, means.random(KEY_BYTES))
    envelope = seal(sign(addressed, means.keys.record))
    rows = [
        {"envelope": envelope.digest.hex(), "recipient": each.party, "sequence": each.sequence, "state": "pending"}
        for each in recipients
    ]
    tx.execute(DELIVERY.insert(), rows)
    return envelope


def _hold(tx: Connection, permitted: Permitted) -> Held:
    record = permitted.record
    digest = record.digest
    tx.execute(HELD.insert(), {"id": record.fields.id, "digest": digest, "data": record.data})
    return Held(record, digest)


def _cited(tx: Connection, record: Record, means: Means) -> dict[tuple[str, str], Record]:
    keys = [(ref.party, ref.id) for ref in record.fields.refs]
    return {key: read(data, means.kinds) for key, data in records.data_of(tx, keys).items()}


def _log(envelope: Envelope, now_known: Known) -> str:
    return now_known.by_digest(envelope.header.core.compact).terms.id
