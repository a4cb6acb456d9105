"""Moments, days and lengths of time as pages write them: in the party's zones and calendars, in two languages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from markupsafe import Markup, escape

from amanat.console import calendars
from amanat.console.beside import Both, as_code
from amanat.console.languages import SPOKEN, catalogue
from amanat.party.lexicon import Language, Lexicon

_TIME = Markup('<time datetime="{}" title="{}" dir="{}" data-zone="{}"{}>{} {}</time>')
_SAME = Markup('<span class="near"><bdi>{}</bdi>{}</span>')
_FULL = Markup(' data-day="{}"')
_NEAR = Markup('<span class="near">{}</span>')
_QUIET = Markup(' <span class="quiet">{}</span>')
_OTHER = Markup(' <span class="quiet other">{} <bdi dir="{}">{}</bdi></span>')
_UTC = Markup(' <small class="quiet other">{}{}</small>')
_DAYS = Markup(' <bdi dir="{}">{}</bdi>')
_EXACT = Markup('<time datetime="{}" dir="{}">{} {} {}</time>')
_LENGTH = Markup('<bdi data-moment="{}">{}</bdi>')
_DATE = Markup("<bdi>{}</bdi>")


@dataclass(frozen=True, slots=True)
class Moments:
    """How a page writes moments: when it is made, for whom, and whose clocks it shows beside the own.

    `near` lets it say yesterday, today and tomorrow; what is read on any day, such as a sheet of paper, knows none.
    """

    now: datetime
    lexicon: Lexicon | None
    language: Language
    others: tuple[str, ...]
    near: bool = True

    def clocks(self) -> calendars.Shown:
        """Return what time it is on all clocks."""
        return calendars.show(self.now, self.lexicon, self.language, self.now, self.others)

    def city(self) -> Both:
        """Return the city by whose clock times are typed and shown, for what says so; "UTC" where there is none."""
        zone = self.clocks().own.zone
        return self._in_both(lambda language: _DATE.format(calendars.city(zone, language)))

    def moment(self, at: datetime | str, *, both: bool = False, full: bool = False, utc: bool = False) -> Both:
        """Return a moment on our own clock; on the others' beside it when `both`, in all our calendars when `full`.

        With `utc` it is told in UTC too ("10:00Z"): the one clock that all sides read alike.
        """
        return self._in_both(partial(_moment, self, _read(at), both=both, full=full, utc=utc))

    def exact(self, at: datetime | str) -> Both:
        """Return a moment to the second on our own clock, with its day and how far its zone is from UTC."""
        return self._in_both(partial(_exact, self, _read(at)))

    def length(self, at: datetime | str) -> Both:
        """Return how long ago a moment is, or how soon it will be; a script lets it go on (clocks.ts)."""
        moment = _read(at)
        length = self.now - moment
        return self._in_both(lambda language: _LENGTH.format(moment.isoformat(), _lasting(length, language)))

    def lasting(self, length: timedelta) -> Both:
        """Return a length of time."""
        return self._in_both(partial(_lasting, length))

    def day(self, day: str, *, full: bool = False) -> Both:
        """Return a day ("2026-01-31") in the Gregorian calendar, or in all our calendars when `full`."""
        return self._in_both(partial(_day, self, date.fromisoformat(day), full=full))

    def month(self, month: str) -> Both:
        """Return a month ("2026-01") of the Gregorian calendar."""
        first = date.fromisoformat(f"{month}-01")
        return self._in_both(lambda language: escape(calendars.month(first, language)))

    def today(self) -> Both:
        """Return the day that it is on our own clock, in all our calendars."""
        return self._in_both(partial(_today, self))

    def _in_both(self, written: Callable[[Language], Markup]) -> Both:
        own = written(self.language)
        return Both(own, own if self.language == "en" else written("en"), reviewed=True)


def _lasting(length: timedelta, language: Language) -> Markup:
    return escape(calendars.duration(length, language))


def _read(at: datetime | str) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def _moment(page: Moments, at: datetime, language: Language, *, both: bool, full: bool, utc: bool) -> Markup:
    on = calendars.show(at, page.lexicon, language, page.now, page.others if both else ())
    direction = SPOKEN[language].direction
    near = page.near and on.near
    days = ", ".join((on.weekday, *(_marked(each, language) for each in on.dates)))
    day = on.dates[0].text
    called, for_paper = (_NEAR.format(near), _FULL.format(day)) if near else (day, "")
    shown = _TIME.format(on.at, days, direction, on.own.offset, for_paper, called, on.own.time)
    beside = [_SAME.format(day, " · " if on.dates[1:] else "")] if near else []
    beside += [_dates(on.dates[1:], language)] if on.dates[1:] else []
    if full and beside:
        shown += _QUIET.format(Markup().join(beside))
    for party, clock in on.others.items():
        if utc and clock.zone == "UTC":
            continue
        shown += _OTHER.format(as_code(party), direction, f"{clock.time} {clock.days}".rstrip())
    if utc and on.own.zone != "UTC":
        another_day = _DAYS.format(direction, on.utc.days) if on.utc.days else ""
        shown += _UTC.format(as_code(f"{at.astimezone(UTC):%H:%M}Z"), another_day)
    return shown


def _exact(page: Moments, at: datetime, language: Language) -> Markup:
    on = calendars.show(at, page.lexicon, language, page.now)
    return _EXACT.format(on.at, SPOKEN[language].direction, on.dates[0].text, on.own.second, as_code(on.own.offset))


def _day(page: Moments, day: date, language: Language, *, full: bool) -> Markup:
    dates = calendars.dates(day, page.lexicon, language)
    return _dates(dates, language) if full else escape(dates[0].text)


def _today(page: Moments, language: Language) -> Markup:
    return _dates(calendars.show(page.now, page.lexicon, language, page.now).dates, language)


def _dates(dates: tuple[calendars.Dated, ...], language: Language) -> Markup:
    """Return a day in several calendars, one beside the other."""
    return Markup(" · ").join(_DATE.format(_marked(each, language)) for each in dates)


def _marked(day: calendars.Dated, language: Language) -> str:
    return f"{day.text} ({catalogue(language).said(day.mark)})" if day.mark else day.text
