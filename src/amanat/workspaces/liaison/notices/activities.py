"""The activities that were told of, in the node's database, found by where and when they are.

Law: only what was disclosed stands here, each as its record has it, so that the tables can be made again of records in
whatever order: what was ended, changed or withdrawn is left out when one asks. An own plan that was not disclosed is a
question, and is never written down by asking. A cell is a number (`spines.cells`), so that any database finds it by an
ordinary index.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

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
    func,
    insert,
    or_,
    select,
    tuple_,
)

from amanat.compact.terms import Terms
from amanat.record.kind import Tx
from amanat.store.dialect import among
from amanat.store.tables import COMPACT, RECORD
from amanat.workspaces.liaison.ground.shapes import Heights, Shape, Window
from amanat.workspaces.liaison.ground.spines import Ball, Spine, at_least, cells
from amanat.workspaces.liaison.notices.deconfliction import (
    DAY,
    FARTHEST,
    Activity,
    Plan,
    Proposal,
    Verdict,
    farthest,
    judge,
    propose,
    reach,
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
CELL: Final = Table(
    "liaison_activity_cell",
    TABLES,
    Column("party", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("cell", Integer, primary_key=True, autoincrement=False),
    Column("since", String, nullable=False),
    Column("until", String, nullable=False),
    Index("liaison_activity_cell_cell", "cell", "until", "since", "party", "id"),
)

_WHICH: Final = (
    select(CELL.c.party, CELL.c.id)
    .where(
        among(CELL.c.cell, "cells"),
        CELL.c.until > bindparam("since"),
        CELL.c.since < bindparam("until"),
        CELL.c.party != bindparam("asker"),
    )
    .distinct()
    .subquery()
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
# A box about the ball, and not the ball: what is multiplied in a database is not rounded everywhere alike.
_NEAR: Final = (
    select(ACTIVITY)
    .join(_WHICH, (ACTIVITY.c.party == _WHICH.c.party) & (ACTIVITY.c.id == _WHICH.c.id))
    .where(
        _of_compact(ACTIVITY.c.compact),
        ACTIVITY.c.exercise == bindparam("exercise"),
        *(func.abs(ACTIVITY.c[axis] - bindparam(axis)) <= ACTIVITY.c.metres + bindparam("most") for axis in "xyz"),
        *_STANDS,
        _FITS,
    )
)
_spine: Final = msgspec.msgpack.Decoder(Spine)


def disclose(tx: Tx, compact: str, activity: Activity, counts: str = "") -> None:
    """Add an activity that was told of under a compact, or put it in the place of what has its party and id.

    `compact` is its text's digest. What the same party says of it counts from the time `counts` on, as tables spell it.
    """
    end(tx, activity.party, activity.id)
    named = {"party": activity.party, "id": activity.id}
    during = {"since": spell(activity.window.since), "until": spell(activity.window.until)}
    row = {
        "compact": compact,
        "counts": counts,
        "exercise": activity.exercise,
        "type": activity.type,
        "low": activity.heights.low,
        "high": activity.heights.high,
        "spine": msgspec.msgpack.encode(activity.ground),
    }
    tx.execute(insert(ACTIVITY), named | during | row | activity.ground.ball._asdict())
    tx.execute(insert(CELL), [named | during | {"cell": cell} for cell in sorted(cells(activity.ground))])


def end(tx: Tx, party: str, id_: str) -> None:
    """Take an activity out: it is over, withdrawn or destroyed."""
    for table in (CELL, ACTIVITY):
        tx.execute(delete(table).where(table.c.party == party, table.c.id == id_))


def near(
    tx: Tx, terms: Terms, activity: Activity, metres: int = 0, margin: timedelta = timedelta()
) -> Iterator[Activity]:
    """Yield what others told of that a rule may hold against an activity, or against it so much farther off or later.

    That is what still stands of what was told of under the same compact, and as an exercise where it is one itself.
    Some is too far off still, but not by much: only what may be near enough is read in full.
    """
    most, longest = reach(terms, activity.type)
    its = activity.ground.ball
    asked = {
        "cells": sorted(cells(activity.ground, most + metres)),
        "since": spell(activity.window.since - longest - margin),
        "until": spell(activity.window.until + longest + margin),
        "asker": activity.party,
        "compact": terms.id,
        "digest": terms.digest,
        "exercise": activity.exercise,
        "x": its.x,
        "y": its.y,
        "z": its.z,
        "most": its.metres + most + metres,
    }
    for row in tx.execute(_NEAR, asked):
        away = at_least(its, Ball(row.x, row.y, row.z, row.metres))
        if away <= most + metres:
            named = (row.party, row.id, row.type, Heights(row.low, row.high), _window(row), row.exercise)
            within = farthest(terms, activity, Plan(*named), margin)
            if within is not None and away <= within + metres:
                yield Activity(*named, _spine.decode(row.spine))


def about(tx: Tx, place: Spine, metres: int, since: datetime, until: datetime) -> list[tuple[str, str]]:
    """Return what was told of that may be at work so near to a place in a stretch of time, by (party, id)."""
    during = {"since": spell(since), "until": spell(until), "asker": "", "cells": sorted(cells(place, metres))}
    return sorted((row.party, row.id) for row in tx.execute(select(_WHICH), during))


def against(
    tx: Tx, terms: Terms, activity: Activity, besides: Sequence[Activity] = ()
) -> list[tuple[Activity, Verdict]]:
    """Return what others told of, or stands `besides`, that an activity is in conflict with or near.

    The most severe and nearest first.
    """
    judged = [(each, judge(terms, activity, each)) for each in (*near(tx, terms, activity), *besides)]
    return sorted((each for each in judged if each[1].level != "clear"), key=_order)


def proposals(  # noqa: PLR0913 - what is asked, of what, and when
    tx: Tx, terms: Terms, activity: Activity, shape: Shape, now: datetime, *, besides: Sequence[Activity] = ()
) -> tuple[Proposal, ...]:
    """Return what would be clear of all that others told of or stands `besides`, as `propose` does."""
    return propose(terms, activity, shape, (*near(tx, terms, activity, FARTHEST, DAY), *besides), now)


def _order(judged: tuple[Activity, Verdict]) -> tuple[int, float, str, str]:
    other, verdict = judged
    return severity(verdict), verdict.metres or 0.0, other.party, other.id


def _window(row: Row[Any]) -> Window:
    return Window(datetime.fromisoformat(row.since), datetime.fromisoformat(row.until))
