"""What waits for a peer: envelopes, answers, signs of life, and requests to countersign; the same for wire and stick.

Delivery is at least once: an envelope goes with every bundle until its receipt or refusal has come back.
"""

from collections.abc import Iterator

from sqlalchemy import func, select, update

from amanat.exchange import answers
from amanat.exchange.bundle import Item
from amanat.exchange.means import Means, Turn, begin
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.note import parse_note
from amanat.log.proof import Proof, consistency_proof, inclusion_proof
from amanat.log.witness import AddCheckpoint
from amanat.party.errors import Refused
from amanat.party.manifest import log_name
from amanat.store import logs, statements
from amanat.store.tables import ARRIVAL, COSIGNED, DELIVERY, ENVELOPE, LEXICON, MANIFEST, REFUSAL, WITNESSED


def deliver(recipient: str, means: Means) -> list[Item]:
    """Step 9: return all that is due for a peer, in the order of `bundle.TYPES`, and note that it left the house."""
    with begin(means) as turn:
        compacts = turn.known.compacts
        shared = sorted(id_ for id_, compact in compacts.items() if recipient in compact.terms.parties)
        if not shared:
            raise Refused("peer.unknown", f"No compact is shared with {recipient}.", "Join one first.", by="no compact")
        return [
            *_papers(turn, shared),
            *_envelopes(turn, recipient),
            *_receipts(turn, recipient),
            *_refusals(turn, recipient),
            Item("heartbeat", answers.beat(recipient, _sent(turn, recipient), means)),
            *_checkpoints(turn, recipient, shared),
            *_cosignatures(turn, recipient),
        ]


def _papers(turn: Turn, shared: list[str]) -> Iterator[Item]:
    """Every statement that proves itself: manifests and lexica of all parties, compacts and acts shared."""
    yield from (Item("manifest", data) for _, data in sorted(statements.latest(turn.tx, MANIFEST).items()))
    yield from (Item("lexicon", data) for _, data in sorted(statements.latest(turn.tx, LEXICON).items()))
    compacts = statements.compacts(turn.tx)
    yield from (Item("compact", compacts[id_]) for id_ in shared)
    yield from (Item("act", data) for id_ in shared for data in statements.acts(turn.tx, id_))


def _envelopes(turn: Turn, recipient: str) -> Iterator[Item]:
    waiting = (
        select(ENVELOPE.c.data)
        .join(DELIVERY, DELIVERY.c.envelope == ENVELOPE.c.digest)
        .where(DELIVERY.c.recipient == recipient, DELIVERY.c.state == "pending", ENVELOPE.c.data.is_not(None))
        .order_by(DELIVERY.c.sequence)
    )
    yield from (Item("envelope", data) for data in turn.tx.execute(waiting).scalars())


def _receipts(turn: Turn, recipient: str) -> Iterator[Item]:
    """Step 12: prove what was accepted, against a checkpoint that met its quorum as soon as there is one."""
    where = (ARRIVAL.c.sender == recipient, ARRIVAL.c.answered.in_(("no", "provisional")))
    open_rows = turn.tx.execute(select(ARRIVAL).where(*where).order_by(ARRIVAL.c.compact, ARRIVAL.c.log_index)).all()
    for log in sorted({row.compact for row in open_rows}):
        final = logs.with_quorum(turn.tx, log)
        tree, note = logs.latest(turn.tx, log)
        read = logs.reader(turn.tx, log)
        for row in open_rows:
            if row.compact != log:
                continue
            is_final = final is not None and row.log_index < final[0]
            if row.answered == "provisional" and not is_final:
                continue
            size, signed = final if final is not None and is_final else (tree.size, note)
            path = tuple(inclusion_proof(row.log_index, size, read))
            yield Item("receipt", Proof(bytes.fromhex(row.envelope), row.log_index, path, signed).encode())
            logs.show(turn.tx, log, size)
            answered = update(ARRIVAL).where(ARRIVAL.c.envelope == row.envelope)
            turn.tx.execute(answered.values(answered="final" if is_final else "provisional"))


def _refusals(turn: Turn, recipient: str) -> Iterator[Item]:
    due = (REFUSAL.c.sender == recipient, ~REFUSAL.c.answered)
    found = list(turn.tx.execute(select(REFUSAL.c.data).where(*due).order_by(REFUSAL.c.envelope)).scalars())
    turn.tx.execute(update(REFUSAL).where(*due).values(answered=True))
    yield from (Item("refusal", data) for data in found)


def _sent(turn: Turn, recipient: str) -> int:
    where = DELIVERY.c.recipient == recipient
    return turn.tx.execute(select(func.max(DELIVERY.c.sequence)).where(where)).scalar_one() or 0


def _checkpoints(turn: Turn, recipient: str, shared: list[str]) -> Iterator[Item]:
    """Ask the peer, as witness, to countersign the newest checkpoint of every log it may see."""
    for log in shared:
        tree, note = logs.latest(turn.tx, log)
        where = (COSIGNED.c.log == log, COSIGNED.c.witness == recipient)
        old = turn.tx.execute(select(COSIGNED.c.size).where(*where)).scalar_one_or_none() or 0
        if tree.size in (0, old):
            continue
        proof = tuple(consistency_proof(old, tree.size, logs.reader(turn.tx, log))) if old else ()
        yield Item("checkpoint", AddCheckpoint(old, proof, note).encode())
        logs.show(turn.tx, log, tree.size)


def _cosignatures(turn: Turn, recipient: str) -> Iterator[Item]:
    """The newest checkpoint of each of the peer's logs, with the cosignature this party put on it as witness."""
    manifest = turn.known.manifests[recipient]
    origins = {log_name(manifest, id_) for id_ in turn.known.compacts}
    for note in turn.tx.execute(select(WITNESSED.c.note).order_by(WITNESSED.c.origin)).scalars():
        if parse_checkpoint(parse_note(note).text).origin in origins:
            yield Item("cosignature", note)
