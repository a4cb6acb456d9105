"""A log given away: written as a static tlog-tiles folder, and audited as anyone audits one (c2sp.org/tlog-tiles)."""

from collections.abc import Callable

from amanat.exchange import sequencer
from amanat.exchange.means import Turn
from amanat.log.checkpoint import Checkpoint, open_checkpoint
from amanat.log.malformed import Malformed
from amanat.log.note import VerifierKey
from amanat.log.tiles import TILE_HEIGHT, TILE_WIDTH, audit, entries_path, tile_path
from amanat.store import logs


def publish(turn: Turn, log: str, write: Callable[[str, bytes], None]) -> int:
    """Hand every file of a log to `write(path, bytes)`, the checkpoint last; return the number of entries.

    Last, so that whoever fetches meanwhile never sees a checkpoint whose tiles are not there. What is published was
    shown: its checkpoint is never dropped. It is signed by the log key now in use.
    """
    tx = turn.tx
    tree, note = logs.latest(tx, log)
    read = logs.reader(tx, log)
    for n, width in _widths(tree.size):
        write(entries_path(n, width), logs.bundle(tx, log, n, width))
    level, size = 0, tree.size
    while size:
        for n, width in _widths(size):
            write(tile_path(level, n, width), read(level, n, width))
        level, size = level + 1, size >> TILE_HEIGHT
    write("checkpoint", sequencer.for_others(turn, log, note))
    logs.show(tx, log, tree.size)
    return tree.size


def audit_published(fetch: Callable[[str], bytes], key: VerifierKey) -> Checkpoint:
    """Recompute a published log from its entries and compare every tile and the signed root; return its checkpoint.

    `fetch(path)` returns a file below the log's prefix. Raises `Malformed` naming what differs.
    """
    checkpoint, _ = open_checkpoint(fetch("checkpoint"), key)
    root = audit(
        checkpoint.size,
        lambda n, width: fetch(entries_path(n, width)),
        lambda level, n, width: fetch(tile_path(level, n, width)),
    )
    if root != checkpoint.root:
        raise Malformed(
            "log.root",
            f"The entries of {checkpoint.origin} hash to another root than its checkpoint signs.",
            "The log was rewritten after it was signed: keep both, and show them to its witnesses.",
        )
    return checkpoint


def _widths(size: int) -> list[tuple[int, int]]:
    """Return (number, width) of each tile of a row of `size`: all full but perhaps the last."""
    return [(n, min(TILE_WIDTH, size - n * TILE_WIDTH)) for n in range(-(-size // TILE_WIDTH))]
