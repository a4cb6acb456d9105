"""A log's entry bundles, tiles and checkpoints in the database, under the id of the compact they belong to.

Bundles and tiles stand here as tlog-tiles publishes them, and once full never change. Those at the right edge, which
the next batch fills up, stand in the row of the newest checkpoint: one row to read for a batch and one to change.
Bundles and tiles of others' logs stand beside ours, under the logs' origins and without a checkpoint here (`mirrors`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from amanat.log.lines import HASH_SIZE
from amanat.log.tiles import TILE_HEIGHT, TILE_WIDTH, HashReader, Tile, encode_entries, parse_entries
from amanat.log.tree import Tree
from amanat.party.errors import Fault
from amanat.store.dialect import aside, insert_all, upsert
from amanat.store.tables import CHECKPOINT, COSIGNED, ENTRIES, RECORD, TILE

NEAR = 8  # checkpoints on each side of an entry: not everyone that was shown was countersigned

# What every batch asks is built once; building a statement costs more than running it.
_OF = CHECKPOINT.c.log == bindparam("of")
_NEWEST = select(CHECKPOINT).where(_OF).order_by(CHECKPOINT.c.size.desc()).limit(1)
_MOVED = update(CHECKPOINT).where(_OF, ~CHECKPOINT.c.shown, ~CHECKPOINT.c.quorum)
_OF_SIZE = (_OF, CHECKPOINT.c.size == bindparam("at"))
_CHANGED = update(CHECKPOINT).where(*_OF_SIZE)
_NOTE = select(CHECKPOINT.c.note).where(*_OF_SIZE)
_WITH_QUORUM = (
    select(CHECKPOINT.c.size, CHECKPOINT.c.note)
    .where(_OF, CHECKPOINT.c.quorum.is_(True))
    .order_by(CHECKPOINT.c.size.desc())
    .limit(1)
)
_TILE = select(TILE.c.data).where(
    TILE.c.log == bindparam("of"), TILE.c.level == bindparam("at"), TILE.c.number == bindparam("n")
)
_ENTRIES = select(ENTRIES.c.data).where(ENTRIES.c.log == bindparam("of"), ENTRIES.c.number == bindparam("n"))


@dataclass(frozen=True, slots=True)
class Edge:
    """All of a log that its next batch changes: the tree's own edge, each level's partial tile, the partial bundle."""

    tree: Tree
    tiles: Mapping[int, bytes]
    entries: bytes
    shown: bool = False
    """Whether somebody has its checkpoint, which is kept then beside the next."""

    def read(self, level: int, _number: int, _width: int) -> bytes:
        """Read a partial tile, as `log.tiles.new_tiles` asks for it."""
        return self.tiles[level]


@dataclass(frozen=True, slots=True)
class Batch:
    """One growth of a log from `edge` on: its entries, the tiles that change, the tree after it and its signed note."""

    edge: Edge
    entries: Sequence[bytes]
    tiles: Sequence[Tile]
    tree: Tree
    note: bytes


def latest(tx: Connection, log: str) -> tuple[Tree, bytes]:
    """Return the tree and the signed note of the newest checkpoint. Raises `Fault` when the log was never made."""
    row = _newest(tx, log)
    return _tree(row), row.note


def edge(tx: Connection, log: str) -> Edge:
    """Return what the log's next batch changes. Raises `Fault` when the log was never made."""
    return _edge(_newest(tx, log))


def edge_if_made(tx: Connection, log: str) -> Edge | None:
    """Return what the log's next batch changes, None where the log was never made."""
    row = tx.execute(_NEWEST, {"of": log}).one_or_none()
    return None if row is None else _edge(row)


def _edge(row: Row[Any]) -> Edge:
    return Edge(_tree(row), _partial_tiles(row), row.entries, shown=row.shown or row.quorum)


def write(tx: Connection, log: str, batch: Batch) -> None:
    """Write one batch; the checkpoint becomes the log's newest."""
    partial = dict(batch.edge.tiles)
    full = []
    for tile in batch.tiles:  # level by level, and of each a partial one last
        partial[tile.level] = tile.data if tile.width < TILE_WIDTH else b""
        if tile.width == TILE_WIDTH:
            full.append({"log": log, "level": tile.level, "number": tile.n, "data": tile.data})
    bundles, entries = _bundles(log, batch)
    insert_all(tx, TILE, full)
    insert_all(tx, ENTRIES, bundles)
    checkpoint = {
        "size": batch.tree.size,
        "edge": b"".join(batch.tree.edge),
        "tiles": b"".join(partial.values()),
        "entries": entries,
        "note": batch.note,
    }
    # A checkpoint nobody was shown binds nobody: the newest takes its place.
    if batch.edge.shown or not tx.execute(_MOVED, {"of": log, **checkpoint}).rowcount:
        _begin_checkpoint(tx, log, batch.edge.tree.size, checkpoint)


