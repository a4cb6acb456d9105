"""Labels keep the uses of keys and hashes apart."""

from itertools import permutations

import pytest

from amanat.party import labels
from amanat.party.dsse import pae

TYPES = [value for value in vars(labels).values() if isinstance(value, str) and value.startswith("application/")]
PREFIXES = [value for value in vars(labels).values() if isinstance(value, bytes)]
ALL = [value.encode() for value in TYPES] + PREFIXES


def test_every_label_is_looked_at_here() -> None:
    assert {*TYPES, *PREFIXES} == {value for name, value in vars(labels).items() if name.isupper()}


@pytest.mark.parametrize(("one", "other"), list(permutations(ALL, 2)))
def test_no_label_is_the_beginning_of_another(one: bytes, other: bytes) -> None:
    """So no bytes made for one use can be read as bytes made for a second."""
    assert not other.startswith(one)


@pytest.mark.parametrize("label", PREFIXES)
def test_what_is_signed_never_begins_like_what_is_hashed(label: bytes) -> None:
    assert not pae(TYPES[0], b"").startswith(label)
    assert label.startswith(b"amanat/")
    assert label.endswith(b"/v1\n")
