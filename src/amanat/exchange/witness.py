"""Countersigning: as witness of the peers' logs (C2SP tlog-witness), and taking in what they countersigned of ours.

A checkpoint that follows is only pending until its entries are kept (`mirror`, C2SP tlog-mirror): what this party
countersigns it can serve. All is kept in one transaction, before anybody is answered, so that this party never
countersigns a second history of a log. What each party cosigned goes to all others, so that two histories of one size
are proved as soon as those who were shown them meet. Of a peer's note only lines that peer itself signed are kept.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select

from amanat.compact.ending import MAX_ENTRIES, ended_at
from amanat.exchange import reconcile, sequencer
from amanat.exchange.history import require_one_history
from amanat.exchange.means import Turn
from amanat.exchange.receipt import keys_ever_listed, log_keys, policy_of, signer, witness_keys
from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.cosignature import cosign_ed25519, cosign_mldsa44, verify_cosignature
from amanat.log.malformed import Malformed
from amanat.log.note import (
    COSIGNATURE_ED25519,
    COSIGNATURE_MLDSA44,
    Note,
    SignatureLine,
    VerifierKey,
    add,
    parse_note,
    verify_ed25519,
)
from amanat.log.policy import parse_policy, verify_checkpoint
from amanat.log.witness import (
    FORBIDDEN,
    NOT_FOUND,
    Conflict,
    State,
    WitnessRefused,
    claimed,
    decide,
    parse_add_checkpoint,
    refused,
)
from amanat.party.errors import Invalid
from amanat.party.manifest import witness_name
from amanat.store import logs, marks, mirrors
from amanat.store.dialect import upsert
from amanat.store.mirrors import Checkpointed, Mirror
from amanat.store.tables import COSIGNED, WITNESSED


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A log that this party witnesses: whose, for which compact, and the keys listed for it, the one in use first."""

    party: str
    compact: str
    keys: Sequence[VerifierKey]


def witnessed(turn: Turn, parties: Collection[str]) -> Mapping[str, Witnessed]:
    """Return the logs that these parties keep now, one for each compact that this party joined too, by origin."""
    return {each.keys[0].name: each for each in _logs_of(turn, parties, slice(1))}


def of_others(turn: Turn) -> Mapping[str, Witnessed]:
    """Return every log but our own that this party witnesses."""
    return witnessed(turn, turn.known.manifests.keys() - {turn.means.party})


def ever_of_others(turn: Turn) -> Mapping[str, Witnessed]:
    """Return every log but our own that this party witnesses, and those that ended."""
    found = _logs_of(turn, turn.known.manifests.keys() - {turn.means.party}, slice(None))
    return {each.keys[0].name: each for each in found}


def _logs_of(turn: Turn, parties: Collection[str], which: slice) -> Iterator[Witnessed]:
    for id_, compact in turn.known.compacts.items():
        for party in sorted({*parties} & {*compact.terms.parties} & turn.known.manifests.keys()):
            for origin in turn.known.log_names(party, id_)[which]:
                yield Witnessed(party, id_, log_keys(turn.known.manifests[party], origin))


def take_checkpoint(turn: Turn, data: bytes, sender: str) -> None:
    """Make a checkpoint of the sender's log pending if it follows from the last one; else raise `Malformed`.

    A conflict over the old size is no fault: the sender learns ours from what goes back to it.
    """
    _pend(turn, data, witnessed(turn, [sender]))


def add_checkpoint(turn: Turn, body: bytes) -> bytes | Conflict:
    """Answer tlog-witness's add-checkpoint for any log that this party witnesses: 200 with these bytes, or 409.

    They are our cosignature lines where the very checkpoint was countersigned before; else none, for that waits for
    its entries. Raises `WitnessRefused`, which says its status, or `Forked` (422); both may be evidence.
    """
    return _pend(turn, body, of_others(turn))


