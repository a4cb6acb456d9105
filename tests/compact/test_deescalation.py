"""How a clash is talked down: what of such a step cannot stand, and how it is told.

Law: everything is asked of the worked example, or of it with a text replaced.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import get_args

import pytest

from amanat.compact.deescalation import meets_within
from amanat.compact.explain import summary
from amanat.compact.form import Deed
from amanat.compact.terms import parse
from amanat.party.errors import Invalid
from compact.cast import EXAMPLE, TERMS, amended, terms_of

TEXT = EXAMPLE.decode()
STEPS = TEXT[TEXT.index("[deescalation.cease]") : TEXT.index("# --- Clauses 4.1")]
CEASE = STEPS[: STEPS.index("[deescalation.hold]")]
ACTS = ", ".join(f'"{each}"' for each in get_args(Deed))


def step(*lines: str) -> tuple[str, str]:
    """The change of the first step's lines after its title."""
    return CEASE, CEASE[: CEASE.index("act")] + "\n".join(lines) + "\n\n"


ACT, WITHIN, RANK = 'act = "cease"', "within_minutes = 10", "rank = 0"


def wrong(*changes: tuple[str, str]) -> Invalid:
    with pytest.raises(Invalid) as caught:
        parse(amended(*changes))
    return caught.value


class TestForm:
    """Line, key, what stands there and what is allowed."""

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ([(STEPS, ""), ("[compact]", "deescalation = 3\n[compact]")], "deescalation: 3 stands there. Allowed: a table."),
            ([("[deescalation.cease]", "[deescalation.Cease]")], "deescalation.Cease: 'Cease' is no name for this. Allowed: a name like cease."),
            ([step(WITHIN, RANK)], f"deescalation.cease: the key act is missing. Write act = …: one of {ACTS}."),
            ([step(ACT, RANK)], "deescalation.cease: the key within_minutes is missing. Write within_minutes = …: whole minutes from 1 to 525600."),
            ([step(ACT, WITHIN)], "deescalation.cease: the key rank is missing. Write rank = …: the place of a rank in the ladder, from 0."),
            ([step('act = "fire"', WITHIN, RANK)], f'deescalation.cease.act: "fire" stands there. Allowed: one of {ACTS}.'),
            ([step(ACT, "within_minutes = 0", RANK)], "deescalation.cease.within_minutes: 0 stands there. Allowed: whole minutes from 1 to 525600."),
            ([step(ACT, "within_minutes = 525601", RANK)], "deescalation.cease.within_minutes: 525601 stands there. Allowed: whole minutes from 1 to 525600."),
            ([step(ACT, WITHIN, "rank = -1")], "deescalation.cease.rank: -1 stands there. Allowed: the place of a rank in the ladder, from 0."),
        ],
    )  # fmt: skip
    def test_it_says_where_what_and_what_is_allowed(self, changes: Sequence[tuple[str, str]], told: str) -> None:
        assert re.fullmatch(rf"Line [0-9]+, {re.escape(told)}", str(wrong(*changes)))


class TestMeaning:
    """What fits its form and could not be kept."""

    @pytest.mark.parametrize(
        ("changes", "where", "says", "mend"),
        [
            ([('clause = "10.1"', 'clause = "10.2"')], "deescalation.cease.clause", "clause 10.2 stands twice", "Number each clause once."),
            ([('clause = "10.1"', 'clause = "8.1"')], "deconfliction.blasting.clause", "clause 8.1 stands twice", "Number each clause once."),
            ([('act = "hold"', 'act = "cease"')], "deescalation.cease.act", "two steps ask for cease", "Let one step ask for it."),
            ([step(ACT, WITHIN, "rank = 4")], "deescalation.cease.rank", "the ladder has no rank 4", "It has 0 to 3."),
            ([step(ACT, WITHIN, RANK, 'guarantor = "obs"')], "deescalation.cease.guarantor", "a step that turns to a guarantor names it, and no other does", "Name one where the act is guarantor, and none elsewhere."),
            ([('guarantor = "obs"\n', "")], "deescalation.guarantor.guarantor", "a step that turns to a guarantor names it, and no other does", "Name one where the act is guarantor, and none elsewhere."),
        ],
    )  # fmt: skip
    def test_it_is_refused_before_anybody_signs(
        self, changes: Sequence[tuple[str, str]], where: str, says: str, mend: str
    ) -> None:
        error = wrong(*changes)
        assert (error.code, error.mend) == ("compact.terms", mend)
        assert re.fullmatch(rf"Line [0-9]+, {re.escape(where)}: {re.escape(says)}\.", error.says), error.says

    def test_a_compact_needs_no_such_steps(self) -> None:
        without = terms_of((STEPS, ""))
        assert without.deescalation == {}
        assert "talked down" not in summary(without)
        assert "When a clash has begun" not in summary(without)


def test_steps_stand_and_are_told_in_the_order_of_the_text() -> None:
    assert [each.clause for each in TERMS.deescalation.values()] == [f"10.{number}" for number in range(1, 9)]
    told = summary(TERMS)
    assert [told.index(f"\n10.{number} ") for number in range(1, 9)] == sorted(
        told.index(f"\n10.{number} ") for number in range(1, 9)
    )


@pytest.mark.parametrize(
    "told",
    [
        "10.1 cease fire, and whatever else set it off (cease): cease, duty officer, within 10 min.",
        "within 10080 min, and only while both consent to it for this incident.",
        "10.7 turn to the guarantor (guarantor): guarantor, director, within 20160 min, by obs.",
    ],
)
def test_a_step_is_told_with_all_that_it_says(told: str) -> None:
    assert told in summary(TERMS)


def test_the_sides_meet_within_the_time_of_its_step_and_without_one_at_no_time() -> None:
    assert meets_within(terms_of().deescalation) == timedelta(hours=48)
    assert meets_within({}) is None
