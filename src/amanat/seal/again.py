"""A content key given back: to a party of the envelope that lost what it had, sealed to the key it has now."""

from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

from amanat.party import labels
from amanat.party.errors import Invalid
from amanat.seal.header import KEY_BYTES, SUITE

WRAP_BYTES = 1168  # HPKE enc of ML-KEM-768 and X25519 (1088 + 32), the content key (32), AES-GCM tag (16)


def wrap_again(content_key: bytes, envelope: bytes, to: MLKEM768X25519PublicKey) -> bytes:
    """Seal the content key of an envelope, of that SHA-256, to a key: `WRAP_BYTES` bytes that fit no other envelope."""
    return SUITE.encrypt(content_key, to, info=labels.AGAIN + envelope)


def unwrap_again(wrap: bytes, envelope: bytes, key: str, keys: Mapping[str, MLKEM768X25519PrivateKey]) -> bytes:
    """Return the content key of an envelope, of that SHA-256, sealed to the key of that id. Raises `Invalid`."""
    try:
        content_key = SUITE.decrypt(wrap, keys[key], info=labels.AGAIN + envelope)
    except (KeyError, InvalidTag) as error:
        raise Invalid(
            "again.wrap",
            f"What was given back of the envelope {envelope.hex()[:16]} is sealed to no key of this node, or altered.",
            "Let the party have the latest manifest, and ask for it again.",
        ) from error
    if len(content_key) != KEY_BYTES:
        raise Invalid("again.wrap", "What was given back has no content key in it.", "Ask for it again.")
    return content_key
