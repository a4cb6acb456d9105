"""Whether two planned activities come too near one another, by which rule of the compact, and what would be clear.

Law: pure, and the same whichever of the two is asked about. On the ground and in height what is just as far apart as
a rule says is in conflict; in time what is just as long apart is not: who begins when another is over is not there at
once. All rules are asked, and the most severe decides. What is proposed was asked of the same rules; whether one may
move there, people judge: no line is drawn here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from math import inf
from typing import Final, Literal

from amanat.compact.form import Kept, Planned, Separation
from amanat.compact.terms import Terms
from amanat.party.errors import Invalid
from amanat.workspaces.liaison.ground.shapes import Heights, Shape, Window, moved
from amanat.workspaces.liaison.ground.spines import Spine, spine, within

Level = Literal["conflict", "near", "clear"]

BEARINGS: Final = (0, 45, 90, 135, 180, 225, 270, 315)
FARTHEST: Final = 25_000
"""Metres, by which another route is looked for."""
STEP: Final = 50
"""Metres: so much farther than it must be another route may lie."""
DAY: Final = timedelta(days=1)

_SEVERITY: Final[Mapping[Level, int]] = {"conflict": 0, "near": 1, "clear": 2}
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a party plans, by the `id` of its record or draft: of what type, how high above ground, and when.

    An `exercise` is of records marked as one: it is held against others such, and they against it.
    """

    party: str
    id: str
    type: Planned | Kept
    heights: Heights
    window: Window
    exercise: bool


@dataclass(frozen=True, slots=True)
class Activity(Plan):
    """And where: by the spine of its shape."""

    ground: Spine


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one activity stands to another: by which clause; "" where it is clear, or no rule is about the two.

    `metres` are those between them on the ground, None where it is clear; `overlap` is when both are at work, None
    where they never are.
    """

    level: Level
    clause: str
    metres: float | None
    overlap: Window | None


@dataclass(frozen=True, slots=True)
class OtherTime:
    """The activity would be clear then."""

    window: Window


@dataclass(frozen=True, slots=True)
class OtherRoute:
    """The activity would be clear there: so many metres off in a direction (degrees from north by east)."""

    shape: Shape
    bearing: int
    metres: int


@dataclass(frozen=True, slots=True)
class Talk:
    """Nothing that was tried would be clear: the two sides have to talk."""


@dataclass(frozen=True, slots=True)
class _Apart:
    """What an activity may meet: the rules about the two, whenever they are, and how far apart they are where it is."""

    other: Activity
    rules: tuple[Separation, ...]
    metres: float

    @property
    def near(self) -> Iterator[Separation]:
        """The rules by which they are near."""
        return (rule for rule in self.rules if self.metres <= rule.near_metres)


Proposal = OtherTime | OtherRoute | Talk


def judge(terms: Terms, one: Activity, other: Activity) -> Verdict:
    """Return how two activities stand to one another by all rules of the compact, the most severe."""
    rules, overlap = list(_about(terms, one, other)), _overlap(one.window, other.window)
    metres = within(one.ground, other.ground, max(rule.near_metres for rule in rules)) if rules else inf
    for rule in rules:
        if metres <= rule.metres:
            return Verdict("conflict", rule.clause, metres, overlap)
    for rule in rules:
        if metres <= rule.near_metres:
            return Verdict("near", rule.clause, metres, overlap)
    return Verdict("clear", "", None, overlap)


def farthest(terms: Terms, one: Plan, other: Plan) -> int | None:
    """Return the metres beyond which two are not even near; None where no rule is about them."""
    return max((rule.near_metres for rule in _about(terms, one, other)), default=None)


def rules_of(terms: Terms, planned: Planned | Kept) -> Sequence[Separation]:
    """Return the rules that may be about an activity of a type, in the compact's order."""
    return [rule for rule in terms.deconfliction.values() if planned in rule.between or "any" in rule.between]


def is_about(rule: Separation, one: Planned | Kept, other: Planned | Kept) -> bool:
    """Whether a rule is about activities of two types, whichever is named first."""
    a, b = rule.between
    return (a in (one, "any") and b in (other, "any")) or (a in (other, "any") and b in (one, "any"))


def severity(verdict: Verdict) -> int:
    """Return what verdicts are sorted by, the most severe first."""
    return _SEVERITY[verdict.level]


def reach(terms: Terms, planned: Planned | Kept) -> tuple[int, timedelta]:
    """Return how far off, and how long before or after, may be what a rule holds against an activity of that type."""
    rules = rules_of(terms, planned)
    minutes = max((rule.minutes for rule in rules), default=0)
    return max((rule.near_metres for rule in rules), default=0), minutes * MINUTE


