"""What became of a record: how its delivery stands at each recipient, and every step of its way with who says so."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from amanat.compact.lacking import waits_for
from amanat.exchange import times
from amanat.exchange.answers import read_refusal
from amanat.exchange.means import Turn
from amanat.exchange.receipt import policy_of
from amanat.log.bounds import Bounds
from amanat.log.malformed import Malformed
from amanat.log.policy import Verified, parse_policy, verify_checkpoint
from amanat.log.proof import parse_proof
from amanat.record.notices import DESTROYED, KEPT, WITHDRAWAL
from amanat.record.record import Record, read
from amanat.store import listing, logs
from amanat.store.listing import Delivery, Listed


class Countersigned(msgspec.Struct, frozen=True):
    """Who countersigned a checkpoint, and when by that party's own clock."""

    by: str
    at: datetime | None


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """How the delivery to one recipient stands.

    `log_index` is where the record stands in that party's log, by its receipt; `waits_for` says whose countersignature
    is lacking until that is final; `by` and `code` tell who or what refused; `problem` why an answer, kept from before,
    can no more be checked.
    """

    party: str
    state: Literal["pending", "provisional", "final", "refused", "lost"]
    log_index: int | None = None
    countersigned: tuple[Countersigned, ...] = ()
    quorum: bool = False
    waits_for: str = ""
    by: str = ""
    code: str = ""
    problem: str = ""


Did = Literal[
    "composed",
    "approved",
    "sealed",
    "logged",
    "countersigned",
    "delivered",
    "refused",
    "waits",
    "withdrawn",
    "destroyed",
    "kept",
]


class Step(msgspec.Struct, frozen=True):
    """One step of a record's way: what was done, by which party or post, when as far as is known, and in words.

    `to` is the recipient on whose side it was done; empty for what was done with the record here. Of what a notice says
    of it, `because` is the word of that notice ("mistaken", "expired", "court-order") and `notice` its "PARTY:ID". What
    came into a log, and nobody saw when, came between `not_before` and `not_after`, each by who countersigned that log.
    """

    did: Did
    by: str
    at: datetime | None
    says: str
    to: str = ""
    because: str = ""
    notice: str = ""
    not_before: Countersigned | None = None
    not_after: Countersigned | None = None


def delivered(turn: Turn, row: Listed) -> tuple[Delivered, ...]:
    """Return how each delivery of our record stands; nothing for another's."""
    if row.party != turn.means.party:
        return ()
    return tuple(delivered_to(turn, each, row.compact) for each in listing.deliveries(turn.tx, row.envelope))


def provenance(turn: Turn, row: Listed, record: Record | None) -> tuple[Step, ...]:
    """Return the steps of a record's way, in order: what was done here, and for ours what each recipient proved."""
    steps = [] if record is None else _made(record)
    log = f"our log of {row.compact}, number {row.log_index}"
    logged = Step("logged", turn.means.party, None, f"stands in {log}")
    steps.append(_between(logged, times.logged(turn, row.compact, row.log_index)))
    seen, lacking = _countersigned(turn, row)
    steps += [Step("countersigned", each.by, each.at, f"saw {log}") for each in seen]
    if lacking:
        steps.append(Step("waits", lacking, None, "has not countersigned our log so far"))
    if row.party == turn.means.party:
        for each in listing.deliveries(turn.tx, row.envelope):
            steps += _answered(turn, each, row.compact)
    return (*steps, *_ended(turn, row))


def _between(step: Step, found: Bounds) -> Step:
    """Return a step with the times between which it was done."""
    since, until = (
        None if each is None else Countersigned(times.by(each), times.moment(each.time))
        for each in (found.not_before, found.not_after)
    )
    return msgspec.structs.replace(step, not_before=since, not_after=until)


def _ended(turn: Turn, row: Listed) -> Iterator[Step]:
    """What notices say of it: its originator withdrew it, and who holds it destroyed it or keeps it."""
    own = row.party == turn.means.party
    holders = {each.recipient for each in listing.deliveries(turn.tx, row.envelope)} if own else {turn.means.party}
    words = listing.words(turn.tx, [(row.party, row.id)])[row.party, row.id]
    notices = [(each, read(each.data, turn.means.kinds)) for each in words if each.data is not None]
    withdrawn = [each for each, made in notices if made.kind is WITHDRAWAL and each.party == row.party]
    for each, made in notices:
        body, to = made.body, each.party if own else ""
        if each in withdrawn[:1]:  # each who was sent it was told by a notice of its own
            said = Step("withdrawn", _signer(made), made.fields.at, "withdrew it, and tells all who were sent it")
            because = body.reason
        elif each.party in holders and made.kind is DESTROYED:
            said = Step("destroyed", _signer(made), made.fields.at, "signed that it destroyed what it held", to)
            because = body.because
        elif each.party in holders and made.kind is KEPT:
            said = Step("kept", _signer(made), made.fields.at, "signed that it keeps it, on a ground", to)
            because = body.ground
        else:
            continue
        yield msgspec.structs.replace(said, because=because, notice=":".join(made.key))