def reader(tx: Connection, log: str) -> HashReader:
    """Return a reader of the log's tiles for `log.proof` and `log.tiles`; it keeps what it read while it lives."""
    row = _newest(tx, log)
    partial = _partial_tiles(row)
    return stored(tx, log, {(level, row.size >> TILE_HEIGHT * (level + 1)): data for level, data in partial.items()})


def stored(tx: Connection, log: str, kept: dict[tuple[int, int], bytes]) -> HashReader:
    """Return a reader of the tiles that stand under a name, and of those `kept` already; it keeps what it reads."""

    def read(level: int, number: int, width: int) -> bytes:
        data = kept.get((level, number))
        if data is None:
            data = tx.execute(_TILE, {"of": log, "at": level, "n": number}).scalar_one_or_none() or b""
            kept[level, number] = data
        if len(data) < width * HASH_SIZE:
            raise Fault("log.tile", f"Tile {level}/{number} of the log {log} is missing or short.", "Run an audit.")
        return data[: width * HASH_SIZE]

    return read


def bundle(tx: Connection, log: str, number: int, width: int) -> bytes:
    """Return entry bundle `number`, which holds `width` entries. Raises `Fault` when it is missing or holds others."""
    data: bytes = tx.execute(_ENTRIES, {"of": log, "n": number}).scalar_one_or_none() or _newest(tx, log).entries
    if not data or len(parse_entries(data)) != width:
        raise Fault("log.entries", f"Bundle {number} of the log {log} has not its {width} entries.", "Run an audit.")
    return data


