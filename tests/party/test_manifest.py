"""Manifests: believed by a fingerprint compared face to face, then by those who signed the one before."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.party.errors import Invalid, Refused
from amanat.party.fingerprint import fingerprint
from amanat.party.manifest import (
    CLOCKS_DIFFER,
    Manifest,
    accept_first,
    accept_next,
    log_name,
    read_party,
    record_keys,
    require_own_keys,
    require_valid,
    sealing_key_at,
    witness_name,
)
from party.cast import (
    CUSTODIANS,
    MANIFEST,
    NOW,
    PUBLIC,
    ROOT,
    SINCE,
    SPARE,
    SUCCESSORS,
    UNTIL,
    custodian,
    id_of,
    manifest,
    next_manifest,
    public,
    revoked,
    root,
    signed,
)

EARLY = SINCE - CLOCKS_DIFFER - timedelta(seconds=1)

COMPARED = fingerprint(ROOT)


def first_refused(data: bytes) -> str:
    """The code with which a first manifest is refused."""
    with pytest.raises(Invalid, match="manifest of pk") as caught:
        accept_first(data, COMPARED)
    return caught.value.code


def next_refused(data: bytes, held: Manifest = MANIFEST) -> str:
    """The code with which a later manifest is refused where `held` is the latest."""
    with pytest.raises(Invalid, match="manifest of pk") as caught:
        accept_next(data, held)
    return caught.value.code


# --- keys of others -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["record", "log", "witness", "witness_pq", "sealing"])
def test_a_party_lists_no_key_of_another_in_any_role(role: str) -> None:
    spare: dict[str, object] = {each: (key,) for each, key in SPARE.items()}
    spare["sealing"] = (msgspec.structs.replace(MANIFEST.sealing[0], key=SPARE["sealing"]),)
    others = {"party": "af", "name": "af.amanat.example", **spare}
    require_own_keys(next_manifest(), [manifest(**others)])
    theirs = manifest(**others | {role: getattr(MANIFEST, role)})
    with pytest.raises(Invalid, match="The manifest of pk lists a key that af lists already") as caught:
        require_own_keys(next_manifest(), [MANIFEST, theirs])
    assert caught.value.code == "manifest.key"


def test_a_party_goes_on_listing_its_own_keys() -> None:
    require_own_keys(next_manifest(), [MANIFEST])


# --- the first ----------------------------------------------------------------------------------------------


def test_a_first_manifest_is_accepted_with_the_fingerprint_that_was_compared() -> None:
    assert accept_first(signed(MANIFEST), COMPARED) == MANIFEST


@pytest.mark.parametrize(
    "compared", [b"", bytes(32), COMPARED[:-1], COMPARED + b"\0", bytes([COMPARED[0] ^ 1, *COMPARED[1:]])]
)
def test_another_fingerprint_than_the_one_compared_is_refused(compared: bytes) -> None:
    with pytest.raises(Invalid, match="have another fingerprint than the one compared") as caught:
        accept_first(signed(MANIFEST), compared)
    assert caught.value.code == "manifest.fingerprint"


def test_the_custodians_alone_do_not_make_a_root_that_was_not_compared() -> None:
    assert first_refused(signed(manifest(root=root(SUCCESSORS, 3)), SUCCESSORS)) == "manifest.fingerprint"


def test_a_lower_threshold_is_another_root() -> None:
    """Else one custodian could publish the others' keys with a threshold of one."""
    assert first_refused(signed(manifest(root=root(CUSTODIANS, 1)), CUSTODIANS[:1])) == "manifest.fingerprint"


@pytest.mark.parametrize(
    "custodians",
    [(), CUSTODIANS[:2], CUSTODIANS[:1] * 3, (*CUSTODIANS[:2], SUCCESSORS[0])],
    ids=["none", "two", "one, three times", "two and a stranger"],
)
def test_two_custodians_of_the_three_needed_are_not_the_party(custodians: tuple[Ed25519PrivateKey, ...]) -> None:
    assert first_refused(signed(MANIFEST, custodians)) == "manifest.unsigned"


def test_any_three_custodians_are_the_party_whoever_else_signs() -> None:
    assert accept_first(signed(MANIFEST, CUSTODIANS[2:]), COMPARED) == MANIFEST
    assert accept_first(signed(MANIFEST, (*CUSTODIANS, *SUCCESSORS)), COMPARED) == MANIFEST


