"""Accepting envelopes: verify and open, floors, check, log, apply; then a receipt, or a signed refusal.

A batch is one transaction: log, records, views and answers stand together or not at all. Accepting is idempotent by
(sender, id): the same envelope again is answered again, another one under the same id or number is kept as evidence.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, union_all, update

from amanat.compact.check import Permitted, require_approved
from amanat.exchange import answers, live, opening, recalls, sequencer
from amanat.exchange.evidence import core_of, foreign, found_signed
from amanat.exchange.means import Means, Turn, begin
from amanat.exchange.send import cited, permit
from amanat.party.errors import Invalid, Refused
from amanat.party.manifest import require_valid
from amanat.record.notices import NOTICES
from amanat.record.record import Record, refs_to
from amanat.seal.open import Opened, open_envelope
from amanat.store import attachments, listing, marks, numbers, records, statements
from amanat.store.dialect import among, insert_all
from amanat.store.tables import ARRIVAL, REFUSAL

BATCH = 512

_ACCEPTED = (
    update(ARRIVAL)
    .where(among(ARRIVAL.c.envelope, "digests"), ARRIVAL.c.sender == bindparam("of"), ARRIVAL.c.log_index.is_not(None))
    .values(answered="no")
    .returning(ARRIVAL.c.envelope)
)
_BEFORE = union_all(
    select(ARRIVAL.c.envelope).where(among(ARRIVAL.c.envelope, "digests")),
    select(REFUSAL.c.envelope).where(among(REFUSAL.c.envelope, "digests")),
)
_REFUSED = (
    update(REFUSAL)
    .where(among(REFUSAL.c.envelope, "digests"), REFUSAL.c.sender == bindparam("of"))
    .values(answered=False)
    .returning(REFUSAL.c.envelope)
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The record of that (party, id) and kind stands in our log. An import remembers this of each, and no content."""

    key: tuple[str, str]
    kind: str
    log_index: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """The very envelope was answered before; its answer will go out once more."""

    digest: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The envelope was refused; `problem` says why. Its sender is `told`, unless the bytes are no envelope at all."""

    digest: str
    sender: str
    problem: Invalid | Refused
    told: bool


Outcome = Accepted | Repeated | Declined


@dataclass(frozen=True, slots=True)
class _Arrived:
    """One envelope of a batch, opened, or with what kept it from opening."""

    digest: str
    data: bytes
    opened: Opened | Invalid | Refused


@dataclass(frozen=True, slots=True)
class _Passed:
    opened: Opened
    permitted: Permitted
    data: bytes


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a batch is judged against: ids and numbers that came before, to which it adds, and the records it cites.

    `cited` is None when one of those could not be read: then each record is judged against its own alone.
    """

    ids: set[str]
    numbers: set[int]
    cited: Mapping[tuple[str, str], Record] | None


Answering = Callable[[Turn], None]
"""What answers a batch in the transaction that takes it in; what it made goes out once that is committed."""


def later(_turn: Turn) -> None:
    """Leave the answers to the next bundle."""


def accept(envelopes: Sequence[bytes], sender: str, means: Means, answering: Answering = later) -> list[Outcome]:
    """Take in envelopes that `sender` is to have made, in order, in batches of at most `BATCH`."""
    outcomes: list[Outcome] = []
    for at in range(0, len(envelopes), BATCH):
        with begin(means) as turn:
            outcomes += _accept_batch(turn, envelopes[at : at + BATCH], sender)
            answering(turn)
    return outcomes


def _accept_batch(turn: Turn, batch: Sequence[bytes], sender: str) -> list[Outcome]:
    marks.require_own_history(turn.tx)
    digests = [hashlib.sha256(data).hexdigest() for data in batch]
    answered = _answered_before(turn, digests, sender)
    fresh = {digest: data for digest, data in zip(digests, batch, strict=True) if digest not in answered}
    arrived = [_Arrived(digest, data, _open(turn, data, sender)) for digest, data in fresh.items()]
    standing = _standing(turn, [each.opened for each in arrived if isinstance(each.opened, Opened)], sender)
    judged = [_judge(turn, each, sender, standing) for each in arrived]
    numbers.note(turn.tx, sender, (each.opened.sequence for each in arrived if isinstance(each.opened, Opened)))
    indexes = _commit(turn, [each for each in judged if isinstance(each, _Passed)])
    outcomes: dict[str, Outcome] = {
        each.digest: _accepted(verdict.opened.record, indexes[each.digest]) if isinstance(verdict, _Passed) else verdict
        for each, verdict in zip(arrived, judged, strict=True)
    }
    return [outcomes.pop(digest, Repeated(digest)) for digest in digests]


