"""The calendar of what both sides told of: a month day by day, a year month by month, and the same as iCalendar.

Law: days are those of the own zone. What was changed stands once, as it was told of last; what was called off or
withdrawn is said to be so.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final

import msgspec
from sqlalchemy import func, select

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.workspace import File, Page
from amanat.workspaces.liaison import icalendar, views
from amanat.workspaces.liaison.icalendar import Event
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import rules, stories
from amanat.workspaces.liaison.notices.kinds import type_of
from amanat.workspaces.liaison.notices.pages import listed
from amanat.workspaces.liaison.notices.pages.listed import Listed
from amanat.workspaces.liaison.notices.rules import Given, Story
from amanat.workspaces.liaison.notices.tables import NOTICE

MOST: Final = 1_000
"""Notices of a month, a year or a feed, the first of them: a page says how many more there are."""
BACK, AHEAD = timedelta(days=31), timedelta(days=400)
"""What of the past and of what is to come stands in the feed."""
LONGEST_CHAIN: Final = 64
"""Changes of one notice that are counted."""
EARLIEST, LATEST = 2000, 2100

CANCELLED: Final = frozenset(("called-off", "withdrawn"))


class Query(msgspec.Struct, frozen=True):
    """Which month ("2026-12") or year ("2026"); "" is this month."""

    of: Annotated[str, msgspec.Meta(max_length=7)] = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A day, and what is at work on it: `begins` are the notices that begin on it."""

    day: str
    at_work: tuple[Listed, ...]
    begins: frozenset[Named]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a year: how many of each type begin in it, by whose they are."""

    of: str
    first: str
    counts: Mapping[tuple[str, str], int]


def context(turn: Turn, _actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a month or a year. Raises `Invalid` for what is neither."""
    zone = own_zone(turn)
    of = query.of or f"{turn.now.astimezone(zone):%Y-%m}"
    year, month = _read(of)
    first = date(year, month or 1, 1)
    after = date(year + 1, 1, 1) if month is None else _next(first)
    begin, end = (datetime.combine(each, time(), zone) for each in (first, after))
    found, more = _between(turn, begin, end)
    shown = [listed.of(turn, each) for each in found if rules.changed_by(each) is None]
    before = date(year - 1, 1, 1) if month is None else (first - timedelta(days=1)).replace(day=1)
    spell = "%Y" if month is None else "%Y-%m"
    return {
        "of": of,
        "year": str(year),
        "first": first.isoformat(),
        "before": f"{before:{spell}}" if before.year >= EARLIEST else "",
        "after": f"{after:{spell}}" if after.year <= LATEST else "",
        "days": _days(shown, first, after, zone) if month else (),
        "months": () if month else _months(shown, year, zone),
        "sides": sorted({each.story.author for each in shown}, key=lambda each: (each != turn.means.party, each)),
        "count": len(shown),
        "more": more,
        "own": turn.means.party,
    }


def feed(turn: Turn, _actor: Actor, _query: object) -> bytes:
    """Return what was told of lately and of what is to come, as iCalendar."""
    found, _ = _between(turn, turn.now - BACK, turn.now + AHEAD)
    newest = [each for each in found if rules.changed_by(each) is None]
    chains = _chains(turn, newest)
    events = [_event(turn, each, chains[each.given.key]) for each in newest]
    return icalendar.written("Amanat: notices", events)


def _between(turn: Turn, begin: datetime, end: datetime) -> tuple[list[Story], int]:
    """Return the notices at work in a stretch of time, what begins first first, and how many more there are.

    Of each party as many: none tells of so much that nothing is left of another's.
    """
    it = NOTICE.c
    during = (it.until > views.spell(begin), it.since < views.spell(end))
    number = func.row_number().over(partition_by=it.party, order_by=(it.since, it.id)).label("number")
    first = select(NOTICE, number).where(*during).subquery()
    its = select(first).where(first.c.number <= MOST).order_by(first.c.since, first.c.party, first.c.id)
    rows = list(turn.tx.execute(its))
    count = len(rows)
    if count >= MOST:
        count = int(turn.tx.execute(select(func.count()).select_from(NOTICE).where(*during)).scalar_one())
    return stories.of(turn, rows), count - len(rows)