def test_a_stranger_may_be_asked_whose_manifest_it_claims_to_be() -> None:
    """Only to look up the one held: nothing is verified yet."""
    assert read_party(signed(MANIFEST, ())) == "pk"


# --- later ones ---------------------------------------------------------------------------------------------


def test_a_later_manifest_is_accepted_when_the_custodians_held_sign_it() -> None:
    assert accept_next(signed(next_manifest(), CUSTODIANS[2:]), MANIFEST) == next_manifest()


def test_manifests_may_be_missed_in_between() -> None:
    assert accept_next(signed(next_manifest(serial=99)), MANIFEST).serial == 99


@pytest.mark.parametrize("serial", [1, 6, 7])
def test_an_earlier_serial_or_the_same_manifest_again_is_a_replay(serial: int) -> None:
    assert next_refused(signed(manifest(serial=serial), CUSTODIANS)) == "manifest.serial"


def test_two_manifests_of_one_serial_are_evidence_that_the_party_is_divided() -> None:
    other = manifest(record=(SPARE["record"],))
    with pytest.raises(Invalid, match="signed two different manifests of serial 7") as caught:
        accept_next(signed(other, CUSTODIANS[2:]), MANIFEST)
    assert caught.value.code == "manifest.fork"
    assert "Keep both as evidence" in caught.value.mend


def test_what_too_few_custodians_signed_is_no_evidence_of_a_fork() -> None:
    other = manifest(record=(SPARE["record"],))
    assert next_refused(signed(other, CUSTODIANS[:2])) == "manifest.unsigned"
    assert next_refused(signed(manifest(root=root(SUCCESSORS, 3)), SUCCESSORS)) == "manifest.unsigned"


@pytest.mark.parametrize("changed", [{"party": "af"}, {"name": "other.example"}])
def test_another_party_or_name_is_not_a_later_manifest(changed: dict[str, str]) -> None:
    """The name stands in every log's origin: changed, its logs could no longer be compared."""
    assert next_refused(signed(next_manifest(**changed))) == "manifest.party"


def test_a_change_of_custodians_needs_the_old_and_the_new() -> None:
    changed = next_manifest(root=root(SUCCESSORS, 3))
    assert next_refused(signed(changed, CUSTODIANS)) == "manifest.unsigned"
    assert next_refused(signed(changed, SUCCESSORS)) == "manifest.unsigned"
    assert next_refused(signed(changed, (*CUSTODIANS[:2], *SUCCESSORS))) == "manifest.unsigned"
    assert next_refused(signed(changed, (*CUSTODIANS, *SUCCESSORS[:2]))) == "manifest.unsigned"
    assert accept_next(signed(changed, (*CUSTODIANS[:3], *SUCCESSORS[:3])), MANIFEST) == changed


def test_a_custodian_who_stays_signs_for_both_roots_at_once() -> None:
    changed = next_manifest(root=root((*CUSTODIANS[:4], custodian(9)), 3))
    assert accept_next(signed(changed, CUSTODIANS[:3]), MANIFEST) == changed


def test_the_threshold_held_binds_a_manifest_that_lowers_it() -> None:
    lowered = next_manifest(root=root(CUSTODIANS, 1))
    assert next_refused(signed(lowered, CUSTODIANS[:2])) == "manifest.unsigned"
    assert accept_next(signed(lowered), MANIFEST) == lowered


def test_the_threshold_announced_binds_a_manifest_that_raises_it() -> None:
    """Else a party could lock itself out with custodians who never signed anything."""
    raised = next_manifest(root=root(CUSTODIANS, 4))
    assert next_refused(signed(raised)) == "manifest.unsigned"
    assert accept_next(signed(raised, CUSTODIANS[:4]), MANIFEST) == raised


# --- revocation ---------------------------------------------------------------------------------------------


def test_a_revoked_key_speaks_no_more_and_never_comes_back() -> None:
    stolen = revoked(PUBLIC["record"])
    second = next_manifest(record=(SPARE["record"],), revoked=(stolen,))
    assert accept_next(signed(second), MANIFEST) == second
    assert list(record_keys(second)) == [id_of(SPARE["record"])]
    assert next_refused(signed(next_manifest(serial=9)), second) == "manifest.revoked"
    with pytest.raises(Invalid, match="a key is both listed and revoked"):
        msgspec.structs.replace(second, record=(SPARE["record"], PUBLIC["record"]))


