"""What does auditing a whole log cost beside SHA-256 itself? A million entries, read from a static folder.

Ours: `log.tiles.audit` recomputes the root from the entries and compares every tile. The peer: bare `hashlib` over
as many leaf inputs (33 bytes) and node inputs (65 bytes), in a loop of its own. Both in turn, in one process; the last
line is peer / ours. It also says how much memory the audit of ten times as many entries takes more, and how long
inclusion proofs for entries drawn by chance take.
"""

import hashlib
import os
import random
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from amanat.log.proof import inclusion_proof, verify_inclusion
from amanat.log.tiles import TILE_WIDTH, audit, encode_entries, entries_path, new_tiles, tile_path
from amanat.log.tree import Tree, grow, leaf_hash
from measuring import dearest, seconds

SMALL, LARGE = 100_000, 1_000_000
ROUNDS, PROOFS = 7, 2_000
BATCH = 16 * TILE_WIDTH
LARGEST_FILE = 34 * TILE_WIDTH  # an entry bundle of digests


def entry(index: int) -> bytes:
    """A digest such as a log of envelopes holds."""
    return hashlib.sha256(index.to_bytes(8)).digest()


class Folder:
    """A log of `size` entries in a static folder, as it is given away."""

    def __init__(self, root: Path, size: int) -> None:
        """Write it."""
        root.mkdir()
        self.root, self.size, self.folder = root, size, os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        self.tree = Tree()
        for start in range(0, size, BATCH):
            self._grow([entry(index) for index in range(start, min(start + BATCH, size))])

    def _grow(self, entries: list[bytes]) -> None:
        leaves = [leaf_hash(each) for each in entries]
        growth = grow(self.tree, leaves)
        for tile in new_tiles(growth, self.read):
            self._write(tile_path(tile.level, tile.n, tile.width), tile.data)
        for start in range(0, len(entries), TILE_WIDTH):
            bundle = entries[start : start + TILE_WIDTH]
            path = entries_path((self.tree.size + start) // TILE_WIDTH, len(bundle))
            self._write(path, encode_entries(bundle))
        self.tree = growth.tree

    def _write(self, path: str, data: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(data)

    def read(self, level: int, n: int, width: int) -> bytes:
        """Read a tile."""
        return self._fetch(tile_path(level, n, width))

    def read_entries(self, n: int, width: int) -> bytes:
        """Read an entry bundle."""
        return self._fetch(entries_path(n, width))

    def _fetch(self, path: str) -> bytes:
        file = os.open(path, os.O_RDONLY, dir_fd=self.folder)  # no buffers and no paths to join, a million times
        try:
            return os.read(file, LARGEST_FILE)
        finally:
            os.close(file)

    def audit(self) -> bytes:
        """Audit the whole log."""
        return audit(self.size, self.read_entries, self.read)


def bare_hashing() -> None:
    """Hash as many leaf and node inputs as a tree of a million entries has."""
    sha = hashlib.sha256
    leaf, node = bytes(33), bytes(65)
    for _ in range(LARGE):
        sha(leaf).digest()
    for _ in range(LARGE - 1):
        sha(node).digest()


def peak(work: Callable[[], object]) -> int:
    """The most bytes that one call holds at once."""
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def proofs(log: Folder) -> tuple[float, float]:
    """The median milliseconds of an inclusion proof, and those of the 99th of a hundred; each is verified."""
    draw = random.Random(1)
    root, times = log.tree.root(), []
    for _ in range(PROOFS):
        index = draw.randrange(log.size)
        begun = perf_counter()
        proof = inclusion_proof(index, log.size, log.read)
        times.append((perf_counter() - begun) * 1000)
        verify_inclusion(leaf_hash(entry(index)), index, log.size, proof, root)
    return median(times), quantiles(times, n=100)[-1]


def main() -> None:
    """Build both logs, measure, and print figures and ratio."""
    with tempfile.TemporaryDirectory() as place:
        small, large = Folder(Path(place) / "small", SMALL), Folder(Path(place) / "large", LARGE)
        if large.audit() != large.tree.root():
            raise SystemExit("error: the audit finds another root")
        held = [peak(log.audit) / 1e6 for log in (small, large)]
        print(f"memory at most {held[0]:.1f} MB for {SMALL} entries, {held[1]:.1f} MB for {LARGE}")
        middle, slow = proofs(large)
        print(
            f"inclusion proof, {LARGE} entries, tiles read from files: median {middle:.3f} ms, 99 of 100 {slow:.3f} ms"
        )
        rounds = [(seconds(bare_hashing), seconds(large.audit)) for _ in range(ROUNDS)]
        bare, ours = (median(times) for times in zip(*rounds, strict=True))
        print(f"SHA-256 alone {bare:.2f} s, audit {ours:.2f} s")
        print(dearest(small.audit))
    print(f"ratio log_audit_vs_sha256 {median(each / whole for each, whole in rounds):.2f}")


if __name__ == "__main__":
    main()
