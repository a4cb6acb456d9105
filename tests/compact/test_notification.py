"""How long before what is planned is told of: what of such a table cannot stand, how it is told, and what it means.

Law: everything is asked of the worked example, or of it with a text replaced.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.compact.explain import summary
from amanat.compact.form import Planned
from amanat.compact.notification import COUNTED, LEVELS, Level, Notification, is_due, lead, thresholds
from amanat.compact.terms import parse
from amanat.party.errors import Invalid
from compact.cast import EXAMPLE, TERMS, amended, terms_of

TEXT = EXAMPLE.decode()
SECTION = TEXT[TEXT.index("[notification.works]") : TEXT.index("# --- Clauses 4.1")]
LEVELS_ALLOWED = ", ".join(f'"{each}"' for each in LEVELS)


def works(*lines: str) -> tuple[str, str]:
    """The change of the first table's lines after its title."""
    table = SECTION[: SECTION.index("[notification.flight]")]
    return table, table[: table.index("lead_hours")] + "\n".join(lines) + "\n\n"


def wrong(*changes: tuple[str, str]) -> Invalid:
    with pytest.raises(Invalid) as caught:
        parse(amended(*changes))
    return caught.value


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("[notification.works]", "[notification.parade]")], "notification.parade: 'parade' is no name for this. Allowed: a name like works."),
        ([("[notification.works]", "[notification.worksx]")], "notification.worksx: 'worksx' is no name for this. Allowed: a name like works."),
        ([works("explain_hours = 1")], "notification.works: the key lead_hours is missing. Write lead_hours = …: whole hours from 1 to 8760."),
        ([works("lead_hours = 0")], "notification.works.lead_hours: 0 stands there. Allowed: whole hours from 1 to 8760."),
        ([works("lead_hours = 1", "explain_hours = 0")], "notification.works.explain_hours: 0 stands there. Allowed: whole hours from 1 to 8760."),
        ([works("lead_hours = 1", "within_km = 0")], "notification.works.within_km: 0 stands there. Allowed: whole kilometres from 1 to 100."),
        ([works("lead_hours = 1", "within_km = 101")], "notification.works.within_km: 101 stands there. Allowed: whole kilometres from 1 to 100."),
        ([works("lead_hours = 1", "from_troops = 0")], "notification.works.from_troops: 0 stands there. Allowed: a whole number from 1 to 100000."),
        ([works("lead_hours = 1", 'from_level = "regiment"')], f'notification.works.from_level: "regiment" stands there. Allowed: {LEVELS_ALLOWED}.'),
        ([works("lead_hours = 1", "level_hours = { regiment = 2 }")], "notification.works.level_hours: a table stands there. Allowed: { division = 720, corps = 1440, army = 2160 }, in whole hours."),
        ([works("lead_hours = 2", "short_notice_hours = 3")], "notification.works.short_notice_hours: short notice would be longer than any other. At most 2 hours."),
        ([works("lead_hours = 2", "level_hours = { corps = 1 }")], f"notification.works.level_hours: a larger formation would be told of later than a smaller one. Let the hours not fall from lead_hours on, and from one to the next: {', '.join(LEVELS)}."),
        ([works("lead_hours = 2", "level_hours = { army = 3, corps = 4 }")], f"notification.works.level_hours: a larger formation would be told of later than a smaller one. Let the hours not fall from lead_hours on, and from one to the next: {', '.join(LEVELS)}."),
        ([works("lead_hours = 1", 'says = ["states"]')], "notification.works.says: only of an exercise or a movement this can be asked. Leave it out."),
        ([works("lead_hours = 1", "alert_minutes = 0")], "notification.works.alert_minutes: only of an exercise or a movement this can be asked. Leave it out."),
        ([('clause = "9.2"', 'clause = "9.1"')], "notification.works.clause: clause 9.1 stands twice. Number each clause once."),
        ([('clause = "9.2"', 'clause = "8.1"')], "deconfliction.blasting.clause: clause 8.1 stands twice. Number each clause once."),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_refused_with_line_key_and_what_is_allowed(
    changes: list[tuple[str, str]], told: str
) -> None:
    assert re.fullmatch(rf"Line [0-9]+, {re.escape(told)}", str(wrong(*changes)))


@pytest.mark.parametrize("name", Planned.__args__)  # type: ignore[attr-defined]
def test_the_worked_example_has_each_type_once(name: str) -> None:
    assert TERMS.notification[name].clause == f"9.{list(TERMS.notification).index(name) + 1}"


def test_a_compact_needs_no_such_tables() -> None:
    without = terms_of((SECTION, ""))
    assert without.notification == {}
    assert "told of beforehand" not in summary(without)


