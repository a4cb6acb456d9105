"""Rules of calls that an officer could recite: how far a call has come, who is rung next and when, what follows what.

Law: pure, over a set of facts: whatever order records came in, both nodes hold the same set and so say the same. `now`
is an argument, and every deadline follows from the call's own time.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import count, pairwise, takewhile
from math import asin, cos, radians, sin, sqrt
from typing import Any, Final, Literal

from amanat.record.record import MOST_AHEAD
from amanat.workspaces.liaison.kinds import Named, Spot, Value

GRACE: Final = timedelta(seconds=10)
"""After which the node that is called lets a call climb by its own clock: the caller's word may not get through."""

RESTS: Final = timedelta(hours=12)
"""After which a call in which nobody said anything more is no open matter."""

WITHIN_METRES: Final = 100
MOST_METRES: Final = 500
"""How far from the place that was said one that is read back may lie, beyond what that is known to; and at most.

How closely the reader says to know it counts for nothing: else the vaguer was always right.
"""

SKEW: Final = timedelta(minutes=5)
"""By so much clocks may differ: what is dated before the call it belongs to by more than that was not so.

Whoever answers dates nothing before what it answers, however far behind its clock is (`exchange.send.dated`).
"""
AHEAD: Final = MOST_AHEAD
"""How far ahead of the reader's clock a record may be dated and count: a clock that is ahead silences nobody."""

EARTH_METRES: Final = 6_371_008.8

State = Literal["rung", "delivered", "opened", "answered", "unanswered", "undelivered", "ended"]


@dataclass(frozen=True, slots=True)
class Rung:
    """A call: who rang whom on which hotline, when, how urgently; `period` is what each rank has to open it in."""

    key: Named
    post: str
    to: str
    at: datetime
    hotline: str
    urgency: str
    test: bool
    period: timedelta
    ranks: int
    exercise: bool = False
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class PickedUp:
    """A post of the party that was called opened the call."""

    party: str
    post: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Climbed:
    """A node's word that the call rings a rank; `at` is its record's time."""

    party: str
    rank: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Uttered:
    """Something said in a call: what type of body it is, its number among its party's phrases, what it is to.

    `urgency` is the phrase's in the book. Free words have no number (0), and no body here: who may look at it reads it
    in their record.
    """

    key: Named
    post: str
    at: datetime
    n: int
    type: str
    body: Any
    answers: Named | None = None
    ends: bool = False
    urgency: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of a call; `delivered` when its receipt is here, which only the caller's node can know.

    `more` is how much each end said beyond what is read here, by party: those are records, and nothing else.
    """

    rung: Rung
    delivered: bool = False
    opened: frozenset[PickedUp] = frozenset()
    climbed: frozenset[Climbed] = frozenset()
    uttered: tuple[Uttered, ...] = ()
    more: tuple[tuple[str, int], ...] = ()


def due(rung: Rung, rank: int) -> datetime:
    """Return when a rank is rung if nobody opened the call before."""
    return rung.at + rank * rung.period


def picked_up(facts: Facts) -> PickedUp | None:
    """Return the first opening by the party that was called, or None; one dated before the call counts for nothing."""
    earliest = facts.rung.at - SKEW
    those = [each for each in facts.opened if each.party == facts.rung.to and each.at >= earliest]
    return min(those, key=lambda each: (each.at, each.post), default=None)


def steps(facts: Facts) -> tuple[Climbed, ...]:
    """Return how the call climbed, by rank: of several words for one rank the earliest stands.

    A word before its time counts for nothing (of the side that is called, before `GRACE` is over too), nor does one
    at or after which somebody had opened the call, nor a rank before which one is missing.
    """
    first = picked_up(facts)
    waits = {facts.rung.key.party: timedelta(), facts.rung.to: GRACE}
    found = dict[int, Climbed]()
    for each in sorted(facts.climbed, key=lambda each: (each.at, each.party)):
        known = each.party in waits and 0 < each.rank < facts.rung.ranks
        in_time = known and each.at >= due(facts.rung, each.rank) + waits[each.party]
        if in_time and (first is None or each.at < first.at):
            found.setdefault(each.rank, each)
    return tuple(found[rank] for rank in takewhile(found.__contains__, count(1)))


def rank(facts: Facts) -> int:
    """Return the highest rank that is rung."""
    return max((each.rank for each in steps(facts)), default=0)


def next_rank(facts: Facts) -> tuple[int, datetime] | None:
    """Return which rank is rung next and when; None where the call was opened, is a test, or rings the last."""
    following = rank(facts) + 1
    if picked_up(facts) or facts.rung.test or following >= facts.rung.ranks or _ended(facts):
        return None
    return following, due(facts.rung, following)


def climbs(facts: Facts, party: str, now: datetime) -> tuple[int, datetime] | None:
    """Return which rank this party's node is to ring now, and since when that was due; None for nothing yet.

    The caller's node does it on time; the one that is called only after `GRACE`, when it heard of nothing.
    """
    following = next_rank(facts)
    if following is None:
        return None
    wait = timedelta() if party == facts.rung.key.party else GRACE
    return following if following[1] + wait <= now else None


def state(facts: Facts, now: datetime) -> State:
    """Return how far a call has come, in the words of the design: each is known by somebody's signature alone."""
    if _ended(facts):
        return "ended"
    if any(each.key.party == facts.rung.to for each in facts.uttered):
        return "answered"
    if picked_up(facts):
        return "opened"
    if now >= due(facts.rung, facts.rung.ranks):
        return "unanswered" if facts.delivered else "undelivered"
    return "delivered" if facts.delivered else "rung"


