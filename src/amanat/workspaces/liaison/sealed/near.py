"""Whether something happened near what was told of under seal: then it is opened at once.

Law: pure. What is known only roughly counts as near as far as it may lie, up to a bound.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from amanat.workspaces.liaison.ground.shapes import MOST_EAST, MOST_NORTH, Point, Position
from amanat.workspaces.liaison.ground.spines import spine, within
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
    return first_near(notice, (happened,)) is not None


def first_near(notice: Notice, those: Iterable[Happened]) -> Happened | None:
    """Return the first of these incidents on which a notice is to be opened.

    What was not then is left out first, and then what is too far off by two balls: most is, however many there are.
    """
    since, until = notice.window.since - AROUND, notice.window.until + AROUND
    timely = [each for each in those if since <= each.at <= until and _said_where(each.place)]
    ground = spine(notice.shape) if timely else None
    for each in timely:
        place = spine(Point(Position(each.place.lat, each.place.lon), each.place.metres))
        if ground is not None and within(ground, place, WITHIN) <= WITHIN:
            return each
    return None


def _said_where(place: Spot) -> bool:
    """Whether a notice may be of there, and it is said well enough where that is."""
    return abs(place.lat) <= MOST_NORTH and abs(place.lon) <= MOST_EAST and place.metres <= ROUGHEST
