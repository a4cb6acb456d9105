"""How good a hotline was over some days: calls opened in time, answers, tests, outages, and who stood at the desks.

Law: pure, and of what both sides hold: records, never receipts. Days are those of UTC, and time is counted up to the
last full hour, so that both sides, whatever their zones, come to the same numbers once the same records are at both.
What one side alone says of the link, or of its own node, is counted apart from what both say.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from math import ceil
from typing import Final, Literal, get_args

from amanat.workspaces.liaison import rules
from amanat.workspaces.liaison.rules import Facts

Standing = Literal["attended", "unattended", "link", "told-link", "node", "unknown"]
STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)
"""How a hotline stands: both desks attended; not both; no link, as both say, or as one says; a node down; or untold."""
CAUSES: Final[tuple[Standing, ...]] = ("link", "told-link", "node", "unattended")

APART: Final = timedelta(minutes=2)
"""By so much the two sides may begin and end to notice one outage of the link: it is agreed from first to last then."""

DESKS_AN_HOUR: Final = 30
"""Signs of one desk in one hour that count, the first of them, and the last: a desk that flaps more says no more."""

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
NONE: Final = timedelta()


@dataclass(frozen=True, slots=True)
class Period:
    """From when on and before when it is counted; both in UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A node's word that its desk came to be attended, or is so no more."""

    party: str
    at: datetime
    attended: bool


@dataclass(frozen=True, slots=True)
class Down:
    """A node's word that nothing went between it and the other side, or that it was down itself."""

    party: str
    cause: Literal["link", "node"]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a hotline of two parties; a test is to be answered within `test_within`."""

    hotline: str
    parties: tuple[str, ...]
    facts: tuple[Facts, ...]
    desks: tuple[Told, ...]
    downs: tuple[Down, ...]
    test_within: timedelta


@dataclass(frozen=True, slots=True)
class Answer:
    """How long after it was rung a call was answered."""

    at: datetime
    took: timedelta
    test: bool


@dataclass(frozen=True, slots=True)
class Count:
    """Calls, or tests: how many in time, late, and not at all though their time is over; the rest have time left.

    A call is in time when it was opened before the next rank was rung, a test when it was answered within what was
    agreed. What was rung while both say that the link was down is `cut` off, and missed by nobody; while one side alone
    says so, or that its own node was down, it is `excused`; what its caller gave up before is none of these. `middle`
    (p50), `most` (p95; both by nearest rank) and `longest` are of the times to the answers.
    """

    held: int = 0
    in_time: int = 0
    late: int = 0
    missed: int = 0
    cut: int = 0
    excused: int = 0
    middle: timedelta | None = None
    most: timedelta | None = None
    longest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time in which a hotline stood in one way, `by` whose word alone, where it is so."""

    since: datetime
    until: datetime
    standing: Standing
    by: tuple[str, ...] = ()

    @property
    def lasted(self) -> timedelta:
        """How long it was."""
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class Outages:
    """How often something was in the way, by whose word alone where it is so, and how long together."""

    cause: Standing
    by: tuple[str, ...]
    times: int
    lasted: timedelta


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a hotline was: `attended` is each side's share of the time in which it was known, `both` of both.

    A share is from 0 to 1, None where nothing was known.
    """

    hotline: str
    calls: Count
    tests: Count
    answers: tuple[Answer, ...]
    stretches: tuple[Stretch, ...]
    outages: tuple[Outages, ...]
    attended: Mapping[str, float | None]
    both: float | None

    @property
    def spent(self) -> Mapping[Standing, timedelta]:
        """How long it stood in each way."""
        return {each: _lasted(self.stretches, each) for each in STANDINGS}

    @property
    def untold(self) -> bool:
        """Whether nobody rang on it or told of its desks."""
        return not self.calls.held and not self.tests.held and set(self.attended.values()) == {None}


def period(first: datetime, days: int, now: datetime) -> Period:
    """Return so many days from the one that begins at `first`, and no time beyond the last full hour."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return Period(first, max(first, min(first + days * DAY, hour)))


def days(of: Period) -> Iterator[Period]:
    """Yield the days of a period, each as one; the last may not be whole."""
    since = of.since
    while since < of.until:
        yield Period(since, min(since + DAY, of.until))
        since += DAY


