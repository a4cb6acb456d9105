"""Targets in `log`: notes, checkpoints, policies, proofs, witness requests, tiles. Strangers send or publish them all.

Second oracles: what was read is written as the same bytes; proofs are climbed by RFC 6962's own recursion.
"""

import io
import tarfile
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.exchange.publish import audit_published
from amanat.log.checkpoint import open_checkpoint, parse_checkpoint
from amanat.log.cosignature import verify_cosignature
from amanat.log.malformed import Malformed
from amanat.log.mirror import Upload, make_package, read_packages, read_upload, verify_package
from amanat.log.note import parse_note, parse_signature_lines, parse_vkey, vkey
from amanat.log.policy import Policy, parse_policy, satisfied, verify_checkpoint, verify_proof
from amanat.log.proof import parse_proof, verify_consistency, verify_inclusion
from amanat.log.tiles import encode_entries, entries_path, parse_entries, parse_path, tile_path
from amanat.log.tree import leaf_hash, node_hash
from amanat.log.witness import Conflict, Cosign, State, decide, parse_add_checkpoint
from log import naive
from protocol import vectors
from protocol.receipts import AF, AF_PQ, OBS, PK, POLICIES, STRANGER, Signer
from soak.target import ROOT, Reader, Target

_LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes([11]) * 32)
_KEYS = {name: parse_vkey(signer.vkey) for name, signer in (("af", AF), ("af pq", AF_PQ), ("pk", PK), ("obs", OBS))}
_RECEIPTS = vectors.load("receipt")
_LEAF = leaf_hash(bytes.fromhex(_RECEIPTS["entry"]))
_DATA = ROOT / "tests" / "conformance" / "data"
_PARTS = b"\n==\n"
_MOST_FILES = 64


def receipts() -> list[bytes]:
    """The receipts beside the protocol's pages, right and wrong, under 16 KiB."""
    return [data for data in map(vectors.receipt, _RECEIPTS["vectors"]) if len(data) < 16 * 1024]


def _notes() -> list[bytes]:
    return [data.partition(b"\n\n")[2] for data in receipts()]


def signed(text: bytes, signer: Signer = AF, key: Ed25519PrivateKey = _LOG_KEY) -> bytes:
    """The note of a text that the log of `signer` signed, whatever the text is."""
    line = b64encode(signer.id + key.sign(text)).decode()
    return text + f"\n\u2014 {signer.name} {line}\n".encode()


def _resigned(note: bytes) -> bytes:
    """The note with the log's signature over whatever its text is by now, before the lines that it has."""
    blank = note.rfind(b"\n\n")
    return signed(note[: blank + 1]) + note[blank + 2 :] if blank >= 0 else note


# --- notes ------------------------------------------------------------------------------------------------------------


def _note(data: bytes) -> None:
    assert parse_note(data).encode() == data


def _lines(data: bytes) -> None:
    assert b"".join(line.encode() for line in parse_signature_lines(data)) == data


def _checkpoint(data: bytes) -> None:
    assert parse_checkpoint(data).text() == data


def _opened(data: bytes) -> None:
    checkpoint, note = open_checkpoint(signed(data), _KEYS["af"])
    assert (checkpoint.text(), note.text) == (data, data)


def _cosigned(data: bytes) -> None:
    note = parse_note(_resigned(data))
    checkpoint = parse_checkpoint(note.text)
    for key in _KEYS.values():
        if key.algorithm != _KEYS["af"].algorithm:
            when = verify_cosignature(note, checkpoint, key)
            assert when is None or 0 <= when < 2**63


def _vkey(data: bytes) -> None:
    text = data.decode(errors="surrogateescape")
    assert vkey(parse_vkey(text)) == text


