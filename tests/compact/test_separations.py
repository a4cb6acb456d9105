"""How far planned activities are to be apart: what of such a rule cannot stand, and how it is told.

Law: everything is asked of the worked example, or of it with a text replaced.
"""

import re
from collections.abc import Sequence
from typing import get_args

import pytest

from amanat.compact.explain import summary
from amanat.compact.form import Kept, Planned
from amanat.compact.terms import parse
from amanat.party.errors import Invalid
from compact.cast import EXAMPLE, TERMS, amended, terms_of

TEXT = EXAMPLE.decode()
RULES = TEXT[TEXT.index("[deconfliction.blasting]") : TEXT.index("# --- Clauses 4.1")]
BLASTING = RULES[: RULES.index("[deconfliction.firing]")]
TYPES = ", ".join(f'"{each}"' for each in (*get_args(Planned), *get_args(Kept)))


def rule(*lines: str) -> tuple[str, str]:
    """The change of the first rule's lines after its title."""
    return BLASTING, BLASTING[: BLASTING.index("between")] + "\n".join(lines) + "\n\n"


BETWEEN, METRES, NEAR, MINUTES = 'between = ["blasting", "any"]', "metres = 2000", "near_metres = 5000", "minutes = 60"


def wrong(*changes: tuple[str, str]) -> Invalid:
    with pytest.raises(Invalid) as caught:
        parse(amended(*changes))
    return caught.value


class TestForm:
    """Line, key, what stands there and what is allowed."""

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ([(RULES, ""), ("[compact]", "deconfliction = 3\n[compact]")], "deconfliction: 3 stands there. Allowed: a table."),
            ([("[deconfliction.blasting]", "[deconfliction.Blasting]")], "deconfliction.Blasting: 'Blasting' is no name for this. Allowed: a name like blasting."),
            ([rule(METRES, NEAR, MINUTES)], f'deconfliction.blasting: the key between is missing. Write between = …: two of "any", {TYPES}.'),
            ([rule(BETWEEN, NEAR, MINUTES)], "deconfliction.blasting: the key metres is missing. Write metres = …: whole metres from 0 to 100000."),
            ([rule(BETWEEN, METRES, MINUTES)], "deconfliction.blasting: the key near_metres is missing. Write near_metres = …: whole metres from 0 to 100000."),
            ([rule(BETWEEN, METRES, NEAR)], "deconfliction.blasting: the key minutes is missing. Write minutes = …: whole minutes from 0 to 1440."),
            ([rule('between = ["blasting"]', METRES, NEAR, MINUTES)], f'deconfliction.blasting.between: a list stands there. Allowed: two of "any", {TYPES}.'),
            ([rule('between = ["blasting", "any", "any"]', METRES, NEAR, MINUTES)], f'deconfliction.blasting.between: a list stands there. Allowed: two of "any", {TYPES}.'),
            ([rule('between = ["blasting", "all"]', METRES, NEAR, MINUTES)], f'deconfliction.blasting.between: "all" stands there. Allowed: two of "any", {TYPES}.'),
            ([rule(BETWEEN, "metres = -1", NEAR, MINUTES)], "deconfliction.blasting.metres: -1 stands there. Allowed: whole metres from 0 to 100000."),
            ([rule(BETWEEN, METRES, "near_metres = 100001", MINUTES)], "deconfliction.blasting.near_metres: 100001 stands there. Allowed: whole metres from 0 to 100000."),
            ([rule(BETWEEN, METRES, NEAR, "height_metres = -1", MINUTES)], "deconfliction.blasting.height_metres: -1 stands there. Allowed: whole metres from 0 to 30000."),
            ([rule(BETWEEN, METRES, NEAR, "height_metres = 30001", MINUTES)], "deconfliction.blasting.height_metres: 30001 stands there. Allowed: whole metres from 0 to 30000."),
            ([rule(BETWEEN, METRES, NEAR, "minutes = 1441")], "deconfliction.blasting.minutes: 1441 stands there. Allowed: whole minutes from 0 to 1440."),
            ([rule(BETWEEN, METRES, NEAR, "minutes = -1")], "deconfliction.blasting.minutes: -1 stands there. Allowed: whole minutes from 0 to 1440."),
        ],
    )  # fmt: skip
    def test_it_says_where_what_and_what_is_allowed(self, changes: Sequence[tuple[str, str]], told: str) -> None:
        assert re.fullmatch(rf"Line [0-9]+, {re.escape(told)}", str(wrong(*changes)))

    @pytest.mark.parametrize(
        "lines",
        [
            (BETWEEN, "metres = 0", "near_metres = 0", "height_metres = 0", "minutes = 0"),
            (BETWEEN, "metres = 100000", "near_metres = 100000", "height_metres = 30000", "minutes = 1440"),
            ('between = ["any", "any"]', METRES, NEAR, MINUTES),
        ],
    )
    def test_what_is_as_large_or_as_small_as_it_may_be_stands(self, lines: tuple[str, ...]) -> None:
        assert terms_of(rule(*lines)).deconfliction["blasting"].clause == "8.1"

    def test_every_type_of_what_is_planned_or_kept_clear_of_may_stand_in_a_rule(self) -> None:
        for each in (*get_args(Planned), *get_args(Kept)):
            said = terms_of(rule(f'between = ["any", "{each}"]', METRES, NEAR, MINUTES))
            assert said.deconfliction["blasting"].between == ("any", each)


