"""Accepting envelopes: verify and open, floors, check, log, apply; then a receipt, or a signed refusal.

A batch is one transaction: log, records, views and answers stand together or not at all. Accepting is idempotent by
(sender, id): the same envelope again is answered again, another one under the same id is kept as evidence.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, update

from amanat.compact.check import Permitted
from amanat.exchange import answers, sequencer
from amanat.exchange.means import Known, Means, known
from amanat.exchange.send import permit
from amanat.party.errors import Invalid, Refused
from amanat.record.record import Record
from amanat.seal.header import parse_header
from amanat.seal.open import Opened, open_envelope
from amanat.store import records, statements
from amanat.store.sqlite import upsert
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
        with means.engine.begin() as tx:
            outcomes += _accept_batch(tx, envelopes[at : at + BATCH], sender, means)
    return outcomes


def _accept_batch(tx: Connection, batch: Sequence[bytes], sender: str, means: Means) -> list[Outcome]:
    now_known = known(tx, means.now())
    fresh: dict[tuple[str, str], _Passed] = {}
    judged = [_judge(tx, data, sender, fresh, now_known, means) for data in batch]
    indexes = _commit(tx, list(fresh.values()), now_known, means)
    outcomes: list[Outcome] = []
    for each in judged:
        if isinstance(each, _Passed):
            record = each.permitted.record
            outcomes.append(Accepted(record, indexes[record.key]))
        else:
            outcomes.append(each)
    return outcomes


def _judge(  # noqa: PLR0913 - one envelope against all that is known
    tx: Connection,
    data: bytes,
    sender: str,
    fresh: dict[tuple[str, str], _Passed],
    now_known: Known,
    means: Means,
) -> _Passed | Repeated | Declined:
    """Steps 9 and 10 for one envelope; what passes is put into `fresh`, what fails is kept as evidence."""
    digest = hashlib.sha256(data).hexdigest()
    if _answered_before(tx, digest):
        return Repeated(digest)
    try:
        header = parse_header(data)
        if header.core.sender != sender:
            raise Invalid(
                "envelope.courier", f"The envelope is of {header.core.sender}, not {sender}.", "Bring it as its own."
            )
        opened = open_envelope(data, means.party, means.keys.sealing, now_known.manifests, means.kinds)
        passed = _first_of_its_id(tx, opened, data, fresh, now_known, means)
    except (Invalid, Refused) as problem:
        return _decline(tx, data, digest, sender, problem, means)
    if passed is None:
        return Repeated(digest)
    fresh[passed.permitted.record.key] = passed
    return passed


def _first_of_its_id(  # noqa: PLR0913 - as above
    tx: Connection,
    opened: Opened,
    data: bytes,
    fresh: dict[tuple[str, str], _Passed],
    now_known: Known,
    means: Means,
) -> _Passed | None:
    """Return the permitted envelope, or None for the same one twice in a batch. Raises `Refused` or `Invalid`."""
    party, id_ = opened.record.key
    held = records.known(tx, party, [id_]).get(id_)
    if (party, id_) in fresh:
        held = fresh[party, id_].opened.digest.hex()
    if held == opened.digest.hex():
        return None
    if held is not None:
        raise Refused(
            "record.equivocation",
            f"{party} signed two different envelopes under the id {id_}.",
            "Both are kept as evidence; the first one stands.",
            by="one id, one record",
        )
    return _Passed(opened, permit(tx, opened.record, now_known, means), data)


def _commit(
    tx: Connection, passed: Sequence[_Passed], now_known: Known, means: Means
) -> dict[tuple[str, str], int]:
    """Steps 10 and 11: log, write and apply what passed; return log indexes by record."""
    rows, arrivals = [], []
    by_log: dict[str, list[_Passed]] = {}
    for each in passed:
        by_log.setdefault(now_known.by_digest(each.permitted.record.fields.compact).terms.id, []).append(each)
    for log, batch in sorted(by_log.items()):
        first = sequencer.commit(tx, log, [each.opened.digest for each in batch], now_known, means)
        for at, each in enumerate(batch):
            digest = each.opened.digest.hex()
            rows.append(
                records.Row(each.opened.record, log, digest, each.data, each.opened.content_key, first + at)
            )
            arrivals.append(_arrival(each.opened, log, first + at))
    records.write(tx, rows)
    if arrivals:
        tx.execute(ARRIVAL.insert(), arrivals)
    for row in rows:
        row.record.kind.apply(tx, row.record)
    return {row.record.key: row.log_index for row in rows}


def _arrival(opened: Opened, log: str, log_index: int) -> dict[str, object]:
    return {
        "envelope": opened.digest.hex(),
        "sender": opened.header.core.sender,
        "sequence": opened.sequence,
        "compact": log,
        "log_index": log_index,
        "answered": "no",
    }


def _answered_before(tx: Connection, digest: str) -> bool:
    """Whether this very envelope was accepted or refused before; if so, its answer is made due again."""
    accepted = update(ARRIVAL).where(ARRIVAL.c.envelope == digest).values(answered="no")
    refused = update(REFUSAL).where(REFUSAL.c.envelope == digest).values(answered=False)
    return bool(tx.execute(accepted).rowcount + tx.execute(refused).rowcount)


def _decline(  # noqa: PLR0913 - what a refusal says
    tx: Connection, data: bytes, digest: str, sender: str, problem: Invalid | Refused, means: Means
) -> Declined:
    """Keep the bytes as evidence and a signed refusal for the sender."""
    statements.add_evidence(tx, sender, problem.code, problem.says, means.now().isoformat(), data)
    refusal = answers.refuse(digest, sender, problem, means)
    row = {"envelope": digest, "sender": sender, "data": refusal, "answered": False}
    tx.execute(upsert(REFUSAL, ("data", "answered")), row)
    return Declined(digest, sender, problem)
