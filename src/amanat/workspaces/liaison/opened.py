"""Who opened a call, when that came here, and what its officers have still to open.

Law: an opening counts by its own date, so that both sides say the same of a call; when it came here only this side
knows, by the order of its own log and by others' countersignatures, and a page says it beside.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, select

from amanat.exchange import times
from amanat.exchange.means import Turn
from amanat.record.notices import OPENED
from amanat.record.record import read
from amanat.store import listing
from amanat.store.dialect import among
from amanat.store.tables import RECORD, REFERENCE
from amanat.workspaces.liaison import rules, views
from amanat.workspaces.liaison.came import moment
from amanat.workspaces.liaison.rules import Climbed, Facts, PickedUp

MOST_OPENED: Final = 32
"""Openings of one call by one party that are read, the earliest: it has a few posts, and each opens a call once."""


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening, and where it stands in this party's own log of a compact."""

    by: PickedUp
    log: str
    index: int


@dataclass(frozen=True, slots=True)
class Came:
    """When an opening of the other side came here that it dated before: `after` which rank was rung here, if any was.

    Later than `since`, and no later than `until`, as witnesses countersigned this party's log; None where none did.
    """

    after: Climbed | None
    since: datetime | None
    until: datetime | None


def openings(turn: Turn, calls: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], list[Opening]]:
    """Return who opened these calls, the earliest first, of those that anybody did."""
    if not calls:
        return {}
    number = func.row_number().over(
        partition_by=(REFERENCE.c.to_party, REFERENCE.c.to_id, RECORD.c.party), order_by=(RECORD.c.at, RECORD.c.id)
    )
    columns = (REFERENCE.c.to_party, REFERENCE.c.to_id, *(RECORD.c[name] for name in ("party", "id", "at")))
    its = (RECORD.c.party == REFERENCE.c.party) & (RECORD.c.id == REFERENCE.c.id)
    said = (REFERENCE.c.relation == "about", RECORD.c.kind == OPENED.label, RECORD.c.data.is_not(None))
    of = among(REFERENCE.c.to_id, "ids")
    ranked = select(*columns, number.label("number")).join(RECORD, its).where(of, *said).subquery()
    here = (RECORD.c.party == ranked.c.party) & (RECORD.c.id == ranked.c.id)
    more = (RECORD.c[name] for name in ("at", "data", "compact", "log_index"))
    asked = select(ranked.c.to_party, ranked.c.to_id, *more).join(RECORD, here)
    rows = asked.where(ranked.c.number <= MOST_OPENED).order_by(ranked.c.at, ranked.c.id)
    found = defaultdict[tuple[str, str], list[Opening]](list)
    for row in turn.tx.execute(rows, {"ids": sorted({id_ for _, id_ in calls})}):
        found[row.to_party, row.to_id].append(_opening(turn, row))
    return found


def _opening(turn: Turn, row: Row[Any]) -> Opening:
    author = read(row.data, turn.means.kinds).fields.author
    return Opening(PickedUp(author.party, author.name, datetime.fromisoformat(row.at)), row.compact, row.log_index)


def came(turn: Turn, facts: Facts) -> Came | None:
    """Return when the opening that counts came here, where that was later than it is dated; None where it was not.

    Of an opening of this side there is nothing to be said: it came to be here.
    """
    first, key = rules.picked_up(facts), (facts.rung.key.party, facts.rung.key.id)
    if first is None or first.party == turn.means.party:
        return None
    those = [each for each in openings(turn, [key]).get(key, ()) if each.by == first]
    if not those:
        return None
    earliest = min(those, key=lambda each: each.index)
    within = times.logged(turn, earliest.log, earliest.index)
    after = _rung_before(turn, facts, earliest)
    since, until = moment(within.not_before), moment(within.not_after)
    late = since is not None and since - first.at > rules.SKEW
    return Came(after, since if late else None, until) if after or late else None


def _rung_before(turn: Turn, facts: Facts, opening: Opening) -> Climbed | None:
    """Return the last climb that an opening made void after it stood in this party's log."""
    void = [each for each in rules.steps(replace(facts, opened=frozenset())) if each.at >= opening.by.at]
    key = (facts.rung.key.party, facts.rung.key.id)
    rows = {(row.party, row.id): row for row in views.of_calls(turn.tx, views.ESCALATED, [key])} if void else {}
    before = {
        (each.party, rows[each.party, each.id].rank, rows[each.party, each.id].at)
        for each in (listing.named(turn.tx, list(rows)) if rows else [])
        if each.compact == opening.log and each.log_index < opening.index
    }
    those = (each for each in void if (each.party, each.rank, views.spell(each.at)) in before)
    return max(those, key=lambda each: each.rank, default=None)


def unread(turn: Turn, facts: Facts) -> tuple[tuple[str, str], ...]:
    """Return the records of the other side in a call that wait to be read here, by (party, id), the call first."""
    own = turn.means.party
    keys = [facts.rung.key, *(each.key for each in facts.uttered)]
    theirs = [(each.party, each.id) for each in keys if each.party != own]
    waiting = {(row.party, row.id) for row in listing.named(turn.tx, theirs) if row.read_by is not None}
    return tuple(key for key in theirs if key in waiting)