def _accepted(record: Record, log_index: int) -> Accepted:
    return Accepted(record.key, record.fields.kind, log_index)


def _open(turn: Turn, data: bytes, sender: str) -> Opened | Invalid | Refused:
    """Step 10, for an envelope that must be the sender's own."""
    means, manifests = turn.means, turn.known.manifests
    try:
        opened = open_envelope(data, means.party, means.keys.sealing, manifests, means.kinds)
        named = opened.header.core.sender
    except (Invalid, Refused) as problem:
        return problem
    if named == sender:
        return opened
    return Invalid("envelope.courier", f"The envelope is of {named}, not of {sender}.", "Let its sender bring it.")


def _standing(turn: Turn, opened: Sequence[Opened], sender: str) -> _Standing:
    """Ask once for the whole batch which ids and numbers came before, and for the records it refers to."""
    batch = [each.record for each in opened]
    named = [record.fields.id for record in batch]
    ids, numbers = records.came(turn.tx, sender, named, [each.sequence for each in opened])
    try:
        return _Standing(ids, numbers, cited(turn, batch))
    except Invalid:
        return _Standing(ids, numbers, None)


def _cited_by(turn: Turn, record: Record, standing: _Standing) -> Mapping[tuple[str, str], Record]:
    """Return what the record is judged against. Raises `Invalid` when some of it, kept here, can no more be read.

    A floor may hang on what cannot be read, so that only a notice passes without: it has no content to be handled, and
    a record that a later program would refuse must still be recalled.
    """
    if standing.cited is not None:
        return standing.cited
    try:
        return cited(turn, [record])
    except Invalid:
        if record.kind in NOTICES:
            return {}
        raise


def _judge(turn: Turn, arrived: _Arrived, sender: str, standing: _Standing) -> _Passed | Declined:
    """Step 11 for one envelope; what passes stands from here on, what fails is kept as evidence."""
    try:
        if not isinstance(arrived.opened, Opened):
            raise arrived.opened
        record = arrived.opened.record
        _require_first(arrived.opened, standing)
        require_valid(turn.known.manifests[sender], turn.now)
        require_unexpired(record, turn.now)
        originals = _cited_by(turn, record, standing)
        passed = _Passed(arrived.opened, require_approved(permit(turn, record, originals)), arrived.data)
    except (Invalid, Refused) as problem:
        return _decline(turn, arrived, sender, problem)
    return passed


def require_unexpired(record: Record, now: datetime) -> None:
    """Refuse what came too late to be read: it would have to be destroyed at once (floor 2)."""
    expires = record.fields.handling.expires
    if expires is not None and expires <= now:
        raise Refused(
            "record.expired",
            f"The record expired at {expires:%Y-%m-%dT%H:%M:%SZ}, before it came.",
            "If it still holds, write it anew; if it did not expire yet, set this machine's clock right.",
            by="floor 2",
        )


def _require_first(opened: Opened, standing: _Standing) -> None:
    """Refuse another envelope under an id or a number that came before, whether that was accepted or refused."""
    (party, id_), number = opened.record.key, opened.sequence
    if id_ in standing.ids:
        raise Refused(
            "record.equivocation",
            f"{party} signed two different envelopes under the id {id_}.",
            "Both are kept; the first one stands as it was answered. Show them to the observer.",
            by="one id, one record",
        )
    if number in standing.numbers:
        raise Refused(
            "sequence.equivocation",
            f"{party} signed two different envelopes with the number {number}.",
            "Both are kept; the first one stands as it was answered. Ask whether its node was put back to an old copy.",
            by="one number, one envelope",
        )
    standing.ids.add(id_)
    standing.numbers.add(number)


def _commit(turn: Turn, passed: Sequence[_Passed]) -> dict[str, int]:
    """Steps 11 and 12: log, write and apply what passed; return log indexes by the envelopes' digests."""
    rows, arrivals = [], []
    by_log: dict[str, list[_Passed]] = {}
    for each in passed:
        by_log.setdefault(turn.known.by_digest(each.permitted.compact).terms.id, []).append(each)
    for log, batch in sorted(by_log.items()):
        first = sequencer.commit(turn, log, [each.opened.digest for each in batch])
        for at, each in enumerate(batch, first):
            opened = each.opened
            digest, ends = opened.digest.hex(), destroy_by(turn, opened.record, log)
            by = read_by(turn, opened.record, log)
            rows.append(records.Row(opened.record, log, digest, each.data, opened.content_key, at, ends, by))
            arrivals.append(_arrival(opened, log, at, "no"))
    records.write(turn.tx, rows, turn.means.kinds.recalled)
    insert_all(turn.tx, ARRIVAL, arrivals)
    for row in rows:
        attachments.name(turn.tx, row.record.key, row.record.fields.attachments, turn.now.isoformat())
        row.record.kind.apply(turn.tx, row.record)
    live.tell_records(turn, "accepted", [row.record for row in rows])
    return {row.digest: row.log_index for row in rows}


