"""What waits of tracks for officers here: a step that is this side's, and what came and nobody has read yet.

Law: a track waits once, whatever is to be done in it; what is unread is opened by its next step, or by saying so. What
came of a track that is not here is read as the record it is.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspaces.liaison.matter_rows import Key
from amanat.workspaces.liaison.tracks import deeds, held, rules
from amanat.workspaces.liaison.tracks.counted import Track
from amanat.workspaces.liaison.tracks.kinds import TRACK
from amanat.workspaces.liaison.tracks.rules import Next
from amanat.workspaces.liaison.tracks.words import title


def count(turn: Turn, actor: Actor) -> int:
    """Return how many tracks wait for this side."""
    return sum(1 for _ in now(turn, actor))


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield the tracks in which something is to be done here, or to be read."""
    if not may(actor, "record.acknowledge"):
        return
    unread = dict(held.unread(turn))
    for track in held.recent(turn, list(unread)):
        key = (track.root.key.party, track.root.key.id)
        rows = unread.pop(key, [])
        own = _own(turn, track) if may(actor, "record.send") else None
        if own is not None or rows:
            yield _waiting(turn, track, own, rows)
    yield from _astray(unread)


def _own(turn: Turn, track: Track) -> Next | None:
    """Return the step that is this side's to make, the first due, if any; a step of either side is nobody's."""
    waits = rules.standing(track, turn.now).waits
    own = [each for each in waits if each.party == turn.means.party and each.due is not None]
    return min(own, key=lambda each: each.due or each.since, default=None)


def _waiting(turn: Turn, track: Track, own: Next | None, rows: list[Row[Any]]) -> Waiting:
    key = track.root.key
    read_by = min((datetime.fromisoformat(row.read_by) for row in rows), default=None)
    searched = own is not None and track.type == "missing" and own.code == "offered"
    return Waiting(
        what="workspace",
        matter="liaison.track-sought" if searched else "liaison.track-step" if own else "liaison.track-read",
        since=own.since if own else datetime.fromisoformat(rows[0].at),
        due=own.due if own else read_by,
        party=key.party,
        id=key.id,
        kind=TRACK.label,
        peer=next(each for each in (*track.parties[::-1], *track.parties) if each != turn.means.party),
        title=title(track.root.body),
        path=deeds.PAGE.format(party=key.party, id=key.id),
        exercise=track.exercise,
    )


def _astray(unread: Mapping[Key, list[Row[Any]]]) -> Iterator[Waiting]:
    """Yield the steps of tracks that are not here."""
    for rows in unread.values():
        for row in rows:
            yield Waiting(
                what="workspace",
                matter="liaison.track-astray",
                since=datetime.fromisoformat(row.at),
                due=datetime.fromisoformat(row.read_by),
                party=row.party,
                id=row.id,
                kind=TRACK.label,
                peer=row.party,
                path=f"/record/{row.party}/{row.id}",
                exercise=row.exercise,
            )
