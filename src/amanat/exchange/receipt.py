"""Receipts: the receiver's proof that an envelope of ours stands in its log (C2SP tlog-proof), checked and kept."""

import base64

from sqlalchemy import select, update

from amanat.compact.witnessing import policy_for
from amanat.exchange import live
from amanat.exchange.history import require_one_history
from amanat.exchange.means import Known, Turn, read_manifest
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.note import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, VerifierKey, parse_note
from amanat.log.policy import parse_policy, verify_proof
from amanat.log.proof import parse_proof
from amanat.log.tree import leaf_hash
from amanat.party.errors import Invalid
from amanat.party.manifest import Manifest, log_name, witness_name
from amanat.store import statements
from amanat.store.tables import DELIVERY, ENVELOPE, RECORD


def take_receipt(turn: Turn, data: bytes, sender: str) -> None:
    """Verify a receipt that `sender` gives for an envelope of ours and keep it. Raises `Invalid` or `Malformed`.

    Raises `Forked` when its checkpoint and the one of that log we countersigned last cannot both be.
    """
    proof = parse_proof(data)
    digest = (proof.extra or b"").hex()
    row = turn.tx.execute(
        select(RECORD.c.compact, RECORD.c.id, DELIVERY.c.state)
        .join(ENVELOPE, ENVELOPE.c.digest == RECORD.c.envelope)
        .join(DELIVERY, DELIVERY.c.envelope == ENVELOPE.c.digest)
        .where(ENVELOPE.c.digest == digest, DELIVERY.c.recipient == sender)
    ).one_or_none()
    if row is None:
        raise Invalid("receipt.unknown", "The receipt is for an envelope this party did not send.", "Keep it apart.")
    quorum = verify_receipt(data, bytes.fromhex(digest), sender, row.compact, turn.known)
    checkpoint = parse_checkpoint(parse_note(proof.checkpoint).text)
    require_one_history(turn, checkpoint, keys_ever_listed(turn, sender, row.compact))
    if row.state == "refused":
        raise Invalid(
            "receipt.contradiction",
            f"{sender} refused the envelope {digest[:16]}, and now proves that it stands in its log.",
            "The refusal stands as it was answered; both are kept: ask the party which one it means.",
        )
    if row.state != "final":
        state = "final" if quorum else "provisional"
        where = (DELIVERY.c.envelope == digest, DELIVERY.c.recipient == sender)
        turn.tx.execute(update(DELIVERY).where(*where).values(state=state, answer=data))
        if state != row.state:
            live.tell(turn, "answered", turn.means.party, row.id, f"{sender} {state}")


def verify_receipt(data: bytes, digest: bytes, party: str, compact_id: str, known: Known) -> bool:
    """Check a receipt by `party` in full; return whether its checkpoint met the compact's witness quorum."""
    policy = parse_policy(policy_for(known.compact(compact_id).terms, known.manifests, party))
    return verify_proof(policy, parse_proof(data), leaf_hash(digest)).quorum


def log_key(manifest: Manifest, compact_id: str) -> VerifierKey:
    """Return the verifier key in use of a party's log for a compact."""
    return log_keys(manifest, compact_id)[0]


def log_keys(manifest: Manifest, compact_id: str) -> list[VerifierKey]:
    """Return all verifier keys listed for a party's log, the one in use first: while keys change there are two."""
    return [VerifierKey(log_name(manifest, compact_id), ED25519, base64.b64decode(key)) for key in manifest.log]


def witness_keys(manifest: Manifest) -> list[VerifierKey]:
    """Return all verifier keys by which a party countersigns logs."""
    name = witness_name(manifest)
    listed = ((COSIGNATURE_ED25519, manifest.witness), (COSIGNATURE_MLDSA44, manifest.witness_pq))
    return [VerifierKey(name, type_, base64.b64decode(key)) for type_, keys in listed for key in keys]


def keys_ever_listed(turn: Turn, party: str, compact_id: str) -> list[VerifierKey]:
    """Return all verifier keys that a party listed for its log at any time, the latest manifest's first."""
    manifests = map(read_manifest, reversed(statements.history(turn.tx, party)))
    return [key for manifest in manifests for key in log_keys(manifest, compact_id)]