def test_when_and_why_a_key_was_revoked_is_not_rewritten() -> None:
    stolen = revoked(PUBLIC["record"])
    second = next_manifest(record=(SPARE["record"],), revoked=(stolen,))
    for rewritten in (
        msgspec.structs.replace(stolen, at=NOW + timedelta(days=1)),
        msgspec.structs.replace(stolen, reason="retired"),
    ):
        third = msgspec.structs.replace(second, serial=9, revoked=(rewritten,))
        assert next_refused(signed(third), second) == "manifest.revoked"


@pytest.mark.parametrize("role", ["record", "log", "witness", "witness_pq", "sealing"])
def test_no_role_lists_a_revoked_key(role: str) -> None:
    with pytest.raises(Invalid, match="a key is both listed and revoked"):
        manifest(revoked=(revoked(PUBLIC[role]),))


def test_a_revoked_custodian_is_no_custodian() -> None:
    with pytest.raises(Invalid, match="a key is both listed and revoked"):
        manifest(revoked=(revoked(public(CUSTODIANS[0])),))


# --- in use -------------------------------------------------------------------------------------------------


def test_a_manifest_is_used_from_its_first_second_to_before_its_last() -> None:
    require_valid(MANIFEST, SINCE)
    require_valid(MANIFEST, UNTIL - timedelta(seconds=1))


def test_a_clock_that_is_wrong_by_less_than_an_hour_stops_nothing() -> None:
    """A manifest holds from the minute it was written, by the clock of who wrote it."""
    require_valid(MANIFEST, SINCE - CLOCKS_DIFFER)
    require_valid(MANIFEST, UNTIL + CLOCKS_DIFFER - timedelta(seconds=1))
    (key,) = MANIFEST.sealing
    assert sealing_key_at(MANIFEST, key.since - CLOCKS_DIFFER)[0] == id_of(key.key)
    assert sealing_key_at(MANIFEST, key.until + CLOCKS_DIFFER - timedelta(seconds=1))[0] == id_of(key.key)


@pytest.mark.parametrize("now", [EARLY, UNTIL + CLOCKS_DIFFER, datetime(9999, 12, 31, tzinfo=UTC)])
def test_outside_its_validity_a_manifest_is_not_used(now: datetime) -> None:
    for use in (require_valid, sealing_key_at):
        with pytest.raises(Refused, match="Manifest 7 of pk holds from 2026-11-01 to 2027-11-01; today is") as caught:
            use(MANIFEST, now)
        assert (caught.value.code, caught.value.by) == ("manifest.expired", "manifest 7 of pk")


def test_one_seals_to_the_newest_key_whose_time_it_is() -> None:
    (old,) = MANIFEST.sealing
    new = msgspec.structs.replace(old, key=SPARE["sealing"], since=NOW + timedelta(days=1))
    both = manifest(sealing=(new, old))
    assert sealing_key_at(both, NOW)[0] == id_of(old.key)
    assert sealing_key_at(both, new.since)[0] == id_of(new.key)
    assert sealing_key_at(both, new.until - timedelta(seconds=1))[0] == id_of(new.key)


def test_without_a_sealing_key_for_the_day_nothing_is_sealed() -> None:
    with pytest.raises(Refused, match="has no sealing key for 2027-02-01") as caught:
        sealing_key_at(MANIFEST, MANIFEST.sealing[0].until + CLOCKS_DIFFER)
    assert (caught.value.code, caught.value.by) == ("manifest.sealing", "manifest 7 of pk")


def test_record_keys_stand_by_their_id_the_current_one_first() -> None:
    made = manifest(record=(SPARE["record"], PUBLIC["record"]))
    assert list(record_keys(made)) == [id_of(SPARE["record"]), id_of(PUBLIC["record"])]


def test_log_and_witness_are_named_after_the_party() -> None:
    assert log_name(MANIFEST, "pk-af") == "pk.amanat.example/pk-af"
    assert witness_name(MANIFEST) == "pk.amanat.example/witness"
