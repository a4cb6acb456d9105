"""Numbers of chunks as runs: one set has one spelling, and what is outside of it is the rest."""

from hypothesis import given
from hypothesis import strategies as st

from amanat.store.attachments import outside, runs

SETS = st.frozensets(st.integers(0, 40))


def test_runs_say_first_and_last() -> None:
    assert runs([0, 1, 2, 5, 7, 8]) == ((0, 2), (5, 5), (7, 8))
    assert runs([]) == ()


@given(SETS, st.integers(0, 50))
def test_what_is_outside_of_runs_is_what_is_not_in_the_set(here: frozenset[int], count: int) -> None:
    ranges = list(outside(count, runs(sorted(here))))
    assert [number for each in ranges for number in each] == [number for number in range(count) if number not in here]
    assert all(ranges)
    assert len(ranges) <= len(runs(sorted(here))) + 1
