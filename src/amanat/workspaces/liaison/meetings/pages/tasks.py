"""All tasks of all meetings whose minutes both sides signed: what is overdue first, then what is due next.

Law: a task is of the minutes that both signed, and of no others. The page looks at a bounded number of meetings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import msgspec
from sqlalchemy import func, select, tuple_

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspace import Page
from amanat.workspaces.liaison import views as tables
from amanat.workspaces.liaison.meetings import known, rules, views
from amanat.workspaces.liaison.meetings.pages import shown
from amanat.workspaces.liaison.meetings.rules import Owed
from amanat.workspaces.liaison.meetings.steps import Facts

SHOWN: Final = 50
"""Tasks on a page."""
SOUGHT: Final = 200
"""Meetings that both sides signed something of, the last of them, whose tasks are listed."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed down to; "" is what is left to be done or to be confirmed."""

    stands: Literal["", "all", "overdue", "left", "done", "confirmed", "disputed"] = ""
    whose: Annotated[str, msgspec.Meta(max_length=16)] = ""
    start: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0

    def address(self, start: int) -> str:
        """Return where the list is shown so narrowed down, from a row on."""
        said = {"stands": self.stands, "whose": self.whose, "start": str(start) if start else ""}
        asked = urlencode({name: value for name, value in said.items() if value})
        return "/liaison/tasks" + (f"?{asked}" if asked else "")


@dataclass(frozen=True, slots=True)
class Listed:
    """A task, and the meeting that it comes of."""

    facts: Facts
    owed: Owed
    path: str


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a page of the list."""
    everything = list(_each(turn))
    found = [each for each in everything if _fits(each.owed, query)]
    found.sort(key=lambda each: (not rules.left(each.owed), each.owed.task.by, each.facts.key, each.owed.number))
    rows = found[query.start : query.start + SHOWN]
    later = query.start + SHOWN
    return {
        **shown.context(turn, actor, [each.owed.task.of for each in rows]),
        "rows": rows,
        "filters": query,
        "parties": sorted({each.owed.party for each in everything}),
        "count": len(found),
        "none_at_all": not everything,
        "narrowed": bool(query.stands or query.whose),
        "earlier": query.address(max(0, query.start - SHOWN)) if query.start else "",
        "later": query.address(later) if later < len(found) else "",
    }


def _fits(owed: Owed, query: Query) -> bool:
    if query.whose and owed.party != query.whose:
        return False
    if query.stands == "":
        return owed.state != "confirmed"
    if query.stands == "left":
        return rules.left(owed)
    return query.stands in ("all", owed.state)


def _each(turn: Turn) -> Iterator[Listed]:
    step = views.STEP.c
    both = select(step.meeting_party, step.meeting_id).where(step.type == "signed")
    both = both.group_by(step.meeting_party, step.meeting_id).having(func.count(step.party.distinct()) > 1)
    newest = both.order_by(func.max(step.at).desc(), step.meeting_id.desc()).limit(SOUGHT)
    keys = [(row.meeting_party, row.meeting_id) for row in turn.tx.execute(newest)]
    if not keys:
        return
    meeting = views.MEETING.c
    rows = tables.rows(turn.tx, views.MEETING, tuple_(meeting.party, meeting.id).in_(sorted(keys)))
    for facts in known.of(turn, rows):
        for owed in rules.tasks(facts, turn.now):
            yield Listed(facts, owed, f"{known.path(facts)}#task-{owed.number}-{owed.party}")


PAGE: Final = Page("tasks", "record.read", context, query=Query)
