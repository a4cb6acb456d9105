"""The meetings of this party, those proposed last first, a page at a time, narrowed down by how far they came.

Law: how far a meeting came follows from `rules` alone. A page looks through a bounded number of meetings, and says
where it went on to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import msgspec
from sqlalchemy import Row, select, tuple_

from amanat.exchange import cursor
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspace import Page
from amanat.workspaces.liaison.meetings import known, rules, views
from amanat.workspaces.liaison.meetings.deeds import LEVELS
from amanat.workspaces.liaison.meetings.pages import shown
from amanat.workspaces.liaison.meetings.rules import Held
from amanat.workspaces.liaison.meetings.steps import Facts

SHOWN: Final = 30
"""Meetings on a page."""
SOUGHT: Final = 300
"""Meetings that are looked through for a page."""

Stands = Literal["", "open", "coming", "over", "held", "off"]
_STATES: Final[Mapping[str, tuple[rules.State, ...]]] = {
    "open": ("proposed", "crossed"),
    "coming": ("agreed", "under-way"),
    "over": ("over",),
    "held": ("held",),
    "off": ("declined", "cancelled", "lapsed"),
}


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed down to; "" is everything."""

    stands: Stands = ""
    level: Annotated[str, msgspec.Meta(max_length=48)] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def address(self, **more: str) -> str:
        """Return where the list is shown so narrowed down, with more said."""
        said = {name: value for name, value in (msgspec.to_builtins(self) | more).items() if value}
        return "/liaison/meetings" + (f"?{urlencode(said)}" if said else "")


@dataclass(frozen=True, slots=True)
class Listed:
    """A meeting as the list shows it: how it stands, whether this party has to answer, and how many tasks are left."""

    facts: Facts
    stands: Held
    to_answer: bool
    to_sign: bool
    left: int
    path: str


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a page of the list. Raises `Invalid` for a cursor that there is not."""
    found, after = list[Listed](), ""
    for each in _each(turn, query):
        after = cursor.written(each.facts.key.party, each.facts.key.id, _at(each.facts.proposal.at))
        if not query.stands or each.stands.state in _STATES[query.stands]:
            found.append(each)
        if len(found) == SHOWN:
            break
    narrowed = msgspec.structs.replace(query, cursor="")
    more = after if after and _more(turn, query, after) else ""
    return {
        **shown.context(turn, actor),
        "listed": found,
        "filters": query,
        "states": tuple(_STATES),
        "levels": LEVELS,
        "narrowed": narrowed != Query(),
        "first": narrowed.address(),
        "next": narrowed.address(cursor=more) if more else "",
    }


def _each(turn: Turn, query: Query) -> Iterator[Listed]:
    rows = _rows(turn, query, query.cursor, SOUGHT)
    for start in range(0, len(rows), SHOWN):
        for facts in known.of(turn, rows[start : start + SHOWN]):
            yield _listed(turn, facts)


def _listed(turn: Turn, facts: Facts) -> Listed:
    own, side = turn.means.party, turn.means.party in facts.members
    owed = rules.tasks(facts, turn.now)
    return Listed(
        facts=facts,
        stands=rules.held_for(facts, turn.now),
        to_answer=side and bool(rules.to_answer(facts, own, turn.now)) and rules.declined(facts) is None,
        to_sign=side and rules.to_sign(facts, own) is not None,
        left=sum(rules.left(each) for each in owed),
        path=known.path(facts),
    )


def _more(turn: Turn, query: Query, after: str) -> bool:
    return bool(_rows(turn, query, after, 1))


def _rows(turn: Turn, query: Query, after: str, most: int) -> list[Row[Any]]:
    meeting = views.MEETING.c
    newest = select(views.MEETING)
    if query.level:
        newest = newest.where(meeting.level == query.level)
    if after:
        party, id_, at = cursor.read(after, 3)
        newest = newest.where(tuple_(meeting.at, meeting.party, meeting.id) < tuple_(at, party, id_))
    order = (meeting.at.desc(), meeting.party.desc(), meeting.id.desc())
    return list(turn.tx.execute(newest.order_by(*order).limit(most)))


def _at(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")


PAGE: Final = Page("meetings", "record.read", context, query=Query)
