"""Key files: a secret under a passphrase, Argon2id (RFC 9106) → AES-256-GCM, with all parameters authenticated.

Whoever hands us a key file chooses its parameters, so they are bounded before anything is derived with them.
"""

import unicodedata
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from amanat.party import labels
from amanat.party.canonical import decode, encode
from amanat.party.errors import Fault, Invalid
from amanat.party.types import to_base64, unbase64

Purpose = Literal["custodian", "node", "backup"]

MAX_BYTES = 64 * 1024
SALT_BYTES = 16
NONCE_BYTES = 12

_MEMORY_KIB = range(8 * 1024, 1024 * 1024 + 1)
_PASSES = range(1, 17)
_LANES = range(1, 17)


class Cost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Argon2id's parameters: 8 MiB to 1 GiB of memory, 1 to 16 passes, 1 to 16 lanes. Raises `Invalid` outside."""

    memory_kib: int
    passes: int
    lanes: int

    def __post_init__(self) -> None:
        if self.memory_kib not in _MEMORY_KIB or self.passes not in _PASSES or self.lanes not in _LANES:
            raise Invalid(
                "key-file.cost",
                f"The key file asks for {self.memory_kib} KiB, {self.passes} passes and {self.lanes} lanes.",
                "Allowed are 8192 to 1048576 KiB, 1 to 16 passes and 1 to 16 lanes; do not trust this file.",
            )


DEFAULT = Cost(memory_kib=64 * 1024, passes=3, lanes=4)  # RFC 9106 section 4, second recommended option


class _Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal["amanat/key-file/v1"]
    purpose: Purpose
    argon2id: Cost
    salt: str
    nonce: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    parameters: _Parameters
    sealed: str


def lock(  # noqa: PLR0913, PLR0917 - what a key file is made of
    secret: bytes, passphrase: str, purpose: Purpose, salt: bytes, nonce: bytes, cost: Cost = DEFAULT
) -> bytes:
    """Return the key file of a secret; `salt` (16 bytes) and `nonce` (12 bytes) must be fresh.

    Raises `Invalid` for a passphrase that is empty or no text, `Fault` for a salt or nonce of another length.
    """
    if not passphrase:
        raise Invalid("key-file.empty", "An empty passphrase protects nothing.", "Choose one that you can remember.")
    if (len(salt), len(nonce)) != (SALT_BYTES, NONCE_BYTES):
        raise Fault("key-file.random", "Salt or nonce has the wrong length.", "Report this; nothing was written.")
    parameters = _Parameters("amanat/key-file/v1", purpose, cost, to_base64(salt), to_base64(nonce))
    sealed = AESGCM(_key(passphrase, parameters)).encrypt(nonce, secret, _associated(parameters))
    return encode(_File(parameters, to_base64(sealed)))


def unlock(data: bytes, passphrase: str, purpose: Purpose) -> bytes:
    """Return the secret of a key file. Raises `Invalid` for a wrong passphrase, an altered file or another purpose."""
    file = decode(data, _File, "key file", limit=MAX_BYTES)
    if file.parameters.purpose != purpose:
        raise Invalid("key-file.purpose", f"This is a {file.parameters.purpose}'s key file.", f"Give a {purpose}'s.")
    nonce = unbase64(file.parameters.nonce, "nonce", NONCE_BYTES)
    sealed = unbase64(file.sealed, "sealed key")
    try:
        return AESGCM(_key(passphrase, file.parameters)).decrypt(nonce, sealed, _associated(file.parameters))
    except InvalidTag as error:
        raise Invalid(
            "key-file.passphrase", "The passphrase is wrong, or the key file was altered.", "Try again, or use a copy."
        ) from error


def _key(passphrase: str, parameters: _Parameters) -> bytes:
    """Derive the key. NFC, because two keyboards may write one passphrase in different code points (RFC 8265)."""
    try:
        typed = unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError as error:
        raise Invalid(
            "key-file.passphrase", "The passphrase holds bytes that are no UTF-8.", "Set the terminal to UTF-8."
        ) from error
    cost = parameters.argon2id
    salt = unbase64(parameters.salt, "salt", SALT_BYTES)
    kdf = Argon2id(salt=salt, length=32, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib)
    return kdf.derive(typed)


def _associated(parameters: _Parameters) -> bytes:
    return labels.KEY_FILE + encode(parameters)
