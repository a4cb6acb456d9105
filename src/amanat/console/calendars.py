"""How moments, days and lengths of time are shown: in a party's zones and calendars, by the officer's language.

Law: `now`, lexicon and language are given, and text in that language comes back. What only the page can say in its own
words comes back as an English message (`CALCULATED`, `ZONE_UNKNOWN`), for the page to translate. Hijri days are those
of civil use, from midnight to midnight.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal

from babel import Locale
from babel.dates import format_date, format_skeleton, get_date_format, get_day_names, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal, get_minus_sign_symbol, get_plus_sign_symbol
from babel.units import format_unit
from hijridate import Gregorian, Hijri
from hijridate.ummalqura import GREGORIAN_RANGE, HIJRI_RANGE
from persiantools.jdatetime import JalaliDate

from amanat.console.languages import N_
from amanat.exchange.lexica import zone
from amanat.party.lexicon import Calendar, Language, Lexicon, MonthStart
from amanat.party.types import PartyCode

_KEPT: Final = 4096
"""So many days and lengths of time are written once: a page has a hundred of them, and the next one the same."""
CALCULATED: Final = N_("calculated")
ZONE_UNKNOWN: Final = "in UTC: this machine does not know the zone"

# English as the region writes it, the day before the month.
_LOCALES: Final[Mapping[Language, str]] = MappingProxyType({"en": "en_GB", "fa-AF": "fa_AF", "ps": "ps", "ur": "ur"})
_DIGITS: Final = MappingProxyType({"arabext": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"), "latn": {}})
_UNITS: Final = ("duration-day", "duration-hour", "duration-minute")
# CLDR's short Pashto hour is a Latin letter; its narrow one is the word.
_NARROW: Final = frozenset((("ps", "duration-hour"),))

# Outside these days, in which Umm al-Qura's months are published, no Hijri date is shown.
_FIRST, _LAST = (date(*each).toordinal() for each in GREGORIAN_RANGE)
_FIRST_YEAR, _LAST_YEAR = (year for year, _, _ in HIJRI_RANGE)
_SHORTEST_MONTH: Final = 29

Hijric = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Clock:
    """A moment on one side's clock.

    `days` says by how many its date is after or before our own ("+1 day"), and is empty where it is the same. `offset`
    is a code that keeps Latin digits ("UTC+04:30"). `mark` is empty, or a message.
    """

    zone: str
    time: str
    second: str
    offset: str
    days: str
    mark: str


@dataclass(frozen=True, slots=True)
class Dated:
    """A day in one calendar, without the calendar's name; `mark` is empty, or a message."""

    calendar: Calendar
    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A moment as it is shown: `at` for machines (RFC 3339), the clocks of both sides and UTC, and the day on our own.

    `near` says yesterday, today or tomorrow, and is empty on other days.
    """

    at: str
    own: Clock
    others: Mapping[PartyCode, Clock]
    utc: Clock
    weekday: str
    near: str
    dates: tuple[Dated, ...]


def show(
    moment: datetime, lexicon: Lexicon | None, language: Language, now: datetime, others: Iterable[PartyCode] = ()
) -> Shown:
    """Return how a moment (UTC) is shown to an officer of the lexicon's party.

    `others` are the parties whose clocks are shown beside, in that order; those the lexicon gives no zone are left out.
    Where there is no lexicon, or no zone in it for its own party, the own clock is UTC's.
    """
    zones = lexicon.zones if lexicon else {}
    name = zones.get(lexicon.party, "UTC") if lexicon else "UTC"
    local = _on_clock(moment, name)
    return Shown(
        at=moment.isoformat().replace("+00:00", "Z"),
        own=_clock(moment, name, local.date(), language),
        others={each: _clock(moment, zones[each], local.date(), language) for each in others if each in zones},
        utc=_clock(moment, "UTC", local.date(), language),
        weekday=get_day_names("wide", locale=_locale(language))[local.weekday()],
        near=_near((local.date() - _on_clock(now, name).date()).days, language),
        dates=dates(local.date(), lexicon, language),
    )


def dates(day: date, lexicon: Lexicon | None, language: Language) -> tuple[Dated, ...]:
    """Return a day in the Gregorian calendar and in each other that the lexicon lists."""
    gregorian = Dated("gregorian", _gregorian(day, language), "")
    if lexicon is None:
        return (gregorian,)
    hijri = (_hijri(each, day, lexicon, language) for each in lexicon.calendars if each != "gregorian")
    return (gregorian, *(each for each in hijri if each))


@lru_cache(maxsize=_KEPT)
def _gregorian(day: date, language: Language) -> str:
    return numerals(format_date(day, "long", _locale(language)), language)


def month(first: date, language: Language) -> str:
    """Return a month of the Gregorian calendar, by any day of it: "November 2026"."""
    return numerals(format_skeleton("yMMMM", first, locale=_locale(language)), language)


@cache
def city(name: str, language: Language) -> str:
    """Return what a zone of the IANA database is known by, the city in its name: "Karachi"; "UTC" is that."""
    return name if name == "UTC" else get_timezone_location(name, _locale(language), return_city=True)


def duration(length: timedelta, language: Language) -> str:
    """Return a length of time in its two largest units down to minutes, rounded down: "3 hrs 20 mins".

    Whether it has passed or is to come, the page says.
    """
    return _in_units(abs(length) // timedelta(minutes=1), language)


@lru_cache(maxsize=_KEPT)
def _in_units(minutes: int, language: Language) -> str:
    counts = (minutes // (24 * 60), minutes // 60 % 24, minutes % 60)
    first = next((place for place, count in enumerate(counts) if count), len(counts) - 1)
    shown = [(count, unit) for count, unit in zip(counts, _UNITS, strict=True)][first : first + 2]
    said = [_unit(count, unit, language) for count, unit in shown if count or len(shown) == 1]
    return format_list(said, style="unit-narrow", locale=_locale(language))


@dataclass(frozen=True, slots=True)
class Lengths:
    """How lengths of time are written: each unit for none, for one and for more, with "#" for the number.

    `joined` has "0" and "1" where the larger and the smaller of two units stand; `digits` are those of the language.
    """

    day: tuple[str, ...]
    hour: tuple[str, ...]
    minute: tuple[str, ...]
    joined: str
    digits: str


@cache
def lengths(language: Language) -> Lengths:
    """Return what a script needs to write lengths of time as `duration` does."""
    day, hour, minute = (
        tuple(_unit(count, unit, language).replace(numerals(str(count), language), "#") for count in (0, 1, 2))
        for unit in _UNITS
    )
    joined = format_list(["0", "1"], style="unit-narrow", locale=_locale(language))
    return Lengths(day, hour, minute, joined, numerals("0123456789", language))


def number(value: float, language: Language) -> str:
    """Return a number as the language writes it."""
    return numerals(format_decimal(value, locale=_locale(language), numbering_system="default"), language)


def numerals(text: str, language: Language) -> str:
    """Return a text with the digits of the language: extended Arabic-Indic in Pashto and Dari, Latin in the others."""
    return text.translate(_DIGITS[_locale(language).default_numbering_system])


def _on_clock(moment: datetime, name: str) -> datetime:
    """Return the moment in a zone, or in UTC where the zone is unknown or would lead out of the years there are."""
    edge = moment.year in {MINYEAR, MAXYEAR}
    return moment.astimezone(UTC if edge else zone(name) or UTC)


def _clock(moment: datetime, name: str, own: date, language: Language) -> Clock:
    local = _on_clock(moment, name)
    return Clock(
        zone=getattr(local.tzinfo, "key", "UTC"),
        time=numerals(f"{local:%H:%M}", language),
        second=numerals(f"{local:%H:%M:%S}", language),
        offset=_offset(local),
        days=_days_apart((local.date() - own).days, language),
        mark="" if zone(name) else ZONE_UNKNOWN,
    )


def _offset(local: datetime) -> str:
    minutes = (local.utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, left = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{left:02}" if minutes else "UTC"


def _days_apart(days: int, language: Language) -> str:
    if not days:
        return ""
    sign = get_plus_sign_symbol if days > 0 else get_minus_sign_symbol
    return sign(_locale(language), numbering_system="default") + _unit(abs(days), "duration-day", language)


def _near(days: int, language: Language) -> str:
    return _names()[language]["days"][days + 1] if abs(days) <= 1 else ""


def _hijri(calendar: Calendar, day: date, lexicon: Lexicon, language: Language) -> Dated | None:
    """Return the day in a Hijri calendar, or None where that is not known."""
    mark = ""
    if calendar == "solar-hijri":
        found = _solar(day)
    elif (found := _announced(day, lexicon.month_starts)) is None:
        found, mark = _calculated(day, lexicon.month_starts), CALCULATED
    return None if found is None else Dated(calendar, _composed(found, calendar, language), mark)


def _composed(day: Hijric, calendar: Calendar, language: Language) -> str:
    """Write a date in the order that the language has for Gregorian ones."""
    year, month, number_ = day
    parts = {"y": year, "MMMM": _names()[language][calendar][month - 1], "d": number_}
    return numerals(str(get_date_format("long", _locale(language)).format) % parts, language)


def _solar(day: date) -> Hijric | None:
    if not _FIRST <= day.toordinal() <= _LAST:
        return None
    found = JalaliDate.to_jalali(day)  # type: ignore[no-untyped-call]  # its methods carry no types
    return found.year, found.month, found.day


def _announced(day: date, starts: tuple[MonthStart, ...]) -> Hijric | None:
    """Return the lunar date by the party's table; of its last month only the days that every month has."""
    place = bisect_right(starts, day, key=lambda each: each.begins)
    if not place:
        return None
    start = starts[place - 1]
    passed = (day - start.begins).days
    return (start.year, start.month, passed + 1) if place < len(starts) or passed < _SHORTEST_MONTH else None


