"""Rows found many at once, and how a line stands."""

import sqlite3

from sqlalchemy import Connection, insert

from amanat.store import records
from amanat.store.tables import RECORD


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
        "person": False,
        "log_index": 0,
        "state": "current",
    }
    rows = [{**fixed, "party": "pk", "id": f"{number:06}", "data": b"%d" % number} for number in range(20_000)]
    tx.execute(insert(RECORD), rows)
    wanted = [("pk", f"{number:06}") for number in range(40_000)] + [("af", "000001")]
    found = records.data_of(tx, wanted)
    assert len(found) == 20_000
    assert found["pk", "012345"] == b"12345"
