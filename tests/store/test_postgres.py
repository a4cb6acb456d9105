"""A party's database on the server: one writer among all processes, readers of one moment, and a server that goes and comes."""

import multiprocessing
import threading
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Engine, func, select, text

from amanat.party.errors import Fault, Unreachable
from amanat.store import database, dialect, postgres, turns
from amanat.store import text as text_index
from amanat.store.tables import CHECKPOINT, METADATA, RECORD, VIEW
from kept import Served
from server import Server

# What a record's row must say, and says nothing.
EMPTY = {
    "party": "pk",
    "envelope": "",
    "compact": "",
    "kind": "",
    "at": "",
    "exercise": False,
    "person": False,
    "log_index": 0,
    "state": "",
}


@pytest.fixture
def name(server: Server) -> Iterator[str]:
    made = server.new()
    yield made
    server.drop(made)


@pytest.fixture
def engine(server: Server, name: str) -> Iterator[Engine]:
    opened = database.open_existing(server.address(name))
    yield opened
    opened.dispose()


def write(engine: Engine, name: str) -> None:
    with turns.writing(engine) as tx:
        tx.execute(VIEW.insert(), {"name": name, "version": 1})


def names(engine: Engine) -> list[str]:
    with turns.reading(engine) as tx:
        return list(tx.execute(select(VIEW.c.name).order_by(VIEW.c.name)).scalars())


# --- making and opening -----------------------------------------------------------------------------------------------


def test_an_empty_database_becomes_a_nodes_once(server: Server) -> None:
    name = server.new("template0")
    database.create(server.address(name)).dispose()
    with pytest.raises(Fault) as caught:
        database.create(server.address(name))
    assert caught.value.code == "store.exists"
    opened = database.open_existing(server.address(name))
    with turns.reading(opened) as tx:
        assert all(tx.execute(select(func.count()).select_from(each)).scalar() == 0 for each in METADATA.sorted_tables)
    opened.dispose()
    server.drop(name)


