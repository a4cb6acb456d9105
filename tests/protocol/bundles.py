"""Vectors for reading bundles: what af has for pk after taking in vector `one`; bad ones have one thing changed."""

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seal.by_hand import key_id

Vector = dict[str, Any]

RECORD_KEY = Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32)
ABOUT = (
    "Bundles to read, in base64, each with what docs/protocol/bundle.md says comes of it. A vector with `of` is that "
    "vector's bundle with the first text of `replace` (it stands there once) replaced by the second. The statements are "
    "signed by `record_key`, af's, whose private half is 32 times the byte 02."
)


def statement(kind: str, **said: object) -> bytes:
    """A statement signed by af."""
    payload_type = f"application/vnd.amanat.{kind}.v1+json"
    payload = json.dumps(said, separators=(",", ":")).encode()
    message = b"DSSEv1 %d %b %d %b" % (len(payload_type), payload_type.encode(), len(payload), payload)
    signed = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": [{"keyid": _key_id(), "sig": base64.b64encode(RECORD_KEY.sign(message)).decode()}],
    }
    return json.dumps(signed, separators=(",", ":")).encode()


def bundle(sender: str, recipient: str, *items: tuple[str, bytes]) -> bytes:
    """A bundle's bytes."""
    whole = f"amanat/bundle/v1 {sender} {recipient}\n".encode()
    for type_, data in items:
        whole += f"{type_} {len(data)}\n".encode() + data + b"\n"
    return whole + f"end {len(items)} {hashlib.sha256(whole).hexdigest()}\n".encode()


def bundles(receipt_file: Vector, one: Vector) -> Vector:
    """The whole file."""
    receipt = next(each["receipt"] for each in receipt_file["vectors"] if each["name"] == "final").encode()
    envelope = base64.b64decode(one["envelope"])
    at = "2026-11-26T06:31:00Z"
    heartbeat = statement("heartbeat", sender="af", recipient="pk", sent=0, settled=0, void=[], at=at)
    refused = hashlib.sha256(b"another envelope").hexdigest()
    refusal = statement(
        "refusal", envelope=refused, sender="pk", recipient="af", code="check.default", by="no clause permits", at=at
    )
    answer = bundle("af", "pk", ("receipt", receipt), ("refusal", refusal), ("heartbeat", heartbeat))
    envelopes = bundle("pk", "af", ("envelope", envelope), ("envelope", b""), ("heartbeat", b"\n"))
    good = {"answer": answer, "nothing": bundle("af", "pk"), "envelopes, one empty": envelopes}
    made = [
        {"name": name, "bundle": base64.b64encode(data).decode(), "reads": _reads(data)} for name, data in good.items()
    ]
    bare = receipt[: receipt.index(b"\n\n") + 2]
    for name, first, others in (
        ("receipts of one checkpoint", receipt, 31),
        ("one receipt too many of one checkpoint", receipt, 32),
        ("a receipt without a checkpoint", bare, 0),
    ):
        read = [first, *[receipt] * min(others, 31), *[bare] * (others - 31)]
        data = bundle("af", "pk", ("receipt", first), *[("receipt", bare)] * others)
        items = [{"type": "receipt", "sha256": hashlib.sha256(each).hexdigest()} for each in read]
        reads = {"sender": "af", "recipient": "pk", "items": items}
        made.append({"name": name, "bundle": base64.b64encode(data).decode(), "reads": reads})
    return {
        "about": ABOUT,
        "record_key": {_key_id(): RECORD_KEY.public_key().public_bytes_raw().hex()},
        "vectors": [*made, *_edits(answer), *_wholes(heartbeat, refusal)],
    }


def _reads(data: bytes) -> Vector:
    """What a reader finds; by lengths alone."""
    first, _, rest = data.partition(b"\n")
    _, sender, recipient = first.decode().split(" ")
    items = []
    while not rest.startswith(b"end "):
        line, _, rest = rest.partition(b"\n")
        type_, length = line.decode().split(" ")
        items.append({"type": type_, "sha256": hashlib.sha256(rest[: int(length)]).hexdigest()})
        rest = rest[int(length) + 1 :]
    return {"sender": sender, "recipient": recipient, "items": items}


def _edits(answer: bytes) -> list[Vector]:
    end = answer[answer.rindex(b"end ") :].decode()
    edits = {
        "a byte of an item": ("bundle.end", "index 2", "index 3"),
        "another recipient": ("bundle.end", "af pk\n", "af xx\n"),
        "another count": ("bundle.end", "end 3 ", "end 2 "),
        "something after the last line": ("bundle.end", end, end + "\n"),
        "upper-case hex": ("bundle.end", end, end[:6] + end[6:].upper()),
        "no newline at the end": ("bundle.end", end, end[:-1]),
        "no last line": ("bundle.item", end, ""),
        "another version": ("bundle.first", "bundle/v1", "bundle/v2"),
        "a party code in capitals": ("bundle.first", "v1 af pk", "v1 AF pk"),
        "two spaces": ("bundle.item", "\nheartbeat ", "\nheartbeat  "),
        "a leading zero": ("bundle.item", "\nheartbeat ", "\nheartbeat 0"),
        "an unknown type": ("bundle.item", "\nheartbeat ", "\nheartbeats "),
        "an item of over 4 MiB": ("bundle.size", "\nheartbeat ", "\nheartbeat 4194305"),
    }
    return [
        {"name": name, "of": "answer", "replace": [old, new], "fails": code} for name, (code, old, new) in edits.items()
    ]


def _wholes(heartbeat: bytes, refusal: bytes) -> list[Vector]:
    """Bundles whose last line is right."""
    wholes = {
        "types out of order": ("bundle.order", bundle("af", "pk", ("heartbeat", heartbeat), ("refusal", refusal))),
        "an item longer than the file": ("bundle.truncated", b"amanat/bundle/v1 af pk\nheartbeat 99\n" + bytes(98)),
        "no newline after an item": ("bundle.truncated", b"amanat/bundle/v1 af pk\nheartbeat 1\nxx\n"),
    }
    return [
        {"name": name, "bundle": base64.b64encode(data).decode(), "fails": code}
        for name, (code, data) in wholes.items()
    ]


def _key_id() -> str:
    return key_id(RECORD_KEY.public_key().public_bytes_raw())
