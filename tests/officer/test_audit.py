"""The audit log of a party's own: each row stands in a log with its act or not at all, and none is altered unseen."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, select, update

from amanat.exchange import audit as auditing
from amanat.exchange import sequencer
from amanat.exchange.means import Turn, begin
from amanat.exchange.receipt import log_key
from amanat.log.checkpoint import open_checkpoint
from amanat.log.tiles import parse_entries
from amanat.node import unwatched
from amanat.officer import audit
from amanat.officer.audit import LOG, Done, Search
from amanat.officer.may import MACHINE, Actor
from amanat.party.errors import Fault
from amanat.store import logs
from amanat.store.tables import AUDIT
from officer.cast import know_itself
from side import START, Clock, Side, side

KHAN = Actor(3, "torkham/duty", ("duty",), frozenset(), "console")
SALT = bytes(range(16))


class PowerCut(BaseException):
    """The power went."""


def note(side: Side, *done: Done, actor: Actor = KHAN) -> None:
    """Write rows and their leaves, as every act does."""
    with begin(side.means) as turn:
        for each in done:
            audit.note(turn.tx, actor, each, turn.now, turn.means.random(16))
        sequencer.drain_audit(turn)


def clock(side: Side) -> Clock:
    assert isinstance(side.means.now, Clock)
    return side.means.now


def leaves(turn: Turn) -> list[str]:
    """What stands in the audit log, in hex; nothing while there is none."""
    if LOG not in logs.logs(turn.tx):
        return []
    tree, _ = logs.latest(turn.tx, LOG)
    return [leaf.hex() for leaf in parse_entries(logs.bundle(turn.tx, LOG, 0, tree.size))] if tree.size else []


def digests(turn: Turn) -> list[str]:
    return list(turn.tx.execute(select(AUDIT.c.digest).order_by(AUDIT.c.number)).scalars())


def findings(side: Side) -> list[tuple[str, str]]:
    return [(each.what, each.says) for each in auditing.audit(side.means, unwatched)]


# --- a row and its leaf -----------------------------------------------------------------------------------------------


def test_a_row_is_hashed_with_its_salt_and_all_that_it_says(pk: Side) -> None:
    with begin(pk.means) as turn:
        audit.note(turn.tx, KHAN, Done("record.send", "pk:1"), turn.now, SALT)
        sequencer.drain_audit(turn)
        said = {
            "number": 0,
            "at": "2026-11-24T06:30:00Z",
            "officer": 3,
            "post": "torkham/duty",
            "act": "record.send",
            "subject": "pk:1",
            "outcome": "done",
            "channel": "console",
            "salt": SALT.hex(),
        }
        data = b"amanat/audit-row/v1\n" + json.dumps(said, separators=(",", ":")).encode()
        assert digests(turn) == leaves(turn) == [hashlib.sha256(data).hexdigest()]


def test_the_log_is_the_partys_own_and_signed_by_its_key(pk: Side) -> None:
    note(pk, Done("sign-in"))
    with begin(pk.means) as turn:
        _, signed = logs.latest(turn.tx, LOG)
        checkpoint, _ = open_checkpoint(signed, log_key(turn.known.manifests["pk"], turn.known.log_name("pk", LOG)))
    assert (checkpoint.origin, checkpoint.size) == ("pk.amanat.example/audit", 1)


def test_rows_go_to_the_log_in_order_each_once(pk: Side) -> None:
    note(pk, Done("sign-in"), Done("record.compose", "pk:1"))
    note(pk)
    note(pk, Done("sign-out"))
    with begin(pk.means) as turn:
        assert len(digests(turn)) == 3
        assert digests(turn) == leaves(turn)


def cut_off(side: Side, *, drained: bool) -> None:
    """Lose power in the middle of an act."""
    with begin(side.means) as turn:
        audit.note(turn.tx, KHAN, Done("record.send", "pk:1"), turn.now, SALT)
        if drained:
            sequencer.drain_audit(turn)
            assert len(leaves(turn)) == 2
        raise PowerCut


@pytest.mark.parametrize("drained", [False, True])
def test_a_row_and_its_leaf_are_committed_together_or_not_at_all(pk: Side, *, drained: bool) -> None:
    note(pk, Done("sign-in"))
    with pytest.raises(PowerCut):
        cut_off(pk, drained=drained)
    with begin(pk.means) as turn:
        assert len(digests(turn)) == len(leaves(turn)) == 1
    note(pk, Done("sign-out"))
    with begin(pk.means) as turn:
        assert len(digests(turn)) == 2
        assert digests(turn) == leaves(turn)


def test_rows_of_a_node_that_has_no_manifest_yet_wait_for_it(tmp_path: Path) -> None:
    """Officers can be added before the ceremony; a log needs a name."""
    alone = side("pk", tmp_path, Clock())
    note(alone, Done("officer.add", "officer:khan"), actor=MACHINE)
    with begin(alone.means) as turn:
        assert leaves(turn) == []
    know_itself(alone)
    note(alone, Done("sign-in"))
    with begin(alone.means) as turn:
        assert len(digests(turn)) == 2
        assert digests(turn) == leaves(turn)
    alone.means.engine.dispose()


def test_a_salt_that_can_be_guessed_is_our_fault(pk: Side) -> None:
    with begin(pk.means) as turn, pytest.raises(Fault) as caught:
        audit.note(turn.tx, KHAN, Done("sign-in"), turn.now, b"short")
    assert caught.value.code == "audit.salt"


# --- whoever writes to the database behind the node's back ------------------------------------------------------------


@pytest.fixture
def noted(pk: Side) -> Iterator[Side]:
    """Pk with three rows; whatever is done to its database is undone again."""
    note(pk, Done("sign-in"), Done("record.person", "af:1"), Done("sign-out"))
    copy = pk.snapshot()
    yield pk
    pk.restore(copy)


def test_rows_that_nobody_touched_are_good(noted: Side) -> None:
    assert findings(noted) == []


@pytest.mark.promised(
    "a rewritten audit log", "docs/threat-model.md", "Stores", "`amanat audit` holds each row against its own log"
)
@pytest.mark.parametrize(
    "rewritten",
    [
        {"officer": 4},
        {"at": "2026-11-24T06:31:00+00:00"},
        {"at": "yesterday"},
        {"post": "chaman"},
        {"act": "record.read"},
        {"subject": "af:2"},
        {"outcome": "refused"},
        {"channel": "api"},
        {"salt": SALT},
        {"digest": "00" * 32},
    ],
    ids=str,
)
def test_a_row_that_was_rewritten_is_found(noted: Side, rewritten: dict[str, Any]) -> None:
    with begin(noted.means) as turn:
        turn.tx.execute(update(AUDIT).where(AUDIT.c.number == 1).values(rewritten))
    assert findings(noted) == [("row 1 of what officers did", "It does not say what was logged.")]


def test_a_row_rewritten_with_a_fitting_digest_is_found(noted: Side) -> None:
    with begin(noted.means) as turn:
        turn.tx.execute(delete(AUDIT).where(AUDIT.c.number == 2))
        audit.note(turn.tx, KHAN, Done("record.send", "pk:1"), turn.now, SALT)
    assert findings(noted) == [("row 2 of what officers did", "It does not say what was logged.")]


@pytest.mark.promised("a rewritten audit log", "docs/officers.md", "What is noted", "holds every row against that log")
def test_a_row_taken_out_is_found(noted: Side) -> None:
    with begin(noted.means) as turn:
        turn.tx.execute(delete(AUDIT).where(AUDIT.c.number == 1))
    assert findings(noted) == [("row 1 of what officers did", "It is missing.")]


# --- erasing ----------------------------------------------------------------------------------------------------------


def erase(side: Side, days: int) -> int:
    """Erase what is older than so many days after the start."""
    with begin(side.means) as turn:
        count = audit.erase_before(turn.tx, MACHINE, START + timedelta(days=days), turn.now, SALT)
        sequencer.drain_audit(turn)
        return count


def test_what_rows_say_can_be_erased_and_the_log_stands(pk: Side) -> None:
    note(pk, Done("record.person", "af:1"))
    clock(pk).forward(days=2)
    note(pk, Done("record.person", "af:2"))
    assert (erase(pk, 1), erase(pk, 1)) == (1, 0)
    with begin(pk.means) as turn:
        first, *_ = turn.tx.execute(select(AUDIT).order_by(AUDIT.c.number))
        assert set(first) == {0, None, first.digest}
        assert [each.act for each in audit.search(turn.tx, Search())] == ["audit.erase", "audit.erase", "record.person"]
        assert digests(turn) == leaves(turn)
    assert findings(pk) == []


def test_all_can_be_erased_and_then_all_again(pk: Side) -> None:
    note(pk, Done("sign-in"))
    clock(pk).forward(days=2)
    assert erase(pk, 1) == 1
    clock(pk).forward(days=2)
    assert erase(pk, 3) == 1
    assert findings(pk) == []


def test_an_empty_log_has_nothing_to_erase(pk: Side) -> None:
    assert erase(pk, 1) == 0


@pytest.mark.promised("a rewritten audit log", "docs/officers.md", "What is noted", "which is why erasing is noted too")
def test_a_row_erased_without_saying_so_is_found(noted: Side) -> None:
    assert erase(noted, -1) == 0
    emptied = dict.fromkeys(("at", "officer", "post", "act", "subject", "outcome", "channel", "salt"))
    with begin(noted.means) as turn:
        turn.tx.execute(update(AUDIT).where(AUDIT.c.number == 1).values(emptied))
    assert findings(noted) == [("row 1 of what officers did", "It was erased, and no row says so.")]


# --- searching --------------------------------------------------------------------------------------------------------


@pytest.fixture
def searched(pk: Side) -> Side:
    """Three acts of two officers, a day apart."""
    marjan = Actor(4, "chaman", ("auditor",), frozenset(), "api")
    note(pk, Done("sign-in"))
    clock(pk).forward(days=1)
    note(pk, Done("record.person", "af:1"), actor=marjan)
    clock(pk).forward(days=1)
    note(pk, Done("record.person", "af:1", "refused"))
    return pk


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Search(), [2, 1, 0]),
        (Search(officer=3), [2, 0]),
        (Search(officer=0), []),
        (Search(subject="af:1"), [2, 1]),
        (Search(subject="af"), []),
        (Search(act="sign-in"), [0]),
        (Search(since=START + timedelta(days=1)), [2, 1]),
        (Search(until=START + timedelta(days=1)), [0]),
        (Search(outcome="refused"), [2]),
        (Search(outcome="done"), [1, 0]),
        (Search(since=START + timedelta(days=1), until=START + timedelta(days=2)), [1]),
        (Search(officer=3, act="record.person"), [2]),
        (Search(officer=3, until=START + timedelta(days=1)), [0]),
        (Search(limit=2), [2, 1]),
        (Search(limit=2, before=1), [0]),
        (Search(since=START, before=2), [1, 0]),
        (Search(since=START, before=9), [2, 1, 0]),
    ],
    ids=str,
)
def test_rows_are_found_newest_first(searched: Side, wanted: Search, numbers: list[int]) -> None:
    with begin(searched.means) as turn:
        assert [each.number for each in audit.search(turn.tx, wanted)] == numbers


@pytest.mark.parametrize(
    ("wanted", "by"),
    [
        (Search(), "SCAN audit"),
        (Search(officer=3, act="sign-in", outcome="refused"), "audit_outcome"),
        (Search(officer=3, act="sign-in", outcome="done"), "audit_officer"),
        (Search(officer=3, subject="af:1", outcome="refused"), "audit_subject"),
        (Search(act="sign-in", since=START, until=START + timedelta(days=1)), "audit_act"),
        (Search(since=START, until=START + timedelta(days=1)), "audit_at"),
        (Search(since=START), "audit_at"),
    ],
    ids=str,
)
def test_rows_are_read_by_what_leaves_least_of_them(searched: Side, wanted: Search, by: str) -> None:
    asked = list[tuple[str, Any]]()
    with begin(searched.means) as turn:
        event.listen(turn.means.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
        audit.search(turn.tx, wanted)
        said, values = asked[-1]
        assert by in str(turn.tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values).all())
