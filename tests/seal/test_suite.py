"""The library's HPKE with MLKEM768-X25519 is the published one: what others encapsulated, our suite opens.

The drafts publish no ciphertext of our suite that can be opened without associated data, so the last step is made here:
the published shared secret, RFC 9180's key schedule by hand, and AES-256-GCM under our suite's own id.
"""

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from amanat.party.keys import SEALING_SECRET_BYTES, sealing_public
from amanat.seal.header import SUITE, WRAP_BYTES

DATA = Path(__file__).parent / "data"
(HPKE,) = json.loads((DATA / "hpke_mlkem768_x25519.json").read_text("ascii"))
XWING = json.loads((DATA / "xwing_vectors.json").read_text("ascii"))
AES_256_GCM, CHACHA20_POLY1305 = 2, 3
SPELLING = {"sk": "skRm", "pk": "pkRm", "ct": "enc", "ss": "shared_secret"}
PLAINTEXT = bytes(range(40))

# One spelling for both drafts' fields: private and public key, encapsulation, shared secret.
VECTORS = [
    pytest.param({name: HPKE[field] for name, field in SPELLING.items()}, id="hpke-pq"),
    *(pytest.param(vector, id=f"x-wing {at}") for at, vector in enumerate(XWING)),
]


def expand(seed: str) -> bytes:
    """Our 96 bytes of a published 32-byte private key (draft-connolly-cfrg-xwing-kem, expandDecapsulationKey)."""
    return hashlib.shake_256(bytes.fromhex(seed)).digest(SEALING_SECRET_BYTES)


def schedule(shared_secret: bytes, info: bytes, aead: int) -> tuple[bytes, bytes]:
    """Key and base nonce in base mode (RFC 9180 section 5.1), with HKDF-SHA256."""
    suite = b"HPKE\x64\x7a\x00\x01" + aead.to_bytes(2)

    def extract(label: bytes, ikm: bytes, salt: bytes = bytes(32)) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + suite + label + ikm, "sha256")

    def expanded(label: bytes, length: int) -> bytes:
        labeled = length.to_bytes(2) + b"HPKE-v1" + suite + label + context
        return hmac.digest(secret, labeled + b"\x01", "sha256")[:length]

    context = b"\x00" + extract(b"psk_id_hash", b"") + extract(b"info_hash", info)
    secret = extract(b"secret", b"", shared_secret)
    return expanded(b"key", 32), expanded(b"base_nonce", 12)


def private(raw: bytes) -> MLKEM768X25519PrivateKey:
    mlkem, x25519 = MLKEM768PrivateKey.from_seed_bytes(raw[:64]), X25519PrivateKey.from_private_bytes(raw[64:])
    return MLKEM768X25519PrivateKey(mlkem, x25519)


def test_the_key_schedule_by_hand_is_the_published_one() -> None:
    made = schedule(bytes.fromhex(HPKE["shared_secret"]), bytes.fromhex(HPKE["info"]), CHACHA20_POLY1305)
    assert tuple(part.hex() for part in made) == (HPKE["key"], HPKE["base_nonce"])


@pytest.mark.parametrize("vector", VECTORS)
def test_our_raw_keys_are_the_published_ones(vector: dict[str, str]) -> None:
    assert sealing_public(expand(vector["sk"])).hex() == vector["pk"]


@pytest.mark.parametrize("vector", VECTORS)
def test_our_suite_opens_what_others_encapsulated(vector: dict[str, str]) -> None:
    info = b"amanat/wrap/v1\n" + bytes(64)
    key, nonce = schedule(bytes.fromhex(vector["ss"]), info, AES_256_GCM)
    wrap = bytes.fromhex(vector["ct"]) + AESGCM(key).encrypt(nonce, PLAINTEXT, b"")
    assert len(wrap) == WRAP_BYTES
    assert SUITE.decrypt(wrap, private(expand(vector["sk"])), info=info) == PLAINTEXT
    with pytest.raises(InvalidTag):
        SUITE.decrypt(wrap, private(expand(vector["sk"])), info=info + b"\x00")
