"""The daily logs of a hotline: its days with who signed each, and a day as a log that one can print.

Law: a signature is shown beside what is here now, and says so where more came since. Free words stand in their records
alone, where each look is noted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Row

from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid
from amanat.workspace import Page
from amanat.workspaces.liaison import calls, composing, days, phrasebook, views
from amanat.workspaces.liaison.calls import Line
from amanat.workspaces.liaison.days import Content
from amanat.workspaces.liaison.pages import places_shown

SHOWN: Final = 31
"""Days on a page."""
EARLIEST: Final = date(2000, 1, 1)
"""Before which no day is shown: no compact is older."""


class Query(msgspec.Struct, frozen=True):
    """Which hotline; which day of it as a log, or until which day they are listed; "" is the first, none, today."""

    hotline: str = ""
    day: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A party's signature under a day: whether it is of what is here now, and how many records came since."""

    at: str
    post: str
    records: int
    digest: str
    same: bool
    since: int


@dataclass(frozen=True, slots=True)
class SignedDay:
    """A day with what is here of it, and who signed it. `agree` is "" while one side alone did, or none."""

    day: str
    records: int
    digest: str
    over: bool
    ours: Signature | None
    theirs: Signature | None

    @property
    def agree(self) -> Literal["", "same", "differs"]:
        """Whether both sides signed that it has the same records."""
        if self.ours is None or self.theirs is None:
            return ""
        return "same" if self.ours.digest == self.theirs.digest else "differs"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log: when, who, what it was, with the call it belongs to, and what was said in it."""

    at: str
    party: str
    post: str
    what: str
    key: tuple[str, str]
    call: tuple[str, str] | None
    row: Row[Any]
    body: Any = None
    exercise: bool = False


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return the days of a hotline, or one of them as a log."""
    lines = calls.lines(turn)
    own_posts = {each.code for each in calls.at_post(turn, actor)}
    line = _line(turn, query.hotline, lines, own_posts)
    shown: dict[str, Any] = {
        "lines": lines,
        "line": line,
        "day": None,
        "listed": (),
        "older": "",
        "newer": "",
        "may_sign": False,
    }
    if line is None:
        return shown
    shown["may_sign"] = line.code in own_posts and may(actor, "record.send")
    if query.day:
        return {**shown, **_one(turn, line, _within(days.read(query.day), turn))}
    return {**shown, **_listed(turn, line, _within(days.read(query.until), turn) if query.until else turn.now.date())}


def _listed(turn: Turn, line: Line, until: date) -> Mapping[str, Any]:
    """Return the days up to one, newest first, but for those before anything was rung or told."""
    begun = days.first(turn, line.code)
    if begun is None:
        return {}
    first = max(begun, until - timedelta(days=SHOWN - 1))
    newer = min(until + timedelta(days=SHOWN), turn.now.date())
    return {
        "listed": tuple(reversed(list(_signed(turn, line, first, until)))),
        "older": (first - timedelta(days=1)).isoformat() if first > begun else "",
        "newer": newer.isoformat() if until < newer else "",
    }


def _line(turn: Turn, code: str, lines: tuple[Line, ...], own: set[str]) -> Line | None:
    """Return the hotline that is asked for, else the first at which the officer's post stands, else the first."""
    if code:
        return composing.require_line(turn, code)
    return next((each for each in lines if each.code in own), lines[0] if lines else None)


def _within(day: date, turn: Turn) -> date:
    """Return a day of which there can be a log. Raises `Invalid`."""
    if not EARLIEST <= day <= turn.now.date():
        raise Invalid("liaison.day-form", f"Of the day {day} there is no log.", "Choose one that has begun in UTC.")
    return day


def _signed(turn: Turn, line: Line, first: date, last: date) -> Iterator[SignedDay]:
    held = days.contents(turn, line.code, first, last)
    signed = days.signatures(turn, line.code, first, last)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        here, by = held.get(day, Content()), signed.get(day, {})
        ours, theirs = (_signature(by.get(each), here) for each in (turn.means.party, line.other))
        yield SignedDay(day.isoformat(), here.records, here.digest, day < turn.now.date(), ours, theirs)


def _signature(row: Row[Any] | None, here: Content) -> Signature | None:
    if row is None:
        return None
    return Signature(row.at, row.post, row.records, row.digest, row.digest == here.digest, here.records - row.records)


def _one(turn: Turn, line: Line, day: date) -> Mapping[str, Any]:
    (signed,) = _signed(turn, line, day, day)
    entries = sorted(_entries(turn, line, day), key=_order)
    return {
        "day": signed,
        "entries": entries,
        "exercise": any(each.exercise for each in entries),
        "before": (day - timedelta(days=1)).isoformat(),
        "after": (day + timedelta(days=1)).isoformat() if signed.over else "",
        "entry_of": phrasebook.entry,
        "pieces": phrasebook.pieces,
        "plain_phrase": phrasebook.plain,
        "REVIEWED": phrasebook.REVIEWED,
        **places_shown.context(turn, line),
    }


def _entries(turn: Turn, line: Line, day: date) -> Iterator[Entry]:
    for table, row in days.rows(turn, line.code, day, day):
        yield Entry(
            at=row.at,
            party=row.party,
            post=row.post,
            what=_what(table, row),
            key=(row.party, row.id),
            call=_call(table, row),
            row=row,
            body=views.read_message(row.body) if table in ("said", "voice") and row.body else None,
            exercise=row.exercise,
        )


def _order(one: Entry) -> tuple[str, bool, bool, int, str]:
    """Return what lines are sorted by: time, and within one second a call before what is said in it, answers last."""
    answers = getattr(one.row, "answers_party", None) is not None
    return one.at, one.what not in ("call", "test"), answers, getattr(one.row, "n", 0), one.key[1]


def _what(table: str, row: Row[Any]) -> str:
    """Return the code of what a line is."""
    if table == "call":
        return "test" if row.test else "call"
    if table == "desk":
        return "attended" if row.attended else "unattended"
    if table == "confirmed":
        return "agrees" if row.agrees else "denies"
    return str(row.type) if table == "said" else table


def _call(table: str, row: Row[Any]) -> tuple[str, str] | None:
    if table == "call":
        return row.party, row.id
    return (row.call_party, row.call_id) if table in ("said", "escalated") else None


PAGE: Final = Page("days", "record.read", context, query=Query)