def answered(facts: Facts) -> datetime | None:
    """Return when the party that was called first said something in it, or None; never before it was rung."""
    earliest = facts.rung.at - SKEW
    those = (each.at for each in facts.uttered if each.key.party == facts.rung.to and each.at >= earliest)
    return min(those, default=None)


def is_open(facts: Facts, now: datetime) -> bool:
    """Whether the call is still a matter: nobody ended it, and something happened in it within `RESTS`."""
    last = max([facts.rung.at, *(each.at for each in facts.uttered)])
    return not _ended(facts) and now - last < RESTS


def given_up(facts: Facts) -> bool:
    """Whether who rang ended the call before anybody opened it."""
    first, caller = picked_up(facts), facts.rung.key.party
    ends = [each.at for each in facts.uttered if each.ends and each.key.party == caller]
    return bool(ends) and (first is None or min(ends) < first.at) and answered(facts) is None


def _ended(facts: Facts) -> bool:
    """Whether one of the two ends said that the call is over."""
    ends = (facts.rung.key.party, facts.rung.to)
    return any(each.ends and each.key.party in ends for each in facts.uttered)


def in_order(uttered: Iterable[Uttered]) -> list[Uttered]:
    """Return what was said in the order in which it was, whatever the clocks say.

    Nothing stands before what it answers, nor before a lower number of its own party, nor what has a number that was
    taken before the one that took it; among what is free to come, the earliest is first. A circle, which only a mistake
    or malice can make, is broken at its earliest.
    """
    here = {each.key: each for each in uttered}
    waits, frees = _waits(here)
    ready = [_at(each) for each in here.values() if not waits[each.key]]
    rest = sorted(_at(each) for each in here.values())
    heapify(ready)
    found = dict[Named, Uttered]()
    while len(found) < len(here):
        *_, party, id_ = heappop(ready) if ready else next(each for each in rest if Named(*each[-2:]) not in found)
        key = Named(party, id_)
        if key in found:
            continue
        found[key] = here[key]
        for later in frees[key]:
            waits[later].discard(key)
            if not waits[later] and later not in found:
                heappush(ready, _at(here[later]))
    return list(found.values())


def _at(said: Uttered) -> tuple[datetime, int, str, str]:
    """Return what puts in order what is free to come: its time, its number, and whose it is."""
    return said.at, said.n, said.key.party, said.key.id


def _waits(here: Mapping[Named, Uttered]) -> tuple[dict[Named, set[Named]], dict[Named, set[Named]]]:
    """Return what each waits for, and what waits for each: what it answers, and the number before its own."""
    waits = {key: set[Named]() for key in here}
    for key, each in here.items():
        if each.answers is not None and each.answers in here and each.answers != key:
            waits[key].add(each.answers)
    taken = _numbered(here.values())
    for key, each in here.items():
        if each.n and taken[key.party, each.n] != key:
            waits[key].add(taken[key.party, each.n])
    for (one, earlier), (other, later) in pairwise(sorted(taken.items())):
        if one[0] == other[0]:
            waits[later].add(earlier)
    frees = {key: set[Named]() for key in here}
    for later, those in waits.items():
        for earlier in those:
            frees[earlier].add(later)
    return waits, frees


def _numbered(uttered: Iterable[Uttered]) -> dict[tuple[str, int], Named]:
    """Return what took each number of each party: of several with one number, the earliest by its own date."""
    found = dict[tuple[str, int], Named]()
    for each in sorted(uttered, key=lambda each: (each.at, each.key)):
        if each.n:
            found.setdefault((each.key.party, each.n), each.key)
    return found


def doubled(uttered: Iterable[Uttered]) -> frozenset[Named]:
    """Return what shares its number with something else that its party said in the call, which no honest node does.

    All that do: by dates, which are that party's word, nobody can tell which of them was said first.
    """
    here = [each for each in uttered if each.n]
    times = Counter((each.key.party, each.n) for each in here)
    return frozenset(each.key for each in here if times[each.key.party, each.n] > 1)


def missing(uttered: Iterable[Uttered], party: str) -> tuple[int, ...]:
    """Return which numbers of what a party said are not here yet, up to the highest that is."""
    numbers = {each.n for each in uttered if each.key.party == party and each.n}
    return tuple(sorted(set(range(1, max(numbers, default=0))) - numbers))


def differing(said: Mapping[str, Value], back: Mapping[str, Value], asked: Iterable[str]) -> tuple[str, ...]:
    """Return which of the slots that had to be read back were read back otherwise than they were said."""
    return tuple(name for name in asked if name not in back or not _alike(said[name], back[name]))


def _alike(one: Value, other: Value) -> bool:
    if isinstance(one, Spot) and isinstance(other, Spot):
        return metres_apart(one, other) <= min(WITHIN_METRES + one.metres, MOST_METRES)
    return type(one) is type(other) and one == other


def metres_apart(one: Spot, other: Spot) -> float:
    """Return how far two places are apart on a sphere (haversine), to within half a percent."""
    lat1, lat2 = radians(one.lat), radians(other.lat)
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * EARTH_METRES * asin(min(1.0, sqrt(half)))
