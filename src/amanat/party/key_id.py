"""The id of a public key: one hash for every kind of key."""

import hashlib

from amanat.party import labels


def key_id(public: bytes) -> str:
    """Return the 64 hex digits of SHA-256(label ‖ raw public key)."""
    return hashlib.sha256(labels.KEY_ID + public).hexdigest()
