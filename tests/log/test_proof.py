"""Proofs are those of RFC 6962, only right ones verify, and a tlog-proof has one encoding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.log.malformed import Malformed
from amanat.log.proof import (
    MAX_PROOF,
    Proof,
    Subtree,
    consistency_proof,
    inclusion_proof,
    parse_proof,
    subtree_proof,
    verify_consistency,
    verify_inclusion,
    verify_subtree,
)
from amanat.log.tree import EMPTY_ROOT, leaf_hash, node_hash, root_of
from log import naive
from log.naive import holds

logs = st.lists(st.binary(min_size=1, max_size=4), min_size=1, max_size=600)


# --- against the naive tree ---------------------------------------------------------------------------------


@given(logs, st.data())
def test_an_inclusion_proof_is_path_of_rfc_6962_and_verifies(entries: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    proof = inclusion_proof(index, len(entries), naive.reader(entries))
    assert proof == naive.path(index, entries)
    verify_inclusion(leaf_hash(entries[index]), index, len(entries), proof, naive.mth(entries))


@given(logs, st.data())
def test_a_consistency_proof_is_proof_of_rfc_6962_and_verifies(entries: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(entries)))
    proof = consistency_proof(old, len(entries), naive.reader(entries))
    assert proof == naive.consistency(old, entries)
    verify_consistency(old, naive.mth(entries[:old]), len(entries), naive.mth(entries), proof)


def test_every_proof_of_every_small_tree_is_that_of_rfc_6962() -> None:
    for size in range(1, 34):
        entries = [bytes([number]) for number in range(size)]
        read, root = naive.reader(entries), naive.mth(entries)
        for index in range(size):
            assert inclusion_proof(index, size, read) == naive.path(index, entries)
            verify_inclusion(leaf_hash(entries[index]), index, size, naive.path(index, entries), root)
        for old in range(1, size + 1):
            assert consistency_proof(old, size, read) == naive.consistency(old, entries)
            verify_consistency(old, naive.mth(entries[:old]), size, root, naive.consistency(old, entries))


def test_every_proof_of_every_subtree_of_every_small_tree_is_that_of_the_draft_and_verifies() -> None:
    """Up to 30 entries: [16, 29) of those is the first that begins within the log and climbs past a node left alone."""
    for size in range(1, 31):
        entries = [bytes([number]) for number in range(size)]
        read, root = naive.reader(entries), naive.mth(entries)
        for start, end in naive.subtrees(size):
            proof = subtree_proof(start, end, size, read)
            assert proof == naive.subtree(start, end, entries)
            verify_subtree(Subtree(start, end, naive.mth(entries[start:end])), size, root, proof)


@pytest.mark.parametrize(
    ("start", "end", "ranges"),
    [(4, 8, [(0, 4), (8, 14)]), (8, 13, [(12, 13), (13, 14), (8, 12), (0, 8)])],
)
def test_the_drafts_two_examples_are_its_own(start: int, end: int, ranges: list[tuple[int, int]]) -> None:
    """Section 4.4.2: what the proof holds of the subtrees [4, 8) and [8, 13) in a tree of 14."""
    entries = [bytes([number]) for number in range(14)]
    assert subtree_proof(start, end, 14, naive.reader(entries)) == [naive.mth(entries[a:b]) for a, b in ranges]


@given(logs, st.data())
def test_a_proof_of_a_subtree_altered_anywhere_does_not_verify(entries: list[bytes], data: st.DataObject) -> None:
    size = len(entries)
    start = data.draw(st.integers(0, size // 256)) * 256
    end = data.draw(st.integers(start + 1, min(size, start + 256))) if start < size else size
    if start == end:
        return
    own, root = naive.mth(entries[start:end]), naive.mth(entries)
    proof = subtree_proof(start, end, size, naive.reader(entries))
    assert proof == naive.subtree(start, end, entries)
    verify_subtree(Subtree(start, end, own), size, root, proof)
    wrong = data.draw(st.sampled_from(altered(proof)))
    assert not holds(verify_subtree, Subtree(start, end, own), size, root, wrong)
    assert not holds(verify_subtree, Subtree(start, end, flipped(own)), size, root, proof)
    assert not holds(verify_subtree, Subtree(start, end, own), size, flipped(root), proof)


@pytest.mark.parametrize(
    ("start", "end", "size"), [(0, 0, 4), (3, 3, 4), (-1, 1, 4), (-1, 0, 4), (2, 5, 8), (4, 9, 8), (5, 7, 8)]
)
def test_what_is_no_subtree_has_no_proof(start: int, end: int, size: int) -> None:
    entries = [bytes([number]) for number in range(max(size, end))]
    with pytest.raises(Malformed) as refused:
        subtree_proof(start, end, size, naive.reader(entries))
    assert refused.value.code == "proof.subtree"
    assert not holds(verify_subtree, Subtree(start, end, naive.mth(entries[start:end])), size, naive.mth(entries), [])


def test_what_is_no_subtree_is_not_proved_by_the_hashes_on_its_way() -> None:
    """From 2 to 5 of 8 entries: the climb from entry 4 would lead to the root, and by another road to what is claimed."""
    leaves = [leaf_hash(bytes([number])) for number in range(8)]
    left, right = root_of(leaves[:4]), root_of(leaves[6:])
    claimed = Subtree(2, 5, node_hash(left, leaves[4]))
    assert not holds(verify_subtree, claimed, 8, root_of(leaves), [leaves[4], leaves[5], right, left])


def test_the_root_alone_proves_no_part_that_begins_elsewhere() -> None:
    """Where the subtree is not whole in the tree, and no hash begins the climb."""
    entries = [bytes([number]) for number in range(7)]
    assert not holds(verify_subtree, Subtree(0, 3, naive.mth(entries[:3])), 7, naive.mth(entries), [])


def test_proofs_read_each_tile_once() -> None:
    """Behind the reader there may be a wire."""
    entries = [number.to_bytes(4) for number in range(1000)]
    read = naive.reader(entries)
    asked: list[tuple[int, int, int]] = []

    def counting(level: int, n: int, width: int) -> bytes:
        asked.append((level, n, width))
        return read(level, n, width)

    assert inclusion_proof(700, 1000, counting) == naive.path(700, entries)
    assert sorted(asked) == [(0, 2, 256), (0, 3, 232), (1, 0, 3)]


@given(logs, st.data())
def test_a_proof_altered_anywhere_does_not_verify(entries: list[bytes], data: st.DataObject) -> None:
    size = len(entries)
    index = data.draw(st.integers(0, size - 1))
    leaf, path, root = leaf_hash(entries[index]), naive.path(index, entries), naive.mth(entries)
    wrong = data.draw(st.sampled_from(altered(path)))
    assert not holds(verify_inclusion, leaf, index, size, wrong, root)
    assert not holds(verify_inclusion, flipped(leaf), index, size, path, root)
    assert not holds(verify_inclusion, leaf, index, size, path, flipped(root))
    old = data.draw(st.integers(1, size))
    old_root, steps = naive.mth(entries[:old]), naive.consistency(old, entries)
    assert not holds(verify_consistency, old, old_root, size, root, data.draw(st.sampled_from(altered(steps))))
    assert not holds(verify_consistency, old, flipped(old_root), size, root, steps)
    assert not holds(verify_consistency, old, old_root, size, flipped(root), steps)


def altered(path: list[bytes]) -> list[list[bytes]]:
    """The path with one hash more, fewer, or other."""
    more = [[*path[:at], bytes(32), *path[at:]] for at in range(len(path) + 1)]
    fewer = [[*path[:at], *path[at + 1 :]] for at in range(len(path))]
    other = [[*path[:at], flipped(path[at]), *path[at + 1 :]] for at in range(len(path))]
    return more + fewer + other


def flipped(data: bytes) -> bytes:
    return bytes([data[0] ^ 0x80]) + data[1:]


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_entry_is_proved_that_the_log_does_not_have(index: int, size: int) -> None:
    with pytest.raises(Malformed, match=f"A log of {size} entries has no entry {index}") as refused:
        inclusion_proof(index, size, naive.reader([b""] * size))
    assert refused.value.code == "proof.index"


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (1, 1)])
def test_nor_does_a_proof_of_one_verify(index: int, size: int) -> None:
    with pytest.raises(Malformed) as refused:
        verify_inclusion(leaf_hash(b""), index, size, [], leaf_hash(b""))
    assert refused.value.code == "proof.index"


def test_a_path_that_ends_below_the_root_is_refused_though_it_hashes_to_it() -> None:
    leaf = leaf_hash(b"a")
    assert not holds(verify_inclusion, leaf, 0, 2, [], leaf)
    assert not holds(verify_consistency, 1, leaf, 2, leaf, [])


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (0, 3), (2, 1), (3, 2), (-1, 1)])
def test_no_proof_leads_from_the_empty_tree_or_backwards(old: int, new: int) -> None:
    for proof in ([], [EMPTY_ROOT], [EMPTY_ROOT, EMPTY_ROOT]):
        with pytest.raises(Malformed) as refused:
            verify_consistency(old, EMPTY_ROOT, new, EMPTY_ROOT, proof)
        assert refused.value.code == "proof.consistency"


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_no_log_is_proved_to_have_shrunk(old: int, new: int) -> None:
    with pytest.raises(Malformed) as refused:
        consistency_proof(old, new, naive.reader([b""] * new))
    assert refused.value.code == "proof.size"


def test_a_path_that_climbs_above_the_root_is_refused_though_it_hashes_to_it() -> None:
    """A log that signs the root of four entries for one would else have proofs of all four."""
    entries = [b"a", b"b", b"c", b"d"]
    root, leaves = naive.mth(entries), [leaf_hash(entry) for entry in entries]
    assert not holds(verify_inclusion, leaves[3], 0, 1, [leaves[2], naive.mth(entries[:2])], root)
    assert not holds(verify_inclusion, leaves[3], 1, 2, [leaves[2], naive.mth(entries[:2])], root)


def test_hashes_that_are_right_only_when_joined_are_refused() -> None:
    """The bytes hashed at a node are the same wherever its two hashes are cut; a proof has them in one form."""
    entries = [b"a", b"b", b"c", b"d"]
    old_root, root = naive.mth(entries[:3]), naive.mth(entries)
    first, second, third = naive.consistency(3, entries)
    verify_consistency(3, old_root, 4, root, [first, second, third])
    assert not holds(verify_consistency, 3, old_root, 4, root, [first[:-1], first[-1:] + second, third])
    leaf, path = leaf_hash(b"a"), naive.path(0, entries)
    assert not holds(verify_inclusion, leaf[:-1], 0, 4, [leaf[-1:] + path[0], path[1]], root)


def test_from_the_empty_tree_the_proof_is_empty_and_verifies_nothing() -> None:
    """A witness asks for an empty proof from size zero; RFC 9162 defines none, so that none is taken for one."""
    assert consistency_proof(0, 3, naive.reader([b""] * 3)) == []
    assert not holds(verify_consistency, 0, EMPTY_ROOT, 3, naive.mth([b""] * 3), [])


# --- tlog-proof ---------------------------------------------------------------------------------------------

CHECKPOINT = """\
example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

