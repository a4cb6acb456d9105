"""A copy of a database is of one moment, though others write on, and it leaves nothing of itself behind."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from amanat.party.errors import Fault
from amanat.store import backup, postgres, sqlite, turns
from amanat.store.tables import HELD, MARK, METADATA, OFFICER, VIEW
from server import Server


@contextmanager
def others_writing(engine: Engine) -> Iterator[None]:
    """Have a thread write two rows together, again and again."""
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            with turns.writing(engine) as tx:
                row = {
                    "id": str(number),
                    "digest": "",
                    "data": bytes(30_000),
                    "writers": "",
                    "officer": None,
                    "person": False,
                }
                tx.execute(HELD.insert(), row)
                tx.execute(MARK.insert(), {"name": str(number), "at": "", "detail": ""})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        done.set()
        writer.join()


def test_it_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    database = tmp_path / "node.sqlite"
    engine = sqlite.create(str(database))
    copies = []
    with others_writing(engine):
        for _ in range(5):
            with backup.snapshot(database) as (copy, size):
                copies.append(copy.read())
            assert len(copies[-1]) == size
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


# --- of a server ------------------------------------------------------------------------------------------------------


@pytest.fixture
def place(server: Server) -> Iterator[str]:
    """A server's database with something in it."""
    name = server.new()
    yield server.address(name)
    server.drop(name)


def test_a_servers_database_goes_into_a_file_and_out_of_it_into_either(
    place: str, server: Server, tmp_path: Path
) -> None:
    before = postgres.open_existing(place)
    with turns.writing(before) as tx:
        row = {"sign_in": "khan", "name": "Khan", "post": "torkham/duty", "roles": "", "active": True, "created": ""}
        tx.execute(
            OFFICER.insert(),
            {
                **row,
                "id": 7,
                "password_given": False,
                "disabled": None,
                "password": "",
                "failures": 0,
                "locked_until": None,
                "language": "en",
            },
        )
        tx.execute(
            HELD.insert(),
            {"id": "1", "digest": "", "data": b"\0\xff" * 40_000, "writers": "", "officer": 2**40, "person": False},
        )
        tx.execute(VIEW.insert(), {"name": "intelligence", "version": 1})
    with backup.at_one_moment(place, tmp_path) as (copy, size):
        (tmp_path / "copy").write_bytes(copy.read())
    assert size == (tmp_path / "copy").stat().st_size
    name = server.new()
    again = postgres.open_existing(server.address(name))
    backup.load(tmp_path / "copy", again)
    assert said(again) == said(sqlite.open_existing(str(tmp_path / "copy")))
    assert [name for name, _ in said(again)] == ["held", "officer"]  # views are made anew
    with turns.writing(again) as tx:
        tx.execute(
            OFFICER.insert(),
            {**row, "sign_in": "b", "password": "", "password_given": False, "failures": 0, "language": "en"},
        )
        assert sorted(tx.execute(select(OFFICER.c.id)).scalars()) == [7, 8]
    for each in (before, again):
        each.dispose()
    server.drop(name)


def said(engine: Engine) -> list[tuple[str, object]]:
    with turns.reading(engine) as tx:
        return [(table.name, tuple(row)) for table in METADATA.sorted_tables for row in tx.execute(select(table))]


def test_it_is_of_one_moment_of_the_server_too(place: str, tmp_path: Path) -> None:
    engine = postgres.open_existing(place)
    copies = []
    with others_writing(engine):
        for _ in range(3):
            with backup.at_one_moment(place, tmp_path) as (copy, _):
                copies.append(copy.read())
    assert list(tmp_path.iterdir()) == []
    counts = [counted(tmp_path / f"copy{at}", data) for at, data in enumerate(copies)]
    assert all(held == marks for held, marks in counts)
    assert counts[-1] > counts[0]
    engine.dispose()
