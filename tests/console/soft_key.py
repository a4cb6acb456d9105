"""A device with a passkey, made of the standard's own words (WebAuthn level 3, sections 6.1, 6.5 and 8.7)."""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class SoftKey:
    """It knows its holder unless told not to; `counter` is of its signatures, `key` what it gives as its public key."""

    origin: str
    domain: str = "localhost"
    flags: int = PRESENT | VERIFIED
    counter: int = 0
    id: bytes = field(default_factory=lambda: os.urandom(16))
    private: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    key: Any = None

    def __post_init__(self) -> None:
        numbers = self.private.public_key().public_numbers()
        if self.key is None:
            self.key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}

    def make(self, asked: Any) -> str:
        """Answer to navigator.credentials.create()."""
        held = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(self.key)
        data = self._data(self.flags | ATTESTED) + held
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"])
        return self._said({"clientDataJSON": text(client), "attestationObject": text(attested)})

    def answer(self, asked: Any) -> str:
        """Answer to navigator.credentials.get()."""
        self.counter += 1
        client, data = self._client("webauthn.get", asked["challenge"]), self._data(self.flags)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        said = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._said({name: text(raw) for name, raw in said.items()})

    def _client(self, type_: str, challenge: str) -> bytes:
        return json.dumps({"type": type_, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.domain.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4)

    def _said(self, response: dict[str, str]) -> str:
        id_ = text(self.id)
        return json.dumps({"id": id_, "rawId": id_, "type": "public-key", "response": response})
