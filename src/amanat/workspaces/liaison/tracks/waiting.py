"""What waits of tracks for officers here: a step that is this side's, and what came and nobody has read yet.

Law: what is unread is opened by the track's next step, or by saying so.
"""

from collections.abc import Iterator
from typing import Final

from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison import waits
from amanat.workspaces.liaison.tracks import held, rules
from amanat.workspaces.liaison.tracks.counted import Track
from amanat.workspaces.liaison.tracks.kinds import TRACK
from amanat.workspaces.liaison.tracks.rules import Next
from amanat.workspaces.liaison.tracks.words import title
from amanat.workspaces.liaison.waits import Owed


def count(turn: Turn, actor: Actor) -> int:
    """Return how many tracks wait for this side."""
    return sum(1 for _ in now(turn, actor))


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield the tracks in which something is to be done here, or to be read."""
    return waits.now(turn, actor, _TRACKS)


def _own(turn: Turn, track: Track) -> Next | None:
    """Return the step that is this side's to make, the first due, if any; a step of either side is nobody's."""
    own = [
        each
        for each in rules.standing(track, turn.now).waits
        if each.party == turn.means.party and each.due is not None
    ]
    return min(own, key=lambda each: each.due or each.since, default=None)


def _code(track: Track, own: Owed | None) -> str:
    searched = isinstance(own, Next) and track.type == "missing" and own.code == "offered"
    return "liaison.track-sought" if searched else "liaison.track-step" if own else "liaison.track-read"


_TRACKS: Final = waits.Matters(TRACK, held.recent, held.unread, _own, _code, "liaison.track-astray", title)
