"""Taking in what a peer sent, item by item in the order of `bundle.TYPES`; the same for wire and stick.

Statements are verified against what is held, envelopes go to `accept`, receipts and countersignatures are checked
against the peer's keys. What does not hold is reported and kept as evidence; it never stops what does.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import select, update

from amanat.compact import signing
from amanat.exchange import answers, witness
from amanat.exchange.accept import Outcome, accept
from amanat.exchange.bundle import Item
from amanat.exchange.means import Means, Turn, begin, read_terms
from amanat.exchange.receipt import take_receipt
from amanat.log.malformed import Malformed
from amanat.party import lexicon
from amanat.party.errors import Invalid, Refused
from amanat.party.lexicon import read_lexicon
from amanat.party.manifest import accept_next, read_party
from amanat.store import records, statements
from amanat.store.sqlite import upsert
from amanat.store.tables import DELIVERY, HEARTBEAT, LEXICON


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a bundle: items by type, outcomes of envelopes, gaps (first, last), and what did not hold."""

    sender: str
    items: Counter[str] = field(default_factory=Counter)
    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[tuple[str, Exception]] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)


def receive(sender: str, items: Iterable[Item], means: Means) -> Report:
    """Take in all items of one peer. Committed in batches: what was reported is durable, the rest may come again."""
    report = Report(sender)
    for type_, group in groupby(items, key=lambda item: item.type):
        run = [item.data for item in group]
        report.items[type_] += len(run)
        if type_ == "envelope":
            report.outcomes.extend(accept(run, sender, means))
        else:
            for data in run:
                _take(type_, data, sender, means, report)
    with begin(means) as turn:
        report.gaps.extend(gaps(turn, sender))
    return report


def gaps(turn: Turn, sender: str) -> list[tuple[int, int]]:
    """Return the runs of sequence numbers that the sender says it sent and that never came."""
    sent = turn.tx.execute(select(HEARTBEAT.c.sent).where(HEARTBEAT.c.sender == sender)).scalar_one_or_none() or 0
    return records.gaps(turn.tx, sender, sent)


def _take(type_: str, data: bytes, sender: str, means: Means, report: Report) -> None:
    """Take in one item that is not an envelope, in a transaction of its own."""
    try:
        with begin(means) as turn:
            _TAKERS[type_](turn, data, sender)
    except (Invalid, Refused, Malformed) as problem:
        report.problems.append((type_, problem))
        with begin(means) as turn:
            statements.add_evidence(turn.tx, sender, problem, means.now(), data)


def _take_manifest(turn: Turn, data: bytes, _sender: str) -> None:
    """A later manifest of a party already known; a first one is accepted only face to face."""
    party = read_party(data)
    if party not in turn.known.manifests:
        raise Refused(
            "manifest.stranger",
            f"No manifest of {party} was accepted face to face yet.",
            "Compare its fingerprint and accept it: `amanat party learn`.",
            by="face to face",
        )
    if data not in statements.history(turn.tx, party):
        new = accept_next(data, turn.known.manifests[party])
        statements.add_manifest(turn.tx, new.party, new.serial, data)


def _take_lexicon(turn: Turn, data: bytes, _sender: str) -> None:
    """A party's newer lexicon."""
    held = statements.latest(turn.tx, LEXICON)
    party = read_lexicon(data).party
    if data in held.values() or party not in turn.known.manifests:
        return
    before = read_lexicon(held[party]) if party in held else None
    new = lexicon.accept(data, turn.known.manifests[party], before)
    statements.add_lexicon(turn.tx, new.party, new.serial, data)


def _take_compact(turn: Turn, data: bytes, _sender: str) -> None:
    """An amendment of a compact this party has joined; joining the first version is an act of people."""
    held = statements.compacts(turn.tx)
    if data in held.values():
        return
    text = read_terms(data)
    if text.id not in held:
        raise Refused(
            "compact.unknown",
            f"The compact {text.id} was not joined here.",
            "Join it by hand.",
            by="no compact",
        )
    if text.digest == read_terms(held[text.id]).digest:
        return
    new = signing.accept_compact(data, turn.known.manifests, read_terms(held[text.id]))
    statements.add_compact(turn.tx, new.id, new.version, new.digest, data)


def _take_act(turn: Turn, data: bytes, _sender: str) -> None:
    act = signing.read_act(data)
    compact = turn.known.by_digest(act.compact)
    held = [signing.read_act(each) for each in statements.acts(turn.tx, compact.terms.id)]
    if act in held:
        return
    signing.accept_act(data, compact.terms, turn.known.manifests, held, turn.means.now())
    statements.add_act(turn.tx, compact.terms.id, act.party, act.serial, data)


def _take_refusal(turn: Turn, data: bytes, sender: str) -> None:
    refusal = answers.read_refusal(data, sender, turn.known, turn.means)
    where = (
        DELIVERY.c.envelope == refusal.envelope,
        DELIVERY.c.recipient == sender,
        DELIVERY.c.state == "pending",
    )
    turn.tx.execute(update(DELIVERY).where(*where).values(state="refused", answer=data))


def _take_heartbeat(turn: Turn, data: bytes, sender: str) -> None:
    beat = answers.read_heartbeat(data, sender, turn.known, turn.means)
    held = turn.tx.execute(select(HEARTBEAT.c.sent).where(HEARTBEAT.c.sender == sender)).scalar_one_or_none() or 0
    if beat.sent >= held:
        row = {"sender": sender, "sent": beat.sent, "at": beat.at.isoformat(), "data": data}
        turn.tx.execute(upsert(HEARTBEAT, ("sent", "at", "data")), row)


_TAKERS: Mapping[str, Callable[[Turn, bytes, str], None]] = {
    "manifest": _take_manifest,
    "lexicon": _take_lexicon,
    "compact": _take_compact,
    "act": _take_act,
    "receipt": take_receipt,
    "refusal": _take_refusal,
    "heartbeat": _take_heartbeat,
    "checkpoint": witness.take_checkpoint,
    "cosignature": witness.take_cosignature,
}
