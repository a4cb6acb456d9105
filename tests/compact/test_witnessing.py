"""The quorum that people agreed on, as a file by which any verifier of C2SP tlog-policy tells a final log from a split one."""

import base64

import msgspec
import pytest

from amanat.compact.terms import Terms, parse
from amanat.compact.witnessing import policy_for
from amanat.log.note import COSIGNATURE_MLDSA44, ED25519, VerifierKey, vkey
from amanat.log.policy import Policy, parse_policy
from amanat.party.errors import Refused
from amanat.party.keys import new_secrets, public_keys
from amanat.party.manifest import Manifest
from compact.cast import AGREED, IN_FORCE, MANIFESTS, amended, drawn

SPARE = public_keys(new_secrets(drawn(99)))
"""Keys of nobody yet, for a party that changes its own."""


def lines(owner: str, terms: Terms = IN_FORCE, **changed: Manifest) -> list[str]:
    return policy_for(terms, {**MANIFESTS, **changed}, owner).decode().splitlines()


def read(owner: str, terms: Terms = IN_FORCE, **changed: Manifest) -> Policy:
    return parse_policy(policy_for(terms, {**MANIFESTS, **changed}, owner))


def log_line(key: str, owner: str = "pk") -> str:
    return f"log {vkey(VerifierKey(f'{owner}.amanat.example/pk-af', ED25519, base64.b64decode(key)))}"


def witness_line(name: str, party: str, key: str) -> str:
    return f"witness {name} {vkey(VerifierKey(f'{party}.amanat.example/witness', COSIGNATURE_MLDSA44, base64.b64decode(key)))}"


def test_the_file_names_the_owners_log_the_others_keys_and_the_groups_without_the_owner() -> None:
    assert lines("pk") == [
        log_line(MANIFESTS["pk"].log[0]),
        witness_line("af", "af", MANIFESTS["af"].witness_pq[0]),
        witness_line("obs", "obs", MANIFESTS["obs"].witness_pq[0]),
        "group all-sides all af obs",
        "quorum all-sides",
    ]


@pytest.mark.parametrize("owner", ["pk", "af", "obs"])
def test_a_party_never_counts_on_its_own_log(owner: str) -> None:
    policy = read(owner)
    assert owner not in policy.witnesses
    assert sorted(policy.witnesses) == sorted({"pk", "af", "obs"} - {owner})
    assert policy.groups[policy.quorum].members == tuple(sorted({"pk", "af", "obs"} - {owner}, key="pk af obs".find))
    assert policy.groups[policy.quorum].threshold == 2


def test_an_observer_that_sees_no_logs_countersigns_none() -> None:
    blind = parse(
        amended(
            ('    "logs", "intelligence.report"', '    "intelligence.report"'),
            ("group all-sides all pk af obs", "group all-sides all pk af"),
            of=AGREED,
        )
    )
    assert lines("pk", blind)[1:] == [
        witness_line("af", "af", MANIFESTS["af"].witness_pq[0]),
        "group all-sides all af",
        "quorum all-sides",
    ]
    assert sorted(read("obs", blind).witnesses) == ["af", "pk"]


def test_a_party_that_changes_its_witness_key_is_a_group_of_both() -> None:
    """For as long as both are listed, either is its word; and both together are no more than one party."""
    old = MANIFESTS["af"].witness_pq[0]
    changing = msgspec.structs.replace(MANIFESTS["af"], witness_pq=(SPARE["witness_pq"], old))
    assert lines("pk", af=changing)[1:4] == [
        witness_line("af.1", "af", SPARE["witness_pq"]),
        witness_line("af.2", "af", old),
        "group af any af.1 af.2",
    ]
    policy = read("pk", af=changing)
    assert (policy.groups["af"].threshold, policy.groups["af"].members) == (1, ("af.1", "af.2"))
    assert policy.groups["all-sides"].members == ("af", "obs")


def test_a_log_whose_key_changes_is_known_by_both_keys() -> None:
    changing = msgspec.structs.replace(MANIFESTS["pk"], log=(SPARE["log"], MANIFESTS["pk"].log[0]))
    assert lines("pk", pk=changing)[:2] == [log_line(SPARE["log"]), log_line(MANIFESTS["pk"].log[0])]
    assert len(read("pk", pk=changing).logs) == 2


@pytest.mark.parametrize("party", ["af", "obs", "pk"])
def test_without_the_manifest_of_each_there_is_no_telling(party: str) -> None:
    held = {code: manifest for code, manifest in MANIFESTS.items() if code != party}
    with pytest.raises(Refused) as caught:
        policy_for(IN_FORCE, held, "pk")
    assert (caught.value.code, caught.value.says) == ("compact.manifest", f"The manifest of {party} is not held.")


def test_of_several_that_are_lacking_the_same_is_always_named() -> None:
    with pytest.raises(Refused, match="The manifest of af is not held"):
        policy_for(IN_FORCE, {}, "pk")
