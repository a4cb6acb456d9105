"""Tracks on the map of all, and held against what is planned: agreed hand-overs, passages, ordnance, fire.

Law: places of events alone; where persons, animals or vehicles were found or sought is never on it (floor 6). Ordnance
stays on it until whose soil it lies on says that it is cleared, however long that is, and whoever closes the track.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from sqlalchemy import exists, or_

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison import matter_rows
from amanat.workspaces.liaison.ground.features import Asking, Feature, around, meets
from amanat.workspaces.liaison.ground.kept import Kept
from amanat.workspaces.liaison.ground.shapes import Point
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.rules import AHEAD
from amanat.workspaces.liaison.tracks import counted, held, rules, views
from amanat.workspaces.liaison.tracks.counted import Track
from amanat.workspaces.liaison.tracks.kinds import TRACK, Fire, Opens, Ordnance, Passage, Proposed
from amanat.workspaces.liaison.tracks.rules import Standing
from amanat.workspaces.liaison.tracks.words import title
from amanat.workspaces.liaison.views import spell

LOOKS_BACK: Final = timedelta(days=366)
MOST: Final = 200
"""Of each party in the year before, those opened last of each sort; of ordnance as many, whenever it was told of."""
EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
GONE: Final = frozenset(("not-completed", "withdrawn"))
FIRE_LASTS: Final = timedelta(days=1)

Where = tuple[Point | None, datetime, datetime | None]
"""A place, from when until when it is one of an event."""
Stands = tuple[Literal["hand-over", "passage", "warning"], Named, Where]
"""As what plans are held against it, by which record, and where."""


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them."""
    until = min(asking.until, turn.now + AHEAD)
    span, ever = (asking.since - LOOKS_BACK, until), (EVER, until)
    type_ = views.TRACK.c.type
    rows = matter_rows.newest(turn.tx, views.TRACK, span, MOST, type_ != "ordnance")
    rows += matter_rows.newest(turn.tx, views.TRACK, ever, MOST, type_ == "ordnance")
    for track in held.of(turn, rows):
        key, stands = track.root.key, rules.standing(track, turn.now)
        state = stands.state
        found = _where(track, stands) if state not in GONE or track.type == "ordnance" else None
        if found is not None and found[0] is not None and meets(asking, *found[1:]):
            yield Feature(
                layer="tracks",
                party=key.party,
                id=key.id,
                kind=TRACK.label,
                title=title(track.root.body),
                shape=found[0],
                since=found[1],
                until=found[2],
                path=f"/liaison/track?party={key.party}&id={key.id}",
                exercise=track.exercise,
                state=("track state", state),
            )


def kept(turn: Turn, asking: Asking) -> Iterator[Kept]:
    """Yield hand-overs and recoveries that both agreed to, passages, and ordnance, until they are done."""
    root, step = views.TRACK.c, views.STEP.c
    answered = exists().where(step.root_party == root.party, step.root_id == root.id, step.party != root.party)
    recent = (root.at >= spell(asking.since - LOOKS_BACK)) & or_(root.type == "passage", answered)
    its, ever = or_(root.type == "ordnance", recent), (EVER, min(asking.until, turn.now + AHEAD))
    rows = matter_rows.newest(turn.tx, views.TRACK, ever, MOST, its, apart=(root.type,))
    for track in held.of(turn, rows):
        key, stands = track.root.key, rules.standing(track, turn.now)
        type_, by, (shape, since, until) = _stands(track, stands)
        if shape is None or not meets(asking, since, until):
            continue
        yield Kept(
            type=type_,
            key=key,
            by=by,
            whose=key.party if type_ == "warning" else "",
            compact=track.compact,
            exercise=track.exercise,
            shape=shape,
            since=since,
            until=until,
            path=f"/liaison/track?party={key.party}&id={key.id}",
        )


def _stands(track: Track, stands: Standing) -> Stands:
    """Return as what of a track something is where and when, while that is to come or under way; else nowhere."""
    body, where, key = track.root.body, _where(track, stands), track.root.key
    if isinstance(body, Ordnance) and where is not None and where[2] is None:
        return "warning", key, where
    if isinstance(body, Passage):
        opens = next((each.said for row in stands.rows for each in row if each.code == "opens" and each.said), None)
        said = opens.body if opens is not None and isinstance(opens.body, Opens) else body
        there = around(said.place) if stands.state == "open" else None
        return "passage", opens.key if opens is not None else key, (there, said.window.since, said.window.until)
    settled = counted.settled(track)
    if isinstance(body, Ordnance | Fire) or where is None or settled is None or stands.state != "open":
        return "hand-over", key, (None, track.root.at, None)
    return "hand-over", settled[1].key, where


def _where(track: Track, stands: Standing) -> Where | None:
    body = track.root.body
    if isinstance(body, Ordnance):
        cleared = next((each.said for row in stands.rows for each in row if each.code == "cleared"), None)
        return around(body.place, body.metres), track.root.at, cleared.at if cleared else None
    if isinstance(body, Fire):
        return around(body.near), body.began, body.began + FIRE_LASTS
    settled = counted.settled(track)
    if settled is None or not isinstance(settled[0].body, Proposed):
        return None
    body = settled[0].body
    return around(body.place), body.window.since, body.window.until