@pytest.mark.parametrize(
    "told",
    [
        "9.1 works near the line (works): 168 h before; explained within 24 h of being asked; due within 5 km of the line as reported.",
        "9.2 flights (flight): 24 h before, 1 h at short notice; explained within 12 h of being asked; always due.",
        "9.10 aid convoys (convoy): 48 h before, 24 h at short notice; always due.",
        "9.5 movements of troops (movement): 120 h before, 720 h for the level of division, 1440 h for the level of corps, 2160 h for the level of army, 6 h at short notice; explained within 48 h of being asked; due within 75 km of the line as reported, the level of battalion or above.",
    ],
)  # fmt: skip
def test_a_table_is_told_with_all_that_it_says(told: str) -> None:
    assert f"\n{told}\n" in summary(TERMS)


def test_tables_are_told_as_their_clauses_are_counted() -> None:
    told = summary(TERMS)
    places = [told.index(f"\n9.{number} ") for number in range(1, len(TERMS.notification) + 1)]
    assert places == sorted(places)


EXERCISE = TERMS.notification["exercise"]


@pytest.mark.parametrize(
    ("level", "hours"), [("company", 360), ("brigade", 360), ("division", 1008), ("corps", 1440), ("army", 2160)]
)
def test_a_larger_formation_is_told_of_earlier(level: Level, hours: int) -> None:
    assert lead(EXERCISE, level, short_notice=False) == timedelta(hours=hours)


def test_what_is_told_of_at_short_notice_has_the_hours_that_the_compact_says() -> None:
    agreed = Notification(clause="4.1", title="Works", lead_hours=120, short_notice_hours=24)
    assert lead(agreed, "division", short_notice=True) == timedelta(hours=24)


def test_without_a_number_for_it_short_notice_is_as_any_other() -> None:
    assert lead(TERMS.notification["patrol"], None, short_notice=True) == timedelta(hours=24)


@pytest.mark.parametrize(
    ("level", "counted", "line_metres", "due"),
    [
        ("brigade", {}, None, True),
        ("brigade", {}, 75_000, True),
        ("brigade", {}, 75_001, False),
        ("battalion", {}, 1, False),
        ("battalion", {"troops": 8_999, "tanks": 249}, 1, False),
        ("battalion", {"troops": 9_000}, 1, True),
        ("company", {"sorties": 200}, None, True),
        (None, {"helicopters": 1_000}, 1, False),
    ],
)
def test_a_notice_is_due_from_any_threshold_on_and_only_near_the_line(
    level: Level | None, counted: dict[str, int], line_metres: int | None, *, due: bool
) -> None:
    assert is_due(EXERCISE, level, counted, line_metres) is due


def test_what_has_no_threshold_is_always_due() -> None:
    assert is_due(TERMS.notification["convoy"], None, {}, 90_000)
    assert not is_due(TERMS.notification["works"], None, {}, 5_001)
    assert is_due(TERMS.notification["works"], None, {}, None)


@given(
    hours=st.lists(st.integers(1, 8760), min_size=7, max_size=7).map(sorted),
    named=st.sets(st.sampled_from(LEVELS)),
    one=st.sampled_from(LEVELS),
    other=st.sampled_from(LEVELS),
)
def test_whatever_was_agreed_a_larger_formation_is_never_told_of_later(
    hours: list[int], named: set[Level], one: Level, other: Level
) -> None:
    by_level = {each: hours[1 + LEVELS.index(each)] for each in named}
    agreed = Notification(clause="9.1", title="it", lead_hours=hours[0], level_hours=by_level)
    smaller, larger = sorted((one, other), key=LEVELS.index)
    assert lead(agreed, smaller, short_notice=False) <= lead(agreed, larger, short_notice=False)
    assert lead(agreed, None, short_notice=False) <= lead(agreed, smaller, short_notice=False)


@given(
    least=st.dictionaries(st.sampled_from(COUNTED), st.integers(1, 100), min_size=1),
    counted=st.dictionaries(st.sampled_from(COUNTED), st.integers(0, 100)),
    more=st.sampled_from(COUNTED),
)
def test_who_counts_more_is_never_less_due(least: dict[str, int], counted: dict[str, int], more: str) -> None:
    table: dict[str, Any] = {f"from_{name}": number for name, number in least.items()}
    agreed = Notification(clause="9.1", title="it", lead_hours=1, **table)
    assert thresholds(agreed) == least
    larger = counted | {more: counted.get(more, 0) + 1}
    assert is_due(agreed, None, larger, None) or not is_due(agreed, None, counted, None)
