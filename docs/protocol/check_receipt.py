"""Check a receipt as receipt.md says, with nothing of Amanat: check_receipt.py ENVELOPE RECEIPT POLICY.

Prints one sentence. Exits 0: final; 10: provisional; 1: a step of receipt.md does not hold, or this program failed.
"""

import re
import sys
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa

YEAR_10000 = 253402300800  # in POSIX seconds
LOG, WITNESS, WITNESS_PQ = 1, 4, 6
KEYS = {LOG: ed25519.Ed25519PublicKey, WITNESS: ed25519.Ed25519PublicKey, WITNESS_PQ: mldsa.MLDSA44PublicKey}
FORM = (  # extra, index, path; the note: its text with origin, size and root, and its signature lines
    "c2sp\\.org/tlog-proof@v1\n(?:extra (.+)\n)?index (0|[1-9][0-9]{0,18})\n((?:.{42}[^=\n]=\n){0,63})\n"
    "(((.+)\n(0|[1-9][0-9]{0,18})\n(.{42}[^=\n]=)\n(?:.+\n)*)\n((?:\u2014 [^\\s+]+ [^=\n]{7}.+\n){1,64}))"
)


def require(*conditions: object) -> None:
    """Stop at the step of which something does not hold."""
    if not all(conditions):
        raise ValueError


def unbase64(text: str) -> bytes:
    """Return the bytes of base64 in its one form: padded, unused bits zero."""
    require(b64encode(b64decode(text, validate=True)).decode() == text)
    return b64decode(text)


def climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root of a tree of `size` to which the path leads from the leaf at `index`."""
    if size == 1 and not path:
        return leaf
    left = 1 << (size - 1).bit_length() - 1
    if index < left:
        return sha256(b"\1" + climb(leaf, index, left, path[:-1]) + path[-1]).digest()
    return sha256(b"\1" + path[-1] + climb(leaf, index - left, size - left, path[:-1])).digest()


def times(vkey: str, types: set[int]) -> list[int]:
    """Return when a key of the policy signed the note (0: untimed); every line in its name must hold."""
    name, key_id, raw = *vkey.split("+", 2)[:2], unbase64(vkey.split("+", 2)[2])
    require(raw[0] in types, re.fullmatch("\\S+", name), sha256(name.encode() + b"\n" + raw).hexdigest()[:8] == key_id)
    found, key = [], KEYS[raw[0]].from_public_bytes(raw[1:])
    for signature in [each[4:] for by, each in signatures if (by, each[:4].hex()) == (name, key_id)]:
        time = signature[: 0 if raw[0] == LOG else 8]
        message = (b"cosignature/v1\ntime %d\n" % int.from_bytes(time) if time else b"") + text
        if raw[0] == WITNESS_PQ:
            names = [bytes([len(each)]) + each for each in (name.encode(), origin)]
            message = b"subtree/v1\n\0" + names[0] + time + names[1] + bytes(8) + size.to_bytes(8) + root
        key.verify(signature[len(time) :], message)
        found.append(int.from_bytes(time))
    require(max(found, default=0) < 2**63)
    return found


step = "1, the form of the receipt"
try:
    envelope, receipt, policy = (Path(name).read_bytes() for name in sys.argv[1:])
    require(len(receipt) <= 192 * 1024, not re.search(b"[\0-\x09\x0b-\x1f]", receipt))
    ((extra, index, path, note, text, origin, size, root, lines),) = re.findall(f"\\A{FORM}\\Z", receipt.decode())
    require(len(note.encode()) <= 128 * 1024)
    extra, root, *path = map(unbase64, [extra, root, *path.split("\n")[:-1]])
    signatures = [(name, unbase64(each)) for name, each in re.findall("\u2014 (\\S+) (.+)\n", lines)]
    text, origin, index, size = text.encode(), origin.encode(), int(index), int(size)
    step = "2, the inclusion path"
    require(index < size < 2**63)
    require(climb(sha256(b"\0" + sha256(envelope).digest()).digest(), index, size, path) == root)
    step = "3, the form of the policy"
    require(len(policy) <= 256 * 1024, re.fullmatch(rb"(?:[\t\x20-\x7e\x80-\xff]*\n)*", policy))
    logs, cosigned, met, once = [], {}, {"none": True}, ["member none"]
    for number, line in enumerate(policy.decode(errors="surrogateescape").split("\n"), 1):
        step = f"3, line {number} of the policy, or a signature by the key there"
        match re.findall("[^ \t]+", line):
            case ["log", vkey] | ["log", vkey, _]:
                logs += [vkey.split("+")[0] for _ in times(vkey, {LOG})]
                once.append("log " + vkey.split("+", 2)[2])
            case ["witness", name, vkey] | ["witness", name, vkey, _] if name not in met:
                cosigned[name] = times(vkey, {WITNESS, WITNESS_PQ})
                met[name] = bool(cosigned[name])
                once.append("witness " + vkey.split("+", 2)[2])
            case ["group", name, least, *members] if name not in met and members:
                at_least = {"any": 1, "all": len(members)} | {str(each): each for each in range(1, len(members) + 1)}
                met[name] = sum(met[member] for member in members) >= at_least[least]
                once += ["member " + member for member in members]
            case ["quorum", name]:
                final = met[name]
                once.append("quorum")
            case [word, *_]:
                require(word.startswith("#"))
    step = "3, the log's signature, or a quorum line, key or member that the policy has twice or not at all"
    require(origin.decode() in logs, "quorum" in once, len(set(once)) == len(once))
except (InvalidSignature, LookupError, ValueError):
    print(f"does not hold: step {step}")
    sys.exit(1)

seen = [time for found in cosigned.values() for time in found if 0 < time < YEAR_10000]  # 0: untimed
when = f" no later than {datetime.fromtimestamp(min(seen), UTC):%Y-%m-%dT%H:%M:%SZ}" if seen else ""
names = ", ".join(name for name, found in cosigned.items() if found) or "nobody"
where = f"the envelope is entry {index} of {origin.decode()}{when}, countersigned by {names}"
print((f"final: {where}" if final else f"provisional: {where} only").encode("ascii", "backslashreplace").decode())
sys.exit(0 if final else 10)
