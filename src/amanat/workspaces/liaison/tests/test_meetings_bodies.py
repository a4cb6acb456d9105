"""What a body of a meeting may say by itself, and what the floors are told of it."""

from datetime import timedelta
from typing import Any

import pytest

from amanat.party.errors import Invalid
from amanat.record.kind import Place
from amanat.workspaces.liaison.meetings import facts as meeting_facts
from amanat.workspaces.liaison.meetings.kinds import (
    Guest,
    Item,
    People,
    Proposed,
    Result,
    Task,
    When,
)
from amanat.workspaces.liaison.tests.test_meetings_rules import (
    AT,
    GATE,
    ROOT,
    minuted,
    whens,
)


def test_what_is_none_of_those_listed_names_a_record() -> None:
    for wrong in (
        lambda: Item("other"),
        lambda: Result("other", "noted"),
        lambda: Task("other", ("pk",), AT),
    ):
        with pytest.raises(Invalid) as refusal:
            wrong()
        assert refusal.value.code == "liaison.meeting-other"
    assert Item("other", ROOT).of == ROOT


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"alternatives": whens(48, 48)}, "liaison.meeting-twice", id="one alternative twice"),
        pytest.param({"guests": (Guest("elders"), Guest("elders"))}, "liaison.meeting-twice", id="one guest twice"),
        pytest.param(
            {"people": tuple(People("pk", f"post{each}", 1) for each in range(9))},
            "liaison.meeting-people",
            id="nine posts of one party",
        ),
        pytest.param({"people": (People("pk", "b", 1), People("pk", "a", 1))}, "liaison.meeting-order", id="unsorted"),
        pytest.param({"people": (People("pk", "a", 1), People("pk", "a", 2))}, "liaison.meeting-twice", id="a post"),
        pytest.param({"rules": ("white-flag", "no-media")}, "field.order", id="rules unsorted"),
    ],
)
def test_a_proposal_says_nothing_twice_and_has_one_spelling(changes: dict[str, Any], code: str) -> None:
    plain: Any = {"level": "sector", "alternatives": whens(48), "minutes": 60, "agenda": (Item("fire"),)}
    with pytest.raises(Invalid) as refusal:
        Proposed(**(plain | {"chair": "pk", "languages": ("ps",)} | changes))
    assert refusal.value.code == code


def test_times_are_whole_minutes_and_minutes_end_after_they_began() -> None:
    with pytest.raises(Invalid) as refusal:
        When(GATE, AT.replace(second=1))
    assert refusal.value.code == "liaison.meeting-minute"
    with pytest.raises(Invalid) as refusal:
        minuted("pk", -61)
    assert refusal.value.code == "liaison.meeting-ended"


def test_where_a_side_is_to_withdraw_to_counts_as_a_place_of_a_group() -> None:
    task = Task("withdraw-to-own-positions", ("af",), AT + timedelta(days=9), at=GATE)
    other = Task("fill-trench", ("af",), AT + timedelta(days=9), at=GATE)
    assert meeting_facts.of(minuted("pk", 1, 4000, task, other).body).places == (Place("PK", 500),)