class TestMeaning:
    """What fits its form and could not be kept."""

    @pytest.mark.parametrize(
        ("changes", "where", "says", "mend"),
        [
            ([("near_metres = 5000", "near_metres = 1999")], "deconfliction.blasting.near_metres", "what is in conflict would not be near", "At least 2000 metres."),
            ([('between = ["meeting", "any"]', 'between = ["meeting", "warning"]')], "deconfliction.meetings.between", "neither of the two is planned by anybody", "Let one be."),
            ([('clause = "8.2"', 'clause = "8.1"')], "deconfliction.blasting.clause", "clause 8.1 stands twice", "Number each clause once."),
            ([('clause = "8.1"', 'clause = "4.6"')], 'kinds."liaison.day".clause', "clause 4.6 stands twice", "Number each clause once."),
            ([('clause = "8.1"', 'clause = "5.2"')], "calling.clause", "clause 5.2 stands twice", "Number each clause once."),
            ([('clause = "8.1"', 'clause = "7.1"')], "deconfliction.blasting.clause", "clause 7.1 stands twice", "Number each clause once."),
            ([('clause = "8.1"', 'clause = "4.6.a"')], "policy.cedar", "clause 4.6.a stands twice", "Number each clause once."),
        ],
    )  # fmt: skip
    def test_it_is_refused_before_anybody_signs(
        self, changes: Sequence[tuple[str, str]], where: str, says: str, mend: str
    ) -> None:
        error = wrong(*changes)
        assert (error.code, error.mend) == ("compact.terms", mend)
        assert re.fullmatch(rf"Line [0-9]+, {re.escape(where)}: {re.escape(says)}\.", error.says), error.says

    def test_what_is_in_conflict_and_what_is_near_may_be_one(self) -> None:
        assert terms_of(("near_metres = 5000", "near_metres = 2000")).deconfliction["blasting"].near_metres == 2000

    def test_a_compact_needs_no_such_rules(self) -> None:
        without = terms_of((RULES, ""))
        assert without.deconfliction == {}
        assert "Planned activities" not in summary(without)


def test_rules_are_told_as_their_clauses_are_counted() -> None:
    told = summary(TERMS)
    places = [told.index(f"\n8.{number} ") for number in range(1, len(TERMS.deconfliction) + 1)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((BETWEEN, METRES, NEAR, MINUTES), "blasting and any activity, at whatever heights, less than 60 min apart in time, or at once: in conflict at most 2000 m apart, near at most 5000 m apart."),
        ((BETWEEN, METRES, NEAR, "height_metres = 0", "minutes = 0"), "blasting and any activity, at most 0 m apart in height, at once: in conflict at most 2000 m apart, near at most 5000 m apart."),
        (('between = ["flight", "drone"]', METRES, NEAR, "minutes = 1"), "flight and drone, at whatever heights, less than 1 min apart in time, or at once: in conflict at most 2000 m apart, near at most 5000 m apart."),
    ],
)  # fmt: skip
def test_a_rule_is_told_with_all_that_it_says(lines: tuple[str, ...], told: str) -> None:
    assert f"\n8.1 blasting, and whatever is near it (blasting): {told}\n" in summary(terms_of(rule(*lines)))
