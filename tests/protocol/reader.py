"""Another government's reader of envelopes and bundles: written from the pages of docs/protocol, with nothing of ours.

Law: standard library and `cryptography` only. It says the number of the check that failed, in the page's order.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
WRAP, MOST = 1176, 4 * 1024 * 1024
PARTY = rb"[a-z][a-z0-9-]{1,15}"
CORE = re.compile(
    rb"amanat/envelope/v1\ncompact ([0-9a-f]{64})\nfrom (%b) ([0-9a-f]{64})\nrecord (.{36})\n"
    rb"((?:to %b [0-9a-f]{64}\n){1,16})commitment ([0-9a-f]{64})\n\n" % (PARTY, PARTY)
)
TYPES = (  # in order
    b"manifest lexicon compact act envelope receipt refusal heartbeat checkpoint entries cosignature mirrored holding chunk"
).split()
UPLOAD = re.compile(rb"(?s)..([a-z./-]+)(.{8})(.{8})\0\0")
FIELDS = (
    "id",
    "compact",
    "author",
    "audience",
    "at",
    "kind",
    "handling",
    "refs",
    "attachments",
    "exercise",
    "approved_by",
    "body",
)
HANDLING = (
    "tlp", "purpose", "codes", "grading", "legal_basis", "not_to", "expires", "caveats", "custody_risk",
)  # fmt: skip
NESTED = {
    "author": ("party", "name"),
    "approved_by": ("party", "name"),
    "refs": ("relation", "party", "id"),
    "attachments": ("name", "media_type", "size", "sha256", "key"),
    "grading": ("scheme", "source", "information"),
    "custody_risk": ("torture", "death_penalty", "not_obtained_by_torture", "basis"),
    "handling": HANDLING,
}
DEFAULTS: tuple[Any, ...] = ([], False, None)
BODIES = {
    "record.withdrawal/1": ("reason",),
    "record.destroyed/1": ("because",),
    "record.opened/1": (),
    "record.kept/1": ("ground", "until"),
}


class Failed(Exception):
    """The check of that number does not hold."""


@dataclass(frozen=True)
class Read:
    """What an envelope held."""

    record: bytes
    content_key: bytes
    sequence: int


@dataclass(frozen=True)
class Own:
    """Who opens: party code, private sealing key (ML-KEM-768 seed 64 ‖ X25519 32) and its id."""

    party: str
    private: bytes
    key_id: str


@dataclass(frozen=True)
class Sender:
    """What a party's latest manifest says: record keys by id, and ids revoked."""

    listed: Mapping[str, bytes]
    revoked: frozenset[str]


def open_envelope(data: bytes, own: Own, senders: Mapping[str, Sender]) -> Read:
    """Make the page's checks 1 to 8."""
    core, header = _header(data)
    compact, sender, signer, record_id, to_lines, committed = (each.decode() for each in core.groups())
    to = [line.split(" ")[1:] for line in to_lines.splitlines()]
    key, sequence = _unwrap(core[0], header, to, own)
    require(3, _derive(key, b"amanat/commitment/v1\n").hex() == committed)
    plaintext = _decrypt(key, header, data)
    signature, payload = plaintext[:64], plaintext[64:]
    require(5, payload[:32] == hashlib.sha256(header).digest())
    _verify(senders.get(sender), signer, signature, payload)
    fields = _record(payload[32:])
    require(8, (compact, record_id) == (fields["compact"], fields["id"]))
    require(8, (sender, [code for code, _ in to]) == (fields["author"]["party"], fields["audience"]))
    return Read(payload[32:], key, sequence)


def require(check: int, holds: object) -> None:
    if not holds:
        raise Failed(check)


