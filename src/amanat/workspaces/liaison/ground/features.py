"""What parts of liaison show on the map of all: where it is, when, what it is called, and where one reads more.

Law: one seam. A part says what it has in a stretch of time (`Part.shown`), and knows nothing of maps; what the map
shows its table shows too, by the same number.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison.ground.outlines import geometry, metres
from amanat.workspaces.liaison.ground.shapes import MOST_EAST, MOST_NORTH, MOST_REACH, Point, Position, Shape
from amanat.workspaces.liaison.kinds import Spot

Layer = Literal[
    "warnings", "incidents", "works", "notices", "clarifications", "measures", "meetings", "tracks", "calls"
]  # fmt: skip

LAYERS: Final[tuple[Layer, ...]] = get_args(Layer)
"""The layers, that of most weight first. Works and obstacles are one of their own, and no notices among others."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Of which stretch of time is asked what there is: all that has a moment in it, its last one not counted."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """Something that has a place.

    `party` and `id` name the record that it is of, and `n` tells several of one record apart. `kind` (its label) and
    `title` are what lists call that record by. `state` is how it stands: a list of the words and a code in it. It is
    there from `since` until `until`, None for what has no end. `path` is the page that says more.
    """

    layer: Layer
    party: str
    id: str
    kind: str
    title: str
    shape: Shape
    since: datetime
    until: datetime | None
    path: str
    exercise: bool
    state: tuple[str, str] | None = None
    n: int = 0

    @property
    def key(self) -> str:
        """The name of it on the map, and of no other."""
        return f"{self.party}:{self.id}:{self.n}"


Shows = Callable[[Turn, Actor, Asking], Iterable[Feature]]


def meets(asking: Asking, since: datetime, until: datetime | None) -> bool:
    """Whether what is there from a time until another is there at a moment of what is asked."""
    return since < asking.until and (until is None or until > asking.since)


def around(spot: Spot, metres: int = 0) -> Point | None:
    """Return all that is within so many metres of a place, as closely as that is known; None where no map is drawn."""
    if abs(spot.lat) > MOST_NORTH or abs(spot.lon) > MOST_EAST:
        return None
    return Point(Position(spot.lat, spot.lon), min(spot.metres + metres, MOST_REACH))


def geojson(each: Feature, number: int) -> dict[str, Any]:
    """Return a feature of GeoJSON (RFC 7946): longitude first, in WGS 84. How wide it is stands in `metres`."""
    return {
        "type": "Feature",
        "id": each.key,
        "geometry": geometry(each.shape),
        "properties": {
            "number": number,
            "layer": each.layer,
            "title": each.title,
            "party": each.party,
            "state": each.state[1] if each.state else "",
            "since": _written(each.since),
            "until": _written(each.until) if each.until else None,
            "exercise": each.exercise,
            "metres": metres(each.shape),
            "path": each.path,
        },
    }


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