@pytest.mark.promised(
    "a server that somebody else answers for",
    "docs/threat-model.md",
    "Stores",
    "must show a certificate that is verified",
)
@pytest.mark.parametrize(
    ("where", "mode"),
    [
        ("db.example/n", "verify-full"),
        ("/n?host=db.example", "verify-full"),
        ("/n?hostaddr=192.0.2.7", "verify-full"),
        ("/n?host=127.0.0.1,db.example", "verify-full"),
        ("/n?host=/run/postgresql", None),
        ("127.0.0.1/n", None),
        ("/n", None),
    ],
)
def test_a_server_elsewhere_shows_a_certificate_however_it_is_named(
    where: str, mode: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def away(*_given: object, **named: object) -> None:
        asked.append(named.get("sslmode"))
        raise psycopg.OperationalError

    monkeypatch.setattr(psycopg, "connect", away)
    with pytest.raises(Unreachable):
        database.open_existing(f"postgresql://{where}")
    assert set(asked) == {mode}


def test_opening_creates_nothing(server: Server) -> None:
    name = server.new("template0")
    with pytest.raises(Fault) as caught:
        database.open_existing(server.address(name))
    assert caught.value.code == "store.missing"
    database.create(server.address(name)).dispose()  # nothing is in the way
    server.drop(name)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_all_letters_is_refused(server: Server, encoding: str) -> None:
    server.ask(f"CREATE DATABASE letters TEMPLATE template0 ENCODING '{encoding}'")
    with pytest.raises(Fault, match=f"encoding {encoding}") as caught:
        database.create(server.address("letters"))
    assert caught.value.code == "store.locale"
    server.drop("letters")


def test_a_commit_waits_for_the_disk_whatever_the_server_is_set_to(engine: Engine) -> None:
    with turns.reading(engine) as tx:
        shown = {
            each: tx.exec_driver_sql(f"SHOW {each}").scalar_one() for each in ("synchronous_commit", "lock_timeout")
        }
    assert shown == {"synchronous_commit": "on", "lock_timeout": "10s"}


# --- one writer, and readers ------------------------------------------------------------------------------------------


def append(address: str, times: int) -> None:
    """What a second process of the same node does: read the newest, then write the next."""
    engine = database.open_existing(address)
    for _ in range(times):
        with turns.writing(engine) as tx:
            size = tx.execute(select(func.coalesce(func.max(CHECKPOINT.c.size), -1))).scalar_one() + 1
            blank = dict.fromkeys(("note", "edge", "tiles", "entries"), b"")
            tx.execute(CHECKPOINT.insert(), {"log": "one", "size": size, "shown": False, "quorum": False, **blank})
    engine.dispose()


def test_processes_that_append_at_once_never_append_to_the_same_edge(server: Server, name: str, engine: Engine) -> None:
    spawn = multiprocessing.get_context("fork")
    others = [spawn.Process(target=append, args=(server.address(name), 25)) for _ in range(3)]
    for each in others:
        each.start()
    for each in others:
        each.join(60)
    assert [each.exitcode for each in others] == [0, 0, 0]
    with turns.reading(engine) as tx:
        assert list(tx.execute(select(CHECKPOINT.c.size).order_by(CHECKPOINT.c.size)).scalars()) == list(range(75))


def test_a_writer_who_waits_too_long_is_told_who_is_in_the_way(server: Server, name: str, engine: Engine) -> None:
    other = postgres.open_existing(f"{server.address(name)}&options=-clock_timeout%3D50")
    with turns.writing(engine), pytest.raises(Fault) as caught:
        write(other, "second")
    assert caught.value.code == "store.busy"
    write(other, "second")
    other.dispose()
    assert names(engine) == ["second"]


def test_readers_wait_for_no_writer_and_see_one_moment(engine: Engine) -> None:
    with turns.writing(engine) as tx:
        tx.execute(VIEW.insert(), {"name": "one", "version": 1})
        assert names(engine) == []
    with turns.reading(engine) as tx:
        assert tx.execute(select(VIEW.c.name)).scalars().all() == ["one"]
        write(engine, "two")
        assert tx.execute(select(VIEW.c.name)).scalars().all() == ["one"]


def test_a_reader_cannot_write(engine: Engine) -> None:
    with pytest.raises(Unreachable, match="read-only"), turns.reading(engine) as tx:
        tx.execute(VIEW.insert(), {"name": "one", "version": 1})
    assert names(engine) == []


# --- a server that goes and comes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_while_the_server_is_away_it_is_said_and_after_it_came_all_goes_on(
    server: Server, engine: Engine, how: str
) -> None:
    write(engine, "before")
    server.stop(how)
    for _ in range(2):
        with pytest.raises(Unreachable) as caught:
            write(engine, "while it was away")
        assert caught.value.code == "store.away"
    server.start()
    write(engine, "after")
    assert names(engine) == ["after", "before"]


def test_a_connection_lost_in_the_midst_leaves_nothing_and_the_next_step_goes_well(
    server: Server, engine: Engine, name: str
) -> None:
    def lose() -> None:
        with turns.writing(engine) as tx:
            tx.execute(VIEW.insert(), {"name": "lost", "version": 1})
            server.cut(name)
            tx.execute(select(VIEW)).all()

    with pytest.raises(Unreachable) as caught:
        lose()
    assert caught.value.code == "store.away"
    write(engine, "after")
    assert names(engine) == ["after"]


def test_a_disk_that_is_full_is_said_in_the_same_words_as_a_files(engine: Engine) -> None:
    """The server is told to say so: no test can fill its disk without hurting others on it."""
    with pytest.raises(Fault) as caught, turns.writing(engine) as tx:
        tx.execute(text("DO $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$"))
    assert caught.value.code == "store.full"