def _days(shown: Sequence[Listed], first: date, after: date, zone: Any) -> tuple[Day, ...]:  # noqa: ANN401 - a zone
    found = list[Day]()
    for number in range((after - first).days):
        day = first + timedelta(days=number)
        begin = datetime.combine(day, time(), zone)
        end = datetime.combine(day + timedelta(days=1), time(), zone)
        windows = ((each, each.story.given.body.window) for each in shown)
        at_work = [(each, window) for each, window in windows if window.since < end and window.until > begin]
        begins = frozenset(each.story.given.key for each, window in at_work if window.since >= begin)
        found.append(Day(day.isoformat(), tuple(each for each, _ in at_work), begins))
    return tuple(found)


def _months(shown: Sequence[Listed], year: int, zone: Any) -> tuple[Month, ...]:  # noqa: ANN401 - as above
    months = list[Month]()
    for number in range(1, 13):
        those = [each.story for each in shown if _begins_in(each, year, number, zone)]
        counts = Counter((type_of(each.given.body), each.author) for each in those)
        months.append(Month(f"{year}-{number:02}", f"{year}-{number:02}-01", dict(sorted(counts.items()))))
    return tuple(months)


def _begins_in(each: Listed, year: int, month: int, zone: Any) -> bool:  # noqa: ANN401 - as above
    since = each.story.given.body.window.since.astimezone(zone)
    return (since.year, since.month) == (year, month)


def _read(of: str) -> tuple[int, int | None]:
    """Return a year, and a month of it where one is named. Raises `Invalid`."""
    for spelling, has_month in (("%Y-%m", True), ("%Y", False)):
        try:
            read = datetime.strptime(of, spelling).replace(tzinfo=UTC)
        except ValueError:
            continue
        if EARLIEST <= read.year <= LATEST:
            return read.year, read.month if has_month else None
    raise Invalid("liaison.calendar", f"{of!r} is no month and no year.", "Write 2026-12, or 2026.")


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


# --- the feed ---------------------------------------------------------------------------------------------------------


def _chains(turn: Turn, newest: Sequence[Story]) -> Mapping[Named, tuple[Named, int]]:
    """Return of each notice the first of those that it took the place of, and how many those are.

    It took the place of one only where it is what that was changed by: else two would be one event of one name.
    """
    found = {each.given.key: (each.given.key, 0) for each in newest}
    heads = {each.given.key: each.given for each in newest}
    for _ in range(LONGEST_CHAIN):
        before = _changed(turn, heads.values())
        heads = {key: before[head.key] for key, head in heads.items() if head.key in before}
        found |= {key: (head.key, found[key][1] + 1) for key, head in heads.items()}
        if not heads:
            break
    return found


def _changed(turn: Turn, later: Collection[Given]) -> Mapping[Named, Given]:
    """Return which notice each of these took the place of, of those that did of one."""
    keys = {(each.body.changes.party, each.body.changes.id) for each in later if each.body.changes is not None}
    changed = ((story.given, rules.changed_by(story)) for story in stories.of(turn, stories.rows_of(turn, keys)))
    return {by.key: given for given, by in changed if by is not None}


def _event(turn: Turn, story: Story, chain: tuple[Named, int]) -> Event:
    given, (first, changes) = story.given, chain
    state = rules.state(story, turn.now)
    ended = rules.ended(story)
    type_ = type_of(given.body)
    return Event(
        uid=f"{first.party}:{first.id}@amanat",
        sequence=changes + (state in CANCELLED),
        stamp=ended.at if ended else given.at,
        begins=given.body.window.since,
        ends=given.body.window.until,
        summary=f"{'EXERCISE: ' if given.exercise else ''}{given.key.party}: {type_}",
        status="CANCELLED" if state in CANCELLED else "CONFIRMED",
        categories=(type_, given.key.party),
        description="Acknowledged is not approved.",
    )


PAGE: Final = Page("calendar", "record.read", context, query=Query)
FILE: Final = File("calendar.ics", "record.read", "text/calendar", feed)
