"""How good a hotline was over some days: calls opened in time, answers, tests, outages, and who stood at the desks.

Law: pure, and of what both sides hold: records, never receipts. Days are those of UTC, and time is counted up to the
last full hour, so that both sides, whatever their zones, come to the same numbers once the same records are at both.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from math import ceil
from typing import Final, Literal, get_args

from amanat.workspaces.liaison import rules
from amanat.workspaces.liaison.rules import Facts

Standing = Literal["attended", "unattended", "link", "node", "unknown"]
STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)
"""How a hotline stands: both desks attended; not both; no link; a node down; or nobody has told yet."""
CAUSES: Final[tuple[Standing, ...]] = ("link", "node", "unattended")

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
    agreed. What was rung while a node or the link was down is `cut` off, and missed by nobody; what its caller gave up
    before is neither. `middle` (p50), `most` (p95; both by nearest rank) and `longest` are of the times to the answers.
    """

    held: int = 0
    in_time: int = 0
    late: int = 0
    missed: int = 0
    cut: int = 0
    middle: timedelta | None = None
    most: timedelta | None = None
    longest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time in which a hotline stood in one way."""

    since: datetime
    until: datetime
    standing: Standing

    @property
    def lasted(self) -> timedelta:
        """How long it was."""
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class Outages:
    """How often something was in the way, and how long together."""

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
    outages: Mapping[Standing, Outages]
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
        outages={cause: _outages(stretches, cause) for cause in CAUSES},
        attended=attended,
        both=None if None in attended.values() else _lasted(stretches, "attended") / told,
    )


def nearest_rank(lengths: Sequence[timedelta], share: float) -> timedelta | None:
    """Return the shortest of some lengths of time that as great a share of them do not go beyond; None of none."""
    ranked = sorted(lengths)
    return ranked[max(1, ceil(share * len(ranked))) - 1] if ranked else None


def _count(held: Sequence[Facts], known: Known, within: Period, test_within: timedelta | None) -> Count:
    """Count calls, or tests where they are to be answered `test_within`."""
    in_time = late = missed = cut = 0
    for each in held:
        opened = rules.picked_up(each)
        met = (opened.at if opened else None) if test_within is None else rules.answered(each)
        due = each.rung.at + (each.rung.period if test_within is None else test_within)
        in_time += met is not None and met <= due
        late += met is not None and met > due
        over = met is None and due <= within.until and not rules.given_up(each)
        off = any(down.since < due and down.until > each.rung.at for down in known.downs)
        missed += over and not off
        cut += over and off
    took = [each.took for each in _answers(held)]
    return Count(
        len(held), in_time, late, missed, cut, nearest_rank(took, 0.5), nearest_rank(took, 0.95), nearest_rank(took, 1)
    )


def _answers(held: Iterable[Facts]) -> Iterator[Answer]:
    for each in held:
        answered = rules.answered(each)
        if answered is not None:
            yield Answer(each.rung.at, max(NONE, answered - each.rung.at), each.rung.test)


# --- how it stood -----------------------------------------------------------------------------------------------------


def _stretches(known: Known, within: Period) -> Iterator[Stretch]:
    """Yield how the hotline stood, without a gap, each stretch unlike the one before it."""
    desks = {party: _told_by(known.desks, party) for party in known.parties}
    down = {cause: _joined(known.downs, cause) for cause in ("node", "link")}
    edges = sorted({*_edges(known, within), within.since, within.until})

    def standing(at: datetime) -> Standing:
        if _covers(down["node"], at):
            return "node"
        if _covers(down["link"], at):
            return "link"
        told = [_last(each, at) for each in desks.values()]
        return "unattended" if False in told else "unknown" if None in told else "attended"

    pieces = [(standing(begin), begin, end) for begin, end in pairwise(edges)]
    for stood, alike in groupby(pieces, key=lambda piece: piece[0]):
        joined = list(alike)
        yield Stretch(joined[0][1], joined[-1][2], stood)


def _attended(known: Known, party: str, within: Period) -> float | None:
    """Return in what share of the time of which a party told, its desk was attended and its node up."""
    desks = _told_by(known.desks, party)
    down = _joined((each for each in known.downs if each.party == party), "node")
    at_desk = told = NONE
    for begin, end in pairwise(sorted({*_edges(known, within), within.since, within.until})):
        last = _last(desks, begin)
        told += end - begin if last is not None else NONE
        at_desk += end - begin if last and not _covers(down, begin) else NONE
    return at_desk / told if told else None


def _edges(known: Known, within: Period) -> Iterator[datetime]:
    """Yield the moments of a period at which something may have changed."""
    moments = [each.at for each in known.desks]
    moments += [moment for each in known.downs for moment in (each.since, each.until)]
    yield from (each for each in moments if within.since < each < within.until)


def _told_by(desks: Iterable[Told], party: str) -> tuple[list[datetime], list[bool]]:
    """Return when a party told of its desk, the oldest first, and what; what was told last for one moment stands."""
    found = {each.at: each.attended for each in sorted(desks, key=lambda each: each.at) if each.party == party}
    return list(found), list(found.values())


def _last(desk: tuple[list[datetime], list[bool]], at: datetime) -> bool | None:
    place = bisect_right(desk[0], at) - 1
    return desk[1][place] if place >= 0 else None


def _joined(downs: Iterable[Down], cause: str) -> tuple[list[datetime], list[datetime]]:
    """Return when outages of a cause began and ended, with those that overlap made one."""
    began, ended = list[datetime](), list[datetime]()
    for since, until in sorted((each.since, each.until) for each in downs if each.cause == cause):
        if ended and since <= ended[-1]:
            ended[-1] = max(ended[-1], until)
        else:
            began.append(since)
            ended.append(until)
    return began, ended


def _covers(down: tuple[list[datetime], list[datetime]], at: datetime) -> bool:
    place = bisect_right(down[0], at) - 1
    return place >= 0 and at < down[1][place]


def _lasted(stretches: Iterable[Stretch], standing: Standing) -> timedelta:
    return sum((each.lasted for each in stretches if each.standing == standing), NONE)


def _outages(stretches: Sequence[Stretch], cause: Standing) -> Outages:
    return Outages(sum(each.standing == cause for each in stretches), _lasted(stretches, cause))
