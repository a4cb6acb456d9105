"""The requests that are here: each with the set of what was said of it, and what nobody here has read yet.

Law: how one stands follows from `rules` over these sets; nothing is written here.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row

from amanat.compact.deescalation import meets_within
from amanat.exchange.means import Turn
from amanat.workspaces.liaison import matter_rows
from amanat.workspaces.liaison.clarifications import rules, views
from amanat.workspaces.liaison.clarifications.kinds import CLARIFICATION
from amanat.workspaces.liaison.clarifications.rules import Clarification
from amanat.workspaces.liaison.matter_rows import Begun, Bound, Key
from amanat.workspaces.liaison.rules import AHEAD

LOOKS_BACK: Final = timedelta(days=60)
"""How far back something may have been asked that is still told of among what waits."""
MOST_OPEN: Final = 50
"""Requests of one party, the last of them, of which what waits is told."""


def one(turn: Turn, party: str, id_: str) -> Clarification | None:
    """Return a request by what asked, None where it is not here."""
    return next(iter(of(turn, matter_rows.named(turn.tx, views.CLARIFICATION, [(party, id_)]))), None)


def recent(turn: Turn, besides: Collection[Key] = ()) -> list[Clarification]:
    """Return the requests that may wait for somebody, oldest first: the last of each party, and some `besides`."""
    span = (turn.now - LOOKS_BACK, turn.now + AHEAD)
    rows = {(row.party, row.id): row for row in matter_rows.newest(turn.tx, views.CLARIFICATION, span, MOST_OPEN)}
    more = matter_rows.named(turn.tx, views.CLARIFICATION, [key for key in besides if key not in rows])
    return of(turn, [*more, *rows.values()])


def of(turn: Turn, rows: Iterable[Row[Any]]) -> list[Clarification]:
    """Return the requests of some rows, in their order; those of which no compact of two is here are left out."""
    tables = (views.CLARIFICATION, views.STEP)
    most = Bound(rules.MOST_SAID, views.STEP.c.type)
    return [_clarification(each) for each in matter_rows.begun(turn, CLARIFICATION.name, tables, rows, most)]


def unread(turn: Turn) -> Mapping[Key, list[Row[Any]]]:
    """Return what of requests waits to be read here, by the request."""
    return matter_rows.unread(turn, views.CLARIFICATION, views.STEP, CLARIFICATION.label)


def unread_of(turn: Turn, found: Clarification) -> list[Row[Any]]:
    """Return what of a request waits to be read here, whatever else does."""
    key = (found.root.key.party, found.root.key.id)
    return matter_rows.unread_of(turn, views.CLARIFICATION, views.STEP, key)


def _clarification(begun: Begun) -> Clarification:
    root = matter_rows.told(begun.row, views.read(begun.row), begun.withdrawn)
    return Clarification(
        root=root,
        other=begun.other,
        said=frozenset(matter_rows.told(each, views.read(each), begun.withdrawn) for each in begun.steps),
        within=rules.within(begun.terms, getattr(root.body, "activity", None)),
        meets=meets_within(begun.terms.deescalation) or rules.USUAL,
        exercise=begun.row.exercise,
        compact=begun.terms.id,
        more=begun.more,
    )
