"""Where the figures of a year's months stand on its charts: shares of a chart's width and height, from 0 to 100.

Law: pure, and no words. What a chart shows, the table of months beside it says too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import log
from typing import Final

from amanat.workspaces.liaison.plotting import Block, Dot
from amanat.workspaces.liaison.quality import Period
from amanat.workspaces.liaison.year.figures import Figures

PLACES: Final = 12
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=32)
MARKS: Final = tuple(timedelta(minutes=each) for each in (10, 60, 360, 1_440, 10_080))
"""Lengths of time at which the scale has a line."""

NOTICES: Final[Mapping[str, str]] = {"in-time": "in-time", "late": "late", "not-asked": "waits"}
INCIDENTS: Final[Mapping[str, str]] = {"closed": "in-time", "closing": "late", "open": "missed"}
"""Code that is counted → the filling it has."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month ("2026-11") with its figures."""

    code: str
    within: Period
    figures: Figures


def height(took: timedelta) -> float:
    """Return how high a length of time stands: a minute on the ground, 32 days at the top, by its logarithm."""
    share = log(min(max(took, SHORTEST), LONGEST) / SHORTEST) / log(LONGEST / SHORTEST)
    return round(100 * share, 2)


def notices(months: Sequence[Month]) -> Iterator[Block]:
    """Yield the notices of each month, those told in time, late, and of which none was asked, one above the other."""
    return _columns([_counted(each.figures.notices, NOTICES) for each in months], NOTICES)


def incidents(months: Sequence[Month]) -> Iterator[Block]:
    """Yield the incidents of each month by how they stand, one above the other."""
    return _columns([_counted(each.figures.incidents, INCIDENTS) for each in months], INCIDENTS)


def lengths(months: Sequence[Month]) -> Iterator[Dot]:
    """Yield of each month within what time half of the first contacts were, and (as a ring) half had ceased."""
    for place, each in enumerate(months):
        whole = each.figures.whole
        for ring, took in ((False, whole.contact.middle), (True, whole.ceased.middle)):
            if took is not None:
                yield Dot(round(100 * (place + 0.5) / PLACES, 2), height(took), ring)


def _counted(
    table: Mapping[tuple[str, str], Mapping[str, int]] | Mapping[str, Mapping[str, int]], codes: Mapping[str, str]
) -> dict[str, int]:
    return {code: sum(counts.get(code, 0) for counts in table.values()) for code in codes}


def _columns(counts: Sequence[Mapping[str, int]], fillings: Mapping[str, str]) -> Iterator[Block]:
    most = max((sum(each.values()) for each in counts), default=0)
    for place, each in enumerate(counts):
        up = 0.0
        for code, filling in fillings.items():
            if each[code]:
                high = 100 * each[code] / most
                yield Block(
                    along=round(100 * (place + 0.1) / PLACES, 2),
                    wide=round(80 / PLACES, 2),
                    what=filling,
                    up=round(up, 2),
                    high=round(high, 2),
                )
                up += high