def destroy_by(turn: Turn, record: Record, compact: str) -> datetime | None:
    """Return when it is destroyed here: as it says, and at the latest the kind's retention after it came.

    A record dated ahead of its time would else outlive what was agreed.
    """
    fields = record.fields
    kind = turn.known.compact(compact).terms.kinds.get(fields.kind.partition("/")[0])
    if kind is None or fields.handling.expires is None:
        return None
    return min(fields.handling.expires, turn.now + timedelta(days=kind.retention_days))


def read_by(turn: Turn, record: Record, compact: str) -> datetime | None:
    """Return by when somebody here is to have read what came now, by what is agreed; None for what waits for nobody.

    That are notices, and what tells officers nothing by itself. But a withdrawal of what a post of ours read is to be
    read there in the time in which it is to be answered; another of the same, which says nothing new, waits for nobody,
    or its sender could keep our officers busy.
    """
    for ref in refs_to(record, "withdraws"):
        row = listing.one(turn.tx, ref.party, ref.id)
        if row is not None and row.state in ("current", "superseded") and opening.retracted_at(turn, record):
            return turn.now + timedelta(hours=recalls.hours(turn, row.compact, row.kind))
    kind = turn.known.compact(compact).terms.kinds.get(record.fields.kind.partition("/")[0])
    return turn.now + kind.read_within if kind is not None and record.kind.waits else None


def _arrival(opened: Opened, log: str, log_index: int | None, answered: str) -> dict[str, object]:
    return {
        "envelope": opened.digest.hex(),
        "sender": opened.header.core.sender,
        "id": opened.record.fields.id,
        "sequence": opened.sequence,
        "compact": log,
        "log_index": log_index,
        "answered": answered,
    }


def _answered_before(turn: Turn, digests: Sequence[str], sender: str) -> set[str]:
    """Return which of these very envelopes the sender brought before; their answers are made due again."""
    if turn.tx.execute(_BEFORE, {"digests": list(digests)}).first() is None:
        return set()  # mostly: nothing is due again
    brought = {"of": sender, "digests": list(digests)}
    return {*turn.tx.execute(_ACCEPTED, brought).scalars(), *turn.tx.execute(_REFUSED, brought).scalars()}


def _decline(turn: Turn, arrived: _Arrived, sender: str, problem: Invalid | Refused) -> Declined:
    """Keep what shows it as evidence, and a signed refusal for the sender if the bytes are an envelope at all."""
    if isinstance(arrived.opened, Opened):
        # What came and was refused is no gap in the sender's sequence.
        turn.tx.execute(ARRIVAL.insert(), _arrival(arrived.opened, "", None, "refused"))
    statements.add_evidence(turn.tx, sender, problem, turn.now, _exhibit(turn, arrived))
    told = core_of(arrived.data) is not None
    if told:
        refusal = answers.refuse(arrived.digest, sender, problem, turn.means)
        row = {"envelope": arrived.digest, "sender": sender, "data": refusal, "answered": False}
        turn.tx.execute(REFUSAL.insert(), row)
    live.tell(turn, "declined", sender, arrived.digest, problem.code)
    return Declined(arrived.digest, sender, problem, told)


def _exhibit(turn: Turn, arrived: _Arrived) -> statements.Exhibit:
    """Say when evidence that holds content is due; of bytes that nobody's signature was found in, keep the digest only.

    Anybody can make any number of those, as large as they may be, and they prove nothing against the sender.
    """
    if isinstance(arrived.opened, Opened):
        record = arrived.opened.record
        reached = record.kind.on_withdraw == "destroy"
        latest = turn.now + turn.known.longest_retention()
        until = min(latest, record.fields.handling.expires or latest)
        return statements.Exhibit("envelope", arrived.data, record.key if reached else None, until, arrived.digest)
    exhibit = foreign(turn, "envelope", arrived.data)
    if found_signed(arrived.opened):
        return replace(exhibit, signed=arrived.digest)
    return replace(exhibit, whole=False, until=turn.now)
