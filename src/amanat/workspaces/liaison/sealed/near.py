"""Whether something happened near what was told of under seal: then it is opened at once.

Law: pure. What is known only roughly counts as near as far as it may lie, up to a bound.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from amanat.workspaces.liaison.ground.shapes import MOST_EAST, MOST_NORTH, Point, Position
from amanat.workspaces.liaison.ground.spines import metres_between
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.notices.kinds import Notice

WITHIN: Final = 5_000
"""Metres from what was planned, beyond what the place of the incident is known to."""
ROUGHEST: Final = 10_000
"""Metres: what is known to no better is near nothing. Else one vague word of the other side would open all there is."""
AROUND: Final = timedelta(hours=1)
"""Before what was planned begins, and after it is over."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An incident: which record says so, where, when, under which compact (its id), and whether as an exercise."""

    key: Named
    place: Spot
    at: datetime
    compact: str
    exercise: bool


def near_incident(notice: Notice, happened: Happened) -> bool:
    """Whether an incident lies so near to what a notice tells of, in place and time, that it is to be opened."""
    place, window = happened.place, notice.window
    if not window.since - AROUND <= happened.at <= window.until + AROUND:
        return False
    if abs(place.lat) > MOST_NORTH or abs(place.lon) > MOST_EAST or place.metres > ROUGHEST:
        return False  # no notice is of there, or it is not said where
    return metres_between(notice.shape, Point(Position(place.lat, place.lon), place.metres)) <= WITHIN
