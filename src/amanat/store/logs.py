"""A log's entry bundles, tiles and checkpoints in the database, under the id of the compact they belong to.

Bundles and tiles stand here as tlog-tiles publishes them; the last of each row is partial, and grows in place. Those
of others' logs stand beside them under their origin, which no compact's id can be; they have no checkpoint here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from amanat.log.tiles import TILE_WIDTH, HashReader, Tile, encode_entries, parse_entries
from amanat.log.tree import Tree
from amanat.party.errors import Fault
from amanat.store.sqlite import upsert
from amanat.store.tables import CHECKPOINT, ENTRIES, TILE

HASH_BYTES = 32

# What every batch asks is built once; building a statement costs more than running it.
_LATEST = (
    select(CHECKPOINT.c.size, CHECKPOINT.c.edge, CHECKPOINT.c.note)
    .where(CHECKPOINT.c.log == bindparam("of"))
    .order_by(CHECKPOINT.c.size.desc())
    .limit(1)
)
_UNSHOWN = delete(CHECKPOINT).where(CHECKPOINT.c.log == bindparam("of"), ~CHECKPOINT.c.shown, ~CHECKPOINT.c.quorum)
_TILE = select(TILE.c.data).where(
    TILE.c.log == bindparam("of"), TILE.c.level == bindparam("at"), TILE.c.number == bindparam("n")
)
_ENTRIES = select(ENTRIES.c.data).where(ENTRIES.c.log == bindparam("of"), ENTRIES.c.number == bindparam("n"))


def latest(tx: Connection, log: str) -> tuple[Tree, bytes]:
    """Return the tree and the signed note of the newest checkpoint. Raises `Fault` when the log was never made."""
    row = tx.execute(_LATEST, {"of": log}).one_or_none()
    if row is None:
        raise Fault(
            "log.missing",
            f"This node has no log for {log}.",
            "Join the compact first: `amanat compact join`.",
        )
    edge = tuple(row.edge[at : at + HASH_BYTES] for at in range(0, len(row.edge), HASH_BYTES))
    return Tree(row.size, edge), row.note


@dataclass(frozen=True, slots=True)
class Batch:
    """One growth of a log: entries from index `first`, tiles that change, the tree after it and its signed note."""

    first: int
    entries: Sequence[bytes]
    tiles: Sequence[Tile]
    tree: Tree
    note: bytes


def write(tx: Connection, log: str, batch: Batch) -> None:
    """Write one batch; the checkpoint becomes the log's newest."""
    add(tx, log, batch.first, batch.entries, batch.tiles)
    # A checkpoint nobody was shown binds nobody; the newest replaces it.
    tx.execute(_UNSHOWN, {"of": log})
    tree, edge = batch.tree, b"".join(batch.tree.edge)
    row = {"log": log, "size": tree.size, "edge": edge, "note": batch.note, "shown": False, "quorum": False}
    tx.execute(upsert(CHECKPOINT, ("note", "edge")), row)


def add(tx: Connection, log: str, first: int, entries: Sequence[bytes], tiles: Sequence[Tile]) -> None:
    """Write entries from index `first`, where the log ends, and the tiles that change by them."""
    if entries:
        tx.execute(upsert(ENTRIES, ("data",)), _bundles(tx, log, first, entries))
    if tiles:
        rows = [{"log": log, "level": tile.level, "number": tile.n, "data": tile.data} for tile in tiles]
        tx.execute(upsert(TILE, ("data",)), rows)


def reader(tx: Connection, log: str) -> HashReader:
    """Return a reader of the log's tiles for `log.proof` and `log.tiles`; it keeps what it read while it lives."""
    kept: dict[tuple[int, int], bytes] = {}

    def read(level: int, number: int, width: int) -> bytes:
        data = kept.get((level, number))
        if data is None:
            data = tx.execute(_TILE, {"of": log, "at": level, "n": number}).scalar_one_or_none() or b""
            kept[level, number] = data
        if len(data) < width * HASH_BYTES:
            raise Fault("log.tile", f"Tile {level}/{number} of the log {log} is missing or short.", "Run an audit.")
        return data[: width * HASH_BYTES]

    return read


def bundle(tx: Connection, log: str, number: int, width: int) -> bytes:
    """Return entry bundle `number`, which holds `width` entries. Raises `Fault` when it is missing or holds others."""
    data = tx.execute(_ENTRIES, {"of": log, "n": number}).scalar_one_or_none() or b""
    if not data or len(parse_entries(data)) != width:
        raise _missing(log, number, width)
    return data


def bundle_of(tx: Connection, log: str, number: int, width: int) -> bytes:
    """Return the first `width` entries of bundle `number`, which may hold more by now. Raises `Fault`."""
    data = tx.execute(_ENTRIES, {"of": log, "n": number}).scalar_one_or_none() or b""
    entries = parse_entries(data) if data else []
    if len(entries) < width:
        raise _missing(log, number, width)
    return data if len(entries) == width else encode_entries(entries[:width])


def checkpoint(tx: Connection, log: str, size: int) -> bytes | None:
    """Return the signed note of exactly that size, if it is kept."""
    where = (CHECKPOINT.c.log == log, CHECKPOINT.c.size == size)
    return tx.execute(select(CHECKPOINT.c.note).where(*where)).scalar_one_or_none()


def with_quorum(tx: Connection, log: str) -> tuple[int, bytes] | None:
    """Return size and note of the newest checkpoint that met its witness quorum."""
    row = tx.execute(
        select(CHECKPOINT.c.size, CHECKPOINT.c.note)
        .where(CHECKPOINT.c.log == log, CHECKPOINT.c.quorum)
        .order_by(CHECKPOINT.c.size.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.size, row.note)


def show(tx: Connection, log: str, size: int) -> None:
    """Remember that a checkpoint left the house; from now on it is never dropped."""
    tx.execute(update(CHECKPOINT).where(CHECKPOINT.c.log == log, CHECKPOINT.c.size == size).values(shown=True))


def replace_note(tx: Connection, log: str, size: int, note: bytes) -> None:
    """Replace a checkpoint's note by one of the same text with more signatures."""
    where = (CHECKPOINT.c.log == log, CHECKPOINT.c.size == size)
    tx.execute(update(CHECKPOINT).where(*where).values(note=note))


def cosigned(tx: Connection, log: str, size: int, note: bytes, *, quorum: bool) -> None:
    """Replace a checkpoint's note by one with more cosignatures."""
    where = (CHECKPOINT.c.log == log, CHECKPOINT.c.size == size)
    tx.execute(update(CHECKPOINT).where(*where).values(note=note, shown=True, quorum=quorum))


def logs(tx: Connection) -> list[str]:
    """Return the ids of all logs kept here, sorted."""
    return list(tx.execute(select(CHECKPOINT.c.log).group_by(CHECKPOINT.c.log).order_by(CHECKPOINT.c.log)).scalars())


def _bundles(tx: Connection, log: str, first: int, new: Sequence[bytes]) -> list[dict[str, Any]]:
    """Fill up the last bundle with the new entries, and begin as many more as they need."""
    first, partial = divmod(first, TILE_WIDTH)
    before = parse_entries(bundle(tx, log, first, partial)) if partial else []
    entries = [*before, *new]
    return [
        {"log": log, "number": first + at // TILE_WIDTH, "data": encode_entries(entries[at : at + TILE_WIDTH])}
        for at in range(0, len(entries), TILE_WIDTH)
    ]


def _missing(log: str, number: int, width: int) -> Fault:
    return Fault("log.entries", f"Bundle {number} of the log {log} has not its {width} entries.", "Run an audit.")
