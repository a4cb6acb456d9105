"""Which notices of the two sides were in conflict with one another over a year, by the rules of their compact.

Law: pure, and by `deconfliction.judge`. All are gone through in the order in which they begin, and each is compared
with those of the other side that may be at work at its time: so many comparisons at most, in one order at both sides.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import dist
from typing import Final

from amanat.compact.terms import Terms
from amanat.workspaces.liaison.ground.shapes import Heights, Window
from amanat.workspaces.liaison.ground.spines import Ball, Spine
from amanat.workspaces.liaison.notices.deconfliction import Activity, judge
from amanat.workspaces.liaison.year.facts import Noticed

MOST_COMPARED: Final = 1_000_000
"""Pairs that may be at work at one time, and are looked at."""
MOST_MEASURED: Final = 2_000
"""Pairs that are near enough to be measured."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A notice where it stands in time and space; `ground` reads its shape, which most need not have read.

    `heights` are its lowest and its highest, in metres.
    """

    notice: Noticed
    text: str
    heights: tuple[int, int]
    since: datetime
    until: datetime
    ball: Ball
    ground: Callable[[], Spine]


_Open = tuple[datetime, str, tuple[float, ...], float, Placed]
"""What may still be at work: until when, whose, the middle of its ball and how far that reaches, and itself."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two notices that were in conflict once the later was told of, `at`; settled when one was moved since."""

    at: datetime
    settled: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The conflicts, and whether there was more to compare than was."""

    conflicts: tuple[Conflict, ...] = ()
    cut: bool = False


def conflicts(placed: Iterable[Placed], texts: Mapping[str, Terms]) -> Found:
    """Return the conflicts among notices; `texts` are the compact's, by digest: that of the later notice decides."""
    rules = [rule for terms in texts.values() for rule in terms.deconfliction.values()]
    most = max((rule.metres for rule in rules), default=0)
    margin = timedelta(minutes=max((rule.minutes for rule in rules), default=0))
    near, cut = _near(placed, margin, most)
    found = list[Conflict]()
    for one, other in near:
        later = max(one, other, key=lambda each: (each.notice.at, each.notice.key))
        if judge(texts[later.text], _activity(one), _activity(other)).level == "conflict":
            found.append(Conflict(later.notice.at, _moved(later.notice.at, one.notice, other.notice)))
    return Found(tuple(found), cut)


def _near(placed: Iterable[Placed], margin: timedelta, most: int) -> tuple[list[tuple[Placed, Placed]], bool]:
    """Return each two of different sides that may be so near at one time, or almost, and whether there may be more.

    Whatever is gone through for each two is kept apart in the order of time: a year has a quarter of a million of them.
    """
    found, open_, left = list[tuple[Placed, Placed]](), list[_Open](), MOST_COMPARED
    for each in sorted(placed, key=lambda each: (each.since, each.notice.key)):
        if each.notice.withdrawn:
            continue
        since, party, (*at, metres) = each.since, each.notice.key.party, each.ball
        open_ = [one for one in open_ if one[0] > since]
        left -= len(open_)
        if left < 0:
            return found, True
        reach = metres + most + 1  # a metre, so that rounding leaves nothing out
        found += [
            (one, each)
            for _, whose, there, beyond, one in open_
            if whose != party and dist(at, there) <= reach + beyond and _both_stood(one.notice, each.notice)
        ]
        if len(found) > MOST_MEASURED:
            return found[:MOST_MEASURED], True
        open_.append((each.until + margin, party, tuple(at), metres, each))
    return found, False


def _both_stood(one: Noticed, other: Noticed) -> bool:
    """Whether both still stood when the later of them was told of."""
    later = max(one.at, other.at)
    return all(each.ended is None or each.ended > later for each in (one, other))


def _moved(later: datetime, one: Noticed, other: Noticed) -> bool:
    return any(each.moved is not None and each.moved > later for each in (one, other))


def _activity(placed: Placed) -> Activity:
    of, window = placed.notice, Window(placed.since, placed.until)
    heights = Heights(*placed.heights)
    return Activity(of.key.party, of.key.id, of.type, heights, window, False, placed.ground())  # noqa: FBT003
