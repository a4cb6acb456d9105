"""The calls on this party's hotlines, newest first, a page at a time, narrowed down by what each of them was.

Law: how far a call has come follows from `rules` alone; days are those of the own zone, as on every list.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import msgspec
from sqlalchemy import ColumnElement, Row, and_, exists, select, tuple_

from amanat.exchange import cursor
from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid
from amanat.workspace import Page
from amanat.workspaces.liaison import calls, days, rules, views
from amanat.workspaces.liaison.rules import Facts

SHOWN: Final = 50
"""Calls on a page."""
EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2999, 12, 31)


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed down to; "" is everything. `words` are of phrases, in any of the languages."""

    words: Annotated[str, msgspec.Meta(max_length=200)] = ""
    hotline: Annotated[str, msgspec.Meta(max_length=48)] = ""
    tests: Literal["", "yes", "no"] = ""
    answered: Literal["", "yes", "no"] = ""
    since: Annotated[str, msgspec.Meta(max_length=10)] = ""
    until: Annotated[str, msgspec.Meta(max_length=10)] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def address(self, path: str = "/liaison/calls", **more: str) -> str:
        """Return where the list is shown so narrowed down, or what else stands at a path, with more said."""
        said = {name: value for name, value in (msgspec.to_builtins(self) | more).items() if value}
        return path + (f"?{urlencode(said)}" if said else "")


@dataclass(frozen=True, slots=True)
class Listed:
    """A call as the list shows it: how far it came, how many ranks it climbed, how soon it was answered."""

    facts: Facts
    state: rules.State
    climbed: int
    after: timedelta | None

    @property
    def said(self) -> int:
        """How many messages are in it."""
        return len(self.facts.uttered)


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a page of the list. Raises `Invalid` for a day or a cursor that there is not."""
    lines = calls.lines(turn)
    begin, end = span(query.since, query.until, own_zone(turn))
    rows = _rows(turn, query, begin, end, [each.code for each in lines])
    more, rows = len(rows) > SHOWN, rows[:SHOWN]
    narrowed = msgspec.structs.replace(query, cursor="")
    records = {"workspace": "liaison", "since": query.since, "until": query.until}
    return {
        "lines": lines,
        "titles": {each.code: each.terms.title for each in lines},
        "others": {each.code: each.other for each in lines},
        "listed": list(_listed(turn, rows)),
        "filters": query,
        "alone": narrowed.address(),
        "narrowed": narrowed != Query(),
        "next": narrowed.address(cursor=_cursor(rows[-1])) if more else "",
        "records": _address("/records", records),
        "csv": _address("/records/export", records | {"format": "csv"}) if may(actor, "record.export") else "",
    }


def _address(path: str, said: Mapping[str, str]) -> str:
    return f"{path}?{urlencode({name: value for name, value in said.items() if value})}"


def _listed(turn: Turn, rows: list[Row[Any]]) -> Iterator[Listed]:
    for facts in calls.of(turn, rows):
        answered = rules.answered(facts)
        after = max(timedelta(), answered - facts.rung.at) if answered else None
        yield Listed(facts, rules.state(facts, turn.now), rules.rank(facts), after)


def _rows(
    turn: Turn, query: Query, begin: datetime | None, end: datetime | None, hotlines: list[str]
) -> list[Row[Any]]:
    """Return the rows of a page, newest first, and one more where there is a next page."""
    call = views.CALL.c
    narrowed: list[ColumnElement[bool]] = [call.hotline.in_([query.hotline] if query.hotline else hotlines)]
    if begin is not None:
        narrowed.append(call.at >= views.spell(begin))
    if end is not None:
        narrowed.append(call.at < views.spell(end))
    if query.tests:
        narrowed.append(call.test.is_(query.tests == "yes"))
    if query.answered:
        narrowed.append(_answered() if query.answered == "yes" else ~_answered())
    if query.words.strip():
        narrowed.append(views.with_words(query.words))
    if query.cursor:
        party, id_, at = cursor.read(query.cursor, 3)
        narrowed.append(tuple_(call.at, call.party, call.id) < tuple_(at, party, id_))
    newest = select(views.CALL).where(*narrowed).order_by(call.at.desc(), call.party.desc(), call.id.desc())
    return list(turn.tx.execute(newest.limit(SHOWN + 1)))


def _answered() -> ColumnElement[bool]:
    """Return what narrows calls down to those in which the party that was called said something."""
    call, said = views.CALL.c, views.SAID.c
    return exists().where(and_(said.call_party == call.party, said.call_id == call.id, said.party == call.recipient))


def _cursor(row: Row[Any]) -> str:
    return cursor.written(row.party, row.id, row.at)


def span(since: str, until: str, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """Return from when on and before when it is of days of a zone, both ends among them. Raises `Invalid`."""
    begin = _begins(since, zone)
    end = _begins(until, zone, 1)
    if begin is not None and end is not None and begin >= end:
        raise Invalid("liaison.days-turned", "The first day is after the last.", "Exchange the two days.")
    return begin, end


def _begins(typed: str, zone: tzinfo, later: int = 0) -> datetime | None:
    if not typed:
        return None
    day = min(LATEST, max(EARLIEST, days.read(typed))) + timedelta(days=later)
    return datetime.combine(day, time(), zone).astimezone(UTC)


PAGE: Final = Page("calls", "record.read", context, query=Query)
