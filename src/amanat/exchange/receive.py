"""Taking in what a peer sent, item by item in the order of `bundle.TYPES`; the same for wire and stick.

Statements are verified against what is held, envelopes go to `accept`, receipts and countersignatures are checked
against the peer's keys. What does not hold is reported and kept as evidence; it never stops what does.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import Connection, bindparam, select, update

from amanat.compact import signing
from amanat.compact.counting import counting, superfluous
from amanat.exchange import again, answers, attachments, ended, live, mirror, reconcile, witness
from amanat.exchange.accept import BATCH, Answering, Outcome, accept, later
from amanat.exchange.bundle import Item
from amanat.exchange.evidence import keep
from amanat.exchange.means import Means, Turn, begin, read_act, read_manifest, read_terms, texts
from amanat.exchange.receipt import take_receipt
from amanat.log.malformed import Malformed
from amanat.party import lexicon
from amanat.party.errors import Invalid, Refused
from amanat.party.lexicon import read_lexicon
from amanat.party.manifest import accept_next, read_party, require_own_keys
from amanat.store import marks, numbers, statements, turns
from amanat.store.attachments import Here, at
from amanat.store.dialect import upsert
from amanat.store.tables import ARRIVAL, DELIVERY, HEARTBEAT, LEXICON, RECORD

BATCH_BYTES = 4 * 1024 * 1024

_BEAT = select(HEARTBEAT.c.data).where(HEARTBEAT.c.sender == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a bundle: items by type, outcomes of envelopes, gaps (first, last), and what did not hold.

    `unkept` counts by type what did not hold and is not kept whole as evidence, nobody known having signed it.
    `attachments` are those of which chunks came; `left` counts what waits until this node knows what it signed.
    """

    sender: str
    items: Counter[str] = field(default_factory=Counter)
    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[tuple[str, Exception]] = field(default_factory=list)
    unkept: Counter[str] = field(default_factory=Counter)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    attachments: list[Here] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)


def receive(sender: str, items: Iterable[Item], means: Means) -> Report:
    """Take in all items of one peer, and say besides how its line and its attachments stand now."""
    report, touched = Report(sender), set[str]()
    _take_in(report, touched, items, means, later)
    with turns.reading(means.engine) as tx:
        report.gaps.extend(gaps(tx, sender))
        report.attachments.extend(at(tx, touched) if touched else ())
    return report


def take_in(sender: str, items: Iterable[Item], means: Means, answering: Answering = later) -> Report:
    """Take in all items of one peer that came over a wire, where nobody asks how that leaves its line."""
    report = Report(sender)
    _take_in(report, set(), items, means, answering)
    return report


def _take_in(report: Report, touched: set[str], items: Iterable[Item], means: Means, answering: Answering) -> None:
    """Take in all items, drawing no more than a batch of them ahead of what is committed.

    What was reported is durable, the rest may come again. Envelopes are answered as they are taken in; `touched` are
    the attachments of which chunks came.
    """
    sender = report.sender
    for type_, group in groupby(items, key=lambda item: item.type):
        for run in _batches(group):
            report.items[type_] += len(run)
            if type_ == "envelope":
                _take_envelopes(run, means, answering, report)
            elif _is_left(type_, means):
                report.left[type_] += len(run)
            elif type_ == "chunk":
                kept, problems = attachments.take(run, means)
                touched |= kept
                report.problems.extend(("chunk", problem) for problem in problems)
            elif type_ in _ANSWERS:
                _take_answers(type_, run, sender, means, report)
            elif type_ == "asking":
                with again.telling(sender, means):
                    _take_answers(type_, run, sender, means, report)
            else:
                for data in run:
                    _take(type_, data, sender, means, report)


def _take_envelopes(run: list[bytes], means: Means, answering: Answering, report: Report) -> None:
    """Take in a batch of envelopes; they are left (`_is_left`) where the transaction itself finds that they are."""
    try:
        report.outcomes.extend(accept(run, report.sender, means, answering))
    except Refused as refused:
        if refused.code != "node.restored":
            raise
        report.left["envelope"] += len(run)


def _is_left(type_: str, means: Means) -> bool:
    """Whether an item comes again later: a node put back to an old copy answers nothing, and takes nothing for lost."""
    if type_ in _PAPERS:
        return False
    with turns.reading(means.engine) as tx:
        return marks.at(tx, "restored") is not None


def _batches(items: Iterable[Item]) -> Iterator[list[bytes]]:
    """Yield the items' bytes in batches of at most `BATCH`, each ended by the item that takes it over `BATCH_BYTES`."""
    run, size = list[bytes](), 0
    for item in items:
        run.append(item.data)
        size += len(item.data)
        if len(run) == BATCH or size > BATCH_BYTES:
            yield run
            run, size = [], 0
    if run:
        yield run


