"""A root is custodians and how many of them must act together; no other number makes sense."""

import pytest

from amanat.party.canonical import decode, encode
from amanat.party.errors import Invalid
from amanat.party.root import Root
from party.cast import CUSTODIANS, ROOT, custodian, public, root


def test_three_of_five() -> None:
    assert decode(encode(ROOT), Root, "root") == ROOT
    assert sorted(ROOT.by_id().values()) == sorted(key.public_key().public_bytes_raw() for key in CUSTODIANS)


def test_a_party_of_one_custodian_is_allowed() -> None:
    assert root(CUSTODIANS[:1], 1).threshold == 1


@pytest.mark.parametrize(("custodians", "threshold"), [(0, 0), (0, 1), (3, 0), (3, 4), (3, -1), (17, 3)])
def test_a_threshold_that_nobody_or_anybody_meets_cannot_be_built(custodians: int, threshold: int) -> None:
    with pytest.raises(Invalid, match=f"The root asks for {threshold} of {custodians} custodians") as caught:
        root([custodian(number + 1) for number in range(custodians)], threshold)
    assert caught.value.code == "root.threshold"


def test_a_custodian_counts_once_and_in_one_place() -> None:
    key, other = ROOT.keys[:2]
    for keys in ((key, key), (other, key)):
        with pytest.raises(Invalid, match=r"root\.keys is not sorted or repeats itself"):
            Root(1, keys)


def test_a_custodian_is_an_ed25519_key() -> None:
    with pytest.raises(Invalid, match="The root key has 31 bytes, not 32"):
        Root(1, (public(CUSTODIANS[0])[:-4] + "AA==",))


def test_the_most_custodians_there_can_be() -> None:
    assert len(root([custodian(number) for number in range(1, 17)], 9).by_id()) == 16