def quality(known: Known, within: Period) -> Quality:
    """Return how good a hotline was in a period, of what is known of it."""
    rung = [each for each in known.facts if within.since <= each.rung.at < within.until]
    tests, calls = (tuple(each for each in rung if each.rung.test is test) for test in (True, False))
    stretches = tuple(_stretches(known, within))
    attended = {party: _attended(known, party, within) for party in known.parties}
    told = sum((each.lasted for each in stretches if each.standing != "unknown"), NONE)
    return Quality(
        hotline=known.hotline,
        calls=_count(calls, known, within, None),
        tests=_count(tests, known, within, known.test_within),
        answers=tuple(sorted(_answers(rung), key=lambda each: (each.at, each.took))),
        stretches=stretches,
        outages=tuple(_outages(stretches)),
        attended=attended,
        both=None if None in attended.values() else _lasted(stretches, "attended") / told,
    )


def nearest_rank(lengths: Sequence[timedelta], share: float) -> timedelta | None:
    """Return the shortest of some lengths of time that as great a share of them do not go beyond; None of none."""
    ranked = sorted(lengths)
    return ranked[max(1, ceil(share * len(ranked))) - 1] if ranked else None


def _count(held: Sequence[Facts], known: Known, within: Period, test_within: timedelta | None) -> Count:
    """Count calls, or tests where they are to be answered `test_within`."""
    in_time = late = missed = cut = excused = 0
    ways = _Ways(known)
    for each in held:
        opened = rules.picked_up(each)
        met = (opened.at if opened else None) if test_within is None else rules.answered(each)
        due = each.rung.at + (each.rung.period if test_within is None else test_within)
        in_time += met is not None and met <= due
        late += met is not None and met > due
        over = met is None and due <= within.until and not rules.given_up(each)
        off = ways.off(each.rung.at, due) if over else ""
        missed += over and not off
        cut += off == "cut"
        excused += off == "excused"
    took = [each.took for each in _answers(held)]
    return Count(
        len(held), in_time, late, missed, cut, excused, *(nearest_rank(took, share) for share in (0.5, 0.95, 1))
    )


def _answers(held: Iterable[Facts]) -> Iterator[Answer]:
    for each in held:
        answered = rules.answered(each)
        if answered is not None:
            yield Answer(each.rung.at, max(NONE, answered - each.rung.at), each.rung.test)


# --- how it stood -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Spans:
    """When something was so: stretches that do not overlap, by when each began and ended."""

    began: list[datetime]
    ended: list[datetime]

    def cover(self, at: datetime) -> bool:
        """Whether it was so at a moment."""
        return self.meet(at, at)

    def meet(self, since: datetime, until: datetime) -> bool:
        """Whether it was so at any moment from one on and before another, or at the one where they are the same."""
        place = bisect_right(self.ended, since)
        return place < len(self.began) and (self.began[place] < until or self.began[place] <= since)


class _Ways:
    """What stood in the way of a hotline, and by whose word: the link as both say and as each says, and each node."""

    def __init__(self, known: Known) -> None:
        self.links = {party: _joined(known.downs, party, "link") for party in known.parties}
        self.nodes = {party: _joined(known.downs, party, "node") for party in known.parties}
        self.agreed = _agreed(*self.links.values()) if len(self.links) > 1 else _Spans([], [])

    def standing(self, at: datetime) -> tuple[Standing, tuple[str, ...]] | None:
        """Return what was in the way at a moment, and by whose word alone; None for nothing."""
        down = tuple(party for party, spans in self.nodes.items() if spans.cover(at))
        if down:
            return "node", down
        if self.agreed.cover(at):
            return "link", ()
        told = tuple(party for party, spans in self.links.items() if spans.cover(at))
        return ("told-link", told) if told else None

    def off(self, since: datetime, until: datetime) -> Literal["", "cut", "excused"]:
        """Return whether something was in the way between two moments, as both say or one says."""
        if self.agreed.meet(since, until):
            return "cut"
        told = (*self.links.values(), *self.nodes.values())
        return "excused" if any(spans.meet(since, until) for spans in told) else ""


