"""tlog-tiles: the tree as files of 256 hashes, and the entries beside it.

Law: a tile once full never changes, and everything about a tree follows from its tiles. Storage is a `HashReader`
given by the caller, which is trusted as the caller trusts it; `audit` trusts only the entries.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from struct import Struct

from amanat.log.lines import HASH_SIZE, quote
from amanat.log.malformed import Malformed
from amanat.log.tree import Growth, Tree, fold, grow, leaf_hash, parents

HashReader = Callable[[int, int, int], bytes]
"""read(level, n, width) returns the first `width` hashes of tile `n` at `level`, 32 * width bytes."""

EntryReader = Callable[[int, int], bytes]
"""read_entries(n, width) returns entry bundle `n` with exactly `width` entries."""

TILE_WIDTH = 256
TILE_HEIGHT = 8
MAX_LEVEL = 63
MAX_ENTRY = 2**16 - 1
_AUDITED_AT_ONCE = 8 * TILE_WIDTH
_PATH = re.compile(
    r"tile/(?P<level>entries|[1-5]?[0-9]|6[0-3])/(?P<n>(x[0-9]{3}/){0,6}[0-9]{3})(\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile to be stored: `data` is its `width` hashes joined."""

    level: int
    n: int
    width: int
    data: bytes


def tile_path(level: int, n: int, width: int = TILE_WIDTH) -> str:
    """Return the path of a tile below the log's prefix, such as "tile/0/x001/067.p/5" (section Merkle Tree)."""
    if not 0 <= level <= MAX_LEVEL:
        raise Malformed("tiles.path", f"There is no tile level {level}.", "Levels run from 0 to 63.")
    return _path(str(level), n, width)


def entries_path(n: int, width: int = TILE_WIDTH) -> str:
    """Return the path of an entry bundle, such as "tile/entries/000.p/16" (section Log entries)."""
    return _path("entries", n, width)


def _path(kind: str, n: int, width: int) -> str:
    if n < 0 or not 1 <= width <= TILE_WIDTH:
        raise Malformed(
            "tiles.path",
            f"There is no tile {n} of width {width}.",
            "Tiles count from 0 and hold 1 to 256 hashes.",
        )
    path, rest = f"{n % 1000:03}", n // 1000
    while rest:
        path, rest = f"x{rest % 1000:03}/{path}", rest // 1000
    return f"tile/{kind}/{path}" if width == TILE_WIDTH else f"tile/{kind}/{path}.p/{width}"


@dataclass(frozen=True, slots=True)
class Resource:
    """What a path below a log's prefix names: a tile of hashes at `level`, or, where that is None, of entries."""

    level: int | None
    n: int
    width: int


def parse_path(path: str) -> Resource:
    """Return what tile or entry bundle a path names; each has one path (section Merkle Tree)."""
    match = _PATH.fullmatch(path)
    if match is not None:
        level = None if match["level"] == "entries" else int(match["level"])
        n = int(match["n"].replace("/", "").replace("x", ""))
        found = Resource(level, n, int(match["width"] or TILE_WIDTH))
        if found.width <= TILE_WIDTH and path == _path(match["level"], n, found.width):
            return found
    raise Malformed(
        "tiles.path",
        f"{quote(path)} is the path of no tile.",
        'Ask for "checkpoint", or a tile such as "tile/0/x001/067", "tile/1/000.p/5" or "tile/entries/000".',
    )


def tree_of(size: int, read: HashReader) -> Tree:
    """Return the tree that a log's first `size` entries make, from its tiles."""
    return Tree(size, _edge(0, size, size, read))


def new_tiles(growth: Growth, read: HashReader) -> list[Tile]:
    """Return what must be written when a log grows: at each level every tile completed and the last partial one.

    `read` serves the partial tiles of the size it grew from.
    """
    return [
        tile
        for level, row in enumerate(growth.rows[::TILE_HEIGHT])
        for tile in _grown(level, growth.first >> TILE_HEIGHT * level, row, read)
    ]


def _grown(level: int, first: int, row: bytes, read: HashReader) -> Iterator[Tile]:
    """Yield the tiles that change when `row` is added to a level that holds `first` hashes."""
    n, width = divmod(first, TILE_WIDTH)
    row = (_tile(read, level, n, width) if width else b"") + row
    for at, start in enumerate(range(0, len(row), HASH_SIZE * TILE_WIDTH), n):
        data = row[start : start + HASH_SIZE * TILE_WIDTH]
        yield Tile(level, at, len(data) // HASH_SIZE, data)


def _tile(read: HashReader, level: int, n: int, width: int) -> bytes:
    data = read(level, n, width)
    if len(data) != HASH_SIZE * width:
        raise Malformed(
            "tiles.width",
            f"{tile_path(level, n, width)} has {len(data)} bytes, not {HASH_SIZE * width}.",
            "Fetch the tile again; if it stays so, the log is broken.",
        )
    return data


def range_hash(start: int, end: int, size: int, read: HashReader) -> bytes:
    """Return MTH(D[start:end]) of a log of `size` entries, 32 bytes, from its tiles.

    The range must be one that occurs in a proof: it begins at a multiple of the largest power of two within it.
    """
    return fold(_edge(start, end, size, read))


def _edge(start: int, end: int, size: int, read: HashReader) -> tuple[bytes, ...]:
    """Return the roots of the perfect subtrees that make up the range, largest first."""
    edge: list[bytes] = []
    while start < end:
        height = (end - start).bit_length() - 1
        edge.append(_perfect(height, start >> height, size, read))
        start += 1 << height
    return tuple(edge)


def _perfect(height: int, index: int, size: int, read: HashReader) -> bytes:
    """Return the root of the perfect subtree over leaves index * 2**height up to (index + 1) * 2**height."""
    level, above = divmod(height, TILE_HEIGHT)
    n, first = divmod(index << above, TILE_WIDTH)
    width = min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - n * TILE_WIDTH)
    row = _rows(_tile(read, level, n, width))[above]
    return row[HASH_SIZE * (first >> above) :][:HASH_SIZE]


