"""Countersigning: as witness of the peers' logs (C2SP tlog-witness), and taking in what they countersigned of ours.

The newest checkpoint cosigned is kept in the same transaction, before anybody is answered, so that this party never
countersigns a second history of a log. What each party cosigned goes to all others, so that two histories of one size
are proved as soon as those who were shown them meet. Of a peer's note only lines that peer itself signed are kept.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from amanat.compact.witnessing import policy_for
from amanat.exchange import sequencer
from amanat.exchange.history import require_one_history
from amanat.exchange.means import Turn
from amanat.exchange.receipt import keys_ever_listed, log_keys, witness_keys
from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.cosignature import cosign_ed25519, cosign_mldsa44, verify_cosignature
from amanat.log.note import (
    COSIGNATURE_MLDSA44,
    Note,
    SignatureLine,
    VerifierKey,
    add,
    parse_note,
    verify_ed25519,
)
from amanat.log.policy import parse_policy, verify_checkpoint
from amanat.log.witness import Conflict, State, decide, parse_add_checkpoint
from amanat.party.errors import Invalid
from amanat.party.manifest import log_name, witness_name
from amanat.store import logs
from amanat.store.dialect import upsert
from amanat.store.tables import COSIGNED, WITNESSED


def take_checkpoint(turn: Turn, data: bytes, sender: str) -> None:
    """Countersign a checkpoint of the sender's log if it follows from the last one cosigned; else raise `Malformed`.

    A conflict over the old size is no fault: the sender learns ours from the note that goes back to it.
    """
    request = parse_add_checkpoint(data)
    note = parse_note(request.checkpoint)
    keys = {
        id_: log_keys(turn.known.manifests[sender], id_)
        for id_, compact in turn.known.compacts.items()
        if sender in compact.terms.parties
    }
    signed = {each[0].name: _signer(note, each) for each in keys.values()}
    origin = parse_checkpoint(note.text).origin
    held = turn.tx.execute(select(WITNESSED).where(WITNESSED.c.origin == origin)).one_or_none()
    state = None
    if held is not None:
        known_checkpoint = parse_checkpoint(parse_note(held.note).text)
        state = State(known_checkpoint.size, known_checkpoint.root)
    decision = decide(request, signed, state)
    if isinstance(decision, Conflict):
        log = next(id_ for id_, listed in keys.items() if listed[0].name == origin)
        require_one_history(turn, parse_checkpoint(note.text), keys_ever_listed(turn, sender, log))
        return
    checkpoint = decision.checkpoint
    lines = (*note.by(signed[origin]), *_cosign(turn, checkpoint))
    row = {"origin": origin, "size": checkpoint.size, "note": add(Note(note.text, ()), lines).encode()}
    upsert(turn.tx, WITNESSED, ("size", "note"), row)


def cosigned(turn: Turn, recipient: str) -> Iterator[bytes]:
    """The newest checkpoint of every log this party cosigned and the recipient may see, cosigned by the keys in use."""
    seen = {
        log_name(turn.known.manifests[party], id_)
        for id_, compact in turn.known.compacts.items()
        if recipient in compact.terms.witnesses
        for party in compact.terms.parties
        if party in turn.known.manifests
    }
    seen |= {log_name(turn.known.manifests[recipient], id_) for id_ in turn.known.compacts}
    in_use = VerifierKey(
        witness_name(turn.known.manifests[turn.means.party]),
        COSIGNATURE_MLDSA44,
        turn.means.keys.witness_pq.public_key().public_bytes_raw(),
    )
    query = select(WITNESSED.c.note).where(WITNESSED.c.origin.in_(seen)).order_by(WITNESSED.c.origin)
    for data in turn.tx.execute(query).scalars().all():
        note = parse_note(data)
        yield data if note.by(in_use) else add(note, _cosign(turn, parse_checkpoint(note.text))).encode()


def take_cosignature(turn: Turn, data: bytes, sender: str) -> None:
    """Add a peer's countersignature to our checkpoint, or hold what it cosigned of another's log against what we did.

    Raises `Invalid` when the peer cosigned a history that is not ours, or `Forked` when there are two of another's log.
    """
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    owner, log = _log_of(turn, checkpoint.origin)
    if owner != turn.means.party:
        signer = _signer(note, log_keys(turn.known.manifests[owner], log))
        if note.by(signer):  # what no listed key signed says nothing of the log: anybody, or a thief, may have made it
            verify_ed25519(note, signer)
            require_one_history(turn, checkpoint, keys_ever_listed(turn, owner, log))
        return
    ours = logs.checkpoint(turn.tx, log, checkpoint.size)
    if ours is None or parse_note(ours).text != note.text:
        raise _rollback(turn, note, log, sender)
    lines = _lines_of(turn, note, checkpoint, sender)
    merged = add(parse_note(sequencer.for_others(turn, log, ours)), lines).encode()
    policy = parse_policy(policy_for(turn.known.compact(log).terms, turn.known.manifests, turn.means.party))
    logs.cosigned(turn.tx, log, checkpoint.size, merged, quorum=verify_checkpoint(policy, merged).quorum)
    row = {"log": log, "witness": sender, "size": checkpoint.size}
    upsert(turn.tx, COSIGNED, ("size",), row)


def _log_of(turn: Turn, origin: str) -> tuple[str, str]:
    """Return whose log, for which compact, has that origin. Raises `Invalid`."""
    for id_, compact in turn.known.compacts.items():
        for party in sorted({turn.means.party, *compact.terms.parties} & turn.known.manifests.keys()):
            if log_name(turn.known.manifests[party], id_) == origin:
                return party, id_
    raise Invalid("cosignature.origin", f"The checkpoint of {origin} is of no log known here.", "Keep it apart.")


def _signer(note: Note, keys: Sequence[VerifierKey]) -> VerifierKey:
    """Return which of a log's listed keys signed the note; the one in use when none did, so that it is missed."""
    return next((key for key in keys if note.by(key)), keys[0])


def _rollback(turn: Turn, note: Note, log: str, sender: str) -> Invalid:
    """What to say of a checkpoint of ours that we do not hold, if a key of ours signed it at any time."""
    verify_ed25519(note, _signer(note, keys_ever_listed(turn, turn.means.party, log)))
    size = parse_checkpoint(note.text).size
    return Invalid(
        "log.rollback",
        f"{sender} countersigned size {size} of our log {log}, which this database does not hold.",
        "This node was restored from an old copy, or its log key signed elsewhere: stop sending and investigate.",
    )


def _cosign(turn: Turn, checkpoint: Checkpoint) -> tuple[SignatureLine, SignatureLine]:
    keys, now = turn.means.keys, int(turn.now.timestamp())
    name = witness_name(turn.known.manifests[turn.means.party])
    return (
        cosign_ed25519(checkpoint.text(), name, keys.witness, now),
        cosign_mldsa44(checkpoint, name, keys.witness_pq, now),
    )


def _lines_of(turn: Turn, note: Note, checkpoint: Checkpoint, sender: str) -> list[SignatureLine]:
    """Return the lines of a note by the witness keys that the sender lists. Raises `Invalid` when there are none."""
    keys = witness_keys(turn.known.manifests[sender]) if sender in turn.known.manifests else []
    lines = [line for key in keys for line in note.by(key) if verify_cosignature(note, checkpoint, key)]
    if not lines:
        raise Invalid(
            "cosignature.unsigned",
            f"No witness key of {sender} signed the checkpoint of {checkpoint.origin}.",
            "Ask it to countersign with the keys in its latest manifest.",
        )
    return lines