def _pend(turn: Turn, data: bytes, known: Mapping[str, Witnessed]) -> bytes | Conflict:
    request = parse_add_checkpoint(data)
    note, checkpoint = claimed(request)
    _require_not_ended(turn, note, checkpoint)
    signers = {origin: signer(note, each.keys) for origin, each in known.items()}
    held = mirrors.of(turn.tx, checkpoint.origin)
    try:
        decision = decide(request, signers, None if held is None else _state(held.pending))
    except WitnessRefused as error:
        if error.evidence:
            _require_one_history(turn, checkpoint, known)
        raise
    if isinstance(decision, Conflict):
        _require_one_history(turn, checkpoint, known)
        return decision
    signed = add(Note(note.text, ()), note.by(signers[checkpoint.origin])).encode()
    next_entry = 0 if held is None else held.next
    mirrors.wait_for(turn.tx, checkpoint.origin, Checkpointed(checkpoint.size, signed), next_entry)
    return encode_lines(given(turn, held, note.text))


def _require_not_ended(turn: Turn, note: Note, checkpoint: Checkpoint) -> None:
    """Refuse a checkpoint of a log that ended; one beyond its end, which its key signed, is evidence (`Forked`)."""
    ending = turn.known.ending_of(checkpoint.origin)
    if ending is None:
        return
    keys = partial(keys_ever_listed, turn, ending.party, ending.compact)
    try:
        verify_ed25519(note, signer(note, keys()))
    except Malformed as error:
        raise refused(FORBIDDEN, error) from error
    require_one_history(turn, checkpoint, keys)
    raise WitnessRefused(
        NOT_FOUND,
        "witness.ended",
        f"The log {checkpoint.origin} ended; {ending.party} goes on in another.",
        f"Ask for {turn.known.log_name(ending.party, ending.compact)} to be countersigned.",
    )


def _require_one_history(turn: Turn, checkpoint: Checkpoint, known: Mapping[str, Witnessed]) -> None:
    log = known[checkpoint.origin]
    require_one_history(turn, checkpoint, partial(keys_ever_listed, turn, log.party, log.compact))


def _state(pending: Checkpointed) -> State:
    checkpoint = parse_checkpoint(parse_note(pending.note).text)
    return State(checkpoint.size, checkpoint.root)


def given(turn: Turn, held: Mirror | None, text: bytes) -> list[SignatureLine]:
    """Return our lines, by the keys now in use, under the checkpoint countersigned last, if that is its text."""
    if held is None or held.mirrored is None:
        return []
    note = parse_note(held.mirrored.note)
    return [line for key in keys_in_use(turn) for line in note.by(key)] if note.text == text else []


def encode_lines(lines: Sequence[SignatureLine]) -> bytes:
    """Return signature lines as a witness's answer holds them."""
    return b"".join(line.encode() for line in lines)


def keys_in_use(turn: Turn) -> list[VerifierKey]:
    """Return the keys this party countersigns with: Ed25519, and ML-DSA-44 for the decades."""
    name, keys = witness_name(turn.known.manifests[turn.means.party]), turn.means.keys
    in_use = ((COSIGNATURE_ED25519, keys.witness), (COSIGNATURE_MLDSA44, keys.witness_pq))
    return [VerifierKey(name, type_, key.public_key().public_bytes_raw()) for type_, key in in_use]


def cosigned(turn: Turn, recipient: str) -> Iterator[bytes]:
    """The newest checkpoint of every log this party cosigned and the recipient may see.

    Of the recipient's own logs with our lines, by the keys in use; of the others' with the log's alone, which is all
    that a second history is shown by: so that what each shows each stays small among many.
    """
    theirs = {origin for id_ in turn.known.compacts for origin in turn.known.log_names(recipient, id_)}
    seen = {
        origin
        for id_, compact in turn.known.compacts.items()
        if recipient in compact.terms.witnesses
        for party in compact.terms.parties
        if party in turn.known.manifests
        for origin in turn.known.log_names(party, id_)
    }
    query = select(WITNESSED).where(WITNESSED.c.origin.in_(seen | theirs)).order_by(WITNESSED.c.origin)
    for row in turn.tx.execute(query).all():
        yield shown(turn, row.note) if row.origin in theirs else _by_log(row.note, row.origin)


