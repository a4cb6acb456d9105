"""Merkle proofs (RFC 6962 section 2.1, RFC 9162 section 2.1), and C2SP tlog-proof, a proof that verifies offline.

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


@dataclass(frozen=True, slots=True)
class Subtree:
    """The entries of a log from index `start` up to `end`, and the root that they hash to by themselves."""

    start: int
    end: int
    root: bytes


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
    return subtree_proof(0, old_size, new_size, read) if old_size else []


def subtree_proof(start: int, end: int, size: int, read: HashReader) -> list[bytes]:
    """Return SUBTREE_PROOF(start, end, D[0:size]) from the tiles (draft-ietf-plants-merkle-tree-certs section 4.4.1).

    A subtree begins at a multiple of the least power of two that it fits in. From `start` zero this is PROOF(end).
    """
    if not _is_subtree(start, end, size):
        raise Malformed(
            "proof.subtree",
            f"From {start} to {end} is no subtree of a log of {size} entries.",
            "Begin at a multiple of the least power of two that it fits in, and end within the log.",
        )
    ranges: list[tuple[int, int]] = []
    known = start  # of what the verifier holds, where that begins which is still to be told apart
    first, last = 0, size
    while (first, last) != (known, end):
        middle = _split(first, last)
        if end <= middle:
            ranges.append((middle, last))
            last = middle
        else:
            ranges.append((first, middle))
            first, known = middle, max(known, middle)
    if known != start:
        ranges.append((first, last))
    return _hashes(ranges, size, read)


def _is_subtree(start: int, end: int, size: int) -> bool:
    return 0 <= start < end <= size and start % (1 << (end - start - 1).bit_length()) == 0


def _split(start: int, end: int) -> int:
    """Return where RFC 6962 divides the range: after the largest power of two smaller than its length."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def _hashes(ranges: list[tuple[int, int]], size: int, read: HashReader) -> list[bytes]:
    once = cache(read)
    return [range_hash(start, end, size, once) for start, end in reversed(ranges)]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return if the proof leads from the leaf at `index` to `root` (RFC 9162 section 2.1.3.2); else raise."""
    _check_index(index, size)
    _, computed = _climb(index, index, size - 1, leaf_hash, proof)
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


def verify_subtree(subtree: Subtree, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Return if these entries stand where the subtree says in the tree of `size` entries; else raise.

    By draft-ietf-plants-merkle-tree-certs section 4.4.3, for subtrees that are not empty.
    """
    if not _is_subtree(subtree.start, subtree.end, size) or not _is_within(subtree, size, root, proof):
        raise Malformed(
            "proof.subtree",
            f"The proof does not lead from entries {subtree.start} to {subtree.end} to the root of the log's {size}.",
            "Ask for them again; if they stay so, the log sent other entries than it signed.",
        )


def _is_consistent(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    if old_size == new_size > 0:
        return not proof and old_root == new_root
    return 0 < old_size < new_size and _is_within(Subtree(0, old_size, old_root), new_size, new_root, proof)


def _is_within(subtree: Subtree, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    # The climb begins at the last perfect subtree, or at what ends with the log. What is all of it is not in the proof.
    first, node, last = subtree.start, subtree.end - 1, size - 1
    spread = (first ^ node).bit_length()
    height = spread if node == last else min(spread, (subtree.end & -subtree.end).bit_length() - 1)
    whole = height == spread
    if not whole and not proof:
        return False
    begin, siblings = (subtree.root, proof) if whole else (proof[0], proof[1:])
    return _climb(first >> height, node >> height, last >> height, begin, siblings) == (subtree.root, root)


def _climb(
    first: int, node: int, last: int, begin: bytes, siblings: Sequence[bytes]
) -> tuple[bytes | None, bytes | None]:
    """Return what a path hashes to: at the root of the subtree that begins at `first`, and at the root over all.

    `first`, `node` and `last` are the positions, in their row, of the subtree's first node, of the path's, and of the
    tree's last. The roots are None if the path is too short or too long, or holds what is no hash.
    """
    if any(len(each) != HASH_SIZE for each in (begin, *siblings)):
        return None, None
    part = whole = begin
    for sibling in siblings:
        if last == 0:
            return None, None
        if node & 1 or node == last:
            if first < node:
                part = node_hash(sibling, part)
            whole = node_hash(sibling, whole)
            while not node & 1:  # without a right sibling it stands for its parents too
                first, node, last = first >> 1, node >> 1, last >> 1
        else:
            whole = node_hash(whole, sibling)
        first, node, last = first >> 1, node >> 1, last >> 1
    return (None, None) if last else (part, whole)


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
