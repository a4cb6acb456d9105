"""Vectors for attachments, made from docs/protocol/attachment.md with `cryptography` alone."""

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK = 262_144
ABOUT = (
    "Attachments, each as its record names it, with its originator and address, and its chunks as items of a bundle. Of a long one the "
    "file is `repeated` as often as it says, and of each item there is the SHA-256. Those that do not open say what is wrong."
)
KEY = bytes(range(32)).hex()
PARTY = "pk"


def attachments() -> dict[str, Any]:
    """The whole file."""
    short = b"EXERCISE: two lorries at the bridge.\n"
    unit = bytes(range(251))
    long = unit * 2_500
    exact = bytes(CHUNK)
    items = _items(_named("sketch.txt", "text/plain", short), short)
    good = [
        {"name": "short", "file": _text(short), **_made("sketch.txt", "text/plain", short)},
        {"name": "three chunks", "repeated": [_text(unit), 2_500], **_made("column.mp4", "video/mp4", long)},
        {"name": "one full chunk", "repeated": [_text(bytes(1)), CHUNK], **_made("still.png", "image/png", exact)},
    ]
    sealed = items[0]
    bad = {
        "a bit of the chunk": sealed[:40] + bytes([sealed[40] ^ 1]) + sealed[41:],
        "cut off": sealed[:-1],
        "a byte appended": sealed + b"\n",
        "as another chunk": sealed[:32] + (1).to_bytes(4, "big") + sealed[36:],
        "not marked as the last": _item(_named("sketch.txt", "text/plain", short), 0, short, last=False),
        "under another key": sealed[:36] + _item({**_named("a.txt", "", short), "key": "ff" * 32}, 0, short)[36:],
    }
    wrong = [
        {"name": name, "of": "short", "item": _text(item), "fails": "attachment.chunk"} for name, item in bad.items()
    ]
    return {"about": ABOUT, "vectors": [*good, *wrong]}


def _named(name: str, media_type: str, file: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(file).hexdigest()
    return {"name": name, "media_type": media_type, "size": len(file), "sha256": digest, "key": KEY}


def _made(name: str, media_type: str, file: bytes) -> dict[str, Any]:
    said = _named(name, media_type, file)
    items = _items(said, file)
    short = len(file) < CHUNK
    shown = {"items": [_text(item) for item in items]} if short else {"sha256": [_digest(item) for item in items]}
    return {"attachment": said, "party": PARTY, "address": _address(said).hex(), **shown}


def _items(said: dict[str, Any], file: bytes) -> list[bytes]:
    starts = range(0, len(file), CHUNK)
    return [_item(said, i, file[at : at + CHUNK], last=at + CHUNK >= len(file)) for i, at in enumerate(starts)]


def _item(said: dict[str, Any], i: int, chunk: bytes, *, last: bool = True) -> bytes:
    sealed = AESGCM(_derive(said, "key")).encrypt(i.to_bytes(11, "big") + bytes([last]), chunk, None)
    return _address(said) + i.to_bytes(4, "big") + sealed


def _address(said: dict[str, Any]) -> bytes:
    return _derive(said, "address", said["size"].to_bytes(8, "big") + PARTY.encode())


def _derive(said: dict[str, Any], use: str, more: bytes = b"") -> bytes:
    info = f"amanat/attachment-{use}/v1\n".encode() + bytes.fromhex(said["sha256"]) + more
    return HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(bytes.fromhex(said["key"]))


def _digest(item: bytes) -> str:
    return hashlib.sha256(item).hexdigest()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
