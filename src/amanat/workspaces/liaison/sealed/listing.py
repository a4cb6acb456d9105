"""The list of sealed notices of both sides, newest first, a page at a time, narrowed down by whose and how they are.

Law: how one stands follows from `rules` alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import msgspec
from sqlalchemy import ColumnElement, Row, exists, select, tuple_

from amanat.exchange import cursor
from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspace import Page
from amanat.workspaces.liaison import views
from amanat.workspaces.liaison.dealings import dealings
from amanat.workspaces.liaison.notices.kinds import type_of
from amanat.workspaces.liaison.pages.calls import span
from amanat.workspaces.liaison.sealed import rules, stories
from amanat.workspaces.liaison.sealed.stories import Known
from amanat.workspaces.liaison.sealed.tables import SEALED, UNSEALED

SHOWN: Final = 50
"""On a page."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed down to; "" is everything. `since` and `until` are days on which it was told of."""

    whose: Literal["", "ours", "theirs"] = ""
    stands: Literal["", "sealed", "opened", "unopened"] = ""
    since: Annotated[str, msgspec.Meta(max_length=10)] = ""
    until: Annotated[str, msgspec.Meta(max_length=10)] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def address(self, **more: str) -> str:
        """Return where the list is shown so narrowed down, with more said."""
        said = {name: value for name, value in (msgspec.to_builtins(self) | more).items() if value}
        return "/liaison/sealed-notices" + (f"?{urlencode(said)}" if said else "")


@dataclass(frozen=True, slots=True)
class Listed:
    """A sealed notice as the list shows it: how it stands, what it is of ("" while nobody knows), what did not fit."""

    known: Known
    state: rules.State
    type: str
    misfits: int


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a page of the list. Raises `Invalid` for a day or a cursor that there is not."""
    rows = _rows(turn, query)
    more, rows = len(rows) > SHOWN, rows[:SHOWN]
    narrowed = msgspec.structs.replace(query, cursor="")
    return {
        "listed": [_listed(turn, each) for each in stories.of(turn, rows)],
        "filters": query,
        "own": turn.means.party,
        "narrowed": narrowed != Query(),
        "alone": narrowed.address(),
        "next": narrowed.address(cursor=_cursor(rows[-1])) if more else "",
        "may_seal": may(actor, "record.send") and bool(dealings(turn, "liaison.sealed")),
    }


def _listed(turn: Turn, known: Known) -> Listed:
    shown = rules.known(known.story)
    type_ = type_of(known.bodies[shown.key].notice) if shown else ""
    return Listed(known, rules.state(known.story, turn.now), type_, len(rules.misfits(known.story)))


def _rows(turn: Turn, query: Query) -> list[Row[Any]]:
    """Return the rows of a page, newest first, and one more where there is a next page."""
    own, sealed = turn.means.party, SEALED.c
    narrowed: list[ColumnElement[bool]] = []
    if query.whose:
        narrowed.append(sealed.party == own if query.whose == "ours" else sealed.party != own)
    if query.stands:
        due = sealed.opens < views.spell(turn.now - rules.GRACE)
        narrowed += (
            [_opened()] if query.stands == "opened" else [~_opened(), due if query.stands == "unopened" else ~due]
        )
    begin, end = span(query.since, query.until, own_zone(turn))
    if begin is not None:
        narrowed.append(sealed.at >= views.spell(begin))
    if end is not None:
        narrowed.append(sealed.at < views.spell(end))
    if query.cursor:
        party, id_, at = cursor.read(query.cursor, 3)
        narrowed.append(tuple_(sealed.at, sealed.party, sealed.id) < tuple_(at, party, id_))
    newest = select(SEALED).where(*narrowed).order_by(sealed.at.desc(), sealed.party.desc(), sealed.id.desc())
    return list(turn.tx.execute(newest.limit(SHOWN + 1)))


def _opened() -> ColumnElement[bool]:
    """Return what narrows sealed notices down to those of which somebody showed what fits."""
    its = (UNSEALED.c.of_party == SEALED.c.party, UNSEALED.c.of_id == SEALED.c.id)
    return exists().where(*its, UNSEALED.c.digest == SEALED.c.commitment)


def _cursor(row: Row[Any]) -> str:
    return cursor.written(row.party, row.id, row.at)


PAGE: Final = Page("sealed-notices", "record.read", context, query=Query, group="liaison.planned")