def _note_seeds() -> list[bytes]:
    notes = _notes()
    texts = [note.partition(b"\n\n")[0] + b"\n" for note in notes]
    lines = [note.partition(b"\n\n")[2] for note in notes]
    keys = [signer.vkey.encode() for signer in (AF, PK, OBS, STRANGER)]
    return [*notes, *texts, *lines, *keys, (_DATA / "go_sumdb_note_vectors.json").read_bytes(), _tessera("checkpoint")]


NOTE = Target(
    "note",
    (
        Reader(
            ("log.note.parse_note", "log.lines.text_lines"),
            "every checkpoint, receipt and cosignature of a peer",
            (Malformed,),
            _note,
        ),
        Reader(("log.note.parse_signature_lines",), "a witness's answer", (Malformed,), _lines),
        Reader(("log.checkpoint.parse_checkpoint",), "the text of a note", (Malformed,), _checkpoint),
        Reader(("log.checkpoint.open_checkpoint",), "the same, signed by the log", (Malformed,), _opened),
        Reader(("log.cosignature.verify_cosignature",), "a witness's lines in it", (Malformed,), _cosigned),
        Reader(("log.note.parse_vkey",), "keys in policies and on command lines", (Malformed,), _vkey),
    ),
    _note_seeds,
    "lines",
)


# --- policies ---------------------------------------------------------------------------------------------------------


def _policy(data: bytes) -> None:
    policy = parse_policy(data)
    everyone = frozenset(policy.witnesses)
    assert satisfied(policy, everyone), "what all witnesses together cannot meet is no quorum"
    for left_out in sorted(everyone)[:8]:
        assert satisfied(policy, everyone - {left_out}) is _meets(policy, policy.quorum, everyone - {left_out})


def _meets(policy: Policy, name: str, names: frozenset[str]) -> bool:
    """By recursion, as the specification words it: a group is met when enough of its members are."""
    group = policy.groups.get(name)
    if group is None:
        return name in names or name == "none"
    return sum(_meets(policy, member, names) for member in group.members) >= group.threshold


def _policy_on_note(data: bytes) -> None:
    policy = parse_policy(data)
    for note in _notes()[:2]:
        verified = verify_checkpoint(policy, note)
        assert set(verified.cosigned) <= set(policy.witnesses)


POLICY = Target(
    "log-policy",
    (
        Reader(("log.policy.parse_policy",), "a policy file that somebody hands over", (Malformed,), _policy),
        Reader(("log.policy.verify_checkpoint",), "what such a policy is applied to", (Malformed,), _policy_on_note),
    ),
    lambda: [text.encode() for text in POLICIES.values()],
    "lines",
)


# --- proofs -----------------------------------------------------------------------------------------------------------


def _proof(data: bytes) -> None:
    proof = parse_proof(data)
    assert proof.encode() == data
    size = parse_checkpoint(parse_note(proof.checkpoint).text).size
    root = _climbed(_LEAF, proof.index, size, proof.path)
    if root is not None:
        verify_inclusion(_LEAF, proof.index, size, proof.path, root)
    verify_inclusion(_LEAF, proof.index, size, proof.path, root or bytes(32))
    assert root is not None, "a proof of another length held"


def _verified_proof(data: bytes) -> None:
    head, blank, note = data.partition(b"\n\n")
    proof = parse_proof(head + blank + _resigned(note))
    verified = verify_proof(parse_policy(POLICIES["any of two"].encode()), proof, _LEAF)
    root = _climbed(_LEAF, proof.index, verified.checkpoint.size, proof.path)
    assert root == verified.checkpoint.root


