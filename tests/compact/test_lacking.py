"""Whose countersignature a receipt waits for: what the quorum lacks, and nobody else."""

import pytest

from amanat.compact.lacking import waits_for
from amanat.log.note import COSIGNATURE_ED25519, VerifierKey
from amanat.log.policy import Group, Policy


def policy(groups: dict[str, Group], *witnesses: str, quorum: str = "others") -> Policy:
    """A policy of which only the names count here."""
    keys = {name: VerifierKey(name, COSIGNATURE_ED25519, name.encode().ljust(32)) for name in witnesses}
    return Policy((), keys, groups, quorum)


@pytest.mark.parametrize(
    ("threshold", "cosigned", "waiting"),
    [
        (3, (), "iq and obs and pk"),
        (3, ("pk",), "iq and obs"),
        (3, ("pk", "iq"), "obs"),
        (2, ("pk",), "iq or obs"),
        (1, ("obs",), ""),
    ],
)
def test_who_is_lacking_is_named(threshold: int, cosigned: tuple[str, ...], waiting: str) -> None:
    asked = policy({"others": Group(threshold, ("iq", "obs", "pk"))}, "iq", "obs", "pk")
    assert waits_for(asked, cosigned) == waiting


def test_a_node_is_not_told_to_wait_for_itself_unless_for_nobody_else() -> None:
    asked = policy({"others": Group(2, ("obs", "pk"))}, "obs", "pk")
    assert waits_for(asked, (), leave_out="pk") == "obs"
    assert waits_for(asked, ("obs",), leave_out="pk") == "pk"
    assert waits_for(policy({"others": Group(2, ("X", "obs"))}, "X", "obs"), ()) == "X and obs"


def test_several_keys_of_a_party_are_one_name_and_any_of_them_its_word() -> None:
    groups = {"pk": Group(1, ("pk.1", "pk.2")), "others": Group(2, ("obs", "pk"))}
    asked = policy(groups, "pk.1", "pk.2", "obs")
    assert waits_for(asked, ()) == "obs and pk"
    assert waits_for(asked, ("pk.2",)) == "obs"


def test_a_quorum_of_one_witness_or_none() -> None:
    assert waits_for(policy({}, "obs", quorum="obs"), ()) == "obs"
    assert waits_for(policy({}, "obs", quorum="none"), ()) == ""


def test_where_one_of_several_groups_leaves_a_choice_it_is_said_as_a_choice() -> None:
    groups = {"north": Group(1, ("iq", "tr")), "south": Group(2, ("ae", "om")), "others": Group(2, ("north", "south"))}
    assert waits_for(policy(groups, "iq", "tr", "ae", "om"), ()) == "ae or iq or om or tr"


def test_only_a_group_of_one_partys_keys_goes_by_its_name() -> None:
    groups = {"others": Group(2, ("others.1", "obs"))}
    assert waits_for(policy(groups, "others.1", "obs"), ()) == "obs and others.1"
