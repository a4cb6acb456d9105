"""A node's key signs acts without end: each node keeps two of one number, reads and passes on a few, and all agree."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event

from amanat.compact import signing
from amanat.compact.signing import LEAP
from amanat.exchange.means import begin
from amanat.store import statements
from border import Border
from side import COMPACT, Side

MANY = 400
COUNT = 4
"""Acts of one member that count, at most."""


def under_one(side: Side, serial: int = 1) -> list[bytes]:
    return [side.sign_act("suspend", serial, reason=f"reason {each}") for each in range(MANY)]


def rising(side: Side) -> list[bytes]:
    return [side.sign_act("suspend", serial) for serial in range(1, MANY + 1)]


def kept(side: Side) -> list[signing.Act]:
    with begin(side.means) as turn:
        return [signing.read_act(data) for data in statements.acts_ever(turn.tx, COMPACT)]


def state(side: Side) -> str:
    with begin(side.means) as turn:
        return turn.known.compact(COMPACT).state


@contextmanager
def reads(side: Side) -> Iterator[list[str]]:
    """What is asked of a side's database."""
    asked: list[str] = []

    def note(_tx: Connection, _cursor: object, text: str, *_: object) -> None:
        asked.append(text)

    event.listen(side.means.engine, "before_cursor_execute", note)
    yield asked
    event.remove(side.means.engine, "before_cursor_execute", note)


@pytest.mark.promised(
    "acts without end under one number",
    "docs/threat-model.md",
    "The compact as a weapon",
    "of all it signs under one number two are kept",
)
def test_of_suspensions_under_one_number_two_are_kept_and_one_is_passed_on(border: Border) -> None:
    report = border.af.take("act", *under_one(border.pk), sender="pk")
    assert [getattr(problem, "code", "") for _, problem in report.problems] == ["act.fork"]
    assert [act.reason for act in kept(border.af)] in (["reason 0", "reason 1"], ["reason 1", "reason 0"])
    assert border.af.evidence() == ["act.fork"]
    assert len(border.items("af", "obs", "act")) == 1
    border.carry("af", "obs")
    assert state(border.af) == state(border.obs) == "suspended"


def test_what_is_passed_over_must_be_signed_all_the_same(border: Border) -> None:
    border.af.take("act", *under_one(border.pk)[:3], sender="pk")
    unsigned = border.obs.sign_act("suspend", 1).replace(b"obs", b"pk")
    assert border.af.take("act", unsigned, sender="pk").problems


def test_of_rising_suspensions_the_last_counts_and_the_others_are_history(border: Border) -> None:
    assert border.af.take("act", *rising(border.pk), sender="pk").problems == []
    assert [act.serial for act in kept(border.af)] == list(range(1, MANY + 1))
    assert len(border.items("af", "obs", "act")) == 1
    border.carry("af", "obs")
    assert [act.serial for act in kept(border.obs)] == [MANY]
    border.pk.act("suspend", MANY)
    border.pk.act("resume", MANY + 1, custodians=True)
    border.settle()
    assert {state(side) for side in border.sides.values()} == {"active"}


@pytest.mark.parametrize("acts", [under_one, rising])
@pytest.mark.parametrize("border", ["sqlite"], indirect=True)
def test_each_act_costs_what_the_first_did_and_so_does_every_turn(border: Border, acts: object) -> None:
    """No more is asked of the database, and no more of what it answers is read."""
    signed = acts(border.pk)  # type: ignore[operator]
    border.af.take("act", *signed[:2], sender="pk")
    with reads(border.af) as early:
        border.af.take("act", signed[2], sender="pk")
    border.af.take("act", *signed[3:-1], sender="pk")
    with reads(border.af) as late:
        border.af.take("act", signed[-1], sender="pk")
    assert late == early
    with begin(border.af.means) as turn:
        assert len(statements.acts(turn.tx, COMPACT)) == 1
        (asked,) = {text for text in late if text.startswith("SELECT act.data") and "serial =" not in text}
        assert "act_counting" in str(turn.tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", (COMPACT,)).all())


def test_a_thief_who_climbs_leaves_nobody_behind(border: Border) -> None:
    """Were numbers counted from suspensions, whoever missed one step could follow no more, nor hear of the lifting."""
    for serial in (LEAP, 2 * LEAP, 3 * LEAP):
        border.af.take("act", border.pk.sign_act("suspend", serial), sender="pk")
    assert border.af.evidence() == ["act.serial"] * 2
    for at in (LEAP + 1, 2 * LEAP + 2):
        border.pk.take("act", border.pk.sign_act("suspend", at - 1))
        border.pk.act("resume", at, custodians=True)
    border.pk.act("suspend", 3 * LEAP + 2)
    border.settle()
    assert {state(side) for side in border.sides.values()} == {"suspended"}
    border.pk.act("resume", 3 * LEAP + 3, custodians=True)
    border.settle()
    assert {state(side) for side in border.sides.values()} == {"active"}


def test_many_acts_of_custodians_are_few_on_a_stick(border: Border) -> None:
    """A notice with a later date never displaces the first; a resumption of a higher number displaces all before it."""
    border.pk.act("end", 1, custodians=True)
    for serial in range(2, 22, 2):
        border.clock.forward(seconds=1)
        border.pk.act("end", serial, custodians=True)
        border.pk.act("resume", serial + 1, custodians=True)
    border.pk.act("suspend", 22)
    assert len(border.items("pk", "af", "act")) == 3 <= COUNT
    border.settle()
    border.clock.forward(days=90, seconds=-10)
    assert {state(side) for side in border.sides.values()} == {"ended"}


def test_two_acts_of_one_number_bear_witness_wherever_they_are(border: Border) -> None:
    """A suspension and a resumption both count, so that the contradiction travels."""
    border.af.act("suspend", 1)
    border.af.take("act", border.af.sign_act("resume", 1, custodians=True))
    assert len(border.items("af", "pk", "act")) == 2
    border.carry("af", "pk")
    assert border.pk.evidence() == ["act.fork"]
