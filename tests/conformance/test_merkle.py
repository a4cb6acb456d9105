"""RFC 6962 as others computed it: the classic tree, proofs right and wrong, and a whole log of Tessera's."""

import json
from base64 import b64decode
from collections.abc import Iterator

import pytest

from amanat.log.checkpoint import open_checkpoint
from amanat.log.note import parse_vkey
from amanat.log.proof import verify_consistency, verify_inclusion
from amanat.log.tiles import audit, entries_path, tile_path
from amanat.log.tree import Tree, append, leaf_hash, node_hash, parents, root_of
from conformance.vectors import Case, members, read_json
from log.naive import holds
from tally import Tally

TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
SUBTREES = "of subtrees that do not begin at the first entry, of which we prove nothing"


@pytest.mark.suite("RFC 6962, the classic tree")
def test_the_classic_tree_has_its_published_nodes_and_its_root_at_every_size(tally: Tally) -> None:
    published = read_json("rfc6962_tree.json")
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry in published["leaf_inputs"]]
    for size, root in enumerate(map(bytes.fromhex, published["root_hashes_from_size_0"])):
        assert append(Tree(), leaves[:size]).root() == root_of(leaves[:size]) == root
        tally.ran()
    rows = [b"".join(map(bytes.fromhex, row)) for row in published["node_hashes"]]
    assert b"".join(leaves) == rows[0]
    assert [parents(row) for row in rows[:-1]] == rows[1:]
    assert node_hash(rows[0][:32], rows[0][32:64]) == rows[1][:32]


def cases(*folders: str) -> Iterator[tuple[str, Case]]:
    """The published cases of these kinds, by their file names."""
    for path, data in sorted(members("merkle_proof_cases.shared.tar.gz").items()):
        if path.split("/")[0] in folders:
            yield path, json.loads(data)


def decoded(texts: list[str] | None) -> list[bytes]:
    return [b64decode(text) for text in texts or []]


def is_tree(case: Case) -> bool:
    """A subtree that begins at the first entry is a tree, and its proofs are ordinary ones."""
    return bool(case.get("start", 0) == 0 and case.get("end", 1) > 0)


@pytest.mark.suite("RFC 6962, inclusion proofs")
def test_published_inclusion_proofs_hold_or_fail_as_published(tally: Tally) -> None:
    for path, case in cases("inclusion", "subtreeinclusion"):
        if not is_tree(case):
            tally.set_aside(SUBTREES)
            continue
        leaf, steps, root = b64decode(case["leafHash"]), decoded(case["proof"]), b64decode(case["root"])
        size = case.get("treeSize", case.get("end"))
        assert holds(verify_inclusion, leaf, case["leafIdx"], size, steps, root) != case["wantErr"], path
        tally.ran()


@pytest.mark.suite("RFC 6962, consistency proofs")
def test_published_consistency_proofs_hold_or_fail_as_published(tally: Tally) -> None:
    for path, case in cases("consistency", "subtreeconsistency"):
        if not is_tree(case):
            tally.set_aside(SUBTREES)
            continue
        old, new, steps = b64decode(case["root1"]), b64decode(case["root2"]), decoded(case["proof"])
        old_size, new_size = case.get("size1", case.get("end")), case.get("size2", case.get("size"))
        assert holds(verify_consistency, old_size, old, new_size, new, steps) != case["wantErr"], path
        tally.ran()


@pytest.mark.suite("Tessera, a tlog-tiles log")
def test_tesseras_log_is_what_it_signed_at_every_size(tally: Tally) -> None:
    files = members("tessera_log.tar.gz")
    notes = [files[name] for name in sorted(files) if name.startswith("checkpoint.")]
    for note in [*notes, files["checkpoint"]]:
        checkpoint, _ = open_checkpoint(note, parse_vkey(TESSERA_KEY))
        root = audit(
            checkpoint.size,
            lambda n, width: files[entries_path(n, width)],
            lambda level, n, width: files[tile_path(level, n, width)],
        )
        assert checkpoint.root == root
        tally.ran()
