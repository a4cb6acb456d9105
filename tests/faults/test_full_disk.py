"""A disk that is full takes a step whole or not at all, says so in one line, and after room was made it goes on.

The room is cut by SQLite's own limit, from just too little for anything to enough for all; and the calls by which files
are written are answered "no space left on device", each of them once.
"""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from amanat import node
from faults.plug import BATCH, Database, Run, furnish, give, outlet, stands, stick, traced
from server import Server

REPORTS, SIZES = 4 * BATCH - 8, 15
TOGETHER = ("record", "envelope", "arrival", "intelligence_report")  # tables that a batch writes to
IMPORT = "bundle import -C af to-af --passphrase-file af.pass"
SEND = "send -C pk report.json --compact pk-af --to af --post torkham/duty --exercise --passphrase-file pk.pass"
EXPORT = "bundle export -C pk --to af --out again --passphrase-file pk.pass"
FULL = re.compile(
    r"error: There is no room for more in \S+/node\.sqlite: this step was taken back\.\nhint: Make room .*\n"
)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three parties, and a stick of pk for af that takes an import four batches."""
    folder = tmp_path_factory.mktemp("full") / "furnished"
    furnish(folder, REPORTS)
    stick(folder, "to-af", list)
    return folder


@contextmanager
def room_for(pages: int) -> Iterator[None]:
    """Let no database that is opened grow over so many pages."""

    def limit(connection: DBAPIConnection, _record: object) -> None:
        connection.cursor().execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", limit)
    yield
    event.remove(Engine, "connect", limit)


def pages(party: Path) -> int:
    with closing(sqlite3.connect(party / node.DATABASE)) as database:
        (count,) = database.execute("PRAGMA page_count").fetchone()
    return int(count)


def sizes(before: int, after: int) -> list[int]:
    """From room for nothing to room for all but one page, spread evenly."""
    return sorted({before + (after - 1 - before) * step // (SIZES - 1) for step in range(SIZES)})


def grown(furnished: Path, folder: Path, command: str, party: str) -> list[int]:
    """The sizes at which there is too little room for a command; what it makes of the folder is left there."""
    shutil.copytree(furnished, folder)
    assert give(folder, command).code == 0
    return sizes(pages(furnished / party), pages(folder / party))


# --- the database -----------------------------------------------------------------------------------------------------


def test_an_import_without_room_takes_batches_whole_and_goes_on_where_it_stopped(
    furnished: Path, tmp_path: Path
) -> None:
    too_little = grown(furnished, tmp_path / "done", IMPORT, "af")
    wanted, seen = stands(tmp_path / "done" / "af"), list[Database]()
    assert len(too_little) == SIZES
    for size in too_little:
        folder = shutil.copytree(furnished, tmp_path / str(size))
        with room_for(size):
            run = give(folder, IMPORT)
        assert (run.code, run.out) == (4, ""), run.err
        assert FULL.fullmatch(run.err), run.err
        held = stands(folder / "af")
        if held not in seen:  # from one state there is one way on
            seen.append(held)
            assert give(folder, "audit -C af --passphrase-file af.pass").code == 0
            assert give(folder, IMPORT).code == 0
            assert stands(folder / "af") == wanted
        shutil.rmtree(folder)
    assert seen[0] == stands(furnished / "af")
    assert [{len(each[name]) for name in TOGETHER} for each in seen] == [{0}, {BATCH}, {2 * BATCH}, {3 * BATCH}]


def test_a_record_for_which_there_is_no_room_is_not_sent(furnished: Path, tmp_path: Path) -> None:
    """And leaves no gap in the numbers: sent again when there is room, it is the next."""
    before, refused = stands(furnished / "pk"), 0
    for spare in range(SIZES):
        folder = shutil.copytree(furnished, tmp_path / str(spare))
        with room_for(pages(folder / "pk") + spare):
            run = give(folder, SEND)
        if run.code:
            assert (run.code, run.out) == (4, "")
            assert FULL.fullmatch(run.err), run.err
            assert stands(folder / "pk") == before
            refused += 1
            assert give(folder, SEND).code == 0
        assert sorted(row["sequence"] for row in stands(folder / "pk")["delivery"]) == list(range(1, REPORTS + 2))
        shutil.rmtree(folder)
    assert 0 < refused < SIZES


def test_an_import_into_a_server_without_room_takes_batches_whole_too(server: Server, tmp_path: Path) -> None:
    """The server is made to answer as when its disk is full, from so many records on: no test can fill it for one alone."""
    folder, name = tmp_path / "served", server.new()
    furnish(folder, REPORTS, {"af": server.address(name)})
    stick(folder, "to-af", list)
    with outlet() as mains:  # of processes, since a command leaves its connections to the end of its own
        for batches in (0, 2):
            server.ask(full_from(batches * BATCH + BATCH // 2), name)
            run = mains.run(folder, IMPORT)
            assert (run.code, run.out) == (4, ""), run.err
            assert re.fullmatch(rf"error: There is no room for more in \S+/{name}: .*\nhint: Make room .*\n", run.err)
            assert server.ask("SELECT count(*) FROM record", name) == [(batches * BATCH,)]
            assert mains.run(folder, "audit -C af --passphrase-file af.pass").code == 0
        server.ask("DROP TRIGGER filled ON record", name)
        assert mains.run(folder, IMPORT).code == 0
    assert server.ask("SELECT count(*) FROM record", name) == [(REPORTS,)]


def full_from(records: int) -> str:
    """The words that let a database hold so many records and no more."""
    return f"""CREATE OR REPLACE FUNCTION filled() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF (SELECT count(*) FROM record) > {records} THEN
                RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
            END IF; RETURN NULL; END $$;
        CREATE OR REPLACE TRIGGER filled AFTER INSERT ON record EXECUTE FUNCTION filled()"""  # noqa: S608 - a number


# --- the disk itself --------------------------------------------------------------------------------------------------


def answered_full(folder: Path, command: str, call: str, when: str, *only: str) -> Run:
    """Give a command to whose calls, at those times, the disk answers that there is no space left."""
    return traced(folder, command, *only, "-e", f"trace={call}", "-e", f"inject={call}:error=ENOSPC:when={when}")


@pytest.mark.parametrize("nth", [1, 40])
def test_a_disk_that_takes_no_more_of_the_database_is_told_in_one_line(
    furnished: Path, tmp_path: Path, nth: int
) -> None:
    folder = shutil.copytree(furnished, tmp_path / "full")
    run = answered_full(folder, IMPORT, "pwrite64", f"{nth}+", "-P", str(folder / "af" / f"{node.DATABASE}-wal"))
    assert (run.code, run.out) == (4, "")
    assert FULL.fullmatch(run.err), run.err
    assert stands(folder / "af") == stands(furnished / "af")
    assert give(folder, IMPORT).code == 0
    assert len(stands(folder / "af")["record"]) == REPORTS


@pytest.mark.parametrize(("call", "nth"), [("write", 1), ("write", 60), ("fsync", 1), ("rename", 1)])
def test_a_stick_that_is_full_is_named_and_holds_nothing_of_the_bundle(
    furnished: Path, tmp_path: Path, call: str, nth: int
) -> None:
    folder = shutil.copytree(furnished, tmp_path / "full")
    run = answered_full(folder, EXPORT, call, str(nth))
    assert (run.code, run.out) == (4, "")
    assert re.fullmatch(r"error: again could not be written: No space left on device\.\nhint: .*\n", run.err), run.err
    assert [each.name for each in folder.iterdir() if "again" in each.name] == []
    assert give(folder, EXPORT).code == 0
    assert (folder / "again").stat().st_size == (folder / "to-af").stat().st_size