def _calculated(day: date, starts: tuple[MonthStart, ...]) -> Hijric | None:
    """Return the lunar date by the months of Umm al-Qura, counted from the nearest month that was announced.

    So that no date comes twice or is left out where announcements begin and end.
    """
    ordinal = day.toordinal()
    if starts:
        nearest = starts[0] if day < starts[0].begins else starts[-1]
        if not _FIRST_YEAR <= nearest.year <= _LAST_YEAR:
            return None
        ordinal -= (nearest.begins - Hijri(nearest.year, nearest.month, 1).to_gregorian()).days
    if not _FIRST <= ordinal <= _LAST:
        return None
    found = Gregorian.fromordinal(ordinal).to_hijri()
    return found.year, found.month, found.day


@lru_cache(maxsize=4096)
def _unit(count: int, unit: str, language: Language) -> str:
    length: Literal["narrow", "short"] = "narrow" if (language, unit) in _NARROW else "short"
    said = format_unit(count, unit, length, locale=_locale(language), numbering_system="default")
    return numerals(said, language)


@cache
def _locale(language: Language) -> Locale:
    return Locale.parse(_LOCALES[language])


@cache
def _names() -> Mapping[Language, Mapping[str, list[str]]]:
    names: Mapping[Language, Mapping[str, list[str]]] = json.loads(
        files("amanat.console.cldr").joinpath("names.json").read_text("utf-8")
    )
    return names
