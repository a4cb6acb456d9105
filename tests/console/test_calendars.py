"""Moments and days as officers see them: two clocks half an hour apart, three calendars, four languages."""

import re
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from convertdate import islamic, persian
from hijridate import Hijri
from hypothesis import given
from hypothesis import strategies as st

from amanat.console import calendars
from amanat.console.calendars import CALCULATED, ZONE_UNKNOWN, dates, duration, number, numerals, show
from amanat.exchange.lexica import zone
from amanat.party.lexicon import Language, Lexicon, MonthStart

LANGUAGES: tuple[Language, ...] = ("en", "fa-AF", "ps", "ur")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PK = Lexicon(
    party="pk",
    serial=1,
    at=NOW,
    languages=("en",),
    calendars=("gregorian", "lunar-hijri", "solar-hijri"),
    names={},
    zones={"af": "Asia/Kabul", "obs": "UTC", "pk": "Asia/Karachi"},
)
# A day later than Umm al-Qura has them.
LATER = (
    MonthStart(1448, 4, date(2026, 9, 13)),
    MonthStart(1448, 5, date(2026, 10, 13)),
    MonthStart(1448, 6, date(2026, 11, 12)),
)
ANNOUNCED = msgspec.structs.replace(PK, month_starts=LATER)
COVERED = st.dates(date(1924, 8, 1), date(2077, 11, 16))
MONTHS = {name: month for month, name in enumerate(calendars._names()["en"]["lunar-hijri"], 1)}  # noqa: SLF001


def solar(day: date, language: Language = "en") -> str:
    """The day as the solar Hijri calendar shows it."""
    return dates(day, PK, language)[2].text


def lunar(day: date, lexicon: Lexicon = PK) -> tuple[str, str]:
    """The day as the lunar Hijri calendar shows it in English, and its mark."""
    found = dates(day, lexicon, "en")[1]
    return found.text, found.mark


def read_lunar(day: date, lexicon: Lexicon) -> tuple[int, int, int]:
    """The year, month and day that are shown."""
    number_, name, year = re.fullmatch(r"(\d+) (.+) (\d+)", lunar(day, lexicon)[0]).groups()  # type: ignore[union-attr]
    return int(year), MONTHS[name], int(number_)


# --- solar Hijri --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(1979, 3, 21), "1 Farvardin 1358"),
        (date(2020, 3, 19), "29 Esfand 1398"),
        (date(2020, 3, 20), "1 Farvardin 1399"),
        (date(2021, 3, 20), "30 Esfand 1399"),
        (date(2021, 3, 21), "1 Farvardin 1400"),
        (date(2024, 3, 20), "1 Farvardin 1403"),
        (date(2025, 3, 20), "30 Esfand 1403"),
        (date(2025, 3, 21), "1 Farvardin 1404"),
        (date(2026, 3, 21), "1 Farvardin 1405"),
    ],
)
def test_a_year_begins_at_nawruz_and_is_longer_by_a_day_in_1399_and_1403(day: date, shown: str) -> None:
    assert solar(day) == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [("fa-AF", "۱ حمل ۱۴۰۳"), ("ps", "۱۴۰۳ وری ۱"), ("ur", "1 فروردن، 1403"), ("en", "1 Farvardin 1403")],
)
def test_months_have_the_names_that_each_language_uses(language: Language, shown: str) -> None:
    assert solar(date(2024, 3, 20), language) == shown


@given(COVERED)
def test_solar_dates_are_those_that_follow_from_the_equinox(day: date) -> None:
    """Which convertdate calculates, by Meeus's formulas for the meridian of 52.5° east."""
    year, month, number_ = persian.from_gregorian(day.year, day.month, day.day)
    assert solar(day) == f"{number_} {calendars._names()['en']['solar-hijri'][month - 1]} {year}"  # noqa: SLF001


# --- lunar Hijri --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2024, 3, 11), "1 Ramadan 1445"),
        (date(2024, 4, 10), "1 Shawwal 1445"),
        (date(2024, 7, 7), "1 Muharram 1446"),
        (date(2025, 3, 1), "1 Ramadan 1446"),
    ],
)
def test_without_announced_months_the_date_is_umm_al_quras_and_marked(day: date, shown: str) -> None:
    assert lunar(day) == (shown, CALCULATED)


@given(COVERED)
def test_calculated_dates_are_within_two_days_of_the_tabular_calendar(day: date) -> None:
    year, month, number_ = read_lunar(day, PK)
    assert abs(islamic.to_jd(year, month, number_) - islamic.to_jd(*islamic.from_gregorian(*day.timetuple()[:3]))) <= 2


@pytest.mark.parametrize(
    ("day", "announced", "calculated"),
    [
        (date(2026, 9, 13), "1 Rabiʻ II 1448", "2 Rabiʻ II 1448"),
        (date(2026, 10, 12), "30 Rabiʻ II 1448", "1 Jumada I 1448"),
        (date(2026, 11, 12), "1 Jumada II 1448", "2 Jumada II 1448"),
        (date(2026, 12, 10), "29 Jumada II 1448", "1 Rajab 1448"),
    ],
)
def test_what_the_partys_authority_announced_counts_before_any_calculation(
    day: date, announced: str, calculated: str
) -> None:
    assert lunar(day, ANNOUNCED) == (announced, "")
    assert lunar(day) == (calculated, CALCULATED)


