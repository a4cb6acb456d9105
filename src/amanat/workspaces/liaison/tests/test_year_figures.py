"""The figures of a year by small cases: what is counted, how long it took, which numbers of persons are not told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices.kinds import TYPES
from amanat.workspaces.liaison.quality import Period
from amanat.workspaces.liaison.tracks.counted import Type
from amanat.workspaces.liaison.year import charts, lines
from amanat.workspaces.liaison.year.charts import Month
from amanat.workspaces.liaison.year.conflicts import Conflict
from amanat.workspaces.liaison.year.facts import Clarified, Happened, Met, Noticed, Tracked, UnderSeal
from amanat.workspaces.liaison.year.figures import FEW, Figures, Rows, few, figures, lengths, months, part

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = Period(NEW_YEAR, NEW_YEAR.replace(year=2027))
NOON = NEW_YEAR.replace(month=5, day=3, hour=12)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SIDES = ("af", "pk")
LADDER = ("cease", "hold")


def notice(n: int = 1, party: str = "pk", at: datetime = NOON, **more: Any) -> Noticed:
    return Noticed(Named(party, str(n)), more.pop("type", "works"), at, more.pop("told", "in-time"), **more)


def event(n: int = 1, at: datetime = NOON, **more: Any) -> Happened:
    key = frozenset({Named("pk", f"i{n}")})
    return Happened(
        key, more.pop("type", "shots"), more.pop("sector", "kurram"), at, at, more.pop("state", "open"), **more
    )


def track(type_: Type, at: datetime = NOON, took: timedelta | None = None, received: int = 0) -> Tracked:
    return Tracked(type_, at, "open" if took is None else "done", took, received)


def of(*rows: Any, within: Period = YEAR) -> Figures:
    return figures(rows_of(rows), within)


def rows_of(rows: Sequence[Any]) -> Rows:
    def its(type_: type) -> tuple[Any, ...]:
        return tuple(each for each in rows if isinstance(each, type_))

    return Rows(
        noticed=its(Noticed),
        sealed=its(UnderSeal),
        happened=its(Happened),
        met=its(Met),
        tracked=its(Tracked),
        clarified=its(Clarified),
        conflicts=its(Conflict),
    )


def sheet(code: str, now: Figures, before: Figures | None = None) -> lines.Sheet:
    return next(each for each in lines.sheets(now, before or of(), SIDES, LADDER) if each.code == code)


def row(code: str, now: Figures, place: int = -1) -> dict[str, Any]:
    """A row of a table, by column: the last, unless another is asked for."""
    found = sheet(code, now)
    return dict(zip(found.columns, found.rows[place].now, strict=True))


# --- what is counted --------------------------------------------------------------------------------------------------


def test_notices_are_counted_by_type_and_side_in_time_or_late() -> None:
    found = of(notice(1), notice(2, told="late"), notice(3, told="not-asked", type="patrol"), notice(4, "af"))
    assert row("notices", found, 1) == {"told": 1, "in-time": 1, "late": 0, "not-asked": 0}  # all of af
    assert row("notices", found, 2) == {"told": 2, "in-time": 1, "late": 1, "not-asked": 0}  # pk's works
    assert row("notices", found) == {"told": 3, "in-time": 1, "late": 1, "not-asked": 1}


def test_answers_stand_with_the_side_whose_notice_it_is() -> None:
    found = of(notice(1, answers=("in-time", "missed")), notice(2, "af", answers=("late",)))
    assert row("explanations", found) == {"asked": 2, "in-time": 1, "late": 0, "missed": 1, "waits": 0}
    assert row("explanations", found, 0)["late"] == 1


def test_notices_against_a_limit_stand_with_the_side_that_gave_them() -> None:
    found = of(notice(1, against=1), notice(2, against=2), notice(3), notice(4, "af"))
    assert (row("against", found), row("against", found, 0)) == ({"against": 2}, {"against": 0})


def test_notices_and_what_was_asked_about_them_stand_by_hotline_too() -> None:
    kurram = notice(1, sector="kurram", answers=("in-time", "late")), notice(2, "af", sector="kurram", told="late")
    found = of(*kurram, notice(3))
    columns = {"told": 2, "in-time": 1, "late": 1, "not-asked": 0, "asked": 2, "answered-in-time": 1}
    assert row("noticed-in", found) == columns
    assert row("noticed-in", found, 0)["told"] == 1  # of no hotline
    assert [(each.of, each.code) for each in sheet("noticed-in", found).rows] == [
        ("hotline", ""),
        ("hotline", "kurram"),
    ]


def test_whether_an_explanation_was_enough_stands_with_the_side_that_gave_it() -> None:
    found = of(notice(1, judged=("enough", "not-judged")), notice(2, "af", judged=("not-enough",)))
    assert row("judged", found) == {"enough": 1, "not-enough": 0, "not-judged": 1}
    assert row("judged", found, 0) == {"enough": 0, "not-enough": 1, "not-judged": 0}


def test_visits_stand_with_the_side_whose_notice_it_is() -> None:
    found = of(notice(1, visits=("took-place",)), notice(2, "af"))
    assert (row("visits", found)["took-place"], sum(row("visits", found, 0).values())) == (1, 0)


def test_clarification_stands_with_the_side_that_was_asked() -> None:
    found = of(Clarified("af", NOON, "in-time"), Clarified("af", NOON, "late"), Clarified("pk", NOON, "missed"))
    assert row("clarified", found, 0) == {"asked": 2, "in-time": 1, "late": 1, "missed": 0, "waits": 0}
    assert row("clarified", found) == {"asked": 1, "in-time": 0, "late": 0, "missed": 1, "waits": 0}


def test_events_are_counted_by_type_state_and_the_farthest_step() -> None:
    found = of(event(1, reached="hold"), event(2, state="closed"), event(3, type="drone", sector=""))
    assert row("incidents", found) == {"told": 3, "open": 2, "closing": 0, "closed": 1}
    steps = {each.code: each.now for each in sheet("reached", found).rows}
    assert steps == {"": (1, 1), "cease": (0, 0), "hold": (0, 1)}  # columns: drone, shots
    assert [each.code for each in sheet("sectors", found).rows] == ["", "kurram", ""]


@pytest.mark.parametrize("stated", [True, False])
def test_of_one_event_alone_it_is_a_number_that_a_statement_was_signed(stated: bool) -> None:  # noqa: FBT001
    (found,) = sheet("statements", of(event(agreed=2, stated=stated))).rows
    assert found.now == (2, 0, 0, int(stated))
    assert all(type(each) is int for each in found.now)


def test_a_step_that_the_latest_text_has_no_more_is_counted_still() -> None:
    assert sheet("reached", of(event(reached="of-old"))).rows[-1].now == (1,)


def test_times_are_by_nearest_rank_and_of_those_that_are_known() -> None:
    found = of(*(event(n, contact=n * MINUTE, ceased=None) for n in range(1, 21)), event(21))
    whole = found.sectors["kurram"]
    assert (whole.told, whole.contact.known, whole.ceased.known) == (21, 20, 0)
    assert (whole.contact.middle, whole.contact.most, whole.contact.longest) == (10 * MINUTE, 19 * MINUTE, 20 * MINUTE)
    assert whole.ceased.middle is None


@pytest.mark.parametrize(("after", "counts"), [(timedelta(), 1), (48 * HOUR, 1), (48 * HOUR + MINUTE, 0), (-HOUR, 0)])
def test_a_meeting_is_in_time_within_48_hours_of_what_it_is_about(after: timedelta, counts: int) -> None:
    met = Met(NOON, "held", NOON + after, frozenset({Named("pk", "i1")}))
    assert row("meetings", of(event(1), event(2), met))["after-incident"] == counts


def test_a_meeting_that_was_not_held_helps_no_incident() -> None:
    met = Met(NOON, "agreed", None, frozenset({Named("pk", "i1")}))
    assert (row("meetings", of(event(1), met))["after-incident"], row("meetings", of(met))["proposed"]) == (0, 1)


def test_a_meeting_proposed_in_one_year_counts_for_an_incident_of_the_one_before() -> None:
    happened = event(1, NEW_YEAR - HOUR)
    met = Met(NEW_YEAR + MINUTE, "held", NEW_YEAR + HOUR, happened.keys)
    before = of(happened, met, within=Period(NEW_YEAR - DAY, NEW_YEAR))
    assert (before.meetings["after-incident"], before.meetings["held"]) == (1, 0)


def test_tasks_stand_with_whose_they_are_and_sealed_notices_with_who_sealed_them() -> None:
    met = Met(NOON, "held", NOON, tasks=(("pk", "late"), ("pk", "open"), ("af", "in-time")))
    found = of(met, UnderSeal("pk", NOON, "not-opened"))
    assert row("tasks", found) == {"in-time": 0, "late": 1, "overdue": 0, "open": 1}
    assert row("sealed", found)["not-opened"] == 1


def test_only_what_began_in_the_year_is_counted_and_its_months_make_the_year() -> None:
    edges = (NEW_YEAR - timedelta(seconds=1), NEW_YEAR, YEAR.until - timedelta(seconds=1), YEAR.until)
    rows = [notice(n, at=at) for n, at in enumerate(edges)]
    assert row("notices", of(*rows))["told"] == 2
    each = [row("notices", of(*rows, within=month))["told"] if rows else 0 for month in months(YEAR)]
    assert (len(each), each[0], each[-1], sum(each)) == (12, 1, 1, 2)


def test_a_year_that_goes_on_has_the_months_that_began() -> None:
    assert [f"{each.since:%m}" for each in months(Period(NEW_YEAR, NOON))] == ["01", "02", "03", "04", "05"]
    assert list(months(Period(NEW_YEAR, NEW_YEAR))) == []


def test_nothing_is_an_empty_table() -> None:
    assert all(each.empty for each in lines.sheets(of(), of(), SIDES, LADDER))
    assert not all(each.empty for each in lines.sheets(of(), of(notice()), SIDES, LADDER))


# --- persons ----------------------------------------------------------------------------------------------------------


@given(some.integers(0, 60), some.integers(0, 60))
def test_from_what_is_told_of_persons_no_number_below_five_follows(ended: int, more: int) -> None:
    opened = ended + more
    told, all_ = part(ended, opened), few(opened)
    for number, given_ in ((ended, told), (opened, all_)):
        assert given_ == "few" or (given_ == number and not 0 < number < FEW)
    if told != "few" and all_ != "few":
        assert not 0 < all_ - told < FEW


def test_few_persons_are_told_neither_by_number_nor_by_how_long_it_took() -> None:
    found = of(*(track("captured", took=DAY) for _ in range(4)), *(track("livestock", took=DAY) for _ in range(4)))
    rows = {each.code: each.now for each in sheet("tracks", found).rows}
    assert rows == {"captured": ("few", "few", None, None, None), "livestock": (4, 4, DAY, DAY, DAY)}


def test_of_the_few_who_were_not_handed_back_nothing_follows() -> None:
    found = of(*(track("missing", took=DAY) for _ in range(6)), track("missing"))
    assert sheet("tracks", found).rows[0].now[:2] == (7, "few")


@pytest.mark.parametrize(("received", "told"), [(0, 0), (1, "few"), (4, "few"), (5, 5)])
def test_few_who_were_received_are_not_told(received: int, told: int | str) -> None:
    assert row("received", of(track("offered", took=DAY, received=received)))["persons"] == told


def test_animals_are_no_persons() -> None:
    assert row("received", of(track("livestock", took=DAY, received=40)))["persons"] == 0


def test_no_number_of_persons_stands_in_a_month_or_beside_a_place() -> None:
    persons = of(*(track(each, took=DAY, received=9) for each in ("offered", "missing", "captured") for _ in range(9)))
    assert lines.of_month(persons) == lines.of_month(of())
    told = [each.code for each in lines.sheets(persons, of(), SIDES, LADDER) if not each.empty]
    assert told == ["tracks", "received"]
    assert all(not each.party for code in told for each in sheet(code, persons).rows)


# --- whatever the order -----------------------------------------------------------------------------------------------

MOMENTS = some.integers(0, 364 * 24).map(lambda hours: NEW_YEAR + hours * HOUR)
TOOK = some.none() | some.integers(0, 90_000).map(lambda minutes: minutes * MINUTE)
NOTICES = some.builds(
    notice,
    some.integers(0, 99),
    some.sampled_from(SIDES),
    MOMENTS,
    type=some.sampled_from(tuple(TYPES)),
    told=some.sampled_from(("in-time", "late", "not-asked")),
)
EVENTS = some.builds(
    event,
    some.integers(0, 99),
    MOMENTS,
    state=some.sampled_from(lines.STATES),
    sector=some.sampled_from(("", "kurram", "khyber")),
    reached=some.sampled_from(("", *LADDER)),
    contact=TOOK,
    ceased=TOOK,
)
TRACKS = some.builds(track, some.sampled_from(("offered", "livestock", "fire")), MOMENTS, TOOK, some.integers(0, 9))


@given(some.lists(NOTICES | EVENTS | TRACKS, max_size=40), some.randoms(use_true_random=False))
def test_figures_are_the_same_whatever_the_order_and_their_months_make_the_year(rows: list[Any], by: Random) -> None:
    shuffled = by.sample(rows, len(rows))
    assert lines.sheets(of(*rows), of(), SIDES, LADDER) == lines.sheets(of(*shuffled), of(), SIDES, LADDER)
    monthly = [dict(lines.of_month(of(*rows, within=each))) for each in months(YEAR)]
    whole = dict(lines.of_month(of(*rows)))
    for column in ("notices", "in-time", "late", "incidents", "closed"):
        assert sum(each[column] for each in monthly) == whole[column]  # type: ignore[misc]


# --- charts -----------------------------------------------------------------------------------------------------------


def of_months(*rows: Any) -> list[Month]:
    return [Month(f"{each.since:%Y-%m}", each, of(*rows, within=each)) for each in months(YEAR)]


def test_a_column_has_what_its_month_has_and_the_highest_fills_the_chart() -> None:
    shown = of_months(notice(1), notice(2, told="late"), notice(3, at=NOON + 31 * DAY))
    blocks = list(charts.notices(shown))
    assert [(each.what, each.up, each.high) for each in blocks] == [
        ("in-time", 0, 50), ("late", 50, 50), ("in-time", 0, 50),
    ]  # fmt: skip
    assert [each.along for each in blocks] == [34.17, 34.17, 42.5]
    assert list(charts.incidents(shown)) == []


@given(some.lists(EVENTS, max_size=30))
def test_nothing_stands_outside_its_chart(rows: list[Any]) -> None:
    shown = of_months(*rows)
    assert all(0 <= each.up <= each.up + each.high <= 100.05 for each in charts.incidents(shown))
    assert all(0 <= each.along <= 100 and 0 <= each.up <= 100 for each in charts.lengths(shown))


def test_a_length_of_time_stands_by_its_logarithm_and_never_beyond_the_chart() -> None:
    heights = [charts.height(each) for each in (timedelta(), MINUTE, HOUR, DAY, 32 * DAY, 400 * DAY)]
    assert (heights[0], heights[1], heights[-2], heights[-1]) == (0, 0, 100, 100)
    assert heights == sorted(heights)


def test_lengths_of_nothing_are_not_known() -> None:
    assert lengths(()) == replace(lengths([MINUTE]), known=0, middle=None, most=None, longest=None)
