"""Vectors for witness.md: bodies of `entries`, made by the recursion that the page tells, and bodies to be refused."""

import base64
from hashlib import sha256
from typing import Any

from log import naive

ORIGIN = "af.amanat.example/pk-af"
ABOUT = (
    "For witness.md. A log whose entry i is SHA-256 of i in decimal (ASCII) has `size` entries and `root`. A witness "
    "that keeps the first `kept` of them, and whose pending checkpoint is that, is sent `body` (base64), or that of the "
    "vector `of` with one place, in hex, replaced. Then it keeps `keeps` entries, or fails by `fails`, a code of "
    "docs/errors.md, and keeps what it kept."
)
Vector = dict[str, Any]


def entries(size: int) -> list[bytes]:
    """The entries of the log."""
    return [sha256(b"%d" % number).digest() for number in range(size)]


def upload(start: int, end: int, packages: int = 32) -> bytes:
    """A body for the log of `end` entries, with so many of its packages."""
    log, body = entries(end), _opaque(ORIGIN.encode()) + start.to_bytes(8) + end.to_bytes(8) + _opaque(b"")
    while start < end and packages:
        stop = min(end, start // 256 * 256 + 256)
        proof = naive.subtree(start // 256 * 256, stop, log)
        body += b"".join(map(_opaque, log[start:stop])) + bytes([len(proof)]) + b"".join(proof)
        start, packages = stop, packages - 1
    return body


def uploads() -> Vector:
    """The whole file."""
    good = {
        "all of a small log": (0, 3, upload(0, 3), 3),
        "what is new of it": (2, 3, upload(2, 3), 3),
        "what is kept already, and more": (2, 3, upload(1, 3), 3),
        "nothing to send": (3, 3, upload(3, 3), 3),
        "three packages": (200, 600, upload(200, 600), 600),
        "the first two of them": (200, 600, upload(200, 600, 2), 512),
        "one and a part": (200, 600, upload(200, 600, 2)[:-1], 256),
    }
    made = [
        {"name": name, "kept": kept, **_log(size), "body": base64.b64encode(body).decode(), "keeps": keeps}
        for name, (kept, size, body, keeps) in good.items()
    ]
    return {"about": ABOUT, "vectors": [*made, *_edits()]}


def _log(size: int) -> Vector:
    return {"size": size, "root": naive.mth(entries(size)).hex()}


def _edits() -> list[Vector]:
    second, last = entries(3)[1].hex(), entries(3)[2].hex()
    body = upload(0, 3).hex()
    end = "0000000000000003"
    edits = {
        "an altered entry": ("proof.subtree", second, "00" + second[2:]),
        "an entry in another's place": ("proof.subtree", second + "0020" + last, last + "0020" + second),
        "a hash too many": ("proof.subtree", last + "00", last + "01" + "00" * 32),
        "64 hashes": ("mirror.proof", last + "00", last + "40" + "00" * 32 * 64),
        "something after it": ("mirror.more", last + "00", last + "0000"),
        "an end before the start": ("mirror.head", "00" * 8 + end, end + "00" * 8),
        "no whole package": ("mirror.empty", last + "00", last),
        "a head cut off": ("mirror.head", body[-len(body) + 60 :], ""),
        "an origin that is no text": (
            "mirror.head",
            "0017" + ORIGIN.encode().hex(),
            "0017ff" + ORIGIN.encode().hex()[2:],
        ),
    }
    return [
        {"name": name, "of": "all of a small log", "kept": 0, **_log(3), "replace": [old, new], "fails": code}
        for name, (code, old, new) in edits.items()
    ]


def _opaque(data: bytes) -> bytes:
    return len(data).to_bytes(2) + data
