"""Receipts: the receiver's proof that an envelope of ours stands in its log (C2SP tlog-proof), checked and kept."""

import base64
from collections.abc import Sequence
from functools import lru_cache, partial

from sqlalchemy import bindparam, select, update

from amanat.compact.witnessing import policy_for
from amanat.exchange import live
from amanat.exchange.history import require_one_history
from amanat.exchange.means import Known, Turn, read_manifest
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.note import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, Note, VerifierKey, parse_note
from amanat.log.policy import Verified, fewest, parse_policy, verify_checkpoint
from amanat.log.proof import Proof, parse_proof, verify_inclusion
from amanat.log.tree import leaf_hash
from amanat.party.errors import Invalid
from amanat.party.manifest import Manifest, witness_name
from amanat.store import records, statements
from amanat.store.tables import DELIVERY, ENVELOPE, RECORD

_SENT = (
    select(RECORD.c.compact, RECORD.c.id, DELIVERY.c.state)
    .join(ENVELOPE, ENVELOPE.c.digest == RECORD.c.envelope)
    .join(DELIVERY, DELIVERY.c.envelope == ENVELOPE.c.digest)
    .where(ENVELOPE.c.digest == bindparam("sent"), DELIVERY.c.recipient == bindparam("to"))
)
_ANSWERED = update(DELIVERY).where(DELIVERY.c.envelope == bindparam("sent"), DELIVERY.c.recipient == bindparam("to"))


def take_receipt(turn: Turn, data: bytes, sender: str) -> None:
    """Verify a receipt that `sender` gives for an envelope of ours and keep it. Raises `Invalid` or `Malformed`.

    One for an envelope that was lost when this node was put back to an old copy does nothing. Raises
    `Forked` when its checkpoint and the one of that log we countersigned last cannot both be.
    """
    proof = parse_proof(data)
    digest = (proof.extra or b"").hex()
    row = turn.tx.execute(_SENT, {"sent": digest, "to": sender}).one_or_none()
    if row is None:
        if records.is_lost(turn.tx, digest):
            return
        raise Invalid("receipt.unknown", "The receipt is for an envelope this party did not send.", "Keep it apart.")
    verified = _verified(proof, bytes.fromhex(digest), policy_of(turn.known, row.compact, sender, proof.checkpoint))
    require_one_history(turn, verified.checkpoint, partial(keys_ever_listed, turn, sender, row.compact))
    if row.state == "refused":
        raise Invalid(
            "receipt.contradiction",
            f"{sender} refused the envelope {digest[:16]}, and now proves that it stands in its log.",
            "The refusal stands as it was answered; both are kept: ask the party which one it means.",
        )
    if row.state != "final":
        state = "final" if verified.quorum else "provisional"
        turn.tx.execute(_ANSWERED, {"sent": digest, "to": sender, "state": state, "answer": data})
        if state != row.state:
            live.tell(turn, "answered", turn.means.party, row.id, f"{sender} {state}")


def policy_of(known: Known, compact_id: str, party: str, checkpoint: bytes = b"") -> bytes:
    """Return the policy that a party's log for a compact is held against; of its logs, that of the checkpoint.

    Where none is given, or of no log of the party's, it is for the log that it keeps now. Raises `Refused`.
    """
    terms, count = known.compact(compact_id).terms, len(known.ended(party, compact_id)) + 1
    if count > 1 and checkpoint:
        origin = parse_checkpoint(parse_note(checkpoint).text).origin
        before = [*reversed(known.log_names(party, compact_id))]
        count = before.index(origin) + 1 if origin in before else count
    return policy_for(terms, known.manifests, party, count)


@lru_cache(maxsize=64)
def verified(policy: bytes, checkpoint: bytes) -> Verified:
    """Verify a checkpoint under a policy; once, for a batch of receipts carries the same. Raises `Malformed`."""
    return verify_checkpoint(parse_policy(policy), checkpoint)


@lru_cache(maxsize=64)
def shortest(policy: bytes, checkpoint: bytes, own: frozenset[str]) -> bytes | None:
    """Return a checkpoint with the lines of the names `own` and the fewest witnesses that are a quorum; None without.

    Raises `Malformed`.
    """
    judged, note = parse_policy(policy), parse_note(checkpoint)
    needed = fewest(judged, verified(policy, checkpoint).cosigned.keys())
    if needed is None:
        return None
    by_witnesses = [line for name in sorted(needed) for line in note.by(judged.witnesses[name])]
    return Note(note.text, (*(line for line in note.signatures if line.name in own), *by_witnesses)).encode()


def _verified(proof: Proof, digest: bytes, policy: bytes) -> Verified:
    """What `log.policy.verify_proof` does, the checkpoint's signatures verified once."""
    found = verified(policy, proof.checkpoint)
    at = found.checkpoint
    verify_inclusion(leaf_hash(digest), proof.index, at.size, proof.path, at.root)
    return found


def log_key(manifest: Manifest, origin: str) -> VerifierKey:
    """Return the verifier key in use of a party's log of that name."""
    return log_keys(manifest, origin)[0]


def log_keys(manifest: Manifest, origin: str) -> list[VerifierKey]:
    """Return all verifier keys listed for a party's log of that name, the one in use first."""
    return [VerifierKey(origin, ED25519, base64.b64decode(key)) for key in manifest.log]


def witness_keys(manifest: Manifest) -> list[VerifierKey]:
    """Return all verifier keys by which a party countersigns logs."""
    name = witness_name(manifest)
    listed = ((COSIGNATURE_ED25519, manifest.witness), (COSIGNATURE_MLDSA44, manifest.witness_pq))
    return [VerifierKey(name, type_, base64.b64decode(key)) for type_, keys in listed for key in keys]


def signer(note: Note, keys: Sequence[VerifierKey]) -> VerifierKey:
    """Return which of a log's listed keys signed the note; the one in use when none did, so that it is missed."""
    return next((key for key in keys if note.by(key)), keys[0])


def keys_ever_listed(turn: Turn, party: str, compact_id: str) -> list[VerifierKey]:
    """Return all verifier keys that a party listed for its logs at any time, the latest manifest's first.

    Of its logs for the compact, the one that it keeps now is first, then those that ended.
    """
    manifests = [*map(read_manifest, reversed(statements.history(turn.tx, party)))]
    origins = turn.known.log_names(party, compact_id)
    return [key for origin in origins for manifest in manifests for key in log_keys(manifest, origin)]
