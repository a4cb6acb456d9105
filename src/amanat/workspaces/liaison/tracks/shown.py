"""Short tracks on the map of all: places of events alone, a hand-over that was agreed, ordnance, and stray fire.

Law: where persons, animals or vehicles were found or sought is never on it (floor 6). Ordnance stays on it until whose
soil it lies on says that it is cleared, however long that is, and whoever closes the track.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison import matter_rows
from amanat.workspaces.liaison.ground.features import Asking, Feature, around, meets
from amanat.workspaces.liaison.ground.shapes import Point
from amanat.workspaces.liaison.tracks import held, rules, views
from amanat.workspaces.liaison.tracks.kinds import TRACK, Fire, Ordnance, Proposed
from amanat.workspaces.liaison.tracks.rules import Standing, Track
from amanat.workspaces.liaison.tracks.words import title

LOOKS_BACK: Final = timedelta(days=366)
MOST: Final = 200
"""Of each party in the year before, those opened last; and of ordnance as many, whenever it was told of."""
EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
GONE: Final = frozenset(("not-completed", "withdrawn"))
FIRE_LASTS: Final = timedelta(days=1)

Where = tuple[Point | None, datetime, datetime | None]
"""A place, from when until when it is one of an event."""


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them."""
    span, ever = (asking.since - LOOKS_BACK, asking.until), (EVER, asking.until)
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


def _where(track: Track, stands: Standing) -> Where | None:
    body = track.root.body
    if isinstance(body, Ordnance):
        cleared = next((each.said for row in stands.rows for each in row if each.code == "cleared"), None)
        return around(body.place, body.metres), track.root.at, cleared.at if cleared else None
    if isinstance(body, Fire):
        return around(body.near), body.began, body.began + FIRE_LASTS
    proposed, agreed = rules.proposal(track)
    if proposed is None or agreed is None or not isinstance(proposed.body, Proposed):
        return None
    return around(proposed.body.place), proposed.body.window.since, proposed.body.window.until
