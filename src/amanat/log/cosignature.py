"""C2SP tlog-cosignature: a witness's statement that it saw a log grow to this checkpoint, at this time.

Law: types 0x04 (Ed25519) and 0x06 (ML-DSA-44), whole trees only, never without a time when we sign.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.lines import MAX_NUMBER, quote
from amanat.log.malformed import Malformed
from amanat.log.note import (
    COSIGNATURE_ED25519,
    COSIGNATURE_MLDSA44,
    Note,
    SignatureLine,
    VerifierKey,
    ed25519_holds,
)

_TIME_SIZE = 8
_MAX_OPAQUE = 255


def cosign_ed25519(checkpoint_text: bytes, name: str, private_key: Ed25519PrivateKey, timestamp: int) -> SignatureLine:
    """Return the cosignature of type 0x04 over a checkpoint's text, `timestamp` in POSIX seconds."""
    checkpoint = parse_checkpoint(checkpoint_text)
    key = VerifierKey(name, COSIGNATURE_ED25519, private_key.public_key().public_bytes_raw())
    time = _time(timestamp)
    return SignatureLine(name, key.key_id, time + private_key.sign(_ed25519_message(checkpoint, timestamp)))


def cosign_mldsa44(checkpoint: Checkpoint, name: str, private_key: MLDSA44PrivateKey, timestamp: int) -> SignatureLine:
    """Return the cosignature of type 0x06 over a checkpoint, `timestamp` in POSIX seconds.

    It commits to the witness's name, and not to extension lines.
    """
    key = VerifierKey(name, COSIGNATURE_MLDSA44, private_key.public_key().public_bytes_raw())
    time = _time(timestamp)
    return SignatureLine(name, key.key_id, time + private_key.sign(_mldsa44_message(checkpoint, name, time)))


def verify_cosignature(note: Note, checkpoint: Checkpoint, key: VerifierKey) -> int | None:
    """Return when the witness of `key` cosigned, in POSIX seconds (the latest, if it did twice); None if it did not.

    Zero is a time that an ML-DSA-44 cosigner may leave out. Every line in the key's name must verify.
    """
    if key.algorithm not in {COSIGNATURE_ED25519, COSIGNATURE_MLDSA44}:
        raise Malformed(
            "cosignature.algorithm",
            f"The key of {quote(key.name)} has type 0x{key.algorithm:02x}.",
            "A witness cosigns with type 0x04 (Ed25519) or 0x06 (ML-DSA-44).",
        )
    return max((_verified_time(line, checkpoint, key) for line in note.by(key)), default=None)


def _verified_time(line: SignatureLine, checkpoint: Checkpoint, key: VerifierKey) -> int:
    time, signature = line.signature[:_TIME_SIZE], line.signature[_TIME_SIZE:]
    timestamp = int.from_bytes(time)
    if timestamp <= MAX_NUMBER:
        if key.algorithm == COSIGNATURE_ED25519:
            holds = ed25519_holds(key.public, signature, _ed25519_message(checkpoint, timestamp))
        else:
            holds = _mldsa44_holds(key.public, signature, _mldsa44_message(checkpoint, key.name, time))
        if holds:
            return timestamp
    raise Malformed(
        "cosignature.signature",
        f"A cosignature by {quote(key.name)} does not fit the checkpoint of {quote(checkpoint.origin)}.",
        "Reject the note: the checkpoint or the cosignature was altered.",
    )


def _mldsa44_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _ed25519_message(checkpoint: Checkpoint, timestamp: int) -> bytes:
    """Return the two header lines and the checkpoint's text (section Ed25519 signed message)."""
    return b"cosignature/v1\ntime %d\n" % timestamp + checkpoint.text()


def _mldsa44_message(checkpoint: Checkpoint, name: str, time: bytes) -> bytes:
    """Return the `cosigned_message` over the whole tree (section ML-DSA-44 signed message)."""
    return b"".join(
        (
            b"subtree/v1\n\x00",
            _opaque(name),
            time,
            _opaque(checkpoint.origin),
            bytes(8),
            checkpoint.size.to_bytes(8),
            checkpoint.root,
        )
    )


def _opaque(text: str) -> bytes:
    data = text.encode()
    if len(data) > _MAX_OPAQUE:
        raise Malformed(
            "cosignature.name",
            f"The name {quote(text)} has {len(data)} bytes.",
            "ML-DSA-44 cosignatures hold names and origins of at most 255.",
        )
    return len(data).to_bytes(1) + data


def _time(timestamp: int) -> bytes:
    if not 1 <= timestamp <= MAX_NUMBER:
        raise Malformed(
            "cosignature.time",
            f"A cosignature cannot be given at {timestamp}.",
            "Give POSIX seconds, from 1 to 2**63 - 1.",
        )
    return timestamp.to_bytes(_TIME_SIZE)