def _by_log(data: bytes, origin: str) -> bytes:
    note = parse_note(data)
    return Note(note.text, tuple(line for line in note.signatures if line.name == origin)).encode()


def shown(turn: Turn, data: bytes) -> bytes:
    """Return a checkpoint that was countersigned as others are shown it: by the keys now in use."""
    note, (*_, in_use) = parse_note(data), keys_in_use(turn)
    return data if note.by(in_use) else add(note, cosign(turn, parse_checkpoint(note.text))).encode()


def take_cosignature(turn: Turn, data: bytes, sender: str) -> None:
    """Add a peer's countersignature to our checkpoint, or hold what it cosigned of another's log against what we did.

    Raises `Invalid` when the peer cosigned a history that is not ours, or `Forked` when there are two of another's log.
    """
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    owner, log = log_of(turn, checkpoint.origin)
    if owner != turn.means.party:
        key = signer(note, log_keys(turn.known.manifests[owner], checkpoint.origin))
        if note.by(key):  # what no listed key signed says nothing of the log: anybody, or a thief, may have made it
            verify_ed25519(note, key)
            require_one_history(turn, checkpoint, partial(keys_ever_listed, turn, owner, log))
        return
    if checkpoint.size > MAX_ENTRIES:  # it would hold us back for entries that nobody ever had
        raise Invalid(
            "cosignature.size",
            f"{sender} countersigned size {checkpoint.size} of our log {log}, which is more than any log can have.",
            "Whoever signed that has our log key, unless it is forged: revoke it, and ask the witness why it signed.",
        )
    if marks.at(turn.tx, "restored") is not None:
        reconcile.note(turn, data, sender)
        return
    ending = turn.known.ending_of(checkpoint.origin)
    if ending is not None:
        if checkpoint.size > ended_at(ending).size:
            raise _rollback(turn, note, log, sender)
        return
    ours = logs.checkpoint(turn.tx, log, checkpoint.size)
    if ours is None or parse_note(ours).text != note.text:
        raise _rollback(turn, note, log, sender)
    lines = _lines_of(turn, note, checkpoint, sender)
    merged = add(parse_note(sequencer.for_others(turn, log, ours)), lines).encode()
    policy = parse_policy(policy_of(turn.known, log, turn.means.party))
    logs.cosigned(turn.tx, log, checkpoint.size, merged, quorum=verify_checkpoint(policy, merged).quorum)
    size = checkpoint.size
    row = {"log": log, "witness": sender, "size": size, "pending": size, "next": size}
    upsert(turn.tx, COSIGNED, ("size", "pending", "next"), row)


def log_of(turn: Turn, origin: str) -> tuple[str, str]:
    """Return whose log, for which compact, has that origin. Raises `Invalid`."""
    for id_, compact in turn.known.compacts.items():
        for party in sorted({turn.means.party, *compact.terms.parties} & turn.known.manifests.keys()):
            if origin in turn.known.log_names(party, id_):
                return party, id_
    raise Invalid("cosignature.origin", f"The checkpoint of {origin} is of no log known here.", "Keep it apart.")


def _rollback(turn: Turn, note: Note, log: str, sender: str) -> Invalid:
    """What to say of a checkpoint of ours that we do not hold, if a key of ours signed it at any time."""
    verify_ed25519(note, signer(note, keys_ever_listed(turn, turn.means.party, log)))
    size = parse_checkpoint(note.text).size
    return Invalid(
        "log.rollback",
        f"{sender} countersigned size {size} of our log {log}, which this database does not hold.",
        "This node was restored from an old copy, or its log key signed elsewhere: stop sending and investigate.",
    )


def cosign(turn: Turn, checkpoint: Checkpoint) -> tuple[SignatureLine, SignatureLine]:
    """Return our lines under a checkpoint all of whose entries are kept here."""
    marks.require_own_history(turn.tx)
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
