"""The map of all, its table, and the same as GeoJSON for whoever has a map of their own.

Law: whatever parts show stands in all three, under one number; what is left out is counted and said.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison import days, places
from amanat.workspaces.liaison.ground.features import LAYERS, Asking, Feature, Shows, geojson

MOST: Final = 500
"""What stands on the map at once: of each party its share, that of the layers of most weight, what began last first."""
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown: a day ("" is now), a side ("" is all), layers ("on"; none is all), and what one looks at first."""

    day: Annotated[str, msgspec.Meta(max_length=10)] = ""
    side: Annotated[str, msgspec.Meta(max_length=16)] = ""
    warnings: str = ""
    incidents: str = ""
    works: str = ""
    notices: str = ""
    clarifications: str = ""
    measures: str = ""
    meetings: str = ""
    tracks: str = ""
    calls: str = ""
    focus: Annotated[str, msgspec.Meta(max_length=120)] = ""

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that are asked for."""
        return tuple(each for each in LAYERS if getattr(self, each)) or LAYERS


@dataclass(frozen=True, slots=True)
class Board:
    """What of all the parts is shown, and how much is left out."""

    shows: tuple[Shows, ...]

    def page(self, turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
        """Return what the page shows. Raises `Invalid` for a day that there is not."""
        found, more = self._shown(turn, actor, query)
        names = places.known(turn)
        asked = {name: value for name, value in msgspec.to_builtins(query).items() if value and name != "focus"}
        return {
            "shown": [(number, each, _data(each, number)) for number, each in enumerate(found, 1)],
            "more": more,
            "layers": LAYERS,
            "filters": query,
            "chosen": query.layers if query.layers != LAYERS else (),
            "parties": sorted({party for each in turn.known.compacts.values() for party in each.terms.members}),
            "narrowed": bool(asked),
            "file": "/liaison/map.geojson" + (f"?{urlencode(asked)}" if asked else ""),
            "places_offered": lambda language: places.offered(names, language),
        }

    def file(self, turn: Turn, actor: Actor, query: Query) -> bytes:
        """Return the same as a collection of features. Raises `Invalid` for a day that there is not."""
        found, _ = self._shown(turn, actor, query)
        features = [geojson(each, number) for number, each in enumerate(found, 1)]
        return msgspec.json.encode({"type": "FeatureCollection", "features": features})

    def _shown(self, turn: Turn, actor: Actor, query: Query) -> tuple[list[Feature], int]:
        asking = _asking(turn, query.day)
        every = (each for shows in self.shows for each in shows(turn, actor, asking))
        found = sorted(_of(every, query), key=_order)
        return _chosen(found), max(0, len(found) - MOST)


def _chosen(found: list[Feature]) -> list[Feature]:
    """Return what is shown, in its order: of each party its share first, lest one fills the map that another needs."""
    share, taken = MOST // max(2, len({each.party for each in found})), Counter[str]()
    first, rest = list[Feature](), list[Feature]()
    for each in found:
        taken[each.party] += 1
        (first if taken[each.party] <= share else rest).append(each)
    return sorted((first + rest)[:MOST], key=_order)


def _of(features: Iterable[Feature], query: Query) -> Iterable[Feature]:
    layers = query.layers
    return (each for each in features if each.layer in layers and query.side in ("", each.party))


def _order(each: Feature) -> tuple[int, float, str]:
    return LAYERS.index(each.layer), -each.since.timestamp(), each.key


def _asking(turn: Turn, day: str) -> Asking:
    """Return the stretch of time that is asked for: now, or a day of the own zone. Raises `Invalid`."""
    if not day:
        return Asking(turn.now, turn.now + timedelta(seconds=1))
    zone, on = own_zone(turn), min(LATEST, max(EARLIEST, days.read(day)))
    begins, ends = (datetime.combine(each, time(), zone).astimezone(UTC) for each in (on, on + timedelta(days=1)))
    return Asking(begins, ends)


def _data(each: Feature, number: int) -> str:
    """Return what a script draws of a row."""
    return msgspec.json.encode(geojson(each, number)).decode()
