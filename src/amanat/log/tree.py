"""RFC 6962 Merkle trees, grown at the right edge.

Law: a leaf never hashes like a node (prefixes 0x00 and 0x01, RFC 6962 section 2.1), and a tree is known by its size
and the roots of its perfect subtrees alone. A *row* is hashes of one height joined, left to right, as in a tile: it is
how a million leaves are hashed at nearly the speed of SHA-256 itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from itertools import islice
from struct import unpack

from amanat.log.lines import HASH_SIZE
from amanat.log.malformed import Malformed

EMPTY_ROOT = sha256(b"").digest()
"""MTH({}): the root of the tree without leaves (RFC 6962 section 2.1)."""

_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree's size in leaves and its `edge`: the roots of its perfect subtrees, largest first, one a bit of size."""

    size: int = 0
    edge: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an edge that cannot belong to the size."""
        if self.size < 0 or len(self.edge) != self.size.bit_count():
            raise Malformed(
                "tree.edge",
                f"A tree of {self.size} leaves was given an edge of {len(self.edge)} hashes.",
                "Give one hash for each bit set in the size.",
            )

    def root(self) -> bytes:
        """Return MTH(D[0:size]), 32 bytes (RFC 6962 section 2.1)."""
        return fold(self.edge)


@dataclass(frozen=True, slots=True)
class Growth:
    """How a tree of `first` leaves became `tree`: `rows[h]` joins the roots of the subtrees of height h it completed.

    All that tiles or an edge need of the new leaves, so that nothing is hashed twice.
    """

    first: int
    rows: Sequence[bytes]
    tree: Tree


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 || entry), the hash of one leaf (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right), the hash over two children (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def fold(edge: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees standing side by side, largest first; `EMPTY_ROOT` over none."""
    return reduce(lambda right, left: node_hash(left, right), reversed(edge)) if edge else EMPTY_ROOT


def parents(row: bytes) -> bytes:
    """Return the row above a row of an even number of hashes."""
    sha = sha256
    return b"".join([sha(b"\x01" + pair).digest() for pair in unpack("64s" * (len(row) // 64), row)])


def grow(tree: Tree, leaf_hashes: Sequence[bytes]) -> Growth:
    """Add these leaves at the tree's right; one node hash or fewer for each. Raises `Malformed`."""
    row = b"".join(leaf_hashes)
    if len(row) != HASH_SIZE * len(leaf_hashes):
        raise Malformed("tree.hash", "A leaf hash has not 32 bytes.", "Append what leaf_hash returned.")
    rows: list[bytes] = []
    waiting = list(tree.edge)
    grown: list[bytes] = []
    while row:
        rows.append(row)
        if tree.size >> len(rows) - 1 & 1:
            row = waiting.pop() + row
        if len(row) % (2 * HASH_SIZE):
            grown.append(row[-HASH_SIZE:])
            row = row[:-HASH_SIZE]
        row = parents(row)
    return Growth(tree.size, rows, Tree(tree.size + len(leaf_hashes), (*waiting, *reversed(grown))))


def append(tree: Tree, leaf_hashes: Sequence[bytes]) -> Tree:
    """Return the tree with these leaves added at its right."""
    return grow(tree, leaf_hashes).tree


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over any number of leaf hashes, holding a batch and the edge in memory."""
    rest = iter(leaf_hashes)
    tree = Tree()
    while batch := list(islice(rest, _BATCH)):
        tree = append(tree, batch)
    return tree.root()