def gaps(tx: Connection, sender: str) -> list[tuple[int, int]]:
    """Return the runs of sequence numbers that the sender says it sent and that never came."""
    held = tx.execute(_BEAT, {"of": sender}).scalar_one_or_none()
    if held is None:
        return numbers.gaps(tx, sender, 0, ())
    beat = answers.stored_heartbeat(held)
    return numbers.gaps(tx, sender, beat.sent, beat.void)


def _take(type_: str, data: bytes, sender: str, means: Means, report: Report) -> None:
    """Take in one item that is not an envelope, in a transaction of its own."""
    whole = True
    try:
        with begin(means) as turn:
            shows = _TAKERS[type_](turn, data, sender)
            if shows is not None:
                report.problems.append((type_, shows))
                whole = keep(turn, type_, data, sender, shows)
    except (Invalid, Refused, Malformed) as problem:
        report.problems.append((type_, problem))
        with begin(means) as turn:
            whole = keep(turn, type_, data, sender, problem)
            if isinstance(problem, Invalid) and problem.code == "log.rollback":
                reconcile.note(turn, data, sender)
                reconcile.stop(turn)
    if not whole:
        report.unkept[type_] += 1


def _take_answers(type_: str, run: list[bytes], sender: str, means: Means, report: Report) -> None:
    """Take in a batch of answers in one transaction: each is judged before it writes, none changes what is known."""
    problems, unkept = [], 0
    with begin(means) as turn:
        for data in run:
            try:
                _TAKERS[type_](turn, data, sender)
            except (Invalid, Refused, Malformed) as problem:
                problems.append((type_, problem))
                unkept += not keep(turn, type_, data, sender, problem)
    report.problems.extend(problems)
    if unkept:
        report.unkept[type_] += unkept


def _take_manifest(turn: Turn, data: bytes, _sender: str) -> None:
    """A later manifest of a party already known; a first one is accepted only face to face, an old one does nothing."""
    party = read_party(data)
    if party not in turn.known.manifests:
        raise Refused(
            "manifest.stranger",
            f"No manifest of {party} was accepted face to face yet.",
            "Compare its fingerprint and accept it.",
            by="face to face",
        )
    held = turn.known.manifests[party]
    if read_manifest(data).serial >= held.serial and data not in statements.history(turn.tx, party):
        new = accept_next(data, held)
        require_own_keys(new, turn.known.manifests.values())
        statements.add_manifest(turn.tx, new.party, new.serial, data)
        live.tell(turn, "papers", new.party, detail="manifest")


def _take_lexicon(turn: Turn, data: bytes, _sender: str) -> None:
    """A party's newer lexicon; an old one does nothing."""
    held = statements.latest(turn.tx, LEXICON)
    claimed = read_lexicon(data)
    party = claimed.party
    if data in held.values() or party not in turn.known.manifests:
        return
    before = read_lexicon(held[party]) if party in held else None
    if before is not None and claimed.serial < before.serial:
        return
    new = lexicon.accept(data, turn.known.manifests[party], before)
    statements.add_lexicon(turn.tx, new.party, new.serial, data)
    live.tell(turn, "papers", new.party, detail="lexicon")


def _take_compact(turn: Turn, data: bytes, _sender: str) -> None:
    """An amendment of a compact this party has joined; joining is an act of people.

    Who joined at a later version takes in the one before it too, which that version names by its digest; an older one
    that no text held names does nothing.
    """
    text = read_terms(data)
    if statements.compact_named(turn.tx, text.digest) is not None:
        return
    if text.id not in turn.known.compacts:
        raise Refused(
            "compact.unknown",
            f"The compact {text.id} was not joined here.",
            "Join it by hand.",
            by="no compact",
        )
    held = texts(turn.tx, text.id)
    if text.version < held[-1].version:
        if text.digest in [each.previous for each in held] and text.version not in [each.version for each in held]:
            statements.add_compact(turn.tx, text.id, text.version, text.digest, data)
        return
    new = signing.accept_compact(data, turn.known.manifests, held[-1])
    statements.add_compact(turn.tx, new.id, new.version, new.digest, data)
    live.tell(turn, "papers", turn.means.party, new.id, "compact")


