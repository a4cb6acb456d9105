"""Opening an envelope, in the order of docs/protocol/envelope.md; the first check that fails names itself.

(1) header  (2) wrap  (3) commitment  (4) AEAD  (5) header digest  (6) sender's key and signature  (7) record
(8) equality of every field stated twice. Only what passes all of them becomes an `Opened`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from amanat.party.errors import Invalid, Refused
from amanat.party.manifest import Manifest, record_keys
from amanat.record.kind import Kinds
from amanat.record.record import Record, read
from amanat.seal.envelope import DIGEST_BYTES, MAX_ENVELOPE_BYTES, NONCE, SIGNATURE_BYTES, TAG_BYTES
from amanat.seal.header import KEY_BYTES, SUITE, Core, Header, aead_key, commitment, parse_header, wrap_info
from amanat.seal.sign import signed_bytes

MAX_SEQUENCE = 2**53
_ASK_AGAIN = "Keep the bytes as evidence and ask the sender for the envelope again."


@dataclass(frozen=True, slots=True)
class Opened:
    """A record whose envelope held in every check. `sequence` counts the sender's envelopes to this party."""

    record: Record
    header: Header
    content_key: bytes
    sequence: int
    digest: bytes


def open_envelope(
    data: bytes,
    party: str,
    keys: Mapping[str, MLKEM768X25519PrivateKey],
    manifests: Mapping[str, Manifest],
    kinds: Kinds,
) -> Opened:
    """Step 9: open an envelope sealed to `party`, whose sealing keys by key id are `keys`.

    `manifests` holds the latest manifest of every party. Raises `Invalid`, or `Refused` for a key its party revoked.
    """
    header = _bounded_header(data)
    content_key, sequence = _unwrap(header, party, keys)
    record = _open(header, data[len(header.data) :], content_key, manifests, kinds)
    return Opened(record, header, content_key, sequence, hashlib.sha256(data).digest())


def open_with_key(data: bytes, content_key: bytes, manifests: Mapping[str, Manifest], kinds: Kinds) -> Record:
    """Open an envelope whose content key was disclosed, as a holder may do to show a third party what was said.

    Checks (1) and (3) to (8). Raises `Invalid` or `Refused`.
    """
    header = _bounded_header(data)
    return _open(header, data[len(header.data) :], content_key, manifests, kinds)


def _open(header: Header, sealed: bytes, content_key: bytes, manifests: Mapping[str, Manifest], kinds: Kinds) -> Record:
    """Checks (3) to (8)."""
    if not bytes_eq(commitment(content_key), bytes.fromhex(header.core.commitment)):
        raise Invalid("envelope.commitment", "The envelope is not committed to the key in its wrap.", _ASK_AGAIN)
    plaintext = _decrypt(header, sealed, content_key)
    signature, rest = plaintext[:SIGNATURE_BYTES], plaintext[SIGNATURE_BYTES:]
    header_digest, record_data = rest[:DIGEST_BYTES], rest[DIGEST_BYTES:]
    if not bytes_eq(header_digest, hashlib.sha256(header.data).digest()):
        raise Invalid("envelope.header", "The record inside was signed for another header.", _ASK_AGAIN)
    _verify(header.core, signature, signed_bytes(header_digest, record_data), manifests)
    record = read(record_data, kinds)
    _require_equal(header.core, record)
    return record


def _bounded_header(data: bytes) -> Header:
    """Check (1)."""
    if len(data) > MAX_ENVELOPE_BYTES:
        raise Invalid(
            "envelope.size",
            f"The envelope has {len(data)} bytes; at most {MAX_ENVELOPE_BYTES} are read.",
            "Send large content as attachments.",
        )
    header = parse_header(data)
    if len(data) < len(header.data) + SIGNATURE_BYTES + DIGEST_BYTES + TAG_BYTES:
        raise Invalid("envelope.truncated", "The envelope ends within its sealed part.", "Ask for it again.")
    return header


def _unwrap(header: Header, party: str, keys: Mapping[str, MLKEM768X25519PrivateKey]) -> tuple[bytes, int]:
    """Check (2): return the content key and our sequence number."""
    for (to, key_id), wrap in zip(header.core.to, header.wraps, strict=True):
        if to != party:
            continue
        if key_id not in keys:
            raise Invalid(
                "envelope.key",
                f"The envelope is sealed to the key {key_id[:16]}, which this node does not hold (any more).",
                "Send the party your latest manifest and ask it to seal the record again.",
            )
        try:
            content = SUITE.decrypt(wrap, keys[key_id], info=wrap_info(header.core_bytes, key_id))
        except InvalidTag as error:
            raise Invalid(
                "envelope.wrap",
                "The key wrapped for this party does not open: core or wrap was altered.",
                _ASK_AGAIN,
            ) from error
        return content[:KEY_BYTES], _sequence(content[KEY_BYTES:])
    raise Invalid("envelope.addressee", f"The envelope is not addressed to {party}.", "Give it to those it names.")


def _sequence(data: bytes) -> int:
    """Return the number in a wrap. One that no heartbeat or store could hold is the sender's mistake, not our crash."""
    number = int.from_bytes(data, "big")
    if not 1 <= number <= MAX_SEQUENCE:
        raise Invalid("envelope.sequence", f"The envelope has the sequence number {number}.", _ASK_AGAIN)
    return number


def _decrypt(header: Header, sealed: bytes, content_key: bytes) -> bytes:
    """Check (4)."""
    try:
        return AESGCM(aead_key(content_key)).decrypt(NONCE, sealed, header.data)
    except InvalidTag as error:
        raise Invalid("envelope.altered", "The sealed part or the header was altered.", _ASK_AGAIN) from error


def _verify(core: Core, signature: bytes, message: bytes, manifests: Mapping[str, Manifest]) -> None:
    """Check (6), by the latest manifest held and never by the time the record itself states."""
    manifest = manifests.get(core.sender)
    if manifest is None:
        raise Invalid("envelope.sender", f"No manifest of {core.sender} is held.", "Ask for its manifest first.")
    if any(revoked.keyid == core.sender_key for revoked in manifest.revoked):
        raise Refused(
            "key.revoked",
            f"{core.sender} has revoked the key {core.sender_key[:16]} that signed this.",
            "Ask the party to sign and send the record anew.",
            by=f"manifest {manifest.serial} of {core.sender}",
        )
    public = record_keys(manifest).get(core.sender_key)
    if public is None:
        raise Invalid(
            "envelope.signer",
            f"The manifest of {core.sender} does not list the key {core.sender_key[:16]} that signed this.",
            "If its keys were rotated, ask for its latest manifest, and have the record written anew.",
        )
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature as error:
        raise Invalid("envelope.signature", f"The signature of {core.sender} does not hold.", _ASK_AGAIN) from error


def _require_equal(core: Core, record: Record) -> None:
    """Check (8)."""
    fields = record.fields
    twice = {
        "compact": (core.compact, fields.compact),
        "sender": (core.sender, fields.author.party),
        "record id": (core.record_id, fields.id),
        "audience": (tuple(party for party, _ in core.to), fields.audience),
    }
    for name, (outside, inside) in twice.items():
        if outside != inside:
            raise Invalid("envelope.mismatch", f"Header and record name a different {name}.", _ASK_AGAIN)
