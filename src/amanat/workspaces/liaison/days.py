"""The daily log of a hotline: which records a day has, so that both watches can sign that it is the same day.

Law: counted are the records' own times (UTC) and names, never what they say, and never the signatures themselves.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, tuple_

from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.workspaces.liaison import views


@dataclass(frozen=True, slots=True)
class Content:
    """The records of a day by name ("PARTY:ID"), sorted."""

    names: tuple[str, ...]

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
    begin = f"{day.isoformat()}T00:00:00Z"
    end = f"{(day + timedelta(days=1)).isoformat()}T00:00:00Z"
    calls = select(views.CALL.c.party, views.CALL.c.id).where(views.CALL.c.hotline == hotline)
    found = set[str]()
    for table in (views.CALL, views.DESK, views.VOICE):
        within = (table.c.at >= begin, table.c.at < end, table.c.hotline == hotline)
        found |= {f"{row.party}:{row.id}" for row in views.rows(turn.tx, table, *within)}
    for table in (views.SAID, views.ESCALATED):
        within = (table.c.at >= begin, table.c.at < end, tuple_(table.c.call_party, table.c.call_id).in_(calls))
        found |= {f"{row.party}:{row.id}" for row in views.rows(turn.tx, table, *within)}
    return Content(tuple(sorted(found)))
