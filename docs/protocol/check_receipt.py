"""Check a receipt as receipt.md says: check_receipt.py ENVELOPE RECEIPT POLICY. Exits 0 final, 10 provisional, 1 no."""

import re
import sys
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa

KEYS = {1: ed25519.Ed25519PublicKey, 4: ed25519.Ed25519PublicKey, 6: mldsa.MLDSA44PublicKey}
PROOF = rb"c2sp\.org/tlog-proof@v1\n(?:extra .+\n)?index (0|[1-9]\d{0,18})\n((?:.{43}=\n){0,63})\n"  # index, path
NOTE = rb"((.+)\n(0|[1-9]\d{0,18})\n(.{43}=)\n(?:.+\n)*)\n((?:\xe2\x80\x94 \S+ \S+\n)+)"  # text: origin, size, root


def climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root of a tree of `size` to which the path leads from the leaf at `index`."""
    if size == 1 and not path:
        return leaf
    left = 1 << (size - 1).bit_length() - 1
    if index < left:
        return sha256(b"\1" + climb(leaf, index, left, path[:-1]) + path[-1]).digest()
    return sha256(b"\1" + path[-1] + climb(leaf, index - left, size - left, path[:-1])).digest()


def signed(vkey: bytes) -> bool:
    """Return whether a key of the policy (1 a log's, 4 and 6 a witness's) signed; all lines by it must hold."""
    name, raw = vkey.split(b"+")[0], b64decode(vkey.split(b"+", 2)[2], validate=True)
    key, by = KEYS[raw[0]].from_public_bytes(raw[1:]), (name, sha256(name + b"\n" + raw).digest()[:4])
    for line in (found := [each[4:] for whose, each in signatures if (whose, each[:4]) == by]):
        time = int.from_bytes(line[:8], signed=True).to_bytes(8) if raw[0] > 1 else b""
        timed = b"cosignature/v1\ntime %d\n" % int.from_bytes(time) + text
        tree = b"subtree/v1\n\0%c%b%b%c%b" % (len(name) & 255, name, time, len(origin) & 255, origin) + bytes(8)
        key.verify(line[len(time) :], {1: text, 4: timed, 6: tree + size.to_bytes(8) + root}[raw[0]])
    return bool(found)


try:
    step = "1, the form of the receipt"
    envelope, receipt, policy = (Path(name).read_bytes() for name in sys.argv[1:])
    index, path, text, origin, size, root, lines = re.fullmatch(PROOF + NOTE, receipt).groups()
    index, size, (root, *path) = int(index), int(size), [b64decode(each) for each in (root, *path.split())]
    signatures = [(name, b64decode(each, validate=True)) for name, each in re.findall(rb" (\S+) (\S+)\n", lines)]
    step = "2, the inclusion path"
    if index >= size or climb(sha256(b"\0" + sha256(envelope).digest()).digest(), index, size, path) != root:
        sys.exit(f"does not hold: step {step}")
    step = "3, a signature, or the form of the policy"
    policy = b"\n".join(b" ".join(line.split()) for line in policy.split(b"\n"))
    _, *_ = [key for key in re.findall(rb"(?m)^log (\S+)", policy) if signed(key) and key.split(b"+")[0] == origin]
    counts = witnesses = {name: signed(key) for name, key in re.findall(rb"(?m)^witness (\S+) (\S+)", policy)}
    for name, least, those in re.findall(rb"(?m)^group (\S+) (\S+) (.+)", policy):
        needed = {b"any": 1, b"all": len(those.split())}.get(least, least)
        counts = counts | {name: sum(counts[each] for each in those.split()) >= int(needed)}
    final = (counts | {b"none": True})[re.search(rb"(?m)^quorum (\S+)", policy)[1]]
except (ArithmeticError, AttributeError, InvalidSignature, LookupError, TypeError, ValueError):
    sys.exit(f"does not hold: step {step}")
names = ", ".join(name.decode("ascii", "replace") for name, signs in witnesses.items() if signs) or "nobody"
print(f"{'final' if final else 'provisional'}: entry {index} of {ascii(origin)[1:]}, countersigned by {names}")
sys.exit(0 if final else 10)