def _header(data: bytes) -> tuple[re.Match[bytes], bytes]:
    core = CORE.match(data)
    require(1, core and len(data) <= MOST)
    assert core is not None
    codes = [line.split(b" ")[1] for line in core[5].splitlines()]
    require(1, codes == sorted(set(codes)))
    header = data[: core.end() + WRAP * len(codes)]
    require(1, len(data) >= core.end() + WRAP * len(codes) + 64 + 32 + 16)
    return core, header


def _unwrap(core: bytes, header: bytes, to: list[list[str]], own: Own) -> tuple[bytes, int]:
    at = next((at for at, (code, _) in enumerate(to) if code == own.party), None)
    require(2, at is not None and to[at][1] == own.key_id)
    assert at is not None
    mlkem = MLKEM768PrivateKey.from_seed_bytes(own.private[:64])
    key = MLKEM768X25519PrivateKey(mlkem, X25519PrivateKey.from_private_bytes(own.private[64:]))
    info = b"amanat/wrap/v1\n" + hashlib.sha256(core).digest() + bytes.fromhex(own.key_id)
    try:
        wrapped = SUITE.decrypt(header[len(core) + WRAP * at :][:WRAP], key, info=info)
    except InvalidTag as error:
        raise Failed(2) from error
    sequence = int.from_bytes(wrapped[32:])
    require(2, 1 <= sequence <= 2**53)
    return wrapped[:32], sequence


def _decrypt(key: bytes, header: bytes, data: bytes) -> bytes:
    try:
        aead = AESGCM(_derive(key, b"amanat/content-key/v1\n"))
        return aead.decrypt(bytes(12), data[len(header) :], header)
    except InvalidTag as error:
        raise Failed(4) from error


def _verify(sender: Sender | None, signer: str, signature: bytes, payload: bytes) -> None:
    require(6, sender is not None and signer in sender.listed and signer not in sender.revoked)
    assert sender is not None
    require(6, hashlib.sha256(b"amanat/key-id/v1\n" + sender.listed[signer]).hexdigest() == signer)
    pae = b"DSSEv1 32 application/vnd.amanat.record.v1 %d " % len(payload) + payload
    try:
        Ed25519PublicKey.from_public_bytes(sender.listed[signer]).verify(signature, pae)
    except InvalidSignature as error:
        raise Failed(6) from error


def _record(data: bytes) -> dict[str, Any]:
    """Check 7: written again, the value gives the same bytes; its fields are those of the page's table."""
    try:
        fields = json.loads(data.decode())
    except ValueError as error:
        raise Failed(7) from error
    require(7, json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode() == data)
    _in_order(fields, FIELDS)
    require(7, fields["kind"] in BODIES)
    _in_order(fields["body"], BODIES[fields["kind"]])
    for at in (fields["at"], fields["handling"].get("expires", fields["at"])):
        moment = datetime.fromisoformat(at).astimezone(UTC)
        require(7, f"{moment:%Y-%m-%dT%H:%M:%SZ}" == at and 1970 <= moment.year <= 2999)
    for several in (fields["audience"], fields["handling"].get("not_to", [])):
        require(7, several == sorted(set(several)))
    require(7, 0 < len(fields["audience"]) <= 16)
    require(7, fields["author"]["party"] not in fields["audience"])
    return dict(fields)


def _in_order(said: dict[str, Any], names: tuple[str, ...]) -> None:
    """Fields known, in the page's order, none with its default; so within."""
    require(7, [name for name in names if name in said] == list(said))
    for name, value in said.items():
        require(7, name in ("body", "audience", "not_obtained_by_torture") or value not in DEFAULTS)
        for each in value if name in ("refs", "attachments") else [value]:
            if name in NESTED:
                _in_order(each, NESTED[name])


def _derive(key: bytes, label: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=label).derive(key)


