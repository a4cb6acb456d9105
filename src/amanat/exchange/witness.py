"""Countersigning: as witness of the peers' logs (C2SP tlog-witness), and taking in what they countersigned of ours.

The newest checkpoint cosigned is kept in the same transaction, before anybody is answered, so that this party never
countersigns a second history of a log.
"""

from sqlalchemy import select

from amanat.compact.witnessing import policy_for
from amanat.exchange.means import Turn
from amanat.exchange.receipt import log_key
from amanat.log.checkpoint import open_checkpoint, parse_checkpoint
from amanat.log.cosignature import cosign_ed25519, cosign_mldsa44
from amanat.log.note import add, parse_note
from amanat.log.policy import parse_policy, verify_checkpoint
from amanat.log.witness import Conflict, State, decide, parse_add_checkpoint
from amanat.party.errors import Invalid
from amanat.party.manifest import witness_name
from amanat.store import logs
from amanat.store.sqlite import upsert
from amanat.store.tables import COSIGNED, WITNESSED


def take_checkpoint(turn: Turn, data: bytes, sender: str) -> None:
    """Countersign a checkpoint of the sender's log if it follows from the last one cosigned; else raise `Malformed`.

    A conflict over the old size is no fault: the sender learns ours from the note that goes back to it.
    """
    request = parse_add_checkpoint(data)
    keys = [
        log_key(turn.known.manifests[sender], id_)
        for id_, compact in turn.known.compacts.items()
        if sender in compact.terms.parties
    ]
    origin = parse_checkpoint(parse_note(request.checkpoint).text).origin
    held = turn.tx.execute(select(WITNESSED).where(WITNESSED.c.origin == origin)).one_or_none()
    state = None
    if held is not None:
        known_checkpoint = parse_checkpoint(parse_note(held.note).text)
        state = State(known_checkpoint.size, known_checkpoint.root)
    decision = decide(request, {key.name: key for key in keys}, state)
    if isinstance(decision, Conflict):
        _require_one_history(request.checkpoint, state)
        return
    name, now = witness_name(turn.known.manifests[turn.means.party]), int(turn.means.now().timestamp())
    checkpoint = decision.checkpoint
    lines = (
        cosign_ed25519(checkpoint.text(), name, turn.means.keys.witness, now),
        cosign_mldsa44(checkpoint, name, turn.means.keys.witness_pq, now),
    )
    row = {"origin": origin, "size": checkpoint.size, "note": add(decision.note, lines).encode()}
    turn.tx.execute(upsert(WITNESSED, ("size", "note")), row)


def _require_one_history(note: bytes, state: State | None) -> None:
    """Refuse a signed checkpoint of the very size cosigned last with another root: two histories of one log."""
    checkpoint = parse_checkpoint(parse_note(note).text)
    if state is not None and checkpoint.size == state.size and checkpoint.root != state.root:
        raise Invalid(
            "witness.fork",
            f"The log {checkpoint.origin} signed two different roots of size {checkpoint.size}.",
            "Both signed checkpoints are kept as evidence; nothing more of this log is countersigned.",
        )


def take_cosignature(turn: Turn, data: bytes, sender: str) -> None:
    """Add a peer's countersignature to our checkpoint. Raises `Invalid` when the peer cosigned a history not ours."""
    own = turn.known.manifests[turn.means.party]
    origin = parse_checkpoint(parse_note(data).text).origin
    log = next((id_ for id_ in turn.known.compacts if log_key(own, id_).name == origin), None)
    if log is None:
        raise Invalid("cosignature.origin", f"The checkpoint of {origin} is not of a log of ours.", "Keep it apart.")
    checkpoint, note = open_checkpoint(data, log_key(own, log))
    ours = logs.checkpoint(turn.tx, log, checkpoint.size)
    if ours is None or parse_note(ours).text != note.text:
        raise Invalid(
            "log.rollback",
            f"{sender} countersigned size {checkpoint.size} of our log {log}, which this database does not hold.",
            "This node was restored from an old copy, or its log key signed elsewhere: stop sending and investigate.",
        )
    merged = add(parse_note(ours), note.signatures).encode()
    policy = parse_policy(policy_for(turn.known.compact(log).terms, turn.known.manifests, turn.means.party))
    logs.cosigned(turn.tx, log, checkpoint.size, merged, quorum=verify_checkpoint(policy, merged).quorum)
    row = {"log": log, "witness": sender, "size": checkpoint.size}
    turn.tx.execute(upsert(COSIGNED, ("size",)), row)
