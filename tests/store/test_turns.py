"""Writers who meet share one commit; each stands or falls alone, and nobody goes on before the disk has it."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, select

from amanat.party.errors import Fault
from amanat.store import sqlite, turns
from amanat.store.tables import VIEW


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = sqlite.create(str(tmp_path / "node.sqlite"))
    yield made
    made.dispose()


def names(engine: Engine) -> list[str]:
    with turns.reading(engine) as tx:
        return list(tx.execute(select(VIEW.c.name).order_by(VIEW.c.name)).scalars())


def write(engine: Engine, name: str, then: Callable[[Connection], object] = lambda _: None) -> None:
    with turns.writing(engine) as tx:
        tx.execute(VIEW.insert(), {"name": name, "version": 1})
        then(tx)


def commits(engine: Engine) -> list[None]:
    counted: list[None] = []

    def count(connection: Connection) -> None:
        if not connection.get_execution_options().get("reading"):
            counted.append(None)

    event.listen(engine, "commit", count)
    return counted


def crowd(engine: Engine, *works: Callable[[], None]) -> dict[int, BaseException]:
    """Let writers come while a first one, -1, is still at work; return what each of them raised."""
    raised: dict[int, BaseException] = {}

    def run(at: int, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test asks for it
            raised[at] = error

    entered, go = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        entered.set()
        assert go.wait(10)

    first = threading.Thread(target=run, args=(-1, lambda: write(engine, "first", hold)))
    first.start()
    assert entered.wait(10)
    others = [threading.Thread(target=run, args=(at, work)) for at, work in enumerate(works)]
    for each in others:
        each.start()
    threading.Event().wait(0.2)  # nothing shows from outside that they wait; where they do not, the test fails
    go.set()
    for each in [first, *others]:
        each.join(10)

    return raised


def test_who_comes_alone_commits_at_once(engine: Engine) -> None:
    counted = commits(engine)
    write(engine, "one")
    write(engine, "two")
    assert (names(engine), len(counted)) == (["one", "two"], 2)


def test_those_who_come_while_one_writes_share_its_commit(engine: Engine) -> None:
    counted = commits(engine)
    assert crowd(engine, *(partial(write, engine, f"writer {at}") for at in range(10))) == {}
    assert len(names(engine)) == 11
    assert len(counted) == 1


def test_one_that_fails_takes_nobody_with_it(engine: Engine) -> None:
    raised = crowd(engine, lambda: write(engine, "bad", lambda _: 1 // 0), lambda: write(engine, "good"))
    assert names(engine) == ["first", "good"]
    assert list(raised) == [0]
    assert isinstance(raised[0], ZeroDivisionError)


def test_nobody_is_told_that_all_is_well_when_the_commit_fails(engine: Engine) -> None:
    def refuse(_: object) -> None:
        raise OSError("the disk is gone")

    event.listen(engine, "commit", refuse)
    raised = crowd(engine, lambda: write(engine, "second"))
    event.remove(engine, "commit", refuse)
    assert sorted(raised) == [-1, 0]
    assert names(engine) == []


def test_a_database_that_takes_back_the_whole_fails_all_who_were_in_it(engine: Engine) -> None:
    def lose(tx: Connection) -> None:
        tx.exec_driver_sql("ROLLBACK")  # as SQLite does by itself
        raise OSError("the disk is full")

    assert sorted(crowd(engine, lambda: write(engine, "second", lose))) == [-1, 0]
    assert names(engine) == []


def test_readers_wait_for_nobody_and_see_one_moment(engine: Engine) -> None:
    seen: list[list[str]] = []
    write(engine, "one", lambda _: seen.append(names(engine)))
    assert seen == [[]]
    with turns.reading(engine) as tx:
        assert tx.execute(select(VIEW.c.name)).scalars().all() == ["one"]
        write(engine, "two")
        assert tx.execute(select(VIEW.c.name)).scalars().all() == ["one"]


def test_what_is_told_after_a_commit_is_told_once_for_all_who_shared_it(engine: Engine) -> None:
    told: list[list[str]] = []
    turns.after_commits(engine, lambda: told.append(names(engine)))
    write(engine, "one")
    assert told == [["one"]]
    with pytest.raises(ZeroDivisionError):
        write(engine, "two", lambda _: 1 // 0)
    assert told == [["one"]]


def test_who_works_on_the_database_alone_finds_no_transaction_open_and_keeps_writers_waiting(engine: Engine) -> None:
    """A rewrite would else wait for a transaction that is left open for writers who wait for the rewrite."""

    def alone() -> None:
        with turns.alone(engine):
            sqlite.scrub(engine)

    assert crowd(engine, alone, lambda: write(engine, "second"), alone) == {}
    assert names(engine) == ["first", "second"]


def test_a_block_within_a_block_is_refused_and_not_waited_for(engine: Engine) -> None:
    with pytest.raises(Fault) as caught:
        write(engine, "outer", lambda _: write(engine, "inner"))
    assert caught.value.code == "store.nested"
    assert names(engine) == []
    write(engine, "after")
    assert names(engine) == ["after"]