— example.com/fancylog hI2DJ3Jv
— witness1.example mJirInFZOXY=
""".encode()

EXAMPLE = (
    b"""\
c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

"""
    + CHECKPOINT
)


@given(
    st.none() | st.binary(min_size=1, max_size=99),
    st.integers(0, 109481),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
)
def test_tlog_proofs_come_back_as_they_were(extra: bytes | None, index: int, path: tuple[bytes, ...]) -> None:
    proof = Proof(extra, index, path, CHECKPOINT)
    assert parse_proof(proof.encode()) == proof


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("proof.header", b"@v1", b"@v2"),
        ("proof.header", b"c2sp.org/tlog-proof@v1\n", b""),
        ("proof.index", b"index 73894\n", b""),
        ("proof.index", b"index 73894", b"73894"),
        ("proof.index", b"index 73894", b"index 073894"),
        ("proof.index", b"index 73894", b"index -1"),
        ("proof.index", b"index 73894", b"index  73894"),
        ("proof.index", b"index 73894", "index \u0667".encode()),
        ("proof.index", b"index 73894", b"index 109482"),
        ("proof.index", b"index 73894", b"index 9223372036854775808"),
        ("proof.index", b"index 73894", b"Index 73894"),
        ("proof.index", b"extra YWdl", b"extra YWdl\nextra YWdl"),
        ("proof.extra", b"extra YWdl", b"extra !YWdl"),
        ("proof.extra", b"LXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ", b"L"),
        ("proof.path", b"index 73894\n", b"index 73894\nindex 73894\n"),
        ("proof.path", b"gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=", b"gSKyXoYZ"),
        ("proof.path", b"cdPlQ=", b"cdPlR="),
        ("proof.path", b"cdPlQ=", b"cdPlQ= "),
        ("proof.text", b"index 73894\n", b"index 73894\r\n"),
        ("proof.text", b"index 73894", b"index \xff"),
        ("proof.path", b"5vk=\n\n", b"5vk=\n"),
        ("note.text", b"sc2Xl/EQi08=\n\n", b"sc2Xl/EQi08=\n"),
        ("note.signatures", b"OXY=\n", b"OXY="),
        ("note.signatures", b"OXY=\n", b"OXY=\n\n"),
        ("checkpoint.size", b"\n109482\n", b"\n0109482\n"),
    ],
)
def test_another_encoding_is_refused(code: str, old: bytes, new: bytes) -> None:
    assert EXAMPLE.count(old) == 1
    with pytest.raises(Malformed) as refused:
        parse_proof(EXAMPLE.replace(old, new))
    assert refused.value.code == code


def test_an_empty_extra_line_is_refused_since_it_could_as_well_be_left_out() -> None:
    with pytest.raises(Malformed) as refused:
        parse_proof(b"c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n" + CHECKPOINT)
    assert refused.value.code == "proof.extra"


def test_more_hashes_than_any_tree_has_levels_are_refused() -> None:
    with pytest.raises(Malformed) as refused:
        Proof(None, 0, (bytes(32),) * 64, CHECKPOINT)
    assert refused.value.code == "proof.path"
    assert len(Proof(None, 0, (bytes(32),) * 63, CHECKPOINT).path) == 63


@pytest.mark.parametrize(("size", "code"), [(196_608, "proof.path"), (196_609, "proof.text")])
def test_a_proof_has_192_kib_and_not_a_byte_more(size: int, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_proof(EXAMPLE.replace(b"index 73894\n", b"index 73894\n" + b"x" * (size - len(EXAMPLE) - 1) + b"\n"))
    assert refused.value.code == code


def test_a_proof_without_its_empty_line_is_no_proof() -> None:
    with pytest.raises(Malformed) as refused:
        parse_proof(EXAMPLE.partition(b"\n\n")[0])
    assert refused.value.code == "proof.text"


def test_a_proof_is_bounded() -> None:
    with pytest.raises(Malformed, match=f"At most {MAX_PROOF} are read") as refused:
        parse_proof(EXAMPLE + bytes(MAX_PROOF))
    assert refused.value.code == "proof.text"


def test_a_proof_cut_short_anywhere_is_refused() -> None:
    for end in range(len(EXAMPLE)):
        if EXAMPLE[:end].endswith(b"hI2DJ3Jv\n"):
            continue  # the witness's whole line is gone: still a proof, by fewer witnesses
        with pytest.raises(Malformed):
            parse_proof(EXAMPLE[:end])
