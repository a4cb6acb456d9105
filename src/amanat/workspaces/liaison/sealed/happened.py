"""Incidents that were told of, as sealed notices are held against them: the last ones, and those that openings name.

Law: what is not here, of another compact or marking, or told by another than a member, is near nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select

from amanat.exchange.means import Turn
from amanat.workspaces.liaison import calls, matter_rows, views, withdrawals
from amanat.workspaces.liaison.incidents.views import ACCOUNT, INCIDENT, incident_of
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices.kinds import Notice
from amanat.workspaces.liaison.rules import AHEAD, SKEW
from amanat.workspaces.liaison.sealed.near import Happened, first_near
from amanat.workspaces.liaison.sealed.tables import UNSEALED

LOOKS_BACK: Final = timedelta(days=30)
MOST_INCIDENTS: Final = 200
"""Of each party, those it told of last in so many days."""
MOST_ALONE: Final = 3
"""Notices that are opened in `COUNTED` on the word of another alone: false incidents on a grid find no more.

What comes after them this party opens once it gave an account of the incident, or by choice.
"""
COUNTED: Final = timedelta(days=7)


def vouched(turn: Turn, those: Iterable[Happened]) -> tuple[Happened, ...]:
    """Return those of these incidents that this party told of itself, or gave an account of."""
    own = turn.means.party
    given = _given(turn, (each.key for each in those if each.key.party != own), ACCOUNT.c.party == own)
    return tuple(each for each in those if each.key.party == own or each.key in given)


def left(turn: Turn) -> defaultdict[str, int]:
    """Return how many notices of this party may still be opened in this week on the word of another alone, by party."""
    its, own = UNSEALED.c, turn.means.party
    since = views.spell(turn.now - COUNTED)
    query = select(its.incident_party, its.incident_id).where(
        its.party == own, its.of_party == own, its.because == "incident", its.incident_party != own, its.at > since
    )
    opened = [Named(*each) for each in turn.tx.execute(query)]
    given = _given(turn, opened, ACCOUNT.c.party == own)
    found = defaultdict[str, int](lambda: MOST_ALONE)
    for incident in opened:
        found[incident.party] -= incident not in given
    return found


def of_late(turn: Turn) -> Iterator[Happened]:
    """Yield the incidents that sides told of, oldest first: of each the last ones.

    What another told of and withdrew is none, unless a party besides its teller gave an account of it.
    """
    span, own = (turn.now - LOOKS_BACK, turn.now + AHEAD), turn.means.party
    rows = matter_rows.newest(turn.tx, INCIDENT, span, MOST_INCIDENTS)
    back = withdrawals.times(turn.tx, [(row.party, row.id) for row in rows if row.party != own], turn.now)
    given = _given(turn, (Named(*key) for key in back), ACCOUNT.c.party != ACCOUNT.c.incident_party)
    yield from _happened(turn, (row for row in rows if (row.party, row.id) not in back or _key(row) in given))


def named(turn: Turn, keys: Collection[tuple[str, str]]) -> Mapping[Named, tuple[Happened, datetime]]:
    """Return those of these incidents that are here, with when each was told of."""
    ids = sorted({id_ for _, id_ in keys})
    rows = [
        row
        for row in (views.rows(turn.tx, INCIDENT, INCIDENT.c.id.in_(ids)) if ids else ())
        if (row.party, row.id) in keys
    ]
    told = {Named(row.party, row.id): datetime.fromisoformat(row.at) for row in rows}
    return {each.key: (each, told[each.key]) for each in _happened(turn, rows)}


def near(turn: Turn, sealed: Row[Any], notice: Notice, those: Iterable[Happened]) -> Happened | None:
    """Return the first of these incidents on which what a sealed notice (its row) says is to be opened, or may be."""
    terms = calls.terms_under(turn, sealed.compact)
    under = (terms.id if terms else "", sealed.exercise)
    return first_near(notice, (each for each in those if (each.compact, each.exercise) == under))


def _given(turn: Turn, incidents: Iterable[Named], by: ColumnElement[bool]) -> set[Named]:
    """Return those of these incidents, and perhaps others, of which some gave an account."""
    its, ids = ACCOUNT.c, sorted({each.id for each in incidents})
    query = select(its.incident_party, its.incident_id).where(by, its.incident_id.in_(ids)).distinct()
    return {Named(*row) for row in turn.tx.execute(query)} if ids else set()


def _key(row: Row[Any]) -> Named:
    return Named(row.party, row.id)


def _happened(turn: Turn, rows: Iterable[Row[Any]]) -> Iterator[Happened]:
    for row in rows:
        terms, body = calls.terms_under(turn, row.compact), incident_of(row)
        if terms is not None and row.party in terms.members and body.when.time <= turn.now + SKEW:
            yield Happened(Named(row.party, row.id), body.place, body.when.time, terms.id, row.exercise)