@pytest.mark.parametrize("day", [date(2026, 9, 12), date(2026, 12, 11)], ids=["the day before", "a thirtieth day"])
def test_what_was_not_announced_is_marked(day: date) -> None:
    assert lunar(day, ANNOUNCED)[1] == CALCULATED


@st.composite
def tables(draw: st.DrawFn) -> tuple[MonthStart, ...]:
    """Some months as an authority might announce them, up to two days from Umm al-Qura."""
    begins = Hijri(1440, 1, 1).to_gregorian() + timedelta(draw(st.integers(-2, 2)))
    lengths = draw(st.lists(st.sampled_from([29, 30]), max_size=5))
    starts = [date(begins.year, begins.month, begins.day)]
    for days in lengths:
        starts.append(starts[-1] + timedelta(days))
    return tuple(MonthStart(1440, month, start) for month, start in enumerate(starts, 1))


@given(tables(), st.integers(-3, 70))
def test_no_date_comes_twice_or_is_left_out_where_announcements_begin_and_end(
    starts: tuple[MonthStart, ...], after: int
) -> None:
    lexicon = msgspec.structs.replace(PK, month_starts=starts)
    for day in (
        starts[0].begins - timedelta(1),
        starts[-1].begins + timedelta(28),
        starts[-1].begins + timedelta(after),
    ):
        year, month, number_ = read_lunar(day, lexicon)
        follows = [(year, month, number_ + 1)]
        if number_ >= 29:
            follows.append((year + month // 12, month % 12 + 1, 1))
        assert number_ <= 30
        assert read_lunar(day + timedelta(1), lexicon) in follows


@pytest.mark.parametrize("day", [date.min, date(1924, 7, 31), date(2077, 11, 17), date.max])
def test_days_whose_hijri_months_nobody_published_have_gregorian_dates_alone(day: date) -> None:
    assert [each.calendar for each in dates(day, PK, "en")] == ["gregorian"]


def test_months_announced_for_years_that_umm_al_qura_lacks_are_shown_and_nothing_is_counted_from_them() -> None:
    far = msgspec.structs.replace(PK, month_starts=(MonthStart(1550, 1, date(2126, 2, 23)),))
    assert lunar(date(2126, 2, 24), far) == ("2 Muharram 1550", "")
    assert [each.calendar for each in dates(date(2126, 2, 22), far, "en")] == ["gregorian"]
    assert [each.calendar for each in dates(date(2026, 2, 22), far, "en")] == ["gregorian", "solar-hijri"]


def test_a_party_sees_the_calendars_that_it_listed_and_always_the_gregorian() -> None:
    lexicon = msgspec.structs.replace(PK, calendars=("solar-hijri",))
    assert [each.calendar for each in dates(date(2026, 11, 24), lexicon, "en")] == ["gregorian", "solar-hijri"]
    assert [each.text for each in dates(date(2026, 11, 24), None, "en")] == ["24 November 2026"]


# --- clocks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "own", "other", "days"),
    [
        ("18:59", "23:59", "23:29", ""),
        ("19:00", "00:00", "23:30", "-1 day"),
        ("19:29", "00:29", "23:59", "-1 day"),
        ("19:30", "00:30", "00:00", ""),
    ],
)
def test_two_sides_half_an_hour_apart_have_two_dates_for_half_an_hour(
    moment: str, own: str, other: str, days: str
) -> None:
    shown = show(datetime.fromisoformat(f"2026-11-24T{moment}:00+00:00"), PK, "en", NOW, ["af"])
    assert (shown.own.time, shown.own.offset, shown.own.days) == (own, "UTC+05:00", "")
    there = shown.others["af"]
    assert (there.time, there.offset, there.days) == (other, "UTC+04:30", days)


def test_the_other_side_may_be_a_day_ahead_or_two() -> None:
    far = msgspec.structs.replace(PK, zones={"af": "Pacific/Kiritimati", "pk": "Etc/GMT+12"})
    moment = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
    assert show(moment, far, "en", NOW, ["af"]).others["af"].days == "+2 days"
    assert show(moment - timedelta(hours=2), far, "en", NOW, ["af"]).others["af"].days == "+1 day"


def test_the_day_shown_is_that_of_ones_own_clock() -> None:
    shown = show(datetime(2026, 11, 24, 19, 5, tzinfo=UTC), PK, "en", NOW, ["af"])
    assert (shown.at, shown.weekday, shown.dates[0].text) == ("2026-11-24T19:05:00Z", "Wednesday", "25 November 2026")


@given(st.datetimes(datetime(2010, 1, 1), datetime(2070, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_neither_side_changes_its_clock_in_summer(moment: datetime) -> None:
    shown = show(moment, PK, "en", NOW, ["af"])
    assert (shown.own.offset, shown.others["af"].offset) == ("UTC+05:00", "UTC+04:30")


def test_clocks_stand_in_the_order_asked_for_and_who_has_no_zone_has_none() -> None:
    assert list(show(NOW, PK, "en", NOW, ["obs", "in", "af"]).others) == ["obs", "af"]


def test_a_zone_that_this_machine_lacks_is_shown_in_utc_and_marked() -> None:
    strange = msgspec.structs.replace(PK, zones={"af": "Asia/Kabul", "pk": "Asia/Nowhere"})
    shown = show(NOW, strange, "en", NOW, ["af"])
    assert (shown.own.zone, shown.own.time, shown.own.offset) == ("UTC", "12:00", "UTC")
    assert (shown.own.mark, shown.others["af"].mark) == (ZONE_UNKNOWN, "")


@pytest.mark.parametrize("lexicon", [None, msgspec.structs.replace(PK, zones={})], ids=["no lexicon", "no zones"])
def test_without_a_zone_of_its_own_a_party_sees_utc_unmarked(lexicon: Lexicon | None) -> None:
    shown = show(NOW, lexicon, "en", NOW, ["af"])
    assert (shown.own.time, shown.own.offset, shown.own.mark, shown.others) == ("12:00", "UTC", "", {})


@pytest.mark.parametrize("name", ["America", "../etc/passwd", "Asia", "Asia/Nowhere", "right/UTC"])
def test_what_is_no_zone_opens_nothing(name: str) -> None:
    assert zone(name) is None


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC, microsecond=0)])
def test_a_moment_at_the_end_of_time_is_shown_all_the_same(moment: datetime) -> None:
    """A hostile record may say any time."""
    west = msgspec.structs.replace(PK, zones={"pk": "America/Lima"})
    for lexicon in (PK, west):
        assert show(moment, lexicon, "ps", NOW).own.zone == "UTC"


@pytest.mark.parametrize(
    ("moment", "near"),
    [
        ("2026-11-22T18:59", ""),
        ("2026-11-22T19:00", "yesterday"),
        ("2026-11-23T19:00", "today"),
        ("2026-11-24T18:59", "today"),
        ("2026-11-24T19:00", "tomorrow"),
        ("2026-11-25T19:00", ""),
    ],
)
def test_yesterday_today_and_tomorrow_change_at_ones_own_midnight(moment: str, near: str) -> None:
    assert show(datetime.fromisoformat(f"{moment}:00+00:00"), PK, "en", NOW).near == near


# --- languages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "1,234,567.5"), ("ur", "1,234,567.5"), ("ps", "۱٬۲۳۴٬۵۶۷٫۵"), ("fa-AF", "۱٬۲۳۴٬۵۶۷٫۵")],
)
def test_numbers_are_written_as_the_language_does(language: Language, shown: str) -> None:
    assert number(1234567.5, language) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        ({"seconds": 59}, "0 mins"),
        ({"minutes": 1, "seconds": 59}, "1 min"),
        ({"hours": 3, "minutes": 20}, "3 hrs 20 mins"),
        ({"hours": -3, "minutes": -20}, "3 hrs 20 mins"),
        ({"hours": 1}, "1 hr"),
        ({"days": 1, "hours": 23, "minutes": 59}, "1 day 23 hrs"),
        ({"days": 2, "minutes": 59}, "2 days"),
        ({"days": 1200}, "1,200 days"),
    ],
)
def test_a_length_of_time_has_its_two_largest_units(length: dict[str, int], shown: str) -> None:
    assert duration(timedelta(**length), "en") == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("ur", ["1 گھنٹہ، 20 منٹ", "3 گھنٹے"]),
        ("ps", ["۱ ساعت ۲۰ دقیقه", "۳ ساعت"]),
        ("fa-AF", ["۱ ساعت ۲۰ دقیقه", "۳ ساعت"]),
    ],
)
def test_lengths_of_time_in_each_language(language: Language, shown: list[str]) -> None:
    assert [duration(timedelta(hours=1, minutes=20), language), duration(timedelta(hours=3), language)] == shown


@pytest.mark.parametrize("language", LANGUAGES[1:])
@given(st.datetimes(datetime(1925, 1, 1), datetime(2077, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_no_latin_letter_and_no_foreign_digit_stands_in_a_text(language: Language, moment: datetime) -> None:
    shown = show(moment, PK, language, moment, ["af", "obs"])
    clocks = [shown.own, *shown.others.values()]
    texts = [shown.weekday, shown.near, duration(moment - NOW, language), *(each.text for each in shown.dates)]
    foreign = r"[A-Za-z۰-۹٠-٩]" if language == "ur" else r"[A-Za-z0-9٠-٩]"
    assert re.findall(foreign, " ".join([*texts, *(each.time + each.days for each in clocks)])) == []


def test_digits_alone_change() -> None:
    assert numerals("4.2.a of 19", "ps") == "۴.۲.a of ۱۹"


def test_a_zone_is_known_by_its_city_in_each_language() -> None:
    assert [calendars.city("Asia/Karachi", each) for each in ("en", "ur", "ps", "fa-AF")] == [
        "Karachi",
        "کراچی",
        "کراچي",
        "کراچی",
    ]
    assert calendars.city("UTC", "ur") == "UTC"
