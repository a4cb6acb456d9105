"""A node's private keys: one for records, one for its logs, two as witness, and sealing keys that rotate."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

from amanat.party.errors import Invalid
from amanat.party.key_id import key_id
from amanat.party.types import unbase64

SEED_BYTES = 32
_MLKEM_SEED = 64
_MLKEM_PUBLIC = 1184
SEALING_PUBLIC_BYTES = _MLKEM_PUBLIC + 32


class NodeSecrets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base64 of seeds (32 bytes; sealing: ML-KEM-768 seed 64 ‖ X25519 32), as they stand in a sealed key file."""

    record: str
    log: str
    witness: str
    witness_pq: str
    sealing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """The same, ready for use; sealing keys by key id."""

    record: Ed25519PrivateKey
    log: Ed25519PrivateKey
    witness: Ed25519PrivateKey
    witness_pq: MLDSA44PrivateKey
    sealing: Mapping[str, MLKEM768X25519PrivateKey]


def new_secrets(random: Callable[[int], bytes]) -> NodeSecrets:
    """Draw all keys of a new node; `random(n)` returns n bytes fit for keys."""
    return NodeSecrets(
        record=_text(random(SEED_BYTES)),
        log=_text(random(SEED_BYTES)),
        witness=_text(random(SEED_BYTES)),
        witness_pq=_text(random(SEED_BYTES)),
        sealing=(_text(random(_MLKEM_SEED + SEED_BYTES)),),
    )


def node_keys(secrets: NodeSecrets) -> NodeKeys:
    """Return the keys that the secrets stand for. Raises `Invalid` when one has not the right length."""
    raw = [_raw(seed, SEED_BYTES) for seed in (secrets.record, secrets.log, secrets.witness, secrets.witness_pq)]
    sealing = [_raw(each, _MLKEM_SEED + SEED_BYTES) for each in secrets.sealing]
    return NodeKeys(
        record=Ed25519PrivateKey.from_private_bytes(raw[0]),
        log=Ed25519PrivateKey.from_private_bytes(raw[1]),
        witness=Ed25519PrivateKey.from_private_bytes(raw[2]),
        witness_pq=MLDSA44PrivateKey.from_seed_bytes(raw[3]),
        sealing={key_id(sealing_public(each)): _sealing_private(each) for each in sealing},
    )


def rotate_sealing(secrets: NodeSecrets, random: Callable[[int], bytes]) -> NodeSecrets:
    """Return the secrets with a new sealing key before the earlier ones, which still open what was sealed to them."""
    fresh = _text(random(_MLKEM_SEED + SEED_BYTES))
    return msgspec.structs.replace(secrets, sealing=(fresh, *secrets.sealing))


def forget_sealing(secrets: NodeSecrets, forgotten: str) -> NodeSecrets:
    """Return the secrets without the sealing key of that key id: nothing sealed to it can be opened ever again."""
    kept = tuple(each for each in secrets.sealing if key_id(sealing_public(_raw(each, 96))) != forgotten)
    return msgspec.structs.replace(secrets, sealing=kept)


def sealing_public(raw: bytes) -> bytes:
    """Return the 1,216 public bytes (ML-KEM-768 1184 ‖ X25519 32) of a 96-byte raw sealing key."""
    mlkem, x25519 = _parts(raw)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def sealing_key(public: bytes) -> MLKEM768X25519PublicKey:
    """Return the key of 1,216 public bytes. Raises `Invalid` when they are no key."""
    if len(public) != SEALING_PUBLIC_BYTES:
        raise Invalid("key.length", f"A sealing key has {len(public)} bytes, not 1216.", "Give the whole key.")
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC])
    except ValueError as error:
        raise Invalid("key.mlkem", "The ML-KEM-768 half of a sealing key is no key.", "Ask for it again.") from error
    return MLKEM768X25519PublicKey(mlkem, X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC:]))


def _sealing_private(raw: bytes) -> MLKEM768X25519PrivateKey:
    return MLKEM768X25519PrivateKey(*_parts(raw))


def _parts(raw: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    mlkem, x25519 = raw[:_MLKEM_SEED], raw[_MLKEM_SEED:]
    return MLKEM768PrivateKey.from_seed_bytes(mlkem), X25519PrivateKey.from_private_bytes(x25519)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _raw(text: str, length: int) -> bytes:
    return unbase64(text, "key", length)
