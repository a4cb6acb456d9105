"""The parallel measures that are here: each with the set of what was said in it, and what nobody here has read yet.

Law: how one stands follows from `rules` over these sets; nothing is written here.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, desc, func, select

from amanat.exchange.means import Turn
from amanat.workspaces.liaison import matter_rows
from amanat.workspaces.liaison.matter_rows import Begun, Bound, Key
from amanat.workspaces.liaison.measures import rules, views
from amanat.workspaces.liaison.measures.kinds import MEASURE
from amanat.workspaces.liaison.measures.rules import Measure
from amanat.workspaces.liaison.rules import AHEAD
from amanat.workspaces.liaison.views import spell

LOOKS_BACK: Final = timedelta(days=60)
"""How far back a measure may have been proposed that is still told of among what waits."""
MOST_OPEN: Final = 50
"""Measures that one party proposed, the last of them, of which what waits is told, and in which a stop rings.

And as many in which this side said something, whenever they were proposed: no proposals push them out.
"""


def one(turn: Turn, party: str, id_: str) -> Measure | None:
    """Return a measure by what proposed it, None where it is not here."""
    return next(iter(of(turn, matter_rows.named(turn.tx, views.MEASURE, [(party, id_)]))), None)


def recent(turn: Turn, besides: Collection[Key] = ()) -> list[Measure]:
    """Return the measures that may wait for somebody, oldest first: the last of each party, and some `besides`.

    Among them are those in which this side said something last.
    """
    span = (turn.now - LOOKS_BACK, turn.now + AHEAD)
    rows = {(row.party, row.id): row for row in matter_rows.newest(turn.tx, views.MEASURE, span, MOST_OPEN)}
    besides = {*besides, *_said_in(turn)} - rows.keys()
    more = matter_rows.named(turn.tx, views.MEASURE, besides)
    return of(turn, [*more, *rows.values()])


def _said_in(turn: Turn) -> set[Key]:
    """Return the measures in which this side said something last."""
    c = views.STEP.c
    last = select(c.root_party, c.root_id, func.max(c.at).label("last")).group_by(c.root_party, c.root_id)
    its = last.where(c.party == turn.means.party, c.at >= spell(turn.now - LOOKS_BACK))
    return {(row.root_party, row.root_id) for row in turn.tx.execute(its.order_by(desc("last")).limit(MOST_OPEN))}


def of(turn: Turn, rows: Iterable[Row[Any]]) -> list[Measure]:
    """Return the measures of some rows, in their order; those of which no compact of two is here are left out."""
    tables = (views.MEASURE, views.STEP)
    most = Bound(rules.MOST_SAID, views.STEP.c.type)
    return [_measure(each) for each in matter_rows.begun(turn, MEASURE.name, tables, rows, most)]


def unread(turn: Turn) -> Mapping[Key, list[Row[Any]]]:
    """Return what of measures waits to be read here, by the measure."""
    return matter_rows.unread(turn, views.MEASURE, views.STEP, MEASURE.label)


def unread_of(turn: Turn, measure: Measure) -> list[Row[Any]]:
    """Return what of a measure waits to be read here, whatever else does."""
    return matter_rows.unread_of(turn, views.MEASURE, views.STEP, (measure.root.key.party, measure.root.key.id))


def _measure(begun: Begun) -> Measure:
    row, terms = begun.row, begun.terms
    return Measure(
        root=matter_rows.told(row, views.read(row), begun.withdrawn),
        other=begun.other,
        said=frozenset(matter_rows.told(each, views.read(each), begun.withdrawn) for each in begun.steps),
        administers={party: frozenset(member.administers) for party, member in terms.members.items()},
        within=matter_rows.hours(terms.kinds[MEASURE.name])["today"],
        exercise=row.exercise,
        expires=datetime.fromisoformat(row.expires) if row.expires else None,
        compact=terms.id,
        more=begun.more,
    )
