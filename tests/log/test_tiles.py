"""Tiles hold what tlog-tiles says, a log grown in steps holds the same tiles, and an audit trusts only entries."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.log.malformed import Malformed
from amanat.log.tiles import (
    HashReader,
    Tile,
    audit,
    encode_entries,
    entries_path,
    new_tiles,
    parse_entries,
    parse_path,
    range_hash,
    tile_path,
    tree_of,
)
from amanat.log.tree import EMPTY_ROOT, Tree, append, grow, leaf_hash, root_of
from log import naive

Stored = dict[tuple[int, int], bytes]


def grow_stored(stored: Stored, old_size: int, entries: list[bytes]) -> list[Tile]:
    """Write to `stored` what must be written when a log of `old_size` grows to `entries`."""
    leaves = [leaf_hash(entry) for entry in entries]
    growth = grow(append(Tree(), leaves[:old_size]), leaves[old_size:])
    tiles = new_tiles(growth, reader(stored))
    stored.update({(tile.level, tile.n): tile.data for tile in tiles})
    return tiles


def reader(stored: Stored) -> HashReader:
    """A store that keeps the widest tile only, and serves narrower ones from it."""
    return lambda level, n, width: stored[level, n][: 32 * width]


def bundles(entries: list[bytes]) -> Callable[[int, int], bytes]:
    return lambda n, width: encode_entries(entries[256 * n : 256 * n + width])


def numbered(count: int) -> list[bytes]:
    return [number.to_bytes(4) for number in range(count)]


# --- paths --------------------------------------------------------------------------------------------------


@given(st.integers(0, 63) | st.none(), st.integers(0, 10**9) | st.integers(0, 10**15), st.integers(1, 256))
def test_a_path_is_read_as_it_was_written(level: int | None, n: int, width: int) -> None:
    path = entries_path(n, width) if level is None else tile_path(level, n, width)
    found = parse_path(path)
    assert (found.level, found.n, found.width) == (level, n, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/00/001",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/05",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/999",
        "tile/0/000.p/",
        "tile/entries/000/",
        "/tile/0/000",
        "tile/0/../000",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/000\n",
    ],
)
def test_a_tile_has_one_path(path: str) -> None:
    with pytest.raises(Malformed, match="is the path of no tile") as refused:
        parse_path(path)
    assert refused.value.code == "tiles.path"


@given(st.integers(0, 700))
def test_a_tree_is_found_again_in_its_tiles(size: int) -> None:
    entries = numbered(700)
    leaves = [leaf_hash(entry) for entry in entries]
    assert tree_of(size, naive.reader(entries)) == append(Tree(), leaves[:size])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (tile_path(0, 0), "tile/0/000"),
        (tile_path(0, 67, 5), "tile/0/067.p/5"),
        (tile_path(63, 999, 255), "tile/63/999.p/255"),
        (tile_path(1, 1000), "tile/1/x001/000"),
        (tile_path(0, 1234067), "tile/0/x001/x234/067"),
        (tile_path(0, 1_000_000), "tile/0/x001/x000/000"),
        (tile_path(0, 999_999), "tile/0/x999/999"),
        (entries_path(1234067), "tile/entries/x001/x234/067"),
        (entries_path(12345678, 1), "tile/entries/x012/x345/678.p/1"),
    ],
)
def test_paths_are_the_ones_of_the_specification(path: str, expected: str) -> None:
    assert path == expected


@pytest.mark.parametrize(("level", "n", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_a_tile_that_cannot_be_has_no_path(level: int, n: int, width: int) -> None:
    with pytest.raises(Malformed) as refused:
        tile_path(level, n, width)
    assert refused.value.code == "tiles.path"


# --- growing ------------------------------------------------------------------------------------------------


def test_a_tree_of_70_000_has_the_tiles_of_the_specifications_example() -> None:
    stored: Stored = {}
    tiles = grow_stored(stored, 0, numbered(70_000))
    widths = {level: [tile.width for tile in tiles if tile.level == level] for level in range(4)}
    assert widths == {0: [256] * 273 + [112], 1: [256, 17], 2: [1], 3: []}


def test_a_tree_of_256_has_one_full_tile_and_one_of_width_one() -> None:
    stored: Stored = {}
    assert [(tile.level, tile.n, tile.width) for tile in grow_stored(stored, 0, numbered(256))] == [
        (0, 0, 256),
        (1, 0, 1),
    ]


def test_only_tiles_that_change_are_written() -> None:
    """A level whose row did not grow has nothing new, and a full tile is never written again."""
    stored: Stored = {}
    grow_stored(stored, 0, numbered(300))
    written = [(tile.level, tile.n, tile.width) for tile in grow_stored(stored, 300, numbered(301))]
    assert written == [(0, 1, 45)]
    assert grow_stored(stored, 301, numbered(301)) == []


@given(st.lists(st.integers(0, 400), max_size=4))
def test_a_log_grown_in_any_steps_holds_the_tiles_of_the_formula(steps: list[int]) -> None:
    stored: Stored = {}
    size = 0
    for step in steps:
        grow_stored(stored, size, numbered(size + step))
        size += step
    entries = numbered(size)
    for (level, n), data in stored.items():
        width = min(256, size // 256**level - 256 * n)
        assert data == naive.tile(entries, level, n, width)
    assert range_hash(0, size, size, reader(stored)) == naive.mth(entries)


@given(st.integers(0, 700), st.data())
def test_the_hash_of_a_range_follows_from_the_tiles(size: int, data: st.DataObject) -> None:
    entries = numbered(size)
    end = data.draw(st.integers(0, size))
    start = data.draw(st.sampled_from([0, *(end & ~((1 << bits) - 1) for bits in range(end.bit_length()))]))
    assert range_hash(start, end, size, naive.reader(entries)) == naive.mth(entries[start:end])


@pytest.mark.parametrize("served", [bytes(31), bytes(64), b""])
def test_a_tile_of_another_width_than_asked_for_is_refused_by_its_path(served: bytes) -> None:
    with pytest.raises(Malformed, match=r"tile/0/000\.p/1 has") as refused:
        range_hash(0, 1, 1, lambda _level, _n, _width: served)
    assert refused.value.code == "tiles.width"


# --- entry bundles ------------------------------------------------------------------------------------------


def test_a_bundle_is_entries_each_after_its_length_in_two_bytes() -> None:
    assert encode_entries([b"one", b"", b"x" * 256]) == b"\x00\x03one\x00\x00\x01\x00" + b"x" * 256
    assert parse_entries(b"\x00\x03one\x00\x00") == [b"one", b""]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundles_come_back_as_they_were(entries: list[bytes]) -> None:
    assert parse_entries(encode_entries(entries)) == entries


@pytest.mark.parametrize("entries", [[], [b""] * 257, [b"x" * 65536], [b"", b"x" * 65536]])
def test_entries_that_fit_no_bundle_are_refused(entries: list[bytes]) -> None:
    with pytest.raises(Malformed) as refused:
        encode_entries(entries)
    assert refused.value.code == "tiles.entries"


def test_the_longest_entry_and_the_fullest_bundle_fit() -> None:
    assert parse_entries(encode_entries([b"x" * 65535])) == [b"x" * 65535]
    assert parse_entries(encode_entries([b""] * 256)) == [b""] * 256


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x03on", b"\x00\x03one\x00", b"\x00\x00" * 257])
def test_a_bundle_that_breaks_off_or_runs_on_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        parse_entries(data)
    assert refused.value.code == "tiles.entries"


# --- audit --------------------------------------------------------------------------------------------------


@given(st.integers(0, 1500), st.booleans())
def test_an_audit_of_a_sound_log_returns_its_root(size: int, of_one_length: bool) -> None:  # noqa: FBT001
    entries = [bytes(number % (1 if of_one_length else 3)) + number.to_bytes(4) for number in range(size)]
    assert audit(size, bundles(entries), naive.reader(entries)) == naive.mth(entries)


def test_an_audit_covers_all_levels_of_a_large_log() -> None:
    entries = numbered(66_000)
    stored: Stored = {}
    grow_stored(stored, 0, entries)
    assert {level for level, _ in stored} == {0, 1, 2}
    expected = root_of(map(leaf_hash, entries))
    assert audit(66_000, bundles(entries), reader(stored)) == expected == naive.mth(entries)
    for level, n in [(0, 0), (0, 15), (0, 16), (0, 257), (1, 0), (1, 1), (2, 0)]:
        sound = stored[level, n]
        stored[level, n] = sound[:-1] + bytes([sound[-1] ^ 1])
        with pytest.raises(Malformed) as refused:
            audit(66_000, bundles(entries), reader(stored))
        assert refused.value.code == "tiles.differ"
        assert refused.value.says.startswith(tile_path(level, n, len(sound) // 32) + " ")
        stored[level, n] = sound


@pytest.mark.parametrize("size", [1, 256, 4096, 4097, 5000, 66_000])
def test_an_audit_reads_each_tile_and_each_bundle_once_as_it_is_stored(size: int) -> None:
    """Behind the readers there may be a wire, and a partial tile is gone once the tile is full."""
    entries, stored = numbered(size), dict[tuple[int, int], bytes]()
    grow_stored(stored, 0, entries)
    tiles, read_bundles = list[tuple[int, int]](), list[int]()

    def tile(level: int, n: int, width: int) -> bytes:
        assert 32 * width == len(stored[level, n])
        tiles.append((level, n))
        return stored[level, n]

    def bundle(n: int, width: int) -> bytes:
        read_bundles.append(n)
        return bundles(entries)(n, width)

    assert audit(size, bundle, tile) == root_of(map(leaf_hash, entries))
    assert sorted(tiles) == sorted(stored)
    assert read_bundles == list(range(-(-size // 256)))


@pytest.mark.parametrize(
    "entries",
    [
        [b"", b""],
        [b"ab", b"c", b"def"],  # as long together as three of two
        [b"ab", b"cde", b"f"],
        [b"a", b"b" * 257, b"c"],  # the second length bytes are equal, the first are not
        [b"a" * 256, b"", b"b" * 256],
        [b"a" * 256, b"b" * 256],
        [b"a" * 255, b"b" * 256, b"c" * 257],
        [b"a" * 513, b"b"],
        [b"\x00" * 7, b"\x00" * 2, b"\x00" * 3],
        [b"\x00\x01"] * 3,
        [b"", b"", b"\x00", b"\x00" * 3],  # as long together as four of one
    ],
    ids=str,
)
def test_bundles_are_cut_at_the_lengths_they_state(entries: list[bytes]) -> None:
    assert audit(len(entries), bundles(entries), naive.reader(entries)) == naive.mth(entries)


@pytest.mark.parametrize(
    "data", [b"\x00\x01a" * 3, b"\x00\x01a", b"\x00\x01a\x00\x02b", b"\x00\x01a\x01\x01b", b"\x00\x01a\x00\x01", b""]
)
def test_a_bundle_of_other_entries_than_two_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        audit(2, lambda _n, _width: data, naive.reader([b"a", b"b"]))
    assert refused.value.code == "tiles.entries"


@pytest.mark.parametrize("tiles", [1, 2, 3])
def test_a_log_that_ends_with_a_full_tile_is_audited_to_its_end(tiles: int) -> None:
    """Such a log has no partial tile of its entries, and one of the level above."""
    entries = numbered(256 * tiles)
    stored: Stored = {}
    grow_stored(stored, 0, entries)
    assert audit(len(entries), bundles(entries), reader(stored)) == naive.mth(entries)
    for level, n in [(0, tiles - 1), (1, 0)]:
        sound = stored[level, n]
        stored[level, n] = sound[:-1] + bytes([sound[-1] ^ 1])
        with pytest.raises(Malformed, match=tile_path(level, n, len(sound) // 32)):
            audit(len(entries), bundles(entries), reader(stored))
        stored[level, n] = sound


@pytest.mark.parametrize("altered", [0, 255, 256, 299])
def test_an_altered_entry_is_found_by_its_tile(altered: int) -> None:
    entries = numbered(300)
    stored: Stored = {}
    grow_stored(stored, 0, entries)
    entries[altered] = b"!!!!"
    with pytest.raises(Malformed, match=tile_path(0, altered // 256, [256, 44][altered // 256])):
        audit(300, bundles(entries), reader(stored))


def test_an_entry_cut_in_two_is_found() -> None:
    """Two bundles of equal length whose bytes differ only in where entries end are two different logs."""
    one, two = [b"abcd", b"efgh"], [b"ab", b"cdef", b"gh"]
    with pytest.raises(Malformed):
        audit(2, lambda _n, _width: encode_entries(two), naive.reader(one))


def test_a_bundle_with_fewer_entries_than_the_log_is_refused() -> None:
    entries = [b"a", b"bb", b"ccc"]
    with pytest.raises(Malformed, match=r"tile/entries/000\.p/3 holds 2 entries, not 3"):
        audit(3, lambda _n, _width: encode_entries(entries[:2]), naive.reader(entries))


def test_the_empty_log_needs_neither_entries_nor_tiles() -> None:
    assert audit(0, bundles([]), reader({})) == EMPTY_ROOT == range_hash(0, 0, 0, reader({}))
