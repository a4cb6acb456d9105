"""The envelope: header ‖ AES-256-GCM(signature ‖ SHA-256(header) ‖ record), with the header as associated data."""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amanat.record.record import Record
from amanat.seal.header import Header, aead_key
from amanat.seal.sign import Signed

NONCE = bytes(12)  # safe because K, and so the AEAD key, seals one plaintext; a retry resends stored bytes
SIGNATURE_BYTES = 64
DIGEST_BYTES = 32
TAG_BYTES = 16
MAX_ENVELOPE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed record: identical bytes for every recipient. `digest`, its SHA-256, is the entry in every log."""

    record: Record
    header: Header
    content_key: bytes
    data: bytes
    digest: bytes


def seal(signed: Signed) -> Envelope:
    """Step 7: encrypt signature, header digest and record under the key that the header wraps."""
    header = signed.addressed.header
    plaintext = signed.signature + hashlib.sha256(header.data).digest() + signed.addressed.record.data
    sealed = AESGCM(aead_key(signed.addressed.content_key)).encrypt(NONCE, plaintext, header.data)
    data = header.data + sealed
    return Envelope(signed.addressed.record, header, signed.addressed.content_key, data, hashlib.sha256(data).digest())