def bundle_of(tx: Connection, log: str, number: int, width: int) -> bytes:
    """Return the first `width` entries of bundle `number`, which may hold more by now. Raises `Fault`."""
    row = _newest(tx, log)
    return first(stored_bundle(tx, log, number) if number != row.size // TILE_WIDTH else row.entries, width)


def stored_bundle(tx: Connection, log: str, number: int) -> bytes:
    """Return the entry bundle that stands under a name; empty where there is none."""
    return tx.execute(_ENTRIES, {"of": log, "n": number}).scalar_one_or_none() or b""


def first(bundle_: bytes, width: int) -> bytes:
    """Return a bundle of the first `width` entries of one. Raises `Fault` when it has not so many."""
    entries = parse_entries(bundle_) if bundle_ else []
    if len(entries) < width:
        raise Fault("log.entries", f"A bundle has {len(entries)} entries, and should have {width}.", "Run an audit.")
    return bundle_ if len(entries) == width else encode_entries(entries[:width])


def checkpoint(tx: Connection, log: str, size: int) -> bytes | None:
    """Return the signed note of exactly that size, if it is kept."""
    return tx.execute(_NOTE, {"of": log, "at": size}).scalar_one_or_none()


def with_quorum(tx: Connection, log: str) -> tuple[int, bytes] | None:
    """Return size and note of the newest checkpoint that met its witness quorum."""
    row = tx.execute(_WITH_QUORUM, {"of": log}).one_or_none()
    return None if row is None else (row.size, row.note)


def first_beyond(tx: Connection, log: str, size: int) -> str | None:
    """Return when, by its author, the first record was written that stands in a log from index `size` on."""
    query = select(RECORD.c.at).where(RECORD.c.compact == log, RECORD.c.log_index >= size)
    return tx.execute(query.order_by(RECORD.c.log_index).limit(1)).scalar_one_or_none()


def written_by_day(tx: Connection, log: str, party: str, since: datetime, most: int) -> dict[str, int]:
    """Return how many entries of a log a party wrote on each day ("2026-01-31", UTC), of the newest `most` since then.

    By its clock, and of the index alone: nothing is read of the records themselves.
    """
    newest = (
        select(func.substr(RECORD.c.at, 1, 10).label("day"))
        .where(RECORD.c.party == party, RECORD.c.at >= since.isoformat(), aside(RECORD.c.compact) == log)
        .order_by(RECORD.c.at.desc(), RECORD.c.id.desc())
        .limit(most)
        .subquery()
    )
    rows = tx.execute(select(newest.c.day, func.count().label("entries")).group_by(newest.c.day))
    return {row.day: row.entries for row in rows}


def countersigned_to(tx: Connection, log: str) -> dict[str, int]:
    """Return up to which size each witness countersigned a log of ours."""
    rows = tx.execute(select(COSIGNED.c.witness, COSIGNED.c.size).where(COSIGNED.c.log == log))
    return {row.witness: row.size for row in rows}


def covering(tx: Connection, log: str, index: int) -> bytes | None:
    """Return the note of the oldest checkpoint that has entry `index` and met its quorum, else of the newest shown."""
    has = (CHECKPOINT.c.log == log, CHECKPOINT.c.size > index)
    query = select(CHECKPOINT.c.note).limit(1)
    final = query.where(*has, CHECKPOINT.c.quorum).order_by(CHECKPOINT.c.size)
    shown = query.where(*has, CHECKPOINT.c.shown).order_by(CHECKPOINT.c.size.desc())
    return tx.execute(final).scalar_one_or_none() or tx.execute(shown).scalar_one_or_none()


def around(tx: Connection, log: str, index: int) -> list[bytes]:
    """Return the notes of the kept checkpoints nearest to an entry, some without and some with it."""
    notes = select(CHECKPOINT.c.note).where(CHECKPOINT.c.log == log, CHECKPOINT.c.shown).limit(NEAR)
    without = notes.where(CHECKPOINT.c.size <= index).order_by(CHECKPOINT.c.size.desc())
    within = notes.where(CHECKPOINT.c.size > index).order_by(CHECKPOINT.c.size)
    return [*tx.execute(without).scalars(), *tx.execute(within).scalars()]


def show(tx: Connection, log: str, size: int) -> None:
    """Remember that a checkpoint left the house; from now on it is never dropped."""
    tx.execute(_CHANGED, {"of": log, "at": size, "shown": True})


def replace_note(tx: Connection, log: str, size: int, note: bytes) -> None:
    """Replace a checkpoint's note by one of the same text with more signatures."""
    tx.execute(_CHANGED, {"of": log, "at": size, "note": note})


def cosigned(tx: Connection, log: str, size: int, note: bytes, *, quorum: bool) -> None:
    """Replace a checkpoint's note by one with more cosignatures."""
    tx.execute(_CHANGED, {"of": log, "at": size, "note": note, "shown": True, "quorum": quorum})


def logs(tx: Connection) -> list[str]:
    """Return the ids of all logs kept here, sorted; of one that ended only checkpoints are left, under its name."""
    names = select(CHECKPOINT.c.log).where(~CHECKPOINT.c.log.contains("/")).group_by(CHECKPOINT.c.log)
    return list(tx.execute(names.order_by(CHECKPOINT.c.log)).scalars())


def go_on(tx: Connection, log: str, origin: str, note: bytes) -> None:
    """Let a log that was called `origin` go on under the name in `note`, of the same tree, which nobody was shown yet.

    Its checkpoints are kept under the name that they bear.
    """
    row = _newest(tx, log)
    edge = {"edge": row.edge, "tiles": row.tiles, "entries": row.entries}
    gone = dict.fromkeys(edge, b"")
    tx.execute(update(CHECKPOINT).where(CHECKPOINT.c.log == log).values(log=origin, **gone))
    begun = {"log": log, "size": row.size, "note": note, "shown": False, "quorum": False}
    tx.execute(CHECKPOINT.insert(), begun | edge)


def ended(tx: Connection, origin: str) -> list[tuple[int, bytes]]:
    """Return size and note of each checkpoint that is kept of a log of ours that ended."""
    query = select(CHECKPOINT.c.size, CHECKPOINT.c.note).where(CHECKPOINT.c.log == origin)
    return [(row.size, row.note) for row in tx.execute(query.order_by(CHECKPOINT.c.size))]


def _newest(tx: Connection, log: str) -> Row[Any]:
    row = tx.execute(_NEWEST, {"of": log}).one_or_none()
    if row is None:
        raise Fault(
            "log.missing",
            f"This node has no log for {log}.",
            "Join the compact first.",
        )
    return row


def _tree(row: Row[Any]) -> Tree:
    return Tree(row.size, tuple(row.edge[at : at + HASH_SIZE] for at in range(0, len(row.edge), HASH_SIZE)))


def _partial_tiles(row: Row[Any]) -> dict[int, bytes]:
    """Cut each level's partial tile out of the newest checkpoint's row; how wide they are follows from its size."""
    tiles, start, hashes = dict[int, bytes](), 0, row.size
    while hashes:
        end = start + HASH_SIZE * (hashes % TILE_WIDTH)
        tiles[len(tiles)] = row.tiles[start:end]
        start, hashes = end, hashes >> TILE_HEIGHT
    return tiles


def _begin_checkpoint(tx: Connection, log: str, before: int, checkpoint: Mapping[str, object]) -> None:
    """Write a checkpoint beside the one before it, which was shown and is kept; only the newest needs the edge."""
    tx.execute(_CHANGED, {"of": log, "at": before, "edge": b"", "tiles": b"", "entries": b""})
    row = {"log": log, **checkpoint, "shown": False, "quorum": False}
    upsert(tx, CHECKPOINT, ("edge", "tiles", "entries", "note"), row)


def _bundles(log: str, batch: Batch) -> tuple[list[dict[str, Any]], bytes]:
    """Return the bundles that the batch fills up, and the partial one that is left."""
    number, width = divmod(batch.edge.tree.size, TILE_WIDTH)
    full, partial, rest = list[dict[str, Any]](), batch.edge.entries, batch.entries
    while rest:
        fitting, rest = rest[: TILE_WIDTH - width], rest[TILE_WIDTH - width :]
        partial, width = partial + encode_entries(fitting), width + len(fitting)
        if width == TILE_WIDTH:
            full.append({"log": log, "number": number + len(full), "data": partial})
            partial, width = b"", 0
    return full, partial
