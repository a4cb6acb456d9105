"""Which numbers of a line never arrived: the runs kept say exactly what counting all arrivals anew would."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from amanat.store import numbers
from amanat.store.tables import ARRIVED


def runs(tx: Connection, sender: str = "pk") -> list[tuple[int, int]]:
    query = select(ARRIVED.c.first, ARRIVED.c.last).where(ARRIVED.c.sender == sender).order_by(ARRIVED.c.first)
    return [(row.first, row.last) for row in tx.execute(query)]


def naive(came: set[int], sent: int, void: set[int]) -> list[int]:
    """Every number that should have come, and neither did nor is void."""
    return sorted(set(range(1, max([sent, *came, *void]) + 1)) - came - void)


@pytest.mark.parametrize(
    ("came", "sent", "missing"),
    [
        ((), 0, []),
        ((), 3, [(1, 3)]),
        ((1, 2, 3), 3, []),
        ((1, 2, 3), 0, []),
        ((3,), 0, [(1, 2)]),
        ((3,), 5, [(1, 2), (4, 5)]),
        ((1, 4, 5, 9), 9, [(2, 3), (6, 8)]),
    ],
)
def test_gaps_are_runs_of_numbers_that_never_came(
    tx: Connection, came: tuple[int, ...], sent: int, missing: list[tuple[int, int]]
) -> None:
    numbers.note(tx, "pk", came)
    assert numbers.gaps(tx, "pk", sent, ()) == missing


def test_a_number_that_came_twice_is_no_gap(tx: Connection) -> None:
    numbers.note(tx, "pk", (1, 2))
    numbers.note(tx, "pk", (2,))
    assert numbers.gaps(tx, "pk", 3, ()) == [(3, 3)]


def test_each_sender_counts_for_itself(tx: Connection) -> None:
    numbers.note(tx, "pk", (1, 2))
    numbers.note(tx, "obs", (3,))
    assert (numbers.gaps(tx, "pk", 2, ()), numbers.gaps(tx, "obs", 3, ())) == ([], [(1, 2)])


def test_a_line_without_loss_is_one_run_however_long_it_grows(tx: Connection) -> None:
    for first in range(1, 5000, 100):
        numbers.note(tx, "pk", range(first, first + 100))
    assert runs(tx) == [(1, 5000)]


batches = st.lists(st.lists(st.integers(1, 60), max_size=8), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=batches, others=batches, sent=st.integers(0, 65), void=st.sets(st.integers(1, 65)))
def test_gaps_are_what_counting_all_anew_gives_in_whatever_order_they_came(
    tx: Connection, batches: list[list[int]], others: list[list[int]], sent: int, void: set[int]
) -> None:
    with tx.begin_nested() as savepoint:
        for batch in batches:
            numbers.note(tx, "pk", batch)
        for batch in others:
            numbers.note(tx, "obs", batch)
        missing = [
            each
            for first, last in numbers.gaps(tx, "pk", sent, [(each, each) for each in void])
            for each in range(first, last + 1)
        ]
        kept = runs(tx)
        savepoint.rollback()
    came = {number for batch in batches for number in batch}
    assert missing == naive(came, sent, void)
    assert [number for first, last in kept for number in range(first, last + 1)] == sorted(came)
    assert all(after[0] > before[1] + 1 for before, after in pairwise(kept))
