"""The activities that were told of, in the node's database, found by where and when they are.

Law: only what was disclosed stands here, each as its record has it, so that the tables can be made again of records in
whatever order: what was ended, changed or withdrawn is left out when one asks. An own plan that was not disclosed is a
question, and is never written down by asking. A cell is a number (`spines.cells`), so that any database finds it by an
ordinary index, which has all that most are left out by. One side may tell of any number: the nearest are read, and it
is said that there are more.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import Any, Final, NamedTuple, get_args

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    or_,
    select,
    tuple_,
)

from amanat.compact.form import Planned, Separation
from amanat.compact.terms import Terms
from amanat.record.kind import Tx
from amanat.store.dialect import among
from amanat.store.tables import COMPACT, RECORD
from amanat.workspaces.liaison.ground.shapes import Heights, Shape, Window
from amanat.workspaces.liaison.ground.spines import Ball, Spine, at_least, cells
from amanat.workspaces.liaison.notices.deconfliction import (
    DAY,
    FARTHEST,
    MINUTE,
    Activity,
    Proposal,
    Talk,
    Verdict,
    is_about,
    judge,
    propose,
    reach,
    rules_of,
    severity,
)
from amanat.workspaces.liaison.notices.tables import NOTICE, STEP
from amanat.workspaces.liaison.sealed.tables import SEALED, UNSEALED
from amanat.workspaces.liaison.views import TABLES, spell

ACTIVITY: Final = Table(
    "liaison_activity",
    TABLES,
    Column("party", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("compact", String, nullable=False),
    Column("exercise", Boolean, nullable=False),
    Column("counts", String, nullable=False),
    Column("type", String, nullable=False),
    Column("low", Integer, nullable=False),
    Column("high", Integer, nullable=False),
    Column("since", String, nullable=False),
    Column("until", String, nullable=False),
    *(Column(name, Float, nullable=False) for name in Ball._fields),
    Column("spine", LargeBinary, nullable=False),
)
During = tuple[datetime, datetime]
_SEEN: Final = ("type", "low", "high", *Ball._fields)
CELL: Final = Table(
    "liaison_activity_cell",
    TABLES,
    Column("party", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("cell", Integer, primary_key=True, autoincrement=False),
    Column("since", String, nullable=False),
    Column("until", String, nullable=False),
    Column("exercise", Boolean, nullable=False),
    Column("type", String, nullable=False),
    Column("low", Integer, nullable=False),
    Column("high", Integer, nullable=False),
    *(Column(name, Float, nullable=False) for name in Ball._fields),
    Index("liaison_activity_cell_cell", "cell", "until", "since", "party", "id", "exercise", *_SEEN),
)
MOST: Final = 200
"""Activities of one side that are read in full for one question: those nearest by their balls."""
MOST_SEEN: Final = 10_000
"""Activities of all sides, those over first, of which it is seen for one question how near they may be."""
_ROUNDED: Final = 1.0
"""Metres by which the database may be wrong about how far away a ball is, and is not."""


def _squared(of: ColumnElement[float]) -> ColumnElement[float]:
    return of * of


_IN_CELLS: Final = (
    select(*(CELL.c[name] for name in ("party", "id", "since", "until", *_SEEN)))
    .where(
        among(CELL.c.cell, "cells"),
        CELL.c.until > bindparam("since"),
        CELL.c.since < bindparam("until"),
        CELL.c.party != bindparam("asker"),
        CELL.c.exercise == bindparam("exercise"),
        sum(_squared(CELL.c[axis] - bindparam(axis)) for axis in "xyz")
        <= _squared(CELL.c.metres + bindparam("metres")),
    )
    .distinct()
    .order_by(CELL.c.until, CELL.c.party, CELL.c.id)
    .limit(MOST_SEEN + 1)
)
_TEXTS: Final = select(COMPACT.c.digest).where(COMPACT.c.id == bindparam("compact"))
_LATER: Final = NOTICE.alias("later")


def _of_compact(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a record is of the compact that is asked about, in whatever version."""
    return or_(column == bindparam("digest"), column.in_(_TEXTS))


