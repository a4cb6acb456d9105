"""The tracks that are here: each with the set of its steps, and what of it nobody here has read yet.

Law: how one stands follows from `rules` over these sets; nothing is written here.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from amanat.exchange.means import Turn
from amanat.workspaces.liaison import matter_rows
from amanat.workspaces.liaison.matter_rows import Begun, Bound, Key
from amanat.workspaces.liaison.rules import AHEAD
from amanat.workspaces.liaison.tracks import counted, views
from amanat.workspaces.liaison.tracks.counted import Track
from amanat.workspaces.liaison.tracks.kinds import TRACK

LOOKS_BACK: Final = timedelta(days=120)
"""How far back a track may have been opened that is still told of among what waits."""
MOST_OPEN: Final = 50
"""Tracks of one type that one party opened, the last of them, of which what waits is told."""


def one(turn: Turn, party: str, id_: str) -> Track | None:
    """Return a track by what opened it, None where it is not here."""
    return next(iter(of(turn, matter_rows.named(turn.tx, views.TRACK, [(party, id_)]))), None)


def recent(turn: Turn, besides: Collection[Key] = ()) -> list[Track]:
    """Return the tracks that may wait for somebody, oldest first: the last of each party and type, and `besides`."""
    span = (turn.now - LOOKS_BACK, turn.now + AHEAD)
    newest = matter_rows.newest(turn.tx, views.TRACK, span, MOST_OPEN, apart=(views.TRACK.c.type,))
    rows = {(row.party, row.id): row for row in newest}
    more = matter_rows.named(turn.tx, views.TRACK, [key for key in besides if key not in rows])
    return of(turn, [*more, *rows.values()])


def of(turn: Turn, rows: Iterable[Row[Any]]) -> list[Track]:
    """Return the tracks of some rows, in their order; those of which no compact of two is here are left out."""
    tables = (views.TRACK, views.STEP)
    most = Bound(counted.MOST_STEPS, views.STEP.c.type)
    return [_track(each) for each in matter_rows.begun(turn, TRACK.name, tables, rows, most)]


def unread(turn: Turn) -> Mapping[Key, list[Row[Any]]]:
    """Return what of tracks waits to be read here, by the track."""
    return matter_rows.unread(turn, views.TRACK, views.STEP, TRACK.label)


def unread_of(turn: Turn, track: Track) -> list[Row[Any]]:
    """Return what of a track waits to be read here, whatever else does."""
    return matter_rows.unread_of(turn, views.TRACK, views.STEP, (track.root.key.party, track.root.key.id))


def _track(begun: Begun) -> Track:
    row, terms = begun.row, begun.terms
    return Track(
        root=matter_rows.told(row, views.read(row), begun.withdrawn),
        type=row.type,
        other=begun.other,
        said=frozenset(matter_rows.told(each, views.read(each), begun.withdrawn) for each in begun.steps),
        hours=matter_rows.hours(terms.kinds[TRACK.name]),
        exercise=row.exercise,
        expires=datetime.fromisoformat(row.expires) if row.expires else None,
        compact=terms.id,
        more=begun.more,
    )
