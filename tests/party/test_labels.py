"""Context strings: no two uses of a key or a hash can be taken for one another."""

from itertools import permutations

from amanat.party import labels


def test_all_labels_are_unique_and_none_begins_another() -> None:
    values = [value for name, value in vars(labels).items() if name.isupper()]
    raw = [value.encode() if isinstance(value, str) else value for value in values]
    assert len(raw) == 13
    assert not [(one, two) for one, two in permutations(raw, 2) if two.startswith(one)]