def test_those_who_shared_a_transaction_that_the_server_lost_are_all_told(
    server: Server, engine: Engine, name: str
) -> None:
    entered, go = threading.Event(), threading.Event()
    raised: list[BaseException] = []

    def first() -> None:
        try:
            with turns.writing(engine) as tx:
                tx.execute(VIEW.insert(), {"name": "first", "version": 1})
                entered.set()
                go.wait(10)
        except Unreachable as error:
            raised.append(error)

    def second() -> None:
        try:
            write(engine, "second")
        except Unreachable as error:
            raised.append(error)

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert entered.wait(10)
    threads[1].start()
    server.cut(name)
    go.set()
    for each in threads:
        each.join(20)
    assert (len(raised), names(engine)) in ((2, []), (1, ["second"]))


# --- what is stored ---------------------------------------------------------------------------------------------------


def test_text_that_no_server_can_hold_is_taken_with_a_sign_in_its_place(engine: Engine) -> None:
    """A hostile peer must not stop a batch by one character in a name."""
    write(engine, "a\0b")
    assert names(engine) == ["a\ufffdb"]


@pytest.mark.parametrize(("persons", "found", "cut"), [(True, [4, 3], True), (False, [3, 1], False)])
def test_a_word_that_very_many_have_is_found_without_persons_too(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, found: list[int], *, persons: bool, cut: bool
) -> None:
    monkeypatch.setattr(text_index, "MOST_FOUND", 2)
    with turns.writing(engine) as tx:
        tx.execute(RECORD.insert(), [EMPTY | {"id": f"{at}", "person": at % 2 == 0} for at in range(1, 5)])
        text_index.index(tx, [(("pk", f"{at}"), "lorry") for at in range(1, 5)])
        numbers = text_index.find(tx, "lorr", persons=persons)
    assert (sorted(numbers.numbers, reverse=True), numbers.cut) == (found, cut)


def test_a_character_that_no_server_can_hold_parts_words(engine: Engine) -> None:
    with turns.writing(engine) as tx:
        text_index.index(tx, [(("pk", "1"), "a lorry at Torkham")])
        found = [len(text_index.find(tx, typed).numbers) for typed in ("lorr\0tork", "\0", "lorr\0bus")]
    assert found == [1, 0, 0]


def test_many_values_are_one_parameter(engine: Engine) -> None:
    query = select(RECORD.c.id).where(dialect.among(RECORD.c.id, "ids"), dialect.among(RECORD.c.log_index, "numbers"))
    rows = [
        {
            **EMPTY,
            "id": f"{at}",
            "log_index": at + 2**40,
            "expires": None,
            "kept_until": None,
            "read_by": None,
            "data": b"",
        }
        for at in range(50)
    ]
    with turns.writing(engine) as tx:
        dialect.insert_all(tx, RECORD, rows)
        wanted = {"ids": [str(at) for at in range(70_000)], "numbers": [2**40 + 1, 2**40 + 7, 3]}
        assert sorted(tx.execute(query, wanted).scalars()) == ["1", "7"]
        assert tx.execute(query, {"ids": [], "numbers": []}).all() == []


def test_a_scrub_leaves_no_byte_in_tables_and_says_who_is_in_the_way(server: Server, name: str, engine: Engine) -> None:
    with turns.writing(engine) as tx:
        rows = [{**EMPTY, "id": f"{at}", "data": b"SECRET" * 50} for at in range(40)]
        tx.execute(RECORD.insert(), rows)
    with turns.writing(engine) as tx:
        tx.execute(RECORD.update().values(data=None))
    assert b"SECRET" in Served(server, name).files()
    impatient = postgres.open_existing(f"{server.address(name)}&options=-clock_timeout%3D50")
    with turns.reading(engine) as tx:
        tx.execute(select(RECORD.c.id)).all()
        with pytest.raises(Fault) as caught:
            database.scrub(impatient)
    assert caught.value.code == "store.scrub"
    impatient.dispose()
    database.scrub(engine)
    assert b"SECRET" not in Served(server, name).files()
