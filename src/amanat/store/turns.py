"""Group commit: writers who come while another writes join its transaction, and all wait for the one commit.

A node has one writer at a time, whatever the database. What costs is making a commit durable (one wait for the disk),
so whoever finds others waiting leaves the transaction open for them; the last one commits, and only then does anybody
return. Who comes alone commits at once. A block that raises takes back its own part and no other's.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, NestedTransaction, RootTransaction

from amanat.party.errors import Fault

MOST = 64  # writers a commit: who came first waits for the last of them


@dataclass(slots=True)
class _Shared:
    """A transaction that several writers share; `done` is set once it was committed or has `failed`."""

    tx: Connection
    transaction: RootTransaction
    writers: int = 0
    failed: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True, weakref_slot=True)
class _Turns:
    """Who writes to one database, and who is told once something was committed."""

    writing: threading.Lock = field(default_factory=threading.Lock)
    counting: threading.Lock = field(default_factory=threading.Lock)
    waiting: int = 0
    owner: int | None = None  # the thread whose block is at work
    shared: _Shared | None = None
    told: list[Callable[[], None]] = field(default_factory=list)
    commits: int = 0
    committed: int = 0


_OF: WeakKeyDictionary[Engine, _Turns] = WeakKeyDictionary()
_MAKING = threading.Lock()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Lend the one transaction that writes; what the block wrote is durable when this returns, or not written at all.

    Raises what the block raised, what kept the transaction from being committed, or `Fault` within another such block.
    """
    turns, me = _turns(engine), threading.get_ident()
    if turns.owner == me:  # it would wait for itself, and all others with it
        raise Fault("store.nested", "A block that writes opened another.", "Report this; nothing of it was written.")
    with turns.counting:
        turns.waiting += 1
    turns.writing.acquire()
    try:
        turns.owner = me
        with turns.counting:
            turns.waiting -= 1
        shared = turns.shared or _open(engine)
        turns.shared = shared
        try:
            yield from _one(shared)
        finally:
            if not turns.waiting or shared.writers >= MOST or shared.failed is not None:
                turns.shared = None
                _finish(shared, turns)
    finally:
        turns.owner = None
        turns.writing.release()
    shared.done.wait()
    if shared.failed is not None:
        raise shared.failed


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Keep all writers waiting while the block works on the database itself; what others left open is committed first.

    Raises what kept that from being committed.
    """
    turns = _turns(engine)
    with turns.writing:
        shared, turns.shared = turns.shared, None
        if shared is not None:
            _finish(shared, turns)
        yield


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Lend a transaction that sees one moment of the database, writes nothing and waits for no writer."""
    with engine.connect().execution_options(reading=True) as tx, tx.begin():
        yield tx


def after_commits(engine: Engine, tell: Callable[[], None]) -> Callable[[], None]:
    """Call `tell` after every commit, until what is returned is called.

    It is called in the thread of a writer that still holds the others up: let it only signal.
    """
    told = _turns(engine).told
    told.append(tell)
    return lambda: told.remove(tell)


def another_committed(engine: Engine) -> None:
    """Tell who wants to be told after a commit: another program made one."""
    for tell in list(_turns(engine).told):
        tell()


def commits(engine: Engine) -> tuple[int, int]:
    """Return how many commits there were since this program began, and how many writers they were for."""
    turns = _turns(engine)
    return turns.commits, turns.committed


def _turns(engine: Engine) -> _Turns:
    with _MAKING:
        return _OF.setdefault(engine, _Turns())


def _open(engine: Engine) -> _Shared:
    with ExitStack() as undo:
        tx = undo.enter_context(engine.connect())
        shared = _Shared(tx, tx.begin())
        undo.pop_all()
        return shared


def _one(shared: _Shared) -> Iterator[Connection]:
    """One writer's part: the whole transaction while it is the first, a savepoint after others."""
    if not shared.writers:
        with _failing(shared):
            yield shared.tx
    else:
        with ExitStack() as ending:
            with _failing(shared):
                ending.push(partial(_end, shared, shared.tx.begin_nested()))
            yield shared.tx
    shared.writers += 1


def _end(shared: _Shared, part: NestedTransaction, _kind: object, why: BaseException | None, _trace: object) -> None:
    """Keep one part, or take it back.

    A database that took back the whole, as SQLite does on a full disk, fails them all, and so does a lost connection.
    """
    if why is not None and shared.tx.invalidated:
        shared.failed = why
        return
    with _failing(shared):
        if why is None:
            part.commit()
        else:
            part.rollback()


@contextmanager
def _failing(shared: _Shared) -> Iterator[None]:
    """Let what goes wrong in the block fail all writers of the transaction."""
    try:
        yield
    except BaseException as error:
        shared.failed = error
        raise


def _finish(shared: _Shared, turns: _Turns) -> None:
    with ExitStack() as ending:
        ending.callback(shared.done.set)
        ending.callback(shared.tx.close)
        undo = ending.enter_context(ExitStack())
        undo.callback(shared.tx.invalidate)  # what a commit that failed left open is nobody's to go on with
        ending.enter_context(_failing(shared))
        if shared.failed is None:
            shared.transaction.commit()
            turns.commits += 1
            turns.committed += shared.writers
            for tell in list(turns.told):
                tell()
        else:
            shared.transaction.rollback()
        undo.pop_all()
