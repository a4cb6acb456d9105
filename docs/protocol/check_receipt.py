"""Check a receipt as receipt.md says, without Amanat: check_receipt.py ENVELOPE RECEIPT POLICY; exits with its step."""

import re
from base64 import b64decode
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa

NOTE = rb"((\S+)\n([1-9]\d{0,18})\n(\S{44})\n)\n((?:\xe2\x80\x94 \S+ \S+\n)+)"  # body (origin, size, root), signatures
PROOF = re.compile(rb"c2sp\.org/tlog-proof@v1\n(?:extra \S+\n)?index (0|[1-9]\d{0,18})\n((?:\S{44}\n)*)\n" + NOTE)
KEY_OF_TYPE = {1: ed25519.Ed25519PublicKey, 4: ed25519.Ed25519PublicKey, 6: mldsa.MLDSA44PublicKey}


def verified(vkey: bytes, types: bytes, note: tuple[bytes, ...]) -> list[int]:
    """Return the time of each signature by this key (0 without one): none may be bad, and a log is no witness."""
    name, key_id, typed = vkey.split(b"+", 2)
    kind, key = (raw := b64decode(typed, validate=True))[0], KEY_OF_TYPE[raw[0]].from_public_bytes(raw[1:])
    if kind not in types or sha256(name + b"\n" + raw).hexdigest()[:8].encode() != key_id:
        raise ValueError("the policy has a key of a wrong type or with a wrong id")
    text, origin, size, root, lines = note
    times = []
    for line in lines.splitlines():
        signature = b64decode(line.split(b" ")[2], validate=True)
        if line.split(b" ")[1] != name or signature[:4].hex().encode() != key_id:
            continue
        time, signature = (b"", signature[4:]) if kind == 1 else (signature[4:12], signature[12:])
        tree = bytes(8) + int(size).to_bytes(8) + b64decode(root)
        head = b"subtree/v1\n\0" + bytes([len(name)]) + name + time + bytes([len(origin)]) + origin
        timed = b"cosignature/v1\ntime %d\n" % int.from_bytes(time) + text
        key.verify(signature, {1: text, 4: timed, 6: head + tree}[kind])
        times.append(int.from_bytes(time))
    return times
