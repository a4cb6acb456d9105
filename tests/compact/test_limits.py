"""What is not done near the line: what of a limit cannot stand, how it is told, and what goes against it."""

import re
from collections.abc import Sequence

import pytest

from amanat.compact.explain import summary
from amanat.compact.limits import against
from amanat.compact.notification import Level
from amanat.compact.terms import parse
from amanat.party.errors import Invalid
from compact.cast import EXAMPLE, amended, terms_of

TEXT = EXAMPLE.decode()
FIRST = TEXT[TEXT.index("[limits.exercises]") : TEXT.index("[limits.combat-aircraft]")]
LIMITS = TEXT[TEXT.index("[limits.exercises]") : TEXT.index("# --- Clauses 4.1")]


def wrong(*changes: tuple[str, str]) -> Invalid:
    with pytest.raises(Invalid) as caught:
        parse(amended(*changes))
    return caught.value


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([(LIMITS, ""), ("[compact]", "limits = 3\n[compact]")], "limits: 3 stands there. Allowed: a table."),
        ([("[limits.firing]", "[limits.Firing]")], "limits.Firing: 'Firing' is no name for this. Allowed: a name like exercises."),
        ([('of = ["exercise"]', "of = []")], 'limits.exercises.of: a list stands there. Allowed: types of activity, like ["exercise", "firing"].'),
        ([('of = ["exercise"]', 'of = ["war"]')], 'limits.exercises.of: "war" stands there. Allowed: types of activity, like ["exercise", "firing"].'),
        ([('of = ["drone", "flight"]', 'of = ["flight", "drone"]')], "limits.combat-aircraft.of: they are out of order. Name each type once, in the order of letters."),
        ([('clause = "11.3"', 'clause = "11.1"')], "limits.exercises.clause: clause 11.1 stands twice. Number each clause once."),
        ([("armed = true", "armed = 1")], "limits.combat-aircraft.armed: 1 stands there. Allowed: true or false."),
    ],
)  # fmt: skip
def test_it_says_where_what_and_what_is_allowed(changes: Sequence[tuple[str, str]], told: str) -> None:
    assert re.fullmatch(rf"Line [0-9]+, {re.escape(told)}", str(wrong(*changes)))


def test_it_is_told_clause_by_clause_and_not_where_there_is_none() -> None:
    told = summary(terms_of())
    assert (
        "11.1 no exercise of a division or more (exercises): exercise of the level of division or above, "
        "nearer than 5 km to the line as reported." in told
    )
    assert (
        "11.2 no armed aircraft, crewed or not (combat-aircraft): drone, flight, armed, "
        "nearer than 10 km to the line as reported." in told
    )
    assert "What is not done near the line" not in summary(terms_of((LIMITS, "")))


@pytest.mark.parametrize(
    ("level", "metres", "clauses"),
    [
        ("division", 4_999, ["11.1"]),
        ("corps", 0, ["11.1"]),
        ("brigade", 100, []),
        (None, 100, []),
        ("division", 5_000, []),
        ("division", None, []),  # how far is not said: that it is near would be a claim
    ],
)
def test_an_exercise_goes_against_its_limit_from_a_level_on_and_nearer_than_agreed(
    level: Level | None, metres: int | None, clauses: list[str]
) -> None:
    found = against(terms_of().limits, "exercise", level, metres, armed=False)
    assert [each.clause for each in found] == clauses


def test_what_only_the_armed_may_not_others_may() -> None:
    limits = terms_of().limits
    assert [each.clause for each in against(limits, "flight", None, 9_000, armed=True)] == ["11.2"]
    assert against(limits, "flight", None, 9_000, armed=False) == ()
    assert against(limits, "blasting", None, 100, armed=True) == ()
