"""Merkle proofs (RFC 6962 section 2.1, RFC 9162 section 2.1) and C2SP tlog-proof, a proof that verifies offline.

Law: a proof is right in exactly one form; one hash more, fewer or elsewhere is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from amanat.log.checkpoint import parse_checkpoint
from amanat.log.lines import (
    HASH_SIZE,
    decimal,
    from_base64,
    hash_from_base64,
    head_and_rest,
    quote,
    to_base64,
)
from amanat.log.malformed import Malformed
from amanat.log.note import MAX_NOTE, parse_note
from amanat.log.tiles import HashReader, range_hash
from amanat.log.tree import node_hash

MAX_PATH = 63
MAX_PROOF = MAX_NOTE + 64 * 1024
"""Bytes in a tlog-proof: the largest checkpoint, 63 hashes, and the rest for extra data."""

_HEADER = "c2sp.org/tlog-proof@v1"


def inclusion_proof(index: int, size: int, read: HashReader) -> list[bytes]:
    """Return PATH(index, D[0:size]) from the tiles, leaf's sibling first (RFC 6962 section 2.1.1)."""
    _check_index(index, size)
    ranges: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = _split(start, end)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return _hashes(ranges, size, read)


def consistency_proof(old_size: int, new_size: int, read: HashReader) -> list[bytes]:
    """Return PROOF(old_size, D[0:new_size]) from the tiles (RFC 6962 section 2.1.2); empty from size zero."""
    if not 0 <= old_size <= new_size:
        raise Malformed(
            "proof.size",
            f"A log of {new_size} entries never grew from {old_size}.",
            "Give the older size first.",
        )
    ranges: list[tuple[int, int]] = []
    start, end = 0, new_size
    while start < old_size < end:
        middle = _split(start, end)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start > 0:
        ranges.append((start, end))
    return _hashes(ranges, new_size, read)


def _split(start: int, end: int) -> int:
    """Return where RFC 6962 divides the range: after the largest power of two smaller than its length."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def _hashes(ranges: list[tuple[int, int]], size: int, read: HashReader) -> list[bytes]:
    once = cache(read)
    return [range_hash(start, end, size, once) for start, end in reversed(ranges)]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return if the proof leads from the leaf at `index` to `root` (RFC 9162 section 2.1.3.2); else raise."""
    _check_index(index, size)
    _, computed = _climb(index, size - 1, leaf_hash, proof)
    if computed != root:
        raise Malformed(
            "proof.inclusion",
            f"The proof does not lead from entry {index} to the root of the log's {size} entries.",
            "Check that entry, proof and checkpoint belong together; if they do, one of them was altered.",
        )


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Return if the tree of `new_size` only adds to that of `old_size` (RFC 9162 section 2.1.4.2); else raise.

    There is no proof from size zero: any tree adds to the empty one.
    """
    if not _is_consistent(old_size, old_root, new_size, new_root, proof):
        raise Malformed(
            "proof.consistency",
            f"The proof does not lead from the log's {old_size} entries to its {new_size}.",
            "Ask for the proof again; if both roots were signed and none exists, the log shows two histories.",
        )


def _is_consistent(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    if old_size == new_size > 0:
        return not proof and old_root == new_root
    if not 0 < old_size < new_size or not proof:
        return False
    # The climb begins at the last perfect subtree of the old tree. If that is all of it, the proof leaves it out.
    whole = old_size.bit_count() == 1
    start, siblings = (old_root, proof) if whole else (proof[0], proof[1:])
    height = (old_size & -old_size).bit_length() - 1
    return _climb(old_size - 1 >> height, new_size - 1 >> height, start, siblings) == (old_root, new_root)


def _climb(node: int, last: int, start: bytes, siblings: Sequence[bytes]) -> tuple[bytes | None, bytes | None]:
    """Return what a path hashes to at the root: over its left siblings only, and over all.

    `node` and `last` are the positions, in their row, of the path's node and of the tree's last. The roots are None if
    the path is too short or too long, or holds what is no hash.
    """
    if any(len(each) != HASH_SIZE for each in (start, *siblings)):
        return None, None
    left = whole = start
    for sibling in siblings:
        if last == 0:
            return None, None
        if node & 1 or node == last:
            left, whole = node_hash(sibling, left), node_hash(sibling, whole)
            while not node & 1:  # without a right sibling it stands for its parents too
                node, last = node >> 1, last >> 1
        else:
            whole = node_hash(whole, sibling)
        node, last = node >> 1, last >> 1
    return (None, None) if last else (left, whole)


def _check_index(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise Malformed("proof.index", f"A log of {size} entries has no entry {index}.", "Entries count from 0.")


@dataclass(frozen=True, slots=True)
class Proof:
    """A tlog-proof: opaque `extra` data (authenticated by nothing), index, inclusion path, and the checkpoint's bytes.

    The index lies within the checkpoint; nothing else is verified here: see `policy.verify_proof`.
    """

    extra: bytes | None
    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes

    def __post_init__(self) -> None:
        """Refuse what cannot be written, or could be written in two ways."""
        _check_index(self.index, _size(self.checkpoint))
        if len(self.path) > MAX_PATH:
            raise Malformed("proof.path", f"The proof has {len(self.path)} hashes.", f"At most {MAX_PATH} are read.")
        if self.extra == b"":
            raise Malformed("proof.extra", "The extra line of the proof is empty.", "Leave the line out.")

    def encode(self) -> bytes:
        """Return the proof's bytes (section Format)."""
        extra = [] if self.extra is None else [f"extra {to_base64(self.extra)}"]
        lines = [_HEADER, *extra, f"index {self.index}", *map(to_base64, self.path)]
        return "".join(line + "\n" for line in lines).encode() + b"\n" + self.checkpoint


@lru_cache(maxsize=16)
def _size(checkpoint: bytes) -> int:
    """Return the size that a checkpoint's note states; the proofs of one batch all carry the same."""
    return parse_checkpoint(parse_note(checkpoint).text).size


def parse_proof(data: bytes) -> Proof:
    """Return the tlog-proof in `data`, at most 192 KiB, not yet verified (section Format)."""
    lines, checkpoint = head_and_rest(data, MAX_PROOF, "proof.text", "A proof")
    extra = None
    match lines:
        case [header, extra_line, index_line, *hashes] if header == _HEADER and extra_line.startswith("extra "):
            extra = from_base64(extra_line.removeprefix("extra "), "proof.extra", "The extra data of a proof")
        case [header, index_line, *hashes] if header == _HEADER:
            pass
        case _:
            raise Malformed(
                "proof.header",
                f"A proof begins with {quote(lines[0])} and {len(lines)} lines.",
                f"Its first line is {_HEADER}, and its index follows.",
            )
    if not index_line.startswith("index "):
        raise Malformed(
            "proof.index",
            f"A proof has {quote(index_line)} where its index stands.",
            'Write "index", a space and the number.',
        )
    index = decimal(index_line.removeprefix("index "), "proof.index", "The index of a proof")
    path = tuple(hash_from_base64(line, "proof.path", "A hash of a proof") for line in hashes)
    return Proof(extra, index, path, checkpoint)
