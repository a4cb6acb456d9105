"""A log as a static tlog-tiles folder that others' tools read, and the audit of one, from a folder or anywhere else.

Full tiles never change, so publishing again writes only what is new; the checkpoint is written last, so that whoever
reads meanwhile finds all that it promises.
"""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from amanat.exchange.means import Means
from amanat.log.checkpoint import Checkpoint, open_checkpoint
from amanat.log.malformed import Malformed
from amanat.log.note import VerifierKey
from amanat.log.tiles import TILE_HEIGHT, TILE_WIDTH, audit, encode_entries, entries_path, tile_path
from amanat.store import logs

CHECKPOINT = "checkpoint"

Fetch = Callable[[str], bytes | None]
"""fetch(path) returns the bytes under a path of the log's folder, or None when nothing is there."""


def publish(log: str, folder: Path, means: Means) -> int:
    """Write this party's log for a compact to `folder`, or bring the folder up to date; return the log's size."""
    with means.engine.begin() as tx:
        tree, note = logs.latest(tx, log)
        _write_tiles(tx, log, tree.size, folder)
        logs.show(tx, log, tree.size)
    _write(folder / CHECKPOINT, note)
    return tree.size


def audit_log(fetch: Fetch, key: VerifierKey, walked: Callable[[int, int], None]) -> Checkpoint:
    """Recompute a published log from its entries, compare every tile, and return the checkpoint that commits to it.

    `walked(done, size)` is told how many entries are behind. Raises `Malformed`, naming what does not hold.
    """
    checkpoint, _ = open_checkpoint(_fetched(fetch, CHECKPOINT), key)

    def entries(n: int, width: int) -> bytes:
        walked(n * TILE_WIDTH + width, checkpoint.size)
        return _part(fetch, entries_path(n, width), entries_path(n))

    def tile(level: int, n: int, width: int) -> bytes:
        return _part(fetch, tile_path(level, n, width), tile_path(level, n))

    root = audit(checkpoint.size, entries, tile)
    if root != checkpoint.root:
        raise Malformed(
            "log.root",
            f"The {checkpoint.size} entries hash to {root.hex()[:16]}, and the checkpoint says {checkpoint.root.hex()[:16]}.",
            "Entries were altered after they were signed: keep the folder and the checkpoint as evidence.",
        )
    return checkpoint


def folder_fetch(folder: Path) -> Fetch:
    """Return a `Fetch` that reads a published folder."""

    def fetch(path: str) -> bytes | None:
        file = folder / path
        return file.read_bytes() if file.is_file() else None

    return fetch


def _part(fetch: Fetch, path: str, full: str) -> bytes:
    """A partial tile may be gone once the full one stands (tlog-tiles, section Partial tiles)."""
    data = fetch(path)
    return data if data is not None else _fetched(fetch, full)


def _fetched(fetch: Fetch, path: str) -> bytes:
    data = fetch(path)
    if data is None:
        raise Malformed("log.absent", f"The log has no {path}.", "Publish it again, or name the log's folder.")
    return data


def _write_tiles(tx: Connection, log: str, size: int, folder: Path) -> None:
    read = logs.reader(tx, log)
    for n in range(-(-size // TILE_WIDTH)):
        width = min(TILE_WIDTH, size - n * TILE_WIDTH)
        if not (folder / entries_path(n, width)).exists():
            entries = logs.entries(tx, log, n * TILE_WIDTH, width)
            _write(folder / entries_path(n, width), encode_entries(entries))
    level, row = 0, size
    while row:
        for n in range(-(-row // TILE_WIDTH)):
            width = min(TILE_WIDTH, row - n * TILE_WIDTH)
            if not (folder / tile_path(level, n, width)).exists():
                _write(folder / tile_path(level, n, width), read(level, n, width))
        level, row = level + 1, row >> TILE_HEIGHT


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(data)
    beside.replace(path)
