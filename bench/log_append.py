"""What does a durable append cost? A million leaves in batches of 256, and the root stated after each batch.

Ours: a transaction of the node and its sequencer, as sending and accepting use them: entries, tiles and a checkpoint
signed by the log key, on the disk before the next batch. The peer: `pymerkle` 7's `SqliteTree`, the durable one of its
trees, as its documentation has it: `append_entries` with the batch (one commit, fully synchronised as SQLite's default
is), then `get_root`, its cache of subroots left on. It signs nothing and keeps no tiles. Both take the same entries in
turn, batch by batch, in one process on one disk, and must come to one root. The last line is peer / ours.
"""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import mean, median

from pymerkle import SqliteTree

from amanat.demo import cast
from amanat.demo.cast import COMPACT
from amanat.exchange import sequencer
from amanat.exchange.means import Means, begin
from amanat.store import logs
from measuring import dearest, seconds

LEAVES, BATCH = 1_000_000, 256
PROFILED = 50_000
SHOWN = 200

Append = Callable[[Sequence[bytes]], object]


def entries(first: int) -> list[bytes]:
    """The digests of one batch, as a log of envelopes holds them."""
    return [hashlib.sha256(at.to_bytes(8)).digest() for at in range(first, min(first + BATCH, LEAVES))]


def node(folder: Path) -> Means:
    """A party's node with an empty log."""
    parties = {"pk": cast.make_party("pk", folder)}
    cast.introduce(parties)
    with begin(parties["pk"].means) as turn:
        sequencer.create(turn, COMPACT)
    return parties["pk"].means


def ours(means: Means) -> Append:
    """Append a batch by a transaction of its own."""

    def append(batch: Sequence[bytes]) -> None:
        with begin(means) as turn:
            sequencer.commit(turn, COMPACT, batch)

    return append


def theirs(tree: SqliteTree) -> Append:
    """Append a batch, and state the root."""

    def append(batch: Sequence[bytes]) -> None:
        tree.append_entries(batch)
        tree.get_root()

    return append


def in_turn(*sides: Append) -> list[list[float]]:
    """The seconds that each side took for each batch."""
    taken: list[list[float]] = [[] for _ in sides]
    for first in range(0, LEAVES, BATCH):
        batch = entries(first)
        for side, times in zip(sides, taken, strict=True):
            times.append(seconds(partial(side, batch)))
    return taken


def require_one_root(means: Means, tree: SqliteTree) -> None:
    """Both hash as RFC 6962 does: anything but one root would mean that one of them did other work."""
    with begin(means) as turn:
        grown, _ = logs.latest(turn.tx, COMPACT)
    if (grown.size, grown.root()) != (LEAVES, tree.get_root()):
        raise SystemExit("error: the two logs have different roots")


def showing(means: Means) -> float:
    """Milliseconds that it takes to sign a checkpoint for others, with ML-DSA-44 too."""
    with begin(means) as turn:
        _, note = logs.latest(turn.tx, COMPACT)
        return mean(seconds(lambda: sequencer.for_others(turn, COMPACT, note)) for _ in range(SHOWN)) * 1000


def microseconds(batches: list[float]) -> str:
    """What a leaf cost: on average, and at the median of the first and of the last 100,000."""
    few = 100_000 // BATCH
    first, last = median(batches[:few]), median(batches[-few:])
    of_all, at_first, at_last = sum(batches) / LEAVES, first / BATCH, last / BATCH
    return f"{of_all * 1e6:.2f} us a leaf (median {at_first * 1e6:.2f} at first, {at_last * 1e6:.2f} at last)"


def main() -> None:
    """Grow both logs in turn, then print figures, profile and ratio."""
    with tempfile.TemporaryDirectory() as place:
        means, tree = node(Path(place) / "pk"), SqliteTree(f"{place}/leaves.db")
        peer, own = in_turn(theirs(tree), ours(means))
        require_one_root(means, tree)
        print(f"{LEAVES} leaves in batches of {BATCH}, each on the disk before the next:")
        print(f"pymerkle {microseconds(peer)}")
        print(f"ours     {microseconds(own)}; a checkpoint that is shown to others costs {showing(means):.2f} ms more")
        batches = [entries(first) for first in range(0, PROFILED, BATCH)]
        append = ours(means)
        print(dearest(lambda: [append(batch) for batch in batches]))
    print(f"ratio log_append_vs_pymerkle {sum(peer) / sum(own):.2f}")


if __name__ == "__main__":
    main()
