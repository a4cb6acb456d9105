"""Short tracks on the map of all: places of events alone, a hand-over that was agreed, ordnance, and stray fire.

Law: where persons, animals or vehicles were found or sought is never on it (floor 6).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison import matter_rows
from amanat.workspaces.liaison.ground.features import Asking, Feature, around, meets
from amanat.workspaces.liaison.ground.shapes import Point
from amanat.workspaces.liaison.tracks import held, rules, views
from amanat.workspaces.liaison.tracks.kinds import TRACK, Closed, Done, Fire, Ordnance, Proposed
from amanat.workspaces.liaison.tracks.rules import Track
from amanat.workspaces.liaison.tracks.words import title

LOOKS_BACK: Final = timedelta(days=366)
MOST: Final = 200
"""Of each party in the year before, those opened last."""
FIRE_LASTS: Final = timedelta(days=1)

Where = tuple[Point | None, datetime, datetime | None]
"""A place, from when until when it is one of an event."""


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them."""
    span = (asking.since - LOOKS_BACK, asking.until)
    for track in held.of(turn, matter_rows.newest(turn.tx, views.TRACK, span, MOST)):
        key, state = track.root.key, rules.standing(track, turn.now).state
        found = _where(track) if state != "not-completed" else None
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


def _where(track: Track) -> Where | None:
    body = track.root.body
    if isinstance(body, Ordnance):
        heard, closed = list(rules.heard_in(track)), rules.closing(track) >= set(track.parties)
        ends = [each.at for each in heard if isinstance(each.body, Done) or (closed and isinstance(each.body, Closed))]
        return around(body.place, body.metres), track.root.at, min(ends, default=None)
    if isinstance(body, Fire):
        return around(body.near), body.began, body.began + FIRE_LASTS
    proposed, agreed = rules.proposal(track)
    if proposed is None or agreed is None or not isinstance(proposed.body, Proposed):
        return None
    return around(proposed.body.place), proposed.body.window.since, proposed.body.window.until
