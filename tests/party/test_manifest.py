"""Manifests: believed by a fingerprint compared face to face, then by those who signed the one before."""

import base64
from datetime import timedelta

import msgspec
import pytest

from amanat.party.errors import Invalid, Refused
from amanat.party.fingerprint import fingerprint
from amanat.party.key_id import key_id
from amanat.party.manifest import (
    Manifest,
    Revoked,
    accept_first,
    accept_next,
    log_name,
    read_party,
    record_keys,
    require_valid,
    sealing_key_at,
    witness_name,
)
from amanat.party.root import Root
from party.custody import NOW, SINCE, UNTIL, custodians, manifest, root, signed, text

PK = custodians("pk")
FIRST = manifest()
COMPARED = fingerprint(FIRST.root)


def refusal(data: bytes, held: Manifest | None = None) -> str:
    """Return the code with which a first (or, after `held`, a later) manifest is refused."""
    with pytest.raises(Invalid) as caught:
        accept_first(data, COMPARED) if held is None else accept_next(data, held)
    return caught.value.code


def later(**changes: object) -> Manifest:
    return msgspec.structs.replace(FIRST, serial=2, **changes)


def test_a_first_manifest_is_accepted_with_the_fingerprint_that_was_compared() -> None:
    assert accept_first(signed(FIRST, PK[:2]), COMPARED) == FIRST
    assert read_party(signed(FIRST, PK[:2])) == "pk"


def test_one_custodian_of_two_needed_is_not_the_party() -> None:
    assert refusal(signed(FIRST, PK[:1])) == "manifest.unsigned"


def test_other_root_keys_have_another_fingerprint() -> None:
    other = msgspec.structs.replace(FIRST, root=root(custodians("other")))
    assert refusal(signed(other, custodians("other"))) == "manifest.fingerprint"


def test_a_later_manifest_is_accepted_when_the_custodians_held_sign_it() -> None:
    assert accept_next(signed(later(), PK[1:]), FIRST).serial == 2


def test_an_earlier_or_equal_serial_is_a_replay() -> None:
    assert refusal(signed(FIRST, PK), FIRST) == "manifest.serial"


def test_another_party_or_name_is_not_a_later_manifest() -> None:
    assert refusal(signed(later(party="af"), PK), FIRST) == "manifest.party"
    assert refusal(signed(later(name="other.example"), PK), FIRST) == "manifest.party"


def test_a_change_of_custodians_needs_the_old_and_the_new() -> None:
    new = custodians("new")
    changed = later(root=root(new))
    assert refusal(signed(changed, new), FIRST) == "manifest.unsigned"
    assert refusal(signed(changed, PK), FIRST) == "manifest.unsigned"
    assert accept_next(signed(changed, (*PK[:2], *new[:2])), FIRST) == changed


def test_a_revoked_key_never_comes_back() -> None:
    (old,) = record_keys(FIRST)
    revoked = (Revoked(old, NOW, "stolen"),)
    second = later(record=manifest("new").record, revoked=revoked)
    assert accept_next(signed(second, PK), FIRST) == second
    assert old not in record_keys(second)
    third = msgspec.structs.replace(FIRST, serial=3)
    assert refusal(signed(third, PK), second) == "manifest.revoked"
    with pytest.raises(Invalid, match="both listed and revoked"):
        msgspec.structs.replace(second, record=FIRST.record)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"record": ()}, "record lists 0 keys"),
        ({"log": FIRST.record}, "each key has one role"),
        ({"log": (FIRST.root.keys[0],)}, "each key has one role"),
        ({"sealing": ()}, "sealing lists 0 keys"),
        ({"sealing": FIRST.sealing * 2}, "each key has one role"),
        ({"until": SINCE}, "ends before it begins"),
        ({"sealing": (msgspec.structs.replace(FIRST.sealing[0], until=SINCE),)}, "ends before it begins"),
        ({"witness_pq": FIRST.record}, "32 bytes, not 1312"),
        ({"since": SINCE.replace(microsecond=1)}, "whole second"),
    ],
)
def test_a_manifest_that_contradicts_itself_cannot_be_made(changes: dict[str, object], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        manifest(**changes)  # type: ignore[arg-type]  # any field


def test_a_root_asks_for_no_more_custodians_than_there_are() -> None:
    with pytest.raises(Invalid) as caught:
        Root(3, FIRST.root.keys[:2])
    assert caught.value.code == "root.threshold"


def test_outside_its_validity_a_manifest_is_not_used() -> None:
    require_valid(FIRST, NOW)
    for moment in (SINCE - timedelta(seconds=1), UNTIL):
        with pytest.raises(Refused, match="2026-01-01 to 2028-01-01"):
            require_valid(FIRST, moment)


def test_one_seals_to_the_newest_key_whose_time_it_is() -> None:
    middle = NOW + timedelta(days=1)
    new = msgspec.structs.replace(manifest("new").sealing[0], since=middle)
    old = msgspec.structs.replace(FIRST.sealing[0], until=middle)
    made = manifest(sealing=(new, old))
    assert sealing_key_at(made, NOW)[0] == key_id(base64.b64decode(old.key))
    assert sealing_key_at(made, middle)[0] == key_id(base64.b64decode(new.key))


def test_without_a_sealing_key_for_the_day_nothing_is_sealed() -> None:
    made = manifest(sealing=(msgspec.structs.replace(FIRST.sealing[0], until=NOW),))
    with pytest.raises(Refused) as caught:
        sealing_key_at(made, NOW)
    assert caught.value.code == "manifest.sealing"


def test_log_and_witness_are_named_after_the_party() -> None:
    assert log_name(FIRST, "pk-af") == "pk.amanat.example/pk-af"
    assert witness_name(FIRST) == "pk.amanat.example/witness"
    assert text(record_keys(FIRST)[next(iter(record_keys(FIRST)))]) == FIRST.record[0]
