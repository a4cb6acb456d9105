"""A node's keys: one for records, one for its logs, two as witness, and sealing keys that rotate.

Sealing keys are MLKEM768-X25519, which has no serialiser: private are 96 bytes (ML-KEM-768 seed 64 ‖ X25519 32), public
1,216 (1,184 ‖ 32). Public keys are refused where anybody could sign for them, or know what was sealed to them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

from amanat.party.errors import Invalid
from amanat.party.key_id import key_id
from amanat.party.types import to_base64, unbase64

SEED_BYTES = 32
ED25519_BYTES = 32
MAX_SECRET_SEALING = 24
_MLKEM_SEED = 64
_MLKEM_PUBLIC = 1184
SEALING_SECRET_BYTES = _MLKEM_SEED + SEED_BYTES
SEALING_PUBLIC_BYTES = _MLKEM_PUBLIC + 32

# Encodings of the Ed25519 points of small order, sign bit cleared. Signatures can be made for one of them without any
# private key: a party that lists one could deny whatever it signed.
_SMALL_ORDER = frozenset(
    bytes.fromhex(point)
    for point in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


class NodeSecrets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base64 of seeds (32 bytes; sealing: ML-KEM-768 seed 64 ‖ X25519 32), as they stand in a sealed key file.

    `own` is what no manifest names and no rotation changes: from it follow the keys of what the node keeps to itself.
    It is empty in key files of before there was one, until the node is upgraded.
    """

    record: str
    log: str
    witness: str
    witness_pq: str
    sealing: tuple[str, ...]
    own: str = ""

    def __post_init__(self) -> None:
        for seed in (self.record, self.log, self.witness, self.witness_pq):
            unbase64(seed, "secret key", SEED_BYTES)
        if self.own:
            unbase64(self.own, "secret key", SEED_BYTES)
        for raw in self.sealing:
            unbase64(raw, "secret sealing key", SEALING_SECRET_BYTES)
        if not 1 <= len(self.sealing) <= MAX_SECRET_SEALING:
            raise Invalid(
                "key.sealing-count",
                f"There are {len(self.sealing)} sealing keys, and must be 1 to {MAX_SECRET_SEALING}.",
                "Rotate before you forget the last; forget the oldest before you rotate.",
            )

    def __repr__(self) -> str:
        """Say nothing: a representation ends up in logs."""
        return "NodeSecrets(…)"


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """The same, ready for use; sealing keys by key id, newest first; `own` is empty where there is none yet."""

    record: Ed25519PrivateKey
    log: Ed25519PrivateKey
    witness: Ed25519PrivateKey
    witness_pq: MLDSA44PrivateKey
    sealing: Mapping[str, MLKEM768X25519PrivateKey]
    own: bytes = field(repr=False)


def new_secrets(random: Callable[[int], bytes]) -> NodeSecrets:
    """Draw all keys of a new node; `random(n)` returns n bytes fit for keys."""
    return NodeSecrets(
        record=to_base64(random(SEED_BYTES)),
        log=to_base64(random(SEED_BYTES)),
        witness=to_base64(random(SEED_BYTES)),
        witness_pq=to_base64(random(SEED_BYTES)),
        sealing=(to_base64(random(SEALING_SECRET_BYTES)),),
        own=to_base64(random(SEED_BYTES)),
    )


def node_keys(secrets: NodeSecrets) -> NodeKeys:
    """Return the keys that the secrets stand for."""
    return NodeKeys(
        record=_signing(secrets.record),
        log=_signing(secrets.log),
        witness=_signing(secrets.witness),
        witness_pq=MLDSA44PrivateKey.from_seed_bytes(_raw(secrets.witness_pq)),
        sealing={key_id(sealing_public(raw)): sealing_private(raw) for raw in map(_raw, secrets.sealing)},
        own=_raw(secrets.own),
    )


def public_keys(secrets: NodeSecrets) -> Mapping[str, str]:
    """Return the current public key of each role ("record", "log", "witness", "witness_pq", "sealing") in base64."""
    keys = node_keys(secrets)
    raw = {
        "record": keys.record.public_key().public_bytes_raw(),
        "log": keys.log.public_key().public_bytes_raw(),
        "witness": keys.witness.public_key().public_bytes_raw(),
        "witness_pq": keys.witness_pq.public_key().public_bytes_raw(),
        "sealing": sealing_public(_raw(secrets.sealing[0])),
    }
    return {role: to_base64(public) for role, public in raw.items()}


def rotate_sealing(secrets: NodeSecrets, random: Callable[[int], bytes]) -> NodeSecrets:
    """Return the secrets with a new sealing key before the earlier ones, which still open what was sealed to them.

    Raises `Invalid` when there would be more than 24.
    """
    fresh = to_base64(random(SEALING_SECRET_BYTES))
    return msgspec.structs.replace(secrets, sealing=(fresh, *secrets.sealing))


def forget_sealing(secrets: NodeSecrets, forgotten: str) -> NodeSecrets:
    """Return the secrets without the sealing key of that key id: nothing sealed to it can be opened ever again.

    Raises `Invalid` for a key that is not held, and for the last.
    """
    kept = tuple(each for each in secrets.sealing if key_id(sealing_public(_raw(each))) != forgotten)
    if len(kept) == len(secrets.sealing):
        raise Invalid("key.unknown", f"No sealing key {forgotten[:16]} is held.", "Name one that is.")
    return msgspec.structs.replace(secrets, sealing=kept)


def ed25519_public(text: str, what: str) -> bytes:
    """Return the 32 bytes of a base64 public key for signatures. Raises `Invalid`, also for one of small order."""
    raw = unbase64(text, what, ED25519_BYTES)
    if raw[:-1] + bytes([raw[-1] & 0x7F]) in _SMALL_ORDER:
        raise Invalid("key.small-order", f"Anybody could sign for the {what}.", "Ask its holder to draw another.")
    return raw


def sealing_public(raw: bytes) -> bytes:
    """Return the 1,216 public bytes (ML-KEM-768 1184 ‖ X25519 32) of a 96-byte raw sealing key."""
    mlkem, x25519 = _parts(raw)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def sealing_private(raw: bytes) -> MLKEM768X25519PrivateKey:
    """Return the key of 96 raw bytes."""
    return MLKEM768X25519PrivateKey(*_parts(raw))


def sealing_key(public: bytes) -> MLKEM768X25519PublicKey:
    """Return the key of 1,216 public bytes. Raises `Invalid` when either half is no key."""
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC])
        x25519 = X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC:])
        X25519PrivateKey.from_private_bytes(bytes(SEED_BYTES)).exchange(x25519)  # refuses points of small order
    except ValueError as error:
        raise Invalid("key.sealing", "A sealing key is not a key of 1,216 bytes.", "Ask for it again.") from error
    return MLKEM768X25519PublicKey(mlkem, x25519)


def _signing(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_raw(seed))


def _parts(raw: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    mlkem, x25519 = raw[:_MLKEM_SEED], raw[_MLKEM_SEED:]
    return MLKEM768PrivateKey.from_seed_bytes(mlkem), X25519PrivateKey.from_private_bytes(x25519)


def _raw(text: str) -> bytes:
    return unbase64(text, "secret key")
