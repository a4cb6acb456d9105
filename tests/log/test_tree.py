"""The tree grows as RFC 6962 says, however its leaves arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.log.malformed import Malformed
from amanat.log.tree import EMPTY_ROOT, Tree, append, fold, leaf_hash, node_hash, root_of
from log import naive

batches = st.lists(st.lists(st.binary(max_size=8), max_size=40), max_size=8)


def test_the_empty_tree_hashes_to_the_hash_of_nothing() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Tree().root() == fold([]) == root_of([]) == EMPTY_ROOT


@given(batches)
def test_leaves_arriving_in_any_batches_grow_the_same_tree(arriving: list[list[bytes]]) -> None:
    tree = Tree()
    for batch in arriving:
        tree = append(tree, [leaf_hash(entry) for entry in batch])
    entries = [entry for batch in arriving for entry in batch]
    assert tree == append(Tree(), [leaf_hash(entry) for entry in entries])
    assert tree.size == len(entries)
    assert tree.root() == naive.mth(entries)


def test_a_root_over_more_leaves_than_one_batch_is_the_same_root() -> None:
    entries = [number.to_bytes(4) for number in range(9000)]
    assert root_of(map(leaf_hash, entries)) == naive.mth(entries)


def test_a_leaf_never_hashes_like_a_node() -> None:
    """Without the prefixes, an entry made of two hashes would have the hash of the node above them."""
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize(("size", "hashes"), [(0, 1), (1, 0), (3, 1), (4, 2), (-1, 1)])
def test_an_edge_that_cannot_belong_to_the_size_is_refused(size: int, hashes: int) -> None:
    with pytest.raises(Malformed) as refused:
        Tree(size, (bytes(32),) * hashes)
    assert refused.value.code == "tree.edge"


def test_what_is_not_a_hash_is_not_appended() -> None:
    with pytest.raises(Malformed) as refused:
        append(Tree(), [bytes(32), bytes(31)])
    assert refused.value.code == "tree.hash"