def _take_act(turn: Turn, data: bytes, _sender: str) -> Invalid | None:
    """An act about any version that is held; one taken in before does nothing, unless it comes signed anew.

    Then its new signatures take the place of those that hold no more, and go on with it to the others. Nor does a third
    of its kind under one number that changes nothing: two are proof, and a thief can sign any number.
    Returns what an act that is kept shows against its member all the same.
    """
    act = signing.read_act(data)
    named = statements.compact_named(turn.tx, act.compact)
    compact = turn.known.compact(named) if named else turn.known.by_digest(act.compact)
    id_, versions, manifests = compact.terms.id, texts(turn.tx, compact.terms.id), turn.known.manifests
    beside = {read_act(each): each for each in statements.acts_under(turn.tx, id_, act.party, act.serial)}
    if act in beside:
        if signing.stands(data, manifests) and not signing.stands(beside[act], manifests):
            statements.sign_anew(turn.tx, id_, data)
        return None
    counted = {read_act(each): each for each in statements.acts(turn.tx, id_)}
    signing.accept_act(data, versions, manifests, [*counted], turn.now)
    counts = counting(versions, [*counted, act])
    superseded = superfluous(act, [*beside], counts)
    if superseded == act:
        return None
    if superseded is not None:
        statements.drop_act(turn.tx, id_, beside[superseded])
    statements.add_act(turn.tx, id_, act.party, act.serial, data)
    live.tell(turn, "papers", act.party, id_, act.act)
    statements.count_acts(turn.tx, id_, ({**counted, act: data}[each] for each in counts))
    return signing.remark(act, [*beside], turn.now)


def _take_refusal(turn: Turn, data: bytes, sender: str) -> None:
    refusal = answers.read_refusal(data, sender, turn.known, turn.means)
    where = (DELIVERY.c.envelope == refusal.envelope, DELIVERY.c.recipient == sender)
    sent = select(DELIVERY.c.state, RECORD.c.id).join(RECORD, RECORD.c.envelope == DELIVERY.c.envelope).where(*where)
    row = turn.tx.execute(sent).one_or_none()
    if row is None:
        raise Invalid(
            "refusal.unknown",
            f"{sender} refused the envelope {refusal.envelope[:16]}, which this party did not send to it.",
            "Somebody altered an envelope of ours on the way, or made one in our name: keep it apart.",
        )
    if row.state in ("provisional", "final"):
        raise Invalid(
            "refusal.contradiction",
            f"{sender} proved that the envelope {refusal.envelope[:16]} stands in its log, and now refuses it.",
            "The receipt stands; both are kept: show them to the observer.",
        )
    turn.tx.execute(update(DELIVERY).where(*where).values(state="refused", answer=data, recalled=False))
    if row.state != "refused":
        live.tell(turn, "answered", turn.means.party, row.id, f"{sender} refused")


def _take_heartbeat(turn: Turn, data: bytes, sender: str) -> None:
    beat = answers.read_heartbeat(data, sender, turn.known, turn.means)
    held = turn.tx.execute(select(HEARTBEAT).where(HEARTBEAT.c.sender == sender)).one_or_none()
    if held is not None and beat.sent < held.sent and beat.at.isoformat() > held.at:
        raise Invalid(
            "heartbeat.backwards",
            f"{sender} says at {beat.at:%Y-%m-%dT%H:%M:%SZ} that it had sent {beat.sent}, and said {held.sent} before.",
            "Its node was restored from an old copy, or its clock was wrong: ask it, and keep both.",
        )
    if held is None or not _is_past(beat, answers.stored_heartbeat(held.data)):
        row = {"sender": sender, "sent": beat.sent, "at": beat.at.isoformat(), "data": data}
        upsert(turn.tx, HEARTBEAT, ("sent", "at", "data"), row)
        # What the sender does not hold yet is given again: a stick may be lost.
        unsettled = (ARRIVAL.c.sender == sender, ARRIVAL.c.sequence > beat.settled, ARRIVAL.c.answered == "final")
        turn.tx.execute(update(ARRIVAL).where(*unsettled).values(answered="provisional"))


_ANSWERS = frozenset({"receipt", "refusal"})
_PAPERS = frozenset({"manifest", "lexicon", "compact", "act", "ending", "cosignature"})


def _is_past(beat: answers.Heartbeat, held: answers.Heartbeat) -> bool:
    """Whether a heartbeat was played again. Its date alone does not say so: the clock may have been put back."""
    return beat.sent < held.sent or (
        beat.sent == held.sent and beat.at < held.at and (beat.settled, beat.void) < (held.settled, held.void)
    )


_TAKERS: Mapping[str, Callable[[Turn, bytes, str], Invalid | None]] = {
    "manifest": _take_manifest,
    "lexicon": _take_lexicon,
    "compact": _take_compact,
    "act": _take_act,
    "ending": ended.take_ending,
    "receipt": take_receipt,
    "refusal": _take_refusal,
    "heartbeat": _take_heartbeat,
    "checkpoint": witness.take_checkpoint,
    "entries": mirror.take_entries,
    "cosignature": witness.take_cosignature,
    "mirrored": mirror.take_mirrored,
    "asking": again.take_asking,
    "again": again.take_again,
    "holding": attachments.take_holding,
}