def propose(
    terms: Terms, activity: Activity, shape: Shape, others: Sequence[Activity], now: datetime
) -> tuple[Proposal, ...]:
    """Return what would be clear of all others, in one step: a later time, an earlier one, another route; else to talk.

    `shape` is the activity's own; `others` are all that it might meet within a day and `FARTHEST` metres. No time
    before `now` is proposed, and nothing where the activity is clear as it is.
    """
    apart = [each for other in others if (each := _apart(terms, activity, other)).rules]
    if not any(_meets(rule, activity, each.other) for each in apart for rule in each.near):
        return ()
    route = _other_route(terms, activity, shape, others)
    return (*_other_times(activity, apart, now), *route) or (Talk(),)


# --- by which rules ---------------------------------------------------------------------------------------------------


def _about(terms: Terms, one: Plan, other: Plan) -> Iterator[Separation]:
    """The rules about two plans of these types, at these heights and times, in the compact's order."""
    return (rule for rule in _whenever(terms, one, other) if _meets(rule, one, other))


def _meets(rule: Separation, one: Plan, other: Plan) -> bool:
    """Whether two plans are at work so soon after one another that a rule is about them."""
    least = rule.minutes * MINUTE
    return one.window.since < other.window.until + least and other.window.since < one.window.until + least


def _whenever(terms: Terms, one: Plan, other: Plan) -> Iterator[Separation]:
    """The rules about two plans of these types at these heights, whenever they are."""
    apart = max(one.heights.low - other.heights.high, other.heights.low - one.heights.high, 0)
    for rule in terms.deconfliction.values():
        if is_about(rule, one.type, other.type) and (rule.height_metres is None or apart <= rule.height_metres):
            yield rule


def _apart(terms: Terms, one: Activity, other: Activity) -> _Apart:
    rules = tuple(_whenever(terms, one, other))
    most = max((rule.near_metres for rule in rules), default=0)
    return _Apart(other, rules, within(one.ground, other.ground, most) if rules else inf)


def _overlap(one: Window, other: Window) -> Window | None:
    since, until = max(one.since, other.since), min(one.until, other.until)
    return Window(since, until) if since < until else None


# --- another time -----------------------------------------------------------------------------------------------------


def _other_times(activity: Activity, apart: Iterable[_Apart], now: datetime) -> Iterator[OtherTime]:
    """The least shifts, later and earlier, by which it meets nothing; neither is longer than a day."""
    taken = sorted(_taken(activity, apart))
    later = _free(taken, timedelta())
    earlier = -_free(sorted((-until, -since) for since, until in taken), timedelta())
    for shift in (later, earlier):
        window = activity.window
        if shift and abs(shift) <= DAY and window.since + shift >= now:
            yield OtherTime(Window(window.since + shift, window.until + shift))


def _taken(activity: Activity, apart: Iterable[_Apart]) -> Iterator[tuple[timedelta, timedelta]]:
    """The shifts, after one and before another, by which the activity would meet one of the others where it is."""
    for each in apart:
        its = each.other.window
        since, until = its.since - activity.window.until, its.until - activity.window.since
        for rule in each.near:
            yield since - rule.minutes * MINUTE, until + rule.minutes * MINUTE


def _free(taken: Sequence[tuple[timedelta, timedelta]], shift: timedelta) -> timedelta:
    """The least shift, no less than that, that none has taken; they are sorted."""
    for since, until in taken:
        if since < shift < until:
            shift = until
    return shift


# --- another route ----------------------------------------------------------------------------------------------------


def _other_route(terms: Terms, activity: Activity, shape: Shape, others: Sequence[Activity]) -> tuple[OtherRoute, ...]:
    """The least way off in any direction that is clear, to within `STEP`; none where none is found.

    Who goes so many metres comes by no more of them farther from anything: what is too near by some has that far to go,
    and nowhere before is it clear. So the direction in which one has gone least is tried next.
    """
    met = [(other.ground, most) for other in others if (most := farthest(terms, activity, other)) is not None]
    lacking = _lacking(activity.ground, met)
    tried = [(max(int(lacking), STEP), bearing) for bearing in BEARINGS]
    while tried:
        way, bearing = heappop(tried)
        try:
            there = moved(shape, bearing, way)
        except Invalid:  # it would lie where nothing is planned by this
            continue
        lacking = _lacking(spine(there), met)
        if lacking < 0:
            return (OtherRoute(there, bearing, way),)
        if (way := way + max(int(lacking), STEP)) <= FARTHEST:
            heappush(tried, (way, bearing))
    return ()


def _lacking(ground: Spine, met: Iterable[tuple[Spine, int]]) -> float:
    """How many metres it is too near to what it is most too near to; below 0.0 where it is clear of all."""
    worst = -inf
    for other, most in met:
        worst = max(worst, most - within(ground, other, most - max(worst, 0.0)))
    return worst
