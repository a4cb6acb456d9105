"""Which numbers of a line never arrived, and rows found many at once."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from amanat.store import records, sqlite
from amanat.store.tables import ARRIVAL, RECORD


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[Connection]:
    """A transaction in a new database."""
    engine = sqlite.create(str(tmp_path / "node.sqlite"))
    with engine.begin() as tx:
        yield tx
    engine.dispose()


def arrive(tx: Connection, *numbers: int, sender: str = "pk") -> None:
    for number in numbers:
        tx.execute(insert(ARRIVAL), arrival(f"{sender} {number}", sender, number))


def arrival(envelope: str, sender: str, number: int) -> dict[str, object]:
    answer = {"compact": "", "answered": "no"}
    return {"envelope": envelope, "sender": sender, "id": envelope, "sequence": number, **answer}


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
    arrive(tx, *came)
    assert records.gaps(tx, "pk", sent, ()) == missing


def test_a_number_that_came_twice_is_no_gap(tx: Connection) -> None:
    arrive(tx, 1, 2)
    tx.execute(insert(ARRIVAL), arrival("x", "pk", 2))
    assert records.gaps(tx, "pk", 3, ()) == [(3, 3)]


def test_each_sender_counts_for_itself(tx: Connection) -> None:
    arrive(tx, 1, 2)
    arrive(tx, 3, sender="obs")
    assert (records.gaps(tx, "pk", 2, ()), records.gaps(tx, "obs", 3, ())) == ([], [(1, 2)])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(came=st.sets(st.integers(1, 40)), sent=st.integers(0, 45))
def test_gaps_and_arrivals_together_are_all_numbers(tx: Connection, came: set[int], sent: int) -> None:
    with tx.begin_nested() as savepoint:
        arrive(tx, *came)
        missing = [number for first, last in records.gaps(tx, "pk", sent, ()) for number in range(first, last + 1)]
        savepoint.rollback()
    assert sorted([*missing, *came]) == list(range(1, max([sent, *came]) + 1))


def test_thousands_are_found_in_one_asking(tx: Connection) -> None:
    """More than SQLite takes variables in one statement, as it is built by default."""
    raw = tx.connection.driver_connection
    assert raw is not None
    raw.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 32_766)
    fixed = {
        "envelope": "",
        "compact": "pk-af",
        "kind": "k/1",
        "at": "",
        "exercise": False,
        "log_index": 0,
        "state": "current",
    }
    rows = [{**fixed, "party": "pk", "id": f"{number:06}", "data": b"%d" % number} for number in range(20_000)]
    tx.execute(insert(RECORD), rows)
    wanted = [("pk", f"{number:06}") for number in range(40_000)] + [("af", "000001")]
    found = records.data_of(tx, wanted)
    assert len(found) == 20_000
    assert found["pk", "012345"] == b"12345"
