"""The signature inside an envelope: Ed25519 over DSSE's PAE of SHA-256(header) ‖ record bytes.

With the header under the signature nobody of the audience can wrap the same record for others and make its sender
look like one who says two things under one id.
"""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.party import labels
from amanat.party.dsse import pae
from amanat.party.errors import Fault
from amanat.party.key_id import key_id
from amanat.seal.header import Addressed


@dataclass(frozen=True, slots=True)
class Signed:
    """An addressed record and the 64-byte signature over header and record."""

    addressed: Addressed
    signature: bytes


def sign(addressed: Addressed, record_key: Ed25519PrivateKey) -> Signed:
    """Step 6: sign header and record with the key the header names. Raises `Fault` when it is another key."""
    if key_id(record_key.public_key().public_bytes_raw()) != addressed.header.core.sender_key:
        raise Fault("seal.key", "The header names another signing key.", "Report this; nothing was sent.")
    header_digest = hashlib.sha256(addressed.header.data).digest()
    return Signed(addressed, record_key.sign(signed_bytes(header_digest, addressed.record.data)))


def signed_bytes(header_digest: bytes, record_data: bytes) -> bytes:
    """Return what is signed: PAE over SHA-256(header) ‖ record bytes."""
    return pae(labels.RECORD, header_digest + record_data)
