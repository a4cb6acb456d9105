"""The daily logs of a hotline: its days with who signed each, and a day as a log that one can print.

Law: a signature is shown beside what is here now, and says so where more came since. Free words stand in their records
alone, where each look is noted. Desks that come and go drown nothing: what a node told of them in a row is one line.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Annotated, Any, Final, Literal

import msgspec
from sqlalchemy import Row

from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid
from amanat.workspace import Page
from amanat.workspaces.liaison import calls, composing, days, phrasebook, quality, views
from amanat.workspaces.liaison.calls import Line
from amanat.workspaces.liaison.days import Content
from amanat.workspaces.liaison.pages import places_shown
from amanat.workspaces.liaison.pages import quality as of_line
from amanat.workspaces.liaison.quality import Period, Stretch

SHOWN: Final = 31
"""Days on a page."""
LINES: Final = 500
"""Lines of a day on a page."""
FOLDED: Final = 50
"""Signs of a desk, the first of them, that a line which stands for several opens to."""
EARLIEST: Final = date(2000, 1, 1)
"""Before which no day is shown: no compact is older."""


class Query(msgspec.Struct, frozen=True):
    """Which hotline; which day of it as a log, or until which day they are listed; "" is the first, none, today.

    `part` is which part of a long day, of `LINES` each, from 0.
    """

    hotline: str = ""
    day: str = ""
    until: str = ""
    part: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0


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


@dataclass(frozen=True, slots=True)
class Desks:
    """What a node told of its desk in a row, as one line: from when until when it was attended first, and how often.

    `until` is "" where it was attended on, `since` too where it was not at all.
    """

    at: str
    party: str
    post: str
    since: str
    until: str
    again: int
    told: tuple[Entry, ...]
    more: int
    what: str = "desks"


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
        return {**shown, **_one(turn, line, _within(days.read(query.day), turn), query.part)}
    return {**shown, **_listed(turn, line, _within(days.read(query.until), turn) if query.until else turn.now.date())}


def _listed(turn: Turn, line: Line, until: date) -> Mapping[str, Any]:
    """Return the days up to one, newest first, but for those before anything was rung or told."""
    begun = days.first(turn, line)
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


def _one(turn: Turn, line: Line, day: date, part: int) -> Mapping[str, Any]:
    (signed,) = _signed(turn, line, day, day)
    entries = sorted(_entries(turn, line, day), key=_order)
    folded = list(_folded(entries))
    begin, end = part * LINES, (part + 1) * LINES
    return {
        "day": signed,
        "entries": [_with_body(each) for each in folded[begin:end]],
        "part": part,
        "parts": -(-len(folded) // LINES),
        "outages": list(_outages(turn, line, day)),
        "exercise": any(each.exercise for each in entries),
        "before": (day - timedelta(days=1)).isoformat(),
        "after": (day + timedelta(days=1)).isoformat() if signed.over else "",
        "entry_of": phrasebook.entry,
        "pieces": phrasebook.pieces,
        "plain_phrase": phrasebook.plain,
        "REVIEWED": phrasebook.REVIEWED,
        **places_shown.context(turn, line),
    }


def _outages(turn: Turn, line: Line, day: date) -> Iterator[Stretch]:
    """Yield what was in the way on a day, which is of no hotline alone and so stands beside its records."""
    begins = datetime.combine(day, time(), UTC)
    within = Period(begins, min(begins + timedelta(days=1), turn.now))
    for each in quality.quality(of_line.told(turn, line, within), within).stretches:
        if each.standing in ("link", "told-link", "node"):
            yield each


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
            exercise=row.exercise,
        )


def _with_body(one: Entry | Desks) -> Entry | Desks:
    """Return a line with what its record says, which only those have that are shown."""
    data = getattr(one.row, "body", "") if isinstance(one, Entry) else ""
    return replace(one, body=views.read_message(data)) if isinstance(one, Entry) and data else one


def _folded(entries: Iterable[Entry]) -> Iterator[Entry | Desks]:
    """Yield the lines of a day; what a node told of its desk several times, between other lines, as one."""
    for are_desks, run in groupby(entries, key=lambda each: each.what in ("attended", "unattended")):
        if not are_desks:
            yield from run
            continue
        by = defaultdict[str, list[Entry]](list)
        for each in run:
            by[each.party].append(each)
        yield from (told[0] if len(told) == 1 else _desks(told) for told in by.values())


def _desks(told: list[Entry]) -> Desks:
    """Return one line for what a node told of its desk in a row."""
    began = [number for number, each in enumerate(told) if each.what == "attended"]
    spells = [number for number in began if number == 0 or told[number - 1].what == "unattended"]
    first = spells[0] if spells else len(told)
    left = next((each.at for each in told[first:] if each.what == "unattended"), "")
    return Desks(
        at=told[0].at,
        party=told[0].party,
        post=told[0].post,
        since=told[first].at if spells else "",
        until=left,
        again=max(0, len(spells) - 1),
        told=tuple(told[:FOLDED]),
        more=max(0, len(told) - FOLDED),
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
    return (row.matter_party, row.matter_id) if table in ("said", "escalated") else None


PAGE: Final = Page("days", "record.read", context, query=Query)
