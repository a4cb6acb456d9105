"""Accepting envelopes: verify and open, floors, check, log, apply; then a receipt, or a signed refusal.

A batch is one transaction: log, records, views and answers stand together or not at all. Accepting is idempotent by
(sender, id): the same envelope again is answered again, another one under the same id is kept as evidence.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update

from amanat.compact.check import Permitted, require_approved
from amanat.exchange import answers, sequencer
from amanat.exchange.means import Means, Turn, begin
from amanat.exchange.send import permit
from amanat.party.errors import Invalid, Refused
from amanat.record.record import Record
from amanat.seal.header import parse_header
from amanat.seal.open import Opened, open_envelope
from amanat.store import records, statements
from amanat.store.tables import ARRIVAL, REFUSAL

BATCH = 256


@dataclass(frozen=True, slots=True)
class Accepted:
    """The record stands in our log."""

    record: Record
    log_index: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """The very envelope was answered before; its answer will go out once more."""

    digest: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The envelope was refused, and the sender will be told; `problem` says why."""

    digest: str
    sender: str
    problem: Invalid | Refused


Outcome = Accepted | Repeated | Declined


@dataclass(frozen=True, slots=True)
class _Passed:
    opened: Opened
    permitted: Permitted
    data: bytes


def accept(envelopes: Sequence[bytes], sender: str, means: Means) -> list[Outcome]:
    """Take in envelopes that `sender` is to have made, in order, in batches of at most `BATCH`."""
    outcomes: list[Outcome] = []
    for at in range(0, len(envelopes), BATCH):
        with begin(means) as turn:
            outcomes += _accept_batch(turn, envelopes[at : at + BATCH], sender)
    return outcomes


def _accept_batch(turn: Turn, batch: Sequence[bytes], sender: str) -> list[Outcome]:
    fresh: dict[tuple[str, str], _Passed] = {}
    judged = [_judge(turn, data, sender, fresh) for data in batch]
    indexes = _commit(turn, list(fresh.values()))
    return [
        Accepted(each.opened.record, indexes[each.opened.record.key]) if isinstance(each, _Passed) else each
        for each in judged
    ]


def _judge(
    turn: Turn, data: bytes, sender: str, fresh: dict[tuple[str, str], _Passed]
) -> _Passed | Repeated | Declined:
    """Steps 10 and 11 for one envelope; what passes is put into `fresh`, what fails is kept as evidence."""
    digest = hashlib.sha256(data).hexdigest()
    if _answered_before(turn, digest):
        return Repeated(digest)
    opened = None
    try:
        opened = _open(turn, data, sender)
        held = _held_under(turn, opened.record, fresh)
        if held == digest:
            return Repeated(digest)
        if held is not None:
            raise _equivocation(opened.record)
        passed = _Passed(opened, require_approved(permit(turn, opened.record)), data)
    except (Invalid, Refused) as problem:
        if opened is not None:
            # What came and was refused is no gap in the sender's sequence.
            turn.tx.execute(ARRIVAL.insert(), _arrival(opened, "", None) | {"answered": "refused"})
        return _decline(turn, data, sender, problem)
    fresh[opened.record.key] = passed
    return passed


def _open(turn: Turn, data: bytes, sender: str) -> Opened:
    """Step 10, for an envelope that must be the sender's own."""
    named = parse_header(data).core.sender
    if named != sender:
        raise Invalid("envelope.courier", f"The envelope is of {named}, not of {sender}.", "Let its sender bring it.")
    means = turn.means
    return open_envelope(data, means.party, means.keys.sealing, turn.known.manifests, means.kinds)


def _held_under(turn: Turn, record: Record, fresh: dict[tuple[str, str], _Passed]) -> str | None:
    """Return the digest (hex) of the envelope that stands under the record's id already, in this batch or before."""
    if record.key in fresh:
        return fresh[record.key].opened.digest.hex()
    party, id_ = record.key
    return records.known(turn.tx, party, [id_]).get(id_)


def _equivocation(record: Record) -> Refused:
    party, id_ = record.key
    return Refused(
        "record.equivocation",
        f"{party} signed two different envelopes under the id {id_}.",
        "Both are kept; the first one stands. Show them to the observer.",
        by="one id, one record",
    )


def _commit(turn: Turn, passed: Sequence[_Passed]) -> dict[tuple[str, str], int]:
    """Steps 11 and 12: log, write and apply what passed; return log indexes by record."""
    rows, arrivals = [], []
    by_log: dict[str, list[_Passed]] = {}
    for each in passed:
        by_log.setdefault(turn.known.by_digest(each.opened.record.fields.compact).terms.id, []).append(each)
    for log, batch in sorted(by_log.items()):
        first = sequencer.commit(turn, log, [each.opened.digest for each in batch])
        for at, each in enumerate(batch, first):
            opened = each.opened
            rows.append(records.Row(opened.record, log, opened.digest.hex(), each.data, opened.content_key, at))
            arrivals.append(_arrival(opened, log, at))
    records.write(turn.tx, rows)
    if arrivals:
        turn.tx.execute(ARRIVAL.insert(), arrivals)
    for row in rows:
        row.record.kind.apply(turn.tx, row.record)
    return {row.record.key: row.log_index for row in rows}


def _arrival(opened: Opened, log: str, log_index: int | None) -> dict[str, object]:
    return {
        "envelope": opened.digest.hex(),
        "sender": opened.header.core.sender,
        "sequence": opened.sequence,
        "compact": log,
        "log_index": log_index,
        "answered": "no",
    }


def _answered_before(turn: Turn, digest: str) -> bool:
    """Whether this very envelope was accepted or refused before; if so, its answer is made due again."""
    accepted = (
        update(ARRIVAL).where(ARRIVAL.c.envelope == digest, ARRIVAL.c.log_index.is_not(None)).values(answered="no")
    )
    refused = update(REFUSAL).where(REFUSAL.c.envelope == digest).values(answered=False)
    return bool(turn.tx.execute(accepted).rowcount + turn.tx.execute(refused).rowcount)


def _decline(turn: Turn, data: bytes, sender: str, problem: Invalid | Refused) -> Declined:
    """Keep the bytes as evidence, and a signed refusal for the sender."""
    digest = hashlib.sha256(data).hexdigest()
    statements.add_evidence(turn.tx, sender, problem, turn.means.now(), data)
    refusal = answers.refuse(digest, sender, problem, turn.means)
    turn.tx.execute(REFUSAL.insert(), {"envelope": digest, "sender": sender, "data": refusal, "answered": False})
    return Declined(digest, sender, problem)
