"""How good the hotlines were over a week or a month: the same figures as on the other side's page, with charts of them.

Law: `quality` decides the figures from what both sides hold; this page finds that, and lays it out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from sqlalchemy import ColumnElement, Subquery, func, or_, select

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspace import Page
from amanat.workspaces.liaison import calls, plotting, quality, views
from amanat.workspaces.liaison.calls import Line
from amanat.workspaces.liaison.quality import DAY, Down, Known, Period, Quality, Told

WEEK: Final = 7
MONTHS: Final = 13
"""So many months can be chosen: this one, and a year back."""


class Query(msgspec.Struct, frozen=True):
    """Which month ("2026-11"); "" is this day and the six before it."""

    month: Annotated[str, msgspec.Meta(pattern=r"^(2[0-9]{3}-(0[1-9]|1[0-2]))?$")] = ""


@dataclass(frozen=True, slots=True)
class OfDay:
    """A day's figures, with its bar."""

    day: str
    figures: Quality
    bar: tuple[plotting.Block, ...]


@dataclass(frozen=True, slots=True)
class OfLine:
    """A hotline's figures over the whole time and by day, with what stands on its charts.

    `flapped` is how many signs of a desk were too many in their hours to count, by party.
    """

    line: Line
    whole: Quality
    days: tuple[OfDay, ...]
    dots: tuple[plotting.Dot, ...]
    columns: tuple[plotting.Block, ...]
    flapped: Mapping[str, int]


def context(turn: Turn, _actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return the figures of each hotline."""
    first, count = _asked(query, turn.now)
    within = quality.period(first, count, turn.now)
    lines = calls.lines(turn)
    return {
        "query": query,
        "months": list(_months(turn.now)),
        "ends": (first.date().isoformat(), (first + (count - 1) * DAY).date().isoformat()),
        "of_lines": [of_line(turn, each, Period(first, first + count * DAY), within) for each in lines],
        "marks": [(plotting.height(each), each) for each in plotting.MARKS],
        "standings": quality.STANDINGS[:-1],
        "causes": quality.CAUSES,
    }


def _asked(query: Query, now: datetime) -> tuple[datetime, int]:
    """Return the first of the days that are asked for, and how many they are."""
    if not query.month:
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return today - (WEEK - 1) * DAY, WEEK
    first = datetime.strptime(query.month, "%Y-%m").replace(tzinfo=UTC)
    return first, (_next_month(first) - first).days


def _next_month(first: datetime) -> datetime:
    return (first + timedelta(days=31)).replace(day=1)


def _months(now: datetime) -> Iterator[str]:
    first = now.astimezone(UTC).replace(day=1)
    for _ in range(MONTHS):
        yield f"{first:%Y-%m}"
        first = (first - DAY).replace(day=1)


def of_line(turn: Turn, line: Line, shown: Period, within: Period) -> OfLine:
    """Return the figures of a hotline within a period, laid out on charts that show a whole one."""
    what = known(turn, line, within)
    whole = quality.quality(what, within)
    parts = [(each, quality.quality(what, each)) for each in quality.days(within)]
    places = max(1, round((shown.until - shown.since) / DAY))
    return OfLine(
        line=line,
        whole=whole,
        days=tuple(
            OfDay(
                each.since.date().isoformat(), of_day, tuple(plotting.bar(of_day, Period(each.since, each.since + DAY)))
            )
            for each, of_day in parts
        ),
        dots=tuple(plotting.dots(whole, shown)),
        columns=tuple(plotting.columns([of_day for _, of_day in parts], places)),
        flapped=_flapped(turn, line, within),
    )


def known(turn: Turn, line: Line, within: Period) -> Known:
    """Return what the records here say of a hotline in a period, and of its desks when it began."""
    rows = views.newest_call_rows(turn.tx, within.since, within.until, [line.code])
    return replace(told(turn, line, within), facts=tuple(calls.of(turn, rows)))


def told(turn: Turn, line: Line, within: Period) -> Known:
    """Return what nodes told of a hotline in a period by themselves: no call is read."""
    agreed = line.compact.terms.calling
    return Known(
        hotline=line.code,
        parties=tuple(sorted(line.terms.posts)),
        facts=(),
        desks=tuple(_desks(turn, line, within)),
        downs=tuple(_downs(turn, line, within)),
        test_within=timedelta(seconds=agreed.test_answer_seconds if agreed else 0),
    )


def _desks(turn: Turn, line: Line, within: Period) -> Iterator[Told]:
    """Yield what nodes told of their desks, for each beginning with what was last told before."""
    desk = views.DESK.c
    for party in sorted(line.terms.posts):
        its = select(views.DESK).where(desk.hotline == line.code, desk.party == party)
        before = its.where(desk.at < views.spell(within.since)).order_by(desk.at.desc(), desk.id.desc()).limit(1)
        during = _numbered(line, within)
        counts = select(during).where(during.c.party == party, _counts(during)).order_by(during.c.at, during.c.id)
        for row in (*turn.tx.execute(before), *turn.tx.execute(counts)):
            yield Told(row.party, datetime.fromisoformat(row.at), row.attended)


def _flapped(turn: Turn, line: Line, within: Period) -> Mapping[str, int]:
    """Return how many signs of each desk in a period do not count, of those that have such."""
    during = _numbered(line, within)
    beyond = select(during.c.party, func.count().label("signs")).where(~_counts(during)).group_by(during.c.party)
    return {row.party: row.signs for row in turn.tx.execute(beyond.order_by(during.c.party))}


def _numbered(line: Line, within: Period) -> Subquery:
    """Return the signs of both desks in a period, each with its place in its hour from the first and from the last."""
    desk = views.DESK.c
    hour = (desk.party, func.substr(desk.at, 1, len("2026-11-24T04")))
    first = func.row_number().over(partition_by=hour, order_by=(desk.at, desk.id))
    last = func.row_number().over(partition_by=hour, order_by=(desk.at.desc(), desk.id.desc()))
    its = (desk.hotline == line.code, desk.party.in_(sorted(line.terms.posts)))
    during = (desk.at >= views.spell(within.since), desk.at < views.spell(within.until))
    columns = (desk.party, desk.id, desk.at, desk.attended, first.label("first"), last.label("last"))
    return select(*columns).where(*its, *during).subquery()


def _counts(signs: Subquery) -> ColumnElement[bool]:
    return or_(signs.c.first <= quality.DESKS_AN_HOUR, signs.c.last == 1)


def _downs(turn: Turn, line: Line, within: Period) -> Iterator[Down]:
    outage, ends = views.OUTAGE.c, sorted(line.terms.posts)
    between = (outage.party.in_(ends), outage.recipient.in_(ends))
    overlaps = (outage.until > views.spell(within.since), outage.since < views.spell(within.until))
    for row in views.rows(turn.tx, views.OUTAGE, *between, *overlaps):
        yield Down(row.party, row.cause, datetime.fromisoformat(row.since), datetime.fromisoformat(row.until))


PAGE: Final = Page("quality", "record.read", context, query=Query)
