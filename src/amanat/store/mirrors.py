"""How far this party keeps each log of others that it witnesses, by its origin (c2sp.org/tlog-mirror).

The *pending* checkpoint is the last that followed from all before it; up to `next` its entries are kept. The newest
one that was countersigned is *mirrored*: all of it is here. Bundles and tiles stand in the tables of our own logs,
under the origin, which no compact's id can be; the last of each row is partial, and grows in place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from amanat.log.tiles import TILE_WIDTH, HashReader, Tile, encode_entries, parse_entries
from amanat.store import logs
from amanat.store.dialect import upsert
from amanat.store.tables import ENTRIES, PENDING, TILE, WITNESSED

_MIRRORED = select(WITNESSED).where(WITNESSED.c.origin == bindparam("of"))
_PENDING = select(PENDING).where(PENDING.c.origin == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Checkpointed:
    """A checkpoint as it is kept: its size, and its note with the log's signature."""

    size: int
    note: bytes


@dataclass(frozen=True, slots=True)
class Mirror:
    """One log's pending checkpoint, the first entry that is not kept, and what was countersigned last, if anything."""

    origin: str
    pending: Checkpointed
    next: int
    mirrored: Checkpointed | None


def of(tx: Connection, origin: str) -> Mirror | None:
    """Return how far a log is kept; None when no checkpoint of it came.

    What was countersigned before entries were kept is pending, and lacks all of them.
    """
    row = tx.execute(_MIRRORED, {"of": origin}).one_or_none()
    mirrored = None if row is None else Checkpointed(row.size, row.note)
    held = tx.execute(_PENDING, {"of": origin}).one_or_none()
    if held is not None:
        return Mirror(origin, Checkpointed(held.size, held.note), held.next, mirrored)
    return None if mirrored is None else Mirror(origin, mirrored, 0, mirrored)


def every(tx: Connection, origins: Iterable[str]) -> list[Mirror]:
    """Return how far each of these logs is kept, by origin."""
    return [found for origin in sorted(origins) if (found := of(tx, origin)) is not None]


def origins(tx: Connection) -> Sequence[str]:
    """Return the origins of all logs of which something was countersigned."""
    return tx.execute(select(WITNESSED.c.origin).order_by(WITNESSED.c.origin)).scalars().all()


def wait_for(tx: Connection, origin: str, pending: Checkpointed, next_entry: int) -> None:
    """Make a checkpoint the pending one, of which the entries before `next_entry` are kept."""
    row = {"origin": origin, "size": pending.size, "note": pending.note, "next": next_entry}
    upsert(tx, PENDING, ("size", "note", "next"), row)


def countersigned(tx: Connection, origin: str, size: int, note: bytes) -> None:
    """Keep the newest checkpoint that this party countersigned."""
    upsert(tx, WITNESSED, ("size", "note"), {"origin": origin, "size": size, "note": note})


def add(tx: Connection, origin: str, start: int, entries: Sequence[bytes], tiles: Sequence[Tile]) -> None:
    """Write entries from index `start`, up to which the log is kept, and the tiles that change by them."""
    number, partial = divmod(start, TILE_WIDTH)
    known = [*(parse_entries(bundle(tx, origin, number, partial)) if partial else ()), *entries]
    bundles = [
        {"log": origin, "number": number + at // TILE_WIDTH, "data": encode_entries(known[at : at + TILE_WIDTH])}
        for at in range(0, len(known), TILE_WIDTH)
    ]
    upsert(tx, ENTRIES, ("data",), *bundles)
    rows = [{"log": origin, "level": tile.level, "number": tile.n, "data": tile.data} for tile in tiles]
    upsert(tx, TILE, ("data",), *rows)


def reader(tx: Connection, origin: str) -> HashReader:
    """Return a reader of the tiles kept of a log; it keeps what it read while it lives."""
    return logs.stored(tx, origin, {})


def bundle(tx: Connection, origin: str, number: int, width: int) -> bytes:
    """Return the first `width` entries of bundle `number`, which may hold more. Raises `Fault`."""
    return logs.first(logs.stored_bundle(tx, origin, number), width)
