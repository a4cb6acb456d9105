"""An envelope made and opened by hand, from docs/protocol/envelope.md and primitives alone.

Law: nothing of `amanat.seal` is used here, so that the two can be held against each other; and each part can be made
wrong by itself, so that each check can be seen to fail alone.
"""

import hashlib
import re
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
WRAP = 1176
RECORD_TYPE = b"application/vnd.amanat.record.v1"


@dataclass(frozen=True)
class Party:
    """A party's record key and its sealing key, made of one seed byte."""

    code: str
    seed: int

    @property
    def record(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes([self.seed]) * 32)

    @property
    def record_public(self) -> bytes:
        return self.record.public_key().public_bytes_raw()

    @property
    def record_id(self) -> str:
        return key_id(self.record_public)

    @property
    def sealing(self) -> MLKEM768X25519PrivateKey:
        return MLKEM768X25519PrivateKey(self._mlkem, self._x25519)

    @property
    def sealing_public(self) -> MLKEM768X25519PublicKey:
        return self.sealing.public_key()

    @property
    def sealing_bytes(self) -> bytes:
        return self._mlkem.public_key().public_bytes_raw() + self._x25519.public_key().public_bytes_raw()

    @property
    def sealing_id(self) -> str:
        return key_id(self.sealing_bytes)

    @property
    def _mlkem(self) -> MLKEM768PrivateKey:
        return MLKEM768PrivateKey.from_seed_bytes(bytes([self.seed]) * 64)

    @property
    def _x25519(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(bytes([self.seed]) * 32)


@dataclass(frozen=True)
class Hand:
    """What a hand-made envelope says; None means: what an honest sender would put there."""

    record: bytes
    sender: Party
    to: tuple[Party, ...]
    compact: str
    record_id: str
    content_key: bytes = bytes(range(32))
    sequence: int = 1
    sender_code: str | None = None
    commitment: bytes | None = None
    wrapped_keys: tuple[bytes, ...] | None = None
    wrap_info: bytes | None = None
    wraps: tuple[bytes, ...] | None = None
    header_digest: bytes | None = None
    signer: Ed25519PrivateKey | None = None
    signature: bytes | None = None
    ciphertext: bytes | None = None

    def but(self, **changes: object) -> "Hand":
        """Return the same envelope with something else in it."""
        return replace(self, **changes)  # type: ignore[arg-type]  # each named by the test that changes it

    @property
    def core(self) -> bytes:
        to = "".join(f"to {party.code} {party.sealing_id}\n" for party in self.to)
        committed = self.commitment or derive(self.content_key, b"amanat/commitment/v1\n")
        return (
            f"amanat/envelope/v1\ncompact {self.compact}\nfrom {self.sender_code or self.sender.code} "
            f"{self.sender.record_id}\nrecord {self.record_id}\n{to}commitment {committed.hex()}\n\n"
        ).encode()

    def make(self) -> bytes:
        """Return the envelope's bytes. HPKE is random, so each making differs."""
        header = self.core + b"".join(self.wraps or self._wraps())
        digest = self.header_digest or hashlib.sha256(header).digest()
        payload = digest + self.record
        signature = self.signature or (self.signer or self.sender.record).sign(pae(payload))
        sealed = AESGCM(aead_key(self.content_key)).encrypt(bytes(12), signature + payload, header)
        return header + (self.ciphertext or sealed)

    def _wraps(self) -> list[bytes]:
        keys = self.wrapped_keys or (self.content_key,) * len(self.to)
        core = hashlib.sha256(self.core).digest()
        return [
            SUITE.encrypt(
                key + self.sequence.to_bytes(8, "big"),
                party.sealing_public,
                info=self.wrap_info or b"amanat/wrap/v1\n" + core + bytes.fromhex(party.sealing_id),
            )
            for party, key in zip(self.to, keys, strict=True)
        ]


@dataclass(frozen=True)
class Read:
    """What an opener without any of our code finds in an envelope."""

    core: bytes
    wraps: tuple[bytes, ...]
    content_key: bytes
    sequence: int
    signature: bytes
    payload: bytes


def open_by_hand(data: bytes, party: Party) -> Read:
    """Open an honest envelope sealed to `party`; anything else fails in some way or other."""
    core = data[: data.index(b"\n\n") + 2]
    ids = re.findall(rb"^to \S+ ([0-9a-f]{64})$", core, re.MULTILINE)
    header = data[: len(core) + WRAP * len(ids)]
    wraps = tuple(header[at : at + WRAP] for at in range(len(core), len(header), WRAP))
    info = b"amanat/wrap/v1\n" + hashlib.sha256(core).digest() + bytes.fromhex(party.sealing_id)
    wrapped = SUITE.decrypt(wraps[ids.index(party.sealing_id.encode())], party.sealing, info=info)
    plaintext = AESGCM(aead_key(wrapped[:32])).decrypt(bytes(12), data[len(header) :], header)
    return Read(core, wraps, wrapped[:32], int.from_bytes(wrapped[32:], "big"), plaintext[:64], plaintext[64:])


def key_id(public: bytes) -> str:
    return hashlib.sha256(b"amanat/key-id/v1\n" + public).hexdigest()


def pae(payload: bytes) -> bytes:
    return b"DSSEv1 32 " + RECORD_TYPE + b" " + str(len(payload)).encode() + b" " + payload


def aead_key(content_key: bytes) -> bytes:
    return derive(content_key, b"amanat/content-key/v1\n")


def derive(content_key: bytes, label: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=label).derive(content_key)