def _signer(record: Record) -> str:
    return f"{record.fields.author.party} {record.fields.author.name}"


def _made(record: Record) -> list[Step]:
    fields = record.fields
    steps = [Step("composed", _signer(record), fields.at, f"composed as {fields.kind}")]
    if fields.approved_by is not None:
        second = f"{fields.approved_by.party} {fields.approved_by.name}"
        steps.append(Step("approved", second, None, "approved as the second person"))
    sealed = f"signed, and sealed to {' and '.join(fields.audience)}"
    return [*steps, Step("sealed", fields.author.party, None, sealed)]


def _answered(turn: Turn, delivery: Delivery, compact: str) -> list[Step]:
    each = delivered_to(turn, delivery, compact)
    if each.state == "pending":
        says = "no receipt came yet; that proves nothing"
        if each.log_index is not None:
            says = (
                f"stood in its log that ended, number {each.log_index}; delivered again, for the next one to prove it"
            )
        return [Step("waits", each.party, None, says, each.party)]
    if each.state == "lost":
        says = "whether it arrived was lost when this node was put back; ask that party for the envelope again"
        return [Step("waits", each.party, None, says, each.party)]
    if each.state == "refused":
        return [Step("refused", each.party, None, f"refused by {each.by} ({each.code})", each.party)]
    log = f"its log, number {each.log_index}"
    waits = f"; waits for the countersignature of {each.waits_for}" if each.waits_for else ""
    told = f"; can no longer be checked: {each.problem}" if each.problem else ""
    stands = f"stands in {log}, {each.state}{waits}{told}"
    saw = f"saw {log} of {each.party}"
    came = Step("delivered", each.party, None, stands, each.party)
    if delivery.answer is not None and not each.problem:
        came = _between(came, times.accepted(turn, compact, each.party, delivery.answer))
    return [
        came,
        *(Step("countersigned", other.by, other.at, saw, each.party) for other in each.countersigned),
    ]


def delivered_to(turn: Turn, delivery: Delivery, compact: str) -> Delivered:
    """Return how one delivery stands, by the answer that came: it is checked anew."""
    made = Delivered(party=delivery.recipient, state=delivery.state)  # type: ignore[arg-type]  # as the table has it
    if delivery.answer is None:
        return made
    if delivery.state == "refused":
        refusal = read_refusal(delivery.answer, delivery.recipient, turn.known, turn.means)
        return msgspec.structs.replace(made, by=refusal.by, code=refusal.code)
    proof = parse_proof(delivery.answer)
    policy = parse_policy(policy_of(turn.known, compact, delivery.recipient, proof.checkpoint))
    made = msgspec.structs.replace(made, log_index=proof.index)
    try:
        verified = verify_checkpoint(policy, proof.checkpoint)
    except Malformed as problem:
        return msgspec.structs.replace(made, problem=problem.says)
    waiting = waits_for(policy, verified.cosigned, leave_out=turn.means.party)
    seen = countersigned(verified)
    return msgspec.structs.replace(made, countersigned=seen, quorum=verified.quorum, waits_for=waiting)


def countersigned(verified: Verified) -> tuple[Countersigned, ...]:
    """Return who countersigned a checkpoint, in order of their codes; zero is a time that was left out."""
    return tuple(
        Countersigned(name, times.moment(at) if at else None) for name, at in sorted(verified.cosigned.items())
    )


def _countersigned(turn: Turn, row: Listed) -> tuple[tuple[Countersigned, ...], str]:
    """Who countersigned our own log at a size that has the record in it, and whose countersignatures are lacking."""
    note = logs.covering(turn.tx, row.compact, row.log_index)
    policy = parse_policy(policy_of(turn.known, row.compact, turn.means.party, note or b""))
    if note is not None:
        try:
            verified = verify_checkpoint(policy, note)
        except Malformed:  # signed by a log key that was changed since; the next one covers the record too
            pass
        else:
            return countersigned(verified), waits_for(policy, verified.cosigned, leave_out=turn.means.party)
    return (), waits_for(policy, (), leave_out=turn.means.party)
