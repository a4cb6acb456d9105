"""The list of notices of both sides: what is planned, how each stands, and which came late or wait too long.

Law: a state is worked out of all records of a notice (`rules`), the same on both sides. What it is narrowed down to by
state is looked for in so many notices at most, and the next page goes on from there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import urlencode

import msgspec
from sqlalchemy import ColumnElement, Row, select, tuple_

from amanat.compact.form import Planned
from amanat.exchange import cursor
from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspace import Page
from amanat.workspaces.liaison import dealings, views
from amanat.workspaces.liaison.notices import giving, rules, stories
from amanat.workspaces.liaison.notices.kinds import TYPES
from amanat.workspaces.liaison.notices.rules import State, Story
from amanat.workspaces.liaison.notices.tables import NOTICE
from amanat.workspaces.liaison.pages.calls import span

SHOWN: Final = 50
"""Notices on a page."""
LOOKED_AT: Final = 1_000
"""Notices in which those of a state are looked for, for one page."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed down to; "" is everything. `since` and `until` are days on which it is at work."""

    type: Literal["", Planned] = ""
    side: Literal["", "ours", "theirs"] = ""
    state: Literal["", State] = ""
    late: Literal["", "yes"] = ""
    since: Annotated[str, msgspec.Meta(max_length=10)] = ""
    until: Annotated[str, msgspec.Meta(max_length=10)] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def address(self, path: str = "/liaison/notices", **more: str) -> str:
        """Return where the list is shown so narrowed down, or what else stands at a path, with more said."""
        said = {name: value for name, value in (msgspec.to_builtins(self) | more).items() if value}
        return path + (f"?{urlencode(said)}" if said else "")


@dataclass(frozen=True, slots=True)
class Listed:
    """A notice as the list shows it: how it stands, whether it was given late, whether a question is overdue."""

    story: Story
    state: State
    late: bool
    overdue: bool


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a page of the list. Raises `Invalid` for a day or a cursor that there is not."""
    found, last = _page(turn, query)
    narrowed = msgspec.structs.replace(query, cursor="")
    return {
        "listed": found,
        "own": turn.means.party,
        "filters": query,
        "types": tuple(TYPES),
        "states": get_args(State),
        "narrowed": narrowed != Query(),
        "alone": narrowed.address(),
        "next": narrowed.address(cursor=cursor.written(last.party, last.id, last.at)) if last is not None else "",
        "may_give": may(actor, "record.send") and bool(dealings.dealings(turn, giving.KIND)),
        "records": "/records?workspace=liaison",
    }


def of(turn: Turn, story: Story) -> Listed:
    """Return a notice as the list shows it."""
    overdue = any(each.late(turn.now) and each.answered is None for each in rules.questions(story))
    return Listed(story, rules.state(story, turn.now), rules.late(story.given), overdue)


def _page(turn: Turn, query: Query) -> tuple[list[Listed], Row[Any] | None]:
    """Return a page, newest first, and the last row that was looked at where there are more."""
    found, last, looked = list[Listed](), None, 0
    after = query.cursor
    while looked < LOOKED_AT:
        rows = _rows(turn, query, after)
        more, rows = len(rows) > SHOWN, rows[:SHOWN]
        for row, each in zip(rows, _listed(turn, rows), strict=True):
            last, looked = row, looked + 1
            if _fits(query, each):
                found.append(each)
                if len(found) == SHOWN:
                    return found, row if more or row is not rows[-1] else None
        if not more or last is None:
            return found, None
        after = cursor.written(last.party, last.id, last.at)
    return found, last


def _listed(turn: Turn, rows: list[Row[Any]]) -> Iterator[Listed]:
    return (of(turn, story) for story in stories.of(turn, rows))


def _fits(query: Query, each: Listed) -> bool:
    return query.state in ("", each.state) and not (query.late and not (each.late or each.overdue))


def _rows(turn: Turn, query: Query, after: str) -> list[Row[Any]]:
    """Return the rows of a page, newest first, and one more where there is a next one."""
    it = NOTICE.c
    begin, end = span(query.since, query.until, own_zone(turn))
    narrowed: list[ColumnElement[bool]] = []
    if query.type:
        narrowed.append(it.type == query.type)
    if query.side:
        ours = it.party == turn.means.party
        narrowed.append(ours if query.side == "ours" else ~ours)
    if begin is not None:
        narrowed.append(it.until > views.spell(begin))
    if end is not None:
        narrowed.append(it.since < views.spell(end))
    if after:
        party, id_, at = cursor.read(after, 3)
        narrowed.append(tuple_(it.at, it.party, it.id) < tuple_(at, party, id_))
    newest = select(NOTICE).where(*narrowed).order_by(it.at.desc(), it.party.desc(), it.id.desc())
    return list(turn.tx.execute(newest.limit(SHOWN + 1)))


PAGE: Final = Page("notices", "record.read", context, query=Query)
