"""A backup sealed to the public half of a backup key: a head that wraps a fresh key, then chunks by STREAM (chunks.py).

Whoever holds the public half alone, such as the node that writes it every night, cannot open it. The key of the chunks
is derived from the head too, so that no head fits other chunks than its own.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from amanat.party import labels
from amanat.party.canonical import decode, encode
from amanat.party.errors import Invalid
from amanat.party.key_id import key_id
from amanat.party.keys import sealing_key
from amanat.party.types import Digest, Time, require_utc, to_base64, unbase64
from amanat.seal.chunks import CHUNK_BYTES, TAG_BYTES, nonce
from amanat.seal.header import KEY_BYTES, SUITE, derive

WRAP_BYTES = 1168  # HPKE enc of ML-KEM-768 and X25519 (1088 + 32), the fresh key (32), AES-GCM tag (16)
MAX_HEAD = 8 * 1024


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of a backup: when it was made, the id of the key it is sealed to, and the wrap (base64)."""

    version: Literal["amanat/backup/v1"]
    at: Time
    key: Digest
    wrap: str

    def __post_init__(self) -> None:
        require_utc(self.at, "at")
        unbase64(self.wrap, "wrap", WRAP_BYTES)


@dataclass(slots=True)
class Sealing:
    """Seals what is written to it, and hands it to `emit`; nothing is whole before `end`."""

    cipher: AESGCM
    emit: Callable[[bytes], object]
    number: int = 0
    waiting: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes) -> None:
        """Seal more; a chunk goes out once it is known not to be the last."""
        self.waiting += data
        while len(self.waiting) > CHUNK_BYTES:
            self._seal(bytes(self.waiting[:CHUNK_BYTES]), last=False)
            del self.waiting[:CHUNK_BYTES]

    def end(self) -> None:
        """Seal the last chunk, which may be empty."""
        self._seal(bytes(self.waiting), last=True)

    def _seal(self, plain: bytes, *, last: bool) -> None:
        self.emit(self.cipher.encrypt(nonce(self.number, last=last), plain, None))
        self.number += 1


@dataclass(slots=True)
class Opening:
    """Opens what `draw(n)` gives, n bytes or what is left; each chunk was seen to be right before any of it is read."""

    cipher: AESGCM
    draw: Callable[[int], bytes]
    number: int = 0
    ahead: bytes | None = None
    plain: bytes = b""

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, none at the end. Raises `Invalid` when a chunk is not the one that stood there."""
        if self.ahead is None:
            self.ahead = self.draw(CHUNK_BYTES + TAG_BYTES)
        if not self.plain and self.ahead:
            self.plain = self._next(self.ahead)
        read, self.plain = self.plain[:size], self.plain[size:]
        return read

    def _next(self, chunk: bytes) -> bytes:
        self.ahead = self.draw(CHUNK_BYTES + TAG_BYTES)
        try:
            plain = self.cipher.decrypt(nonce(self.number, last=not self.ahead), chunk, None)
        except InvalidTag as error:
            raise _altered() from error
        self.number += 1
        return plain


def seal_backup(public: bytes, at: Time, random: Callable[[int], bytes], emit: Callable[[bytes], object]) -> Sealing:
    """Emit a backup's head, for the 1,216 public bytes of a backup key, and return what seals the rest."""
    content_key = random(KEY_BYTES)
    id_ = key_id(public)
    wrap = SUITE.encrypt(content_key, sealing_key(public), info=_info(id_))
    head = encode(Head("amanat/backup/v1", at, id_, to_base64(wrap))) + b"\n"
    emit(head)
    return Sealing(_cipher(content_key, head), emit)


def read_head(line: bytes) -> Head:
    """Read the first line of a backup, with its end. Raises `Invalid`."""
    return decode(line.removesuffix(b"\n"), Head, "backup's first line", limit=MAX_HEAD)


def open_backup(line: bytes, key: MLKEM768X25519PrivateKey, draw: Callable[[int], bytes]) -> Opening:
    """Return what opens a backup after its first line. Raises `Invalid` when this is not the key it was sealed to."""
    head = read_head(line)
    try:
        content_key = SUITE.decrypt(unbase64(head.wrap, "wrap"), key, info=_info(head.key))
    except InvalidTag as error:
        raise _altered() from error
    return Opening(_cipher(content_key, line), draw)


def _info(id_: str) -> bytes:
    return labels.BACKUP_WRAP + bytes.fromhex(id_)


def _cipher(content_key: bytes, head: bytes) -> AESGCM:
    return AESGCM(derive(content_key, labels.BACKUP_KEY + hashlib.sha256(head).digest()))


def _altered() -> Invalid:
    return Invalid(
        "backup.altered",
        "The backup was altered, cut off, or sealed to another key.",
        "Take another copy of it, or an older one; nothing was restored.",
    )