def read_bundle(data: bytes) -> tuple[str, str, list[tuple[str, bytes]]] | None:
    """Return sender, recipient and items of a bundle that is whole; else None."""
    first = re.match(rb"amanat/bundle/v1 (%b) (%b)\n" % (PARTY, PARTY), data)
    if first is None:
        return None
    at, items = first.end(), list[tuple[str, bytes]]()
    checkpoint, without = b"", 0
    while line := re.compile(rb"([a-z]+) (0|[1-9][0-9]{0,9})\n").match(data, at):
        end = line.end() + int(line[2])
        if line[1] not in TYPES or int(line[2]) > MOST or data[end : end + 1] != b"\n":
            return None
        type_, item = line[1].decode(), data[line.end() : end]
        if type_ == "receipt":
            head, blank, own = item.partition(b"\n\n")
            without = without + 1 if blank and not own else 0
            checkpoint = own if not without else checkpoint if without <= 31 else b""
            item = head + blank + checkpoint
        items.append((type_, item))
        at = end + 1
    order = [TYPES.index(type_.encode()) for type_, _ in items]
    if order != sorted(order) or data[at:] != b"end %d %b\n" % (
        len(items),
        hashlib.sha256(data[:at]).hexdigest().encode(),
    ):
        return None
    return first[1].decode(), first[2].decode(), items


# --- witness.md -------------------------------------------------------------------------------------------------------


def keep_entries(body: bytes, kept: list[bytes], size: int, root: bytes) -> list[bytes] | None:
    """Return what a witness keeps of a log after an upload; None when it must be refused."""
    head = UPLOAD.match(body)
    if head is None or int.from_bytes(body[:2]) != len(head[1]):
        return None
    start, end = (int.from_bytes(each) for each in (head[2], head[3]))
    if not start <= end == size or start > len(kept):
        return None
    log, rest, taken = kept[:start], body[head.end() :], 0
    while start < end and taken < 32:
        stop = min(end, start - start % 256 + 256)
        found, after = _package(rest, stop - start)
        if found is None:
            break
        new, proof = found
        begin = start - start % 256
        subtree = naive_root([*log[begin:], *new])
        if len(proof) > 63 or _lead((begin, stop), end, subtree, proof) != (subtree, root):
            return None
        log, rest, start, taken = log + new, after, stop, taken + 1
    if (start == end and rest) or (not taken and len(kept) < end):
        return None
    return max(kept, log, key=len)


def _package(data: bytes, count: int) -> tuple[tuple[list[bytes], list[bytes]] | None, bytes]:
    """Read so many entries and their proof; None when the body ends before."""
    entries, at = list[bytes](), 0
    for _ in range(count):
        length = int.from_bytes(data[at : at + 2])
        entries.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    hashes = data[at] if at < len(data) else 0
    end = at + 1 + 32 * hashes
    if end > len(data):
        return None, data
    return (entries, [data[place : place + 32] for place in range(at + 1, end, 32)]), data[end:]


def _lead(
    part: tuple[int, int], n: int, subtree: bytes, proof: list[bytes], *, known: bool = True
) -> tuple[bytes, bytes] | None:
    """Where the proof P(a, b, n, known) leads: to the subtree's root and to the tree's; None for another length."""
    a, b = part
    if part == (0, n):
        if len(proof) != (not known):
            return None
        return (subtree, subtree) if known else (proof[0], proof[0])
    if not proof:
        return None
    k = 1 << (n - 1).bit_length() - 1
    *rest, beside = proof
    if b <= k:
        below = _lead(part, k, subtree, rest, known=known)
        return below and (below[0], _node(below[1], beside))
    if k <= a:
        below = _lead((a - k, b - k), n - k, subtree, rest, known=known)
        return below and (below[0], _node(beside, below[1]))
    below = _lead((0, b - k), n - k, subtree, rest, known=False)
    return below and (_node(beside, below[0]), _node(beside, below[1]))


def naive_root(entries: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1."""
    if len(entries) == 1:
        return hashlib.sha256(b"\0" + entries[0]).digest()
    k = 1 << (len(entries) - 1).bit_length() - 1
    return _node(naive_root(entries[:k]), naive_root(entries[k:]))


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
