"""Activities by chance, along a line and within a span of days: of every type, shape, height and length."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import cos, radians, sin, tau
from random import Random
from typing import get_args

from amanat.compact.form import Planned
from amanat.record.record import uuid7
from amanat.workspaces.liaison.ground.shapes import GROUND, Area, Corridor, Heights, Point, Position, Shape, Window
from amanat.workspaces.liaison.ground.spines import spine
from amanat.workspaces.liaison.notices.deconfliction import Activity

MORNING = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
TYPES: tuple[Planned, ...] = get_args(Planned)


def by_chance(number: int) -> Random:
    """Return chance that can be had again."""
    return Random(number)  # noqa: S311 - nothing is hidden by it


@dataclass(frozen=True)
class Spread:
    """Between which places activities lie, how far aside (degrees), and in how many days they begin."""

    begins: tuple[float, float] = (34.0, 70.6)
    ends: tuple[float, float] = (34.3, 71.2)
    aside: float = 0.05
    days: int = 2

    def activity(self, chance: Random, party: str, number: int) -> Activity:
        """Return one of a party; its id is by its number."""
        return self.planned(chance, party, number)[0]

    def planned(self, chance: Random, party: str, number: int) -> tuple[Activity, Shape]:
        """Return one with its shape."""
        minutes = chance.randrange(self.days * 24 * 60)
        since = MORNING + timedelta(minutes=minutes)
        lasts = timedelta(minutes=chance.choice([30, 120, 480, 1440, 5 * 1440]))
        type_ = chance.choice(TYPES)
        low = chance.choice([50, 120, 3000])
        high = type_ in {"flight", "drone"}
        shape = self._shape(chance)
        activity = Activity(
            party=party,
            id=uuid7(0, number.to_bytes(10)),
            type=type_,
            heights=Heights(low, low + chance.choice([0, 100, 500])) if high else GROUND,
            window=Window(since, since + lasts),
            exercise=False,
            ground=spine(shape),
        )
        return activity, shape

    def _shape(self, chance: Random) -> Shape:
        along = chance.random()
        lat, lon = (
            a + along * (b - a) + chance.gauss(0, self.aside) for a, b in zip(self.begins, self.ends, strict=True)
        )
        sort = chance.random()
        if sort < 0.4:
            return Point(_at(lat, lon), chance.choice([0, 50, 500, 2000]))
        turn = chance.random() * tau
        if sort < 0.8:
            way = [(lat, lon)]
            for _ in range(chance.randint(1, 9)):
                turn += chance.gauss(0, 0.4)
                lat, lon = lat + 0.03 * sin(turn), lon + 0.03 * cos(turn)
                way.append((lat, lon))
            return Corridor(tuple(_at(*each) for each in way), chance.choice([20, 100, 1000]))
        number, wide = chance.randint(3, 10), chance.uniform(0.01, 0.08)
        corners = [(turn + tau * each / number, wide * chance.uniform(0.6, 1)) for each in range(number)]
        return Area(tuple(_at(lat + far * sin(way), lon + far * cos(way) / cos(radians(lat))) for way, far in corners))


def _at(lat: float, lon: float) -> Position:
    return Position(round(lat, 5), round(lon, 5))
