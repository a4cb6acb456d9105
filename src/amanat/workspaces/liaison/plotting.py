"""Where figures of a hotline stand on a chart: shares of its width from where one begins to read, and of its height.

Law: pure; a number from 0 to 100 each, and no words: a template writes them, and mirrors what is read from the right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import log
from typing import Final, Literal

from amanat.workspaces.liaison.quality import DAY, Period, Quality

SHORTEST: Final = timedelta(seconds=1)
MARKS: Final = tuple(timedelta(seconds=each) for each in (10, 60, 600, 3600, 6 * 3600))
"""Lengths of time at which the scale of answers has a line."""

FEWEST: Final = 2
"""So many tests a day a column of the chart has room for at least."""

Outcome = Literal["in-time", "late", "missed", "waits"]


@dataclass(frozen=True, slots=True)
class Dot:
    """An answer: where its call's moment and its length of time are, of which `up` grows from the ground."""

    along: float
    up: float
    test: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a bar, or a piece of a column: from where, how wide, and what it stands for."""

    along: float
    wide: float
    what: str
    up: float = 0
    high: float = 100


def height(took: timedelta) -> float:
    """Return how high a length of time stands: a second on the ground, a day at the top, by its logarithm."""
    share = log(max(took, SHORTEST) / SHORTEST) / log(DAY / SHORTEST)
    return round(min(100, 100 * share), 2)


def dots(of: Quality, shown: Period) -> Iterator[Dot]:
    """Yield the answers of a period."""
    for each in of.answers:
        yield Dot(_share(each.at - shown.since, shown), height(each.took), each.test)


def bar(of: Quality, shown: Period) -> Iterator[Block]:
    """Yield how a hotline stood over a period, but for what nobody told."""
    for each in of.stretches:
        if each.standing != "unknown":
            yield Block(_share(each.since - shown.since, shown), _share(each.lasted, shown), each.standing)


def columns(days: Sequence[Quality], places: int) -> Iterator[Block]:
    """Yield the tests of each day, one above the other, in a chart that has places for so many days."""
    high = 100 / max(FEWEST, *(each.tests.held for each in days), 1)
    for place, each in enumerate(days):
        for number, outcome in enumerate(_outcomes(each)):
            yield Block(
                along=round(100 * (place + 0.1) / places, 2),
                wide=round(80 / places, 2),
                what=outcome,
                up=round(number * high, 2),
                high=round(0.85 * high, 2),
            )


def _outcomes(day: Quality) -> Iterator[Outcome]:
    tests = day.tests
    met = tests.in_time + tests.late + tests.missed
    counts: Mapping[Outcome, int] = {
        "in-time": tests.in_time,
        "late": tests.late,
        "missed": tests.missed,
        "waits": tests.held - met,
    }
    for outcome, count in counts.items():
        yield from (outcome,) * count


def _share(length: timedelta, of: Period) -> float:
    return round(100 * (length / (of.until - of.since)), 3)