@lru_cache(maxsize=64)
def _rows(row: bytes) -> tuple[bytes, ...]:
    """Return a tile's hashes and, row above row, those of the perfect subtrees over them: many proofs read the same."""
    rows = [row]
    while len(row) > HASH_SIZE:
        row = parents(row[: len(row) & -2 * HASH_SIZE])
        rows.append(row)
    return tuple(rows)


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: each entry after its length as big-endian uint16 (section Log entries)."""
    if not 1 <= len(entries) <= TILE_WIDTH or max(map(len, entries)) > MAX_ENTRY:
        raise Malformed(
            "tiles.entries",
            f"{len(entries)} entries do not fit a bundle.",
            "A bundle holds 1 to 256 entries of at most 65535 bytes.",
        )
    return b"".join([len(entry).to_bytes(2) + entry for entry in entries])


def parse_entries(data: bytes) -> list[bytes]:
    """Return the 1 to 256 entries of a bundle (section Log entries)."""
    entries: list[bytes] = []
    start = 0
    while start < len(data) and len(entries) < TILE_WIDTH:
        end = start + 2 + int.from_bytes(data[start : start + 2])
        entries.append(data[start + 2 : end])
        start = end
    if start != len(data) or not entries:
        raise Malformed(
            "tiles.entries",
            f"An entry bundle of {len(data)} bytes breaks off or runs on after {len(entries)} entries.",
            "Fetch the bundle again; it holds 1 to 256 entries, each after its length in two bytes.",
        )
    return entries


def audit(size: int, read_entries: EntryReader, read: HashReader) -> bytes:
    """Recompute a log of `size` entries from its entries alone, compare every tile, and return the root.

    Memory stays flat. Compare the root with the checkpoint's. Raises `Malformed` naming the first tile that differs.
    """
    tree = Tree()
    edge: dict[int, Tile] = {}

    def recomputed(level: int, _n: int, _width: int) -> bytes:
        return edge[level].data

    for start in range(0, size, _AUDITED_AT_ONCE):
        leaves: list[bytes] = []
        for n in range(start // TILE_WIDTH, -(-min(size, start + _AUDITED_AT_ONCE) // TILE_WIDTH)):
            width = min(TILE_WIDTH, size - n * TILE_WIDTH)
            leaves += _leaf_hashes(n, read_entries(n, width), width)
        growth = grow(tree, leaves)
        for tile in new_tiles(growth, recomputed):
            edge[tile.level] = tile
            if tile.width == TILE_WIDTH:
                _check_stored(tile, read)
        tree = growth.tree
    for tile in edge.values():
        if tile.width < TILE_WIDTH:
            _check_stored(tile, read)
    return tree.root()


def _check_stored(tile: Tile, read: HashReader) -> None:
    if _tile(read, tile.level, tile.n, tile.width) != tile.data:
        raise Malformed(
            "tiles.differ",
            f"{tile_path(tile.level, tile.n, tile.width)} is not what its entries hash to.",
            "The log or its storage was altered: keep both, and compare with an earlier copy.",
        )


def _leaf_hashes(n: int, bundle: bytes, width: int) -> list[bytes]:
    """Return the leaf hashes of bundle `n`, which is to have `width` entries."""
    step = 2 + int.from_bytes(bundle[:2])
    if (
        len(bundle) == step * width
        and bundle[0::step] == bundle[0:1] * width
        and bundle[1::step] == bundle[1:2] * width
    ):
        # Entries of one length, as digests are: the second length byte becomes RFC 6962's 0x00, and all are cut at
        # once. This is what keeps an audit near the speed of SHA-256.
        prefixed = bytearray(bundle)
        prefixed[1::step] = bytes(width)
        return [sha256(leaf).digest() for leaf in _cut(step, width)(prefixed)]
    entries = parse_entries(bundle)
    if len(entries) != width:
        raise Malformed(
            "tiles.entries",
            f"{entries_path(n, width)} holds {len(entries)} entries, not {width}.",
            "Fetch the bundle again; if it stays so, the log is broken.",
        )
    return [leaf_hash(entry) for entry in entries]


@lru_cache(maxsize=4)
def _cut(step: int, width: int) -> Callable[[bytearray], tuple[bytes, ...]]:
    return Struct(f"x{step - 1}s" * width).unpack