def _climbed(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which PATH(index, D[size]) of RFC 6962 section 2.1.1 leads; None where it is too short or too long."""
    if size == 1 or not path:
        return leaf if size == 1 and not path else None
    k = naive.split(size)
    left = index < k
    below = _climbed(leaf, index if left else index - k, k if left else size - k, path[:-1])
    if below is None:
        return None
    return node_hash(below, path[-1]) if left else node_hash(path[-1], below)


PROOF = Target(
    "proof",
    (
        Reader(
            ("log.proof.parse_proof", "log.lines.head_and_rest", "log.proof.verify_inclusion"),
            "a receipt",
            (Malformed,),
            _proof,
        ),
        Reader(("log.policy.verify_proof",), "the same, its checkpoint signed anew", (Malformed,), _verified_proof),
    ),
    receipts,
    "lines",
)


# --- witness requests -------------------------------------------------------------------------------------------------


def _request(data: bytes) -> None:
    assert parse_add_checkpoint(data).encode() == data


def _decided(data: bytes) -> None:
    head, blank, note = data.partition(b"\n\n")
    request = parse_add_checkpoint(head + blank + _resigned(note))
    known = {AF.name: _KEYS["af"]}
    decision = decide(request, known, None)
    if isinstance(decision, Conflict):
        assert decision.size == 0
        latest = State(request.old_size, sha256(b"\0").digest())
        grown = decide(request, known, latest)  # mostly 422: the proof would have to fit that root
        assert isinstance(grown, Cosign)
    else:
        assert not request.proof


def _consistent(data: bytes) -> None:
    """A proof that is as long as it must be leads to exactly one pair of roots, and our check finds that pair."""
    request = parse_add_checkpoint(data)
    size = parse_checkpoint(parse_note(request.checkpoint).text).size
    roots = _subproof(request.old_size, size, request.proof, known=True) if 0 < request.old_size < size else None
    if roots is not None:
        verify_consistency(request.old_size, roots[0], size, roots[1], request.proof)
    verify_consistency(request.old_size, bytes(32), size, bytes(32), request.proof)
    assert request.old_size == size, "a proof led to roots of zeros"


def _subproof(old: int, new: int, path: Sequence[bytes], *, known: bool) -> tuple[bytes, bytes] | None:
    """The roots to which SUBPROOF(old, D[new], known) of RFC 6962 section 2.1.2 leads, or None for another length."""
    if old == new:
        if known:
            return (_LEAF, _LEAF) if not path else None
        return (path[0], path[0]) if len(path) == 1 else None
    if not path:
        return None
    k = naive.split(new)
    if old <= k:
        below = _subproof(old, k, path[:-1], known=known)
        return below and (below[0], node_hash(below[1], path[-1]))
    below = _subproof(old - k, new - k, path[:-1], known=False)
    return below and (node_hash(path[-1], below[0]), node_hash(path[-1], below[1]))


def _request_seeds() -> list[bytes]:
    entries = [bytes([at]) for at in range(9)]
    made = []
    for old, new in ((0, 1), (0, 9), (1, 2), (3, 7), (4, 9), (8, 9), (9, 9), (6, 8)):
        text = f"{AF.name}\n{new}\n{b64encode(naive.mth(entries[:new])).decode()}\n".encode()
        hashes = naive.consistency(old, entries[:new]) if 0 < old <= new else []
        head = "".join(f"{line}\n" for line in (f"old {old}", *(b64encode(each).decode() for each in hashes)))
        made.append(head.encode() + b"\n" + signed(text))
    return made


WITNESS = Target(
    "witness",
    (
        Reader(
            ("log.witness.parse_add_checkpoint",), "a peer's checkpoint to be countersigned", (Malformed,), _request
        ),
        Reader(("log.witness.decide",), "the same, signed anew by the log", (Malformed,), _decided),
        Reader(("log.proof.verify_consistency",), "its proof", (Malformed,), _consistent),
    ),
    _request_seeds,
    "lines",
)


# --- entries for a mirror ---------------------------------------------------------------------------------------------

_UPLOADED = [bytes([at % 256, at // 256]) for at in range(300)]
_UPLOADED_ROOT = naive.mth(_UPLOADED)


def _uploaded(data: bytes) -> None:
    """What is read is what came, and nothing is believed but what stands in the log of three hundred entries."""
    stream = io.BytesIO(data)
    upload = read_upload(stream.read)
    read = upload.encode()
    assert data.startswith(read)
    for package in read_packages(upload, stream.read):
        read += package.encode()
        assert data.startswith(read)
        before = [leaf_hash(entry) for entry in _UPLOADED[package.start - package.start % 256 : package.start]]
        verify_package(package, len(_UPLOADED), _UPLOADED_ROOT, before)
        assert list(package.entries) == _UPLOADED[package.start : package.start + len(package.entries)]


def _upload_seeds() -> list[bytes]:
    made = []
    for start in (0, 1, 200, 256, 299, 300):
        upload = Upload("log.example", start, len(_UPLOADED))
        read = naive.reader(_UPLOADED)
        packages = (make_package(*each, upload.end, _UPLOADED[slice(*each)], read) for each in upload.packages())
        made.append(upload.encode() + b"".join(package.encode() for package in packages))
    return made


MIRROR = Target(
    "mirror",
    (
        Reader(
            (
                "log.mirror.read_upload",
                "log.mirror.read_packages",
                "log.mirror.verify_package",
                "log.proof.verify_subtree",
            ),
            "entries of a log that somebody would have kept",
            (Malformed,),
            _uploaded,
        ),
    ),
    _upload_seeds,
    "bytes",
)

# --- tiles ------------------------------------------------------------------------------------------------------------


def _entries(data: bytes) -> None:
    assert encode_entries(parse_entries(data)) == data


def _path(data: bytes) -> None:
    """A path has one reading, and is the only one of what it names."""
    path = data.decode("utf-8", "replace")
    found = parse_path(path)
    named = entries_path(found.n, found.width) if found.level is None else tile_path(found.level, found.n, found.width)
    assert named == path


def _published(data: bytes) -> None:
    """A log that somebody publishes, as three files in one: checkpoint's text, entry bundle, tile."""
    text, entries, tile = (*data.split(_PARTS), b"", b"")[:3]
    count = 0

    def fetch(path: str) -> bytes:
        nonlocal count
        count += 1
        if count > _MOST_FILES:  # a log that goes on is read on: who audits it, bounds that
            raise Malformed("log.absent", "There is no more.", "")
        if path == "checkpoint":
            return signed(text)
        return entries if path.startswith("tile/entries/") else tile

    checkpoint = audit_published(fetch, _KEYS["af"])
    assert checkpoint.size <= 256, "one bundle cannot be the entries of two tiles and both tiles be right"
    assert checkpoint.root == naive.mth(parse_entries(entries) if checkpoint.size else [])


def _tessera(path: str) -> bytes:
    with tarfile.open(Path(_DATA) / "tessera_log.tar.gz") as archive:
        found = archive.extractfile(path)
        assert found is not None
        return found.read()


def _tile_seeds() -> list[bytes]:
    logs = [[bytes([at, at]) * 16 for at in range(size)] for size in (0, 1, 3, 256)]
    logs += [[b"", b"a", b"bc" * 40], [b""] * 4]
    made = []
    for entries in logs:
        text = f"{AF.name}\n{len(entries)}\n{b64encode(naive.mth(entries)).decode()}\n".encode()
        tile = b"".join(map(leaf_hash, entries))
        made.append(_PARTS.join((text, encode_entries(entries) if entries else b"", tile)))
        made += [encode_entries(entries)] if entries else []
    paths = [b"tile/0/x001/x234/067.p/8", b"tile/entries/000", b"tile/63/999"]
    return [*made, *paths, _tessera("tile/entries/000.p/15")]


TILES = Target(
    "tiles",
    (
        Reader(("log.tiles.parse_entries",), "an entry bundle of a published log", (Malformed,), _entries),
        Reader(("log.tiles.parse_path",), "what somebody asks a log for", (Malformed,), _path),
        Reader(("exchange.publish.audit_published",), "a log that is published somewhere", (Malformed,), _published),
    ),
    _tile_seeds,
    "bytes",
)

TARGETS = (NOTE, POLICY, PROOF, WITNESS, MIRROR, TILES)
