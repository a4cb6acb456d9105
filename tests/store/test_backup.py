"""A copy of a database is of one moment, though others write on, and it leaves nothing of itself behind."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from amanat.party.errors import Fault
from amanat.store import backup, sqlite, turns
from amanat.store.tables import HELD, MARK


def test_it_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    database = tmp_path / "node.sqlite"
    engine = sqlite.create(str(database))
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            with turns.writing(engine) as tx:
                row = {"id": str(number), "digest": "", "data": bytes(30_000), "writers": "", "officer": None}
                tx.execute(HELD.insert(), row)
                tx.execute(MARK.insert(), {"name": str(number), "at": "", "detail": ""})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies = []
        for _ in range(5):
            with backup.snapshot(database) as (copy, size):
                copies.append(copy.read())
            assert len(copies[-1]) == size
    finally:
        done.set()
        writer.join()
    counts = [counted(tmp_path / f"copy{at}", data) for at, data in enumerate(copies)]
    assert all(held == marks for held, marks in counts)
    assert counts[-1] > counts[0]
    engine.dispose()


def counted(path: Path, data: bytes) -> tuple[int, int]:
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = copy.execute("SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM mark)").fetchone()
    return int(found[0]), int(found[1])


def test_nothing_of_it_is_left_on_the_disk(tmp_path: Path) -> None:
    engine = sqlite.create(str(tmp_path / "node.sqlite"))
    with backup.snapshot(tmp_path / "node.sqlite"):
        during = {each.name for each in tmp_path.iterdir()}
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    engine.dispose()
    assert {name for name in during if "part" in name} == set()


def test_what_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "node.sqlite").write_bytes(b"not a database, but long enough to be looked at as one" * 100)
    with pytest.raises(Fault, match="could not be copied"), backup.snapshot(tmp_path / "node.sqlite"):
        pass
    assert [each.name for each in tmp_path.iterdir()] == ["node.sqlite"]