def _stretches(known: Known, within: Period) -> Iterator[Stretch]:
    """Yield how the hotline stood, without a gap, each stretch unlike the one before it."""
    desks = {party: _told_by(known.desks, party) for party in known.parties}
    ways = _Ways(known)
    edges = sorted({*_edges(known, within, ways.agreed), within.since, within.until})

    def standing(at: datetime) -> tuple[Standing, tuple[str, ...]]:
        told = [_last(each, at) for each in desks.values()]
        attended: Standing = "unattended" if False in told else "unknown" if None in told else "attended"
        return ways.standing(at) or (attended, ())

    pieces = [(standing(begin), begin, end) for begin, end in pairwise(edges)]
    for (stood, by), alike in groupby(pieces, key=lambda piece: piece[0]):
        joined = list(alike)
        yield Stretch(joined[0][1], joined[-1][2], stood, by)


def _attended(known: Known, party: str, within: Period) -> float | None:
    """Return in what share of the time of which a party told, its desk was attended and its node up."""
    desks = _told_by(known.desks, party)
    down = _joined(known.downs, party, "node")
    at_desk = told = NONE
    for begin, end in pairwise(sorted({*_edges(known, within), within.since, within.until})):
        last = _last(desks, begin)
        told += end - begin if last is not None else NONE
        at_desk += end - begin if last and not down.cover(begin) else NONE
    return at_desk / told if told else None


def _edges(known: Known, within: Period, also: _Spans | None = None) -> Iterator[datetime]:
    """Yield the moments of a period at which something may have changed."""
    moments = [each.at for each in known.desks]
    moments += [moment for each in known.downs for moment in (each.since, each.until)]
    moments += [*also.began, *also.ended] if also else []
    yield from (each for each in moments if within.since < each < within.until)


def _told_by(desks: Iterable[Told], party: str) -> tuple[list[datetime], list[bool]]:
    """Return when a party told of its desk, the oldest first, and what; what was told last for one moment stands."""
    found = {each.at: each.attended for each in sorted(desks, key=lambda each: each.at) if each.party == party}
    return list(found), list(found.values())


def _last(desk: tuple[list[datetime], list[bool]], at: datetime) -> bool | None:
    place = bisect_right(desk[0], at) - 1
    return desk[1][place] if place >= 0 else None


def _joined(downs: Iterable[Down], party: str, cause: str) -> _Spans:
    """Return what a party told of a cause, with what overlaps made one."""
    return _made_one((each.since, each.until) for each in downs if (each.party, each.cause) == (party, cause))


def _made_one(spans: Iterable[tuple[datetime, datetime]]) -> _Spans:
    began, ended = list[datetime](), list[datetime]()
    for since, until in sorted(spans):
        if ended and since <= ended[-1]:
            ended[-1] = max(ended[-1], until)
        else:
            began.append(since)
            ended.append(until)
    return _Spans(began, ended)


def _agreed(one: _Spans, other: _Spans) -> _Spans:
    """Return when both say that it was so; where each tells of it, from when the first noticed it until the last did.

    No more than `APART` beyond what both say: a month that one side tells of is not agreed by the other's minute.
    """
    found = list[tuple[datetime, datetime]]()
    ours, theirs = 0, 0
    while ours < len(one.began) and theirs < len(other.began):
        begins = one.began[ours], other.began[theirs]
        ends = one.ended[ours], other.ended[theirs]
        if max(begins) < min(ends):
            found.append((max(min(begins), max(begins) - APART), min(max(ends), min(ends) + APART)))
        ours, theirs = (ours + 1, theirs) if ends[0] <= ends[1] else (ours, theirs + 1)
    return _made_one(found)


def _lasted(stretches: Iterable[Stretch], standing: Standing) -> timedelta:
    return sum((each.lasted for each in stretches if each.standing == standing), NONE)


def _outages(stretches: Iterable[Stretch]) -> Iterator[Outages]:
    """Yield what was in the way, by cause and by whose word."""
    of = defaultdict[tuple[int, tuple[str, ...]], list[timedelta]](list)
    for each in stretches:
        if each.standing in CAUSES:
            of[CAUSES.index(each.standing), each.by].append(each.lasted)
    for (place, by), lasted in sorted(of.items()):
        yield Outages(CAUSES[place], by, len(lasted), sum(lasted, NONE))
