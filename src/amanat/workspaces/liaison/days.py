"""The daily log of a hotline: which records a day has, so that both watches can sign that it is the same day.

Law: counted are the records' own times (UTC) and names, never what they say, and never the signatures themselves.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select, tuple_

from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.workspaces.liaison import views
from amanat.workspaces.liaison.calls import Line

SIGNED_WITHIN: Final = timedelta(days=3)
"""For so long a day that is over waits for the signatures of both watches."""


@dataclass(frozen=True, slots=True)
class Content:
    """The records of a day by name ("PARTY:ID"), sorted."""

    names: tuple[str, ...] = ()

    @property
    def records(self) -> int:
        """How many they are."""
        return len(self.names)

    @property
    def digest(self) -> str:
        """SHA-256 of their names, a line each, in hex."""
        return hashlib.sha256("".join(f"{name}\n" for name in self.names).encode()).hexdigest()


def read(typed: str) -> date:
    """Return a day. Raises `Invalid`."""
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise Invalid("liaison.day-form", "This is no day.", "Write it like 2026-11-24.") from error


def content(turn: Turn, hotline: str, day: date) -> Content:
    """Return what is here of a day of a hotline: calls, what was said in them, logs of voice, and what nodes told."""
    return contents(turn, hotline, day, day).get(day, Content())


def contents(turn: Turn, hotline: str, first: date, last: date) -> Mapping[date, Content]:
    """Return what is here of each day of a hotline from one to another, of those that have something."""
    found = defaultdict[date, list[str]](list)
    for _, row in rows(turn, hotline, first, last):
        found[date.fromisoformat(row.at[: len("2026-11-24")])].append(f"{row.party}:{row.id}")
    return {day: Content(tuple(sorted(names))) for day, names in found.items()}


def rows(turn: Turn, hotline: str, first: date, last: date) -> Iterator[tuple[str, Row[Any]]]:
    """Yield the rows of all that some days of a hotline have, by table: "call", "desk", "voice", "said" and so on."""
    begin, end = f"{first.isoformat()}T00:00:00Z", f"{(last + timedelta(days=1)).isoformat()}T00:00:00Z"
    its = {table: select(table.c.party, table.c.id).where(table.c.hotline == hotline) for table in _OWN}
    for table in _OWN:
        for row in views.rows(turn.tx, table, table.c.at >= begin, table.c.at < end, table.c.hotline == hotline):
            yield table.name.partition("_")[2], row
    for table, of, party, id_ in _OF_OTHERS:
        narrowed = (table.c.at >= begin, table.c.at < end, tuple_(table.c[party], table.c[id_]).in_(its[of]))
        for row in views.rows(turn.tx, table, *narrowed):
            yield table.name.partition("_")[2], row


_OWN = (views.CALL, views.DESK, views.VOICE)
_OF_OTHERS = (
    (views.SAID, views.CALL, "matter_party", "matter_id"),
    (views.ESCALATED, views.CALL, "matter_party", "matter_id"),
    (views.CONFIRMED, views.VOICE, "of_party", "of_id"),
)
"""Tables of what belongs to a call, or to a conversation by voice, with where a row says to which."""

_OLDEST = tuple(
    select(func.min(each.c.at)).where(each.c.hotline == bindparam("hotline"), each.c.party == bindparam("party"))
    for each in _OWN
)


def first(turn: Turn, line: Line) -> date | None:
    """Return the first day of a hotline of which there is something here, None where there is nothing."""
    oldest = (
        turn.tx.scalar(asked, {"hotline": line.code, "party": party}) for asked in _OLDEST for party in line.terms.posts
    )
    found = min((at for at in oldest if at is not None), default=None)
    return None if found is None else date.fromisoformat(found[: len("2026-11-24")])


def signatures(turn: Turn, hotline: str, first: date, last: date) -> Mapping[date, Mapping[str, Row[Any]]]:
    """Return the newest signature of each party under each of these days, of those that have one."""
    day = views.DAY.c
    within = (day.hotline == hotline, day.day >= first.isoformat(), day.day <= last.isoformat())
    newest = func.row_number().over(partition_by=(day.day, day.party), order_by=(day.at.desc(), day.id.desc()))
    ranked = select(day.party, day.id, newest.label("number")).where(*within).subquery()
    its = (day.party == ranked.c.party) & (day.id == ranked.c.id)
    found = defaultdict[date, dict[str, Row[Any]]](dict)
    for row in turn.tx.execute(select(views.DAY).join(ranked, its).where(ranked.c.number == 1)):
        found[date.fromisoformat(row.day)][row.party] = row
    return found


def unsigned(turn: Turn, line: Line) -> tuple[date, str] | None:
    """Return the first day of late that is over and a side of a hotline has not signed, and which side that is.

    Ours before theirs; None where both signed all, or nothing was rung or told yet.
    """
    begun, today = first(turn, line), turn.now.date()
    if begun is None:
        return None
    since = max(begun, today - SIGNED_WITHIN)
    over = [since + timedelta(days=number) for number in range((today - since).days)]
    signed = signatures(turn, line.code, over[0], over[-1]) if over else {}
    sides = (turn.means.party, line.other)
    return next(((day, each) for each in sides for day in over if each not in signed.get(day, {})), None)