def _counts(table: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a table, or one by another name
    """Whether another record of the same party counts for an activity: by its compact, its marking and its time."""
    its = (RECORD.c.party == table.c.party) & (RECORD.c.id == table.c.id)
    return and_(
        table.c.party == ACTIVITY.c.party,
        table.c.exercise == ACTIVITY.c.exercise,
        table.c.at >= ACTIVITY.c.counts,
        _of_compact(table.c.compact),
        ~exists().where(its, RECORD.c.state == "withdrawn"),
    )


# Not ended, not changed, not withdrawn: asked of the records themselves, in whatever order they came.
_STANDS: Final = (
    ~exists().where(STEP.c.of_party == ACTIVITY.c.party, STEP.c.of_id == ACTIVITY.c.id, STEP.c.ends, _counts(STEP)),
    ~exists().where(
        _LATER.c.changes_party == ACTIVITY.c.party,
        _LATER.c.changes_id == ACTIVITY.c.id,
        tuple_(_LATER.c.counts, _LATER.c.id) > tuple_(ACTIVITY.c.counts, ACTIVITY.c.id),  # of two, the later changes
        _counts(_LATER),
    ),
    ~exists().where(RECORD.c.party == ACTIVITY.c.party, RECORD.c.id == ACTIVITY.c.id, RECORD.c.state == "withdrawn"),
)
# What opens a sealed notice tells of it only where it fits what was told under seal.
_FITS: Final = or_(
    ~exists().where(UNSEALED.c.party == ACTIVITY.c.party, UNSEALED.c.id == ACTIVITY.c.id),
    exists().where(
        UNSEALED.c.party == ACTIVITY.c.party,
        UNSEALED.c.id == ACTIVITY.c.id,
        SEALED.c.party == UNSEALED.c.of_party,
        SEALED.c.id == UNSEALED.c.of_id,
        SEALED.c.commitment == UNSEALED.c.digest,
        SEALED.c.exercise == UNSEALED.c.exercise,
    ),
)
_STANDING: Final = select(ACTIVITY).where(
    ACTIVITY.c.party == bindparam("side"),
    among(ACTIVITY.c.id, "ids"),
    _of_compact(ACTIVITY.c.compact),
    *_STANDS,
    _FITS,
)
_spine: Final = msgspec.msgpack.Decoder(Spine)


class Told(NamedTuple):
    """Activities that others told of; `cut` where there are more of them than are read."""

    activities: tuple[Activity, ...]
    cut: bool


class Held(NamedTuple):
    """What an activity was found to be in conflict with or near; `cut` where it was not held against all."""

    found: tuple[tuple[Activity, Verdict], ...]
    cut: bool


class _Bound(NamedTuple):
    """What one rule says of others of a type: how near, at which heights, and when, as tables spell it."""

    metres: int
    low: float
    high: float
    after: str
    before: str


def disclose(tx: Tx, compact: str, activity: Activity, counts: str = "") -> None:
    """Add an activity that was told of under a compact, or put it in the place of what has its party and id.

    `compact` is its text's digest. What the same party says of it counts from the time `counts` on, as tables spell it.
    """
    end(tx, activity.party, activity.id)
    named = {"party": activity.party, "id": activity.id}
    seen = {
        "since": spell(activity.window.since),
        "until": spell(activity.window.until),
        "exercise": activity.exercise,
        "type": activity.type,
        "low": activity.heights.low,
        "high": activity.heights.high,
    }
    its = named | seen | activity.ground.ball._asdict()
    row = {"compact": compact, "counts": counts, "spine": msgspec.msgpack.encode(activity.ground)}
    tx.execute(insert(ACTIVITY), its | row)
    tx.execute(insert(CELL), [its | {"cell": cell} for cell in sorted(cells(activity.ground))])


def end(tx: Tx, party: str, id_: str) -> None:
    """Take an activity out: it is over, withdrawn or destroyed."""
    for table in (CELL, ACTIVITY):
        tx.execute(delete(table).where(table.c.party == party, table.c.id == id_))


def near(tx: Tx, terms: Terms, activity: Activity, metres: int = 0, margin: timedelta = timedelta()) -> Told:
    """Return what others told of that a rule may hold against an activity, or against it so much farther off or later.

    That is what still stands of what was told of under the same compact, and as an exercise where it is one itself.
    Some is too far off still, but not by much: only what may be near enough is read in full.
    """
    most, longest = reach(terms, activity.type)
    since, until = activity.window.since - longest - margin, activity.window.until + longest + margin
    during, its = (since, until), activity.ground.ball
    rows, cut = _seen(tx, activity.ground, most + metres, during, exercise=activity.exercise, asker=activity.party)
    bounds, found = _bounds(terms, activity, margin), defaultdict[str, list[tuple[float, str]]](list)
    for row in rows:
        away = at_least(its, Ball(row.x, row.y, row.z, row.metres))
        if _may_meet(bounds[row.type], row, away - metres):
            found[row.party].append((away, row.id))
    cut |= any(len(those) > MOST for those in found.values())
    standing = (each for side in sorted(found) for each in _standing(tx, terms, side, _nearest(found[side])))
    return Told(tuple(standing), cut)


def about(tx: Tx, place: Spine, metres: int, during: During, *, exercise: bool) -> list[tuple[str, str]]:
    """Return what was told of that may be at work so near to a place in a stretch of time, by (party, id).

    Of each side the nearest by their balls, in whatever state they are.
    """
    rows, _ = _seen(tx, place, metres, during, exercise=exercise)
    found = defaultdict[str, list[tuple[float, str]]](list)
    for row in rows:
        away = at_least(place.ball, Ball(row.x, row.y, row.z, row.metres))
        if away <= metres:
            found[row.party].append((away, row.id))
    return [(side, id_) for side in sorted(found) for id_ in _nearest(found[side])]


def against(tx: Tx, terms: Terms, activity: Activity, besides: Sequence[Activity] = ()) -> Held:
    """Return what others told of, or stands `besides`, that an activity is in conflict with or near.

    The most severe and nearest first.
    """
    told = near(tx, terms, activity)
    judged = ((each, judge(terms, activity, each)) for each in (*told.activities, *besides))
    return Held(tuple(sorted((each for each in judged if each[1].level != "clear"), key=_order)), told.cut)


def proposals(  # noqa: PLR0913 - what is asked, of what, and when
    tx: Tx, terms: Terms, activity: Activity, shape: Shape, now: datetime, *, besides: Sequence[Activity] = ()
) -> tuple[Proposal, ...]:
    """Return what would be clear of all that others told of or stands `besides`, as `propose` does.

    To talk, where that is not all read.
    """
    told = near(tx, terms, activity, FARTHEST, DAY)
    return (Talk(),) if told.cut else propose(terms, activity, shape, (*told.activities, *besides), now)


def _seen(  # noqa: PLR0913 - where and when, of whom, and as what
    tx: Tx, ground: Spine, metres: int, during: During, *, exercise: bool, asker: str = ""
) -> tuple[Sequence[Row[Any]], bool]:
    """Return what of others is in the cells of a ground and so much around it; and whether there are more."""
    since, until = during
    asked = {
        "cells": sorted(cells(ground, metres)),
        "since": spell(since),
        "until": spell(until),
        "asker": asker,
        "exercise": exercise,
        **ground.ball._replace(metres=ground.ball.metres + metres + _ROUNDED)._asdict(),
    }
    rows = tx.execute(_IN_CELLS, asked).fetchall()
    return rows[:MOST_SEEN], len(rows) > MOST_SEEN


def _bounds(terms: Terms, activity: Activity, margin: timedelta) -> Mapping[str, Sequence[_Bound]]:
    """Return what each rule about an activity says of others, by their types."""
    found: dict[str, list[_Bound]] = {type_: [] for type_ in get_args(Planned)}
    for rule in rules_of(terms, activity.type):
        if its := [found[type_] for type_ in get_args(Planned) if is_about(rule, activity.type, type_)]:
            bound = _bound(rule, activity, margin)
            for those in its:
                those.append(bound)
    return found


def _bound(rule: Separation, activity: Activity, margin: timedelta) -> _Bound:
    window, heights = activity.window, activity.heights
    least, above = rule.minutes * MINUTE + margin, inf if rule.height_metres is None else rule.height_metres
    after, before = spell(window.since - least), spell(window.until + least)
    return _Bound(rule.near_metres, heights.low - above, heights.high + above, after, before)


def _may_meet(bounds: Iterable[_Bound], row: Row[Any], away: float) -> bool:
    """Whether one of the rules may hold what a row says, so far away at the least, against what was asked about."""
    low, high, since, until = row.low, row.high, row.since, row.until
    for metres, least, most, after, before in bounds:
        if away <= metres and low <= most and high >= least and since < before and until > after:
            return True
    return False


def _nearest(those: list[tuple[float, str]]) -> list[str]:
    """Return the ids of the nearest, as many as are read."""
    return [id_ for _, id_ in sorted(those)[:MOST]]


def _standing(tx: Tx, terms: Terms, side: str, ids: Sequence[str]) -> Iterator[Activity]:
    """Yield those of a side's activities that still stand."""
    asked = {"side": side, "ids": ids, "compact": terms.id, "digest": terms.digest}
    for row in tx.execute(_STANDING, asked).fetchall():
        heights = Heights(row.low, row.high)
        yield Activity(row.party, row.id, row.type, heights, _window(row), row.exercise, _spine.decode(row.spine))


def _order(judged: tuple[Activity, Verdict]) -> tuple[int, float, str, str]:
    other, verdict = judged
    return severity(verdict), verdict.metres or 0.0, other.party, other.id


def _window(row: Row[Any]) -> Window:
    return Window(datetime.fromisoformat(row.since), datetime.fromisoformat(row.until))
