"""A log in the database is the same however its entries came: its bundles, its tiles, and what they hash to."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, select, update

from amanat.log.tiles import TILE_WIDTH, audit, encode_entries, new_tiles
from amanat.log.tree import Tree, grow, leaf_hash, root_of
from amanat.party.errors import Fault
from amanat.store import logs
from amanat.store.tables import CHECKPOINT, ENTRIES, TILE

LOG = "pk-af"
EMPTY = logs.Edge(Tree(), {}, b"")


@pytest.fixture
def tx(tx: Connection) -> Connection:
    """A transaction in a new database with an empty log."""
    logs.write(tx, LOG, logs.Batch(EMPTY, (), (), EMPTY.tree, b"0"))
    return tx


def entries(first: int, end: int) -> list[bytes]:
    return [number.to_bytes(32) for number in range(first, end)]


def append(tx: Connection, batch: Sequence[bytes]) -> None:
    """Append a batch as the sequencer does; for a note, the size."""
    edge = logs.edge(tx, LOG)
    growth = grow(edge.tree, [leaf_hash(entry) for entry in batch])
    note = str(growth.tree.size).encode()
    logs.write(tx, LOG, logs.Batch(edge, batch, new_tiles(growth, edge.read), growth.tree, note))


def append_up_to(tx: Connection, *sizes: int) -> None:
    for size in sizes:
        append(tx, entries(logs.latest(tx, LOG)[0].size, size))


def stored(tx: Connection, size: int) -> bytes:
    """The root that all entries and tiles of the log come to."""
    return audit(size, lambda n, width: logs.bundle(tx, LOG, n, width), logs.reader(tx, LOG))


def kept(tx: Connection) -> list[tuple[int, bytes]]:
    return [(row.size, row.edge) for row in tx.execute(select(CHECKPOINT).order_by(CHECKPOINT.c.size))]


@pytest.mark.parametrize(
    "sizes",
    [
        (1, 2, 3),
        (255, 256, 257),
        (1, 257, 511, 512),
        (256, 512, 768),
        (700, 1500),
        (65_535, 65_536, 65_537),
        (65_536, 131_072, 131_100),
    ],
)
def test_bundles_and_tiles_are_those_of_the_entries_after_every_batch(tx: Connection, sizes: tuple[int, ...]) -> None:
    for size in sizes:
        append_up_to(tx, size)
        tree, note = logs.latest(tx, LOG)
        assert (tree.size, note) == (size, str(size).encode())
        assert stored(tx, size) == tree.root() == root_of(map(leaf_hash, entries(0, size)))


def test_what_is_full_never_changes_and_what_is_partial_stands_at_the_edge(tx: Connection) -> None:
    append_up_to(tx, 300)
    edge = logs.edge(tx, LOG)
    assert edge.entries == encode_entries(entries(256, 300))
    assert {level: len(data) for level, data in edge.tiles.items()} == {0: 44 * 32, 1: 32}
    full = list(tx.execute(select(ENTRIES.c.data)).scalars()), list(tx.execute(select(TILE.c.data)).scalars())
    assert [len(rows) for rows in full] == [1, 1]
    append_up_to(tx, 400)
    assert full == (list(tx.execute(select(ENTRIES.c.data)).scalars()), list(tx.execute(select(TILE.c.data)).scalars()))


def test_an_earlier_size_is_read_from_what_grew_since(tx: Connection) -> None:
    append_up_to(tx, 600)
    read = logs.reader(tx, LOG)
    for size in (1, 200, 256, 300, 512, 599):
        leaves = [leaf_hash(entry) for entry in entries(0, size)]
        number, width = divmod(size - 1, TILE_WIDTH)
        assert read(0, number, width + 1) == b"".join(leaves[TILE_WIDTH * number :])


def test_a_batch_of_nothing_changes_nothing(tx: Connection) -> None:
    append_up_to(tx, 300)
    for _ in range(2):
        before = logs.edge(tx, LOG)
        append(tx, [])
        assert logs.edge(tx, LOG) == before
        logs.show(tx, LOG, 300)
    assert stored(tx, 300) == before.tree.root()


def test_a_checkpoint_that_nobody_was_shown_gives_way_to_the_next(tx: Connection) -> None:
    append_up_to(tx, 10, 20)
    assert [size for size, _ in kept(tx)] == [20]


def test_a_checkpoint_that_was_shown_is_kept_and_leaves_its_edge_to_the_newest(tx: Connection) -> None:
    append_up_to(tx, 10)
    logs.show(tx, LOG, 10)
    append_up_to(tx, 300, 700)
    assert kept(tx) == [(10, b""), (700, b"".join(logs.latest(tx, LOG)[0].edge))]
    assert logs.checkpoint(tx, LOG, 10) == b"10"
    assert stored(tx, 700) == logs.latest(tx, LOG)[0].root()


def test_a_log_does_not_touch_anothers_checkpoint(tx: Connection) -> None:
    logs.write(tx, "af-obs", logs.Batch(EMPTY, (), (), EMPTY.tree, b"theirs"))
    append_up_to(tx, 5)
    logs.show(tx, LOG, 5)
    append_up_to(tx, 6)
    assert logs.latest(tx, "af-obs") == (Tree(), b"theirs")


@pytest.mark.parametrize(("table", "number"), [(ENTRIES, 0), (CHECKPOINT, 1)])
def test_a_bundle_that_is_gone_is_no_shorter_bundle(tx: Connection, table: object, number: int) -> None:
    append_up_to(tx, 300)
    gone = delete(ENTRIES) if table is ENTRIES else update(CHECKPOINT).values(entries=b"")
    tx.execute(gone)
    with pytest.raises(Fault, match=rf"Bundle {number} of the log pk-af has not its (256|44) entries\."):
        logs.bundle(tx, LOG, number, 256 if number == 0 else 44)


@pytest.mark.parametrize(("table", "number"), [(TILE, 0), (CHECKPOINT, 1)])
def test_a_tile_that_is_gone_is_no_shorter_tile(tx: Connection, table: object, number: int) -> None:
    append_up_to(tx, 300)
    gone = delete(TILE) if table is TILE else update(CHECKPOINT).values(tiles=b"")
    tx.execute(gone)
    with pytest.raises(Fault, match=rf"Tile 0/{number} of the log pk-af is missing or short\."):
        logs.reader(tx, LOG)(0, number, 1)


def test_a_log_that_was_never_made_is_missing(tx: Connection) -> None:
    for asked in (logs.latest, logs.edge, logs.reader):
        with pytest.raises(Fault, match=r"no log for obs-af"):
            asked(tx, "obs-af")


def test_records_are_counted_by_day_and_none_of_them_is_read(tx: Connection) -> None:
    asked = list[tuple[str, Any]]()
    event.listen(tx.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    logs.written_by_day(tx, LOG, "pk", datetime(2026, 11, 24, tzinfo=UTC), 100)
    plan = str(tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1]).all())
    assert "COVERING INDEX record_party (party=? AND at>?)" in plan
