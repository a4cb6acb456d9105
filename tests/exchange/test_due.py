"""What is asked after every commit costs the same however much is kept: nothing of it reads a table from end to end."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event

from amanat.exchange.due import due, shared
from amanat.exchange.means import Turn, begin
from amanat.exchange.outbox import Share, deliver
from amanat.exchange.recalls import overdue
from amanat.store import numbers, records
from border import Border

GROWING = re.compile(r"SCAN (?:arrival|arrived|delivery|envelope|record|checkpoint|refusal|attachment)\b")


def plans(turn: Turn, work: Callable[[], object]) -> list[str]:
    """How SQLite goes about every statement that the work executes."""
    asked = list[tuple[str, Any]]()

    def note(_c: Connection, _cursor: object, statement: str, values: Any, *_: object) -> None:
        asked.append((statement, values))

    event.listen(turn.means.engine, "before_cursor_execute", note)
    work()
    event.remove(turn.means.engine, "before_cursor_execute", note)
    return [
        row[3] for text, values in asked for row in turn.tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
    ]


@pytest.mark.parametrize(
    "work",
    [
        lambda turn: due(turn.tx, "af", turn.means, shared(turn, "af")),
        lambda turn: records.line(turn.tx, "af", turn.means.kinds.recalled),
        lambda turn: list(records.waiting(turn.tx, "af", turn.means.kinds.recalled)),
        lambda turn: records.next_sequence(turn.tx, "af"),
        lambda turn: numbers.gaps(turn.tx, "af", 9, ()),
        lambda turn: numbers.note(turn.tx, "af", [7]),
    ],
    ids=["due", "line", "waiting", "next number", "gaps", "note"],
)
def test_no_table_that_grows_is_read_from_end_to_end(border: Border, work: Callable[[Turn], object]) -> None:
    border.pk.send("af")
    border.af.send("pk")
    border.settle()
    copy = border.pk.snapshot()
    with begin(border.pk.means) as turn:
        found = plans(turn, lambda: work(turn))
    border.pk.restore(copy)
    assert found
    assert [plan for plan in found if GROWING.search(plan)] == []


def test_who_is_late_with_a_recall_is_looked_for_among_those_of_whom_a_word_is_awaited(border: Border) -> None:
    """And not among all that was ever sent."""
    with begin(border.pk.means) as turn:
        found = plans(turn, lambda: overdue(turn))
    assert "delivery_recalled" in found[0]
    assert "ix_record_envelope" in found[1]


def test_an_answer_is_due_until_it_was_given_and_again_when_it_became_final(border: Border) -> None:
    def answers() -> bool:
        with begin(border.af.means) as turn:
            return due(turn.tx, "pk", turn.means, shared(turn, "pk")).answers

    border.pk.send("af")
    assert not answers()
    border.carry("pk", "af")
    assert answers()
    border.carry("af", "pk")
    assert not answers()
    for sender, recipient in (("af", "obs"), ("obs", "af"), ("pk", "af")):
        border.carry(sender, recipient)
    assert answers()
    border.carry("af", "pk")
    assert not answers()


def test_a_share_without_answers_notes_none_as_given(border: Border) -> None:
    border.pk.send("af")
    border.carry("pk", "af")
    with deliver("pk", border.af.means, Share(answers=0, countersign=False)) as items:
        assert [item.type for item in items if item.type == "receipt"] == []
    assert len(border.items("af", "pk", "receipt")) == 1
