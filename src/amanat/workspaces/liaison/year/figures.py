"""The figures of a year, or of a month of it: how many, how many of them in time, and how long it took.

Law: pure, over rows. What began within the time is counted, with all that came of it since. A number of persons is of
the whole line and year, and told only where it is none or `FEW` and more: so is what is left of another that is told.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol, TypeVar

from amanat.workspaces.liaison.quality import Period, nearest_rank
from amanat.workspaces.liaison.tracks.counted import PERSONS, Type
from amanat.workspaces.liaison.year.conflicts import Conflict
from amanat.workspaces.liaison.year.facts import BY_MEETING, Clarified, Happened, Met, Noticed, Tracked, UnderSeal

FEW: Final = 5
"""A number of persons below this, and not none, is not told: whoever knows one of them would learn of the others."""
OF_PERSONS: Final[frozenset[Type]] = PERSONS | {"passage", "bodies"}

Few = Literal["few"]
Value = int | timedelta | Few | None


class _Dated(Protocol):
    @property
    def at(self) -> datetime: ...


T = TypeVar("T", bound=_Dated)


@dataclass(frozen=True, slots=True)
class Rows:
    """All that is counted of a compact: a row a matter; `more` is how many of each side are beyond what is counted.

    `cut` says that not all notices were compared for conflicts.
    """

    noticed: tuple[Noticed, ...] = ()
    sealed: tuple[UnderSeal, ...] = ()
    happened: tuple[Happened, ...] = ()
    met: tuple[Met, ...] = ()
    tracked: tuple[Tracked, ...] = ()
    clarified: tuple[Clarified, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    more: Mapping[str, int] = field(default_factory=dict)
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Lengths:
    """Of how many it is known how long it took: half of them (p50), 19 of 20 (p95), and all took no longer than so."""

    known: int = 0
    middle: timedelta | None = None
    most: timedelta | None = None
    longest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class OfSector:
    """Incidents of a hotline's stretch of the line."""

    told: int
    closed: int
    contact: Lengths
    ceased: Lengths


@dataclass(frozen=True, slots=True)
class OfTrack:
    """Tracks of a type: how many were opened, came to their last step, and after how long."""

    opened: int | Few
    ended: int | Few
    took: Lengths


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a stretch of time. Keys are (type, party), (party, code), (type, code), or a code alone."""

    notices: Mapping[tuple[str, str], Mapping[str, int]]
    answers: Mapping[str, Mapping[str, int]]
    judged: Mapping[str, Mapping[str, int]]
    against: Mapping[str, Mapping[str, int]]
    clarified: Mapping[str, Mapping[str, int]]
    told_in: Mapping[str, Mapping[str, int]]
    asked_in: Mapping[str, Mapping[str, int]]
    visits: Mapping[str, Mapping[str, int]]
    conflicts: int
    settled: int
    sealed: Mapping[str, Mapping[str, int]]
    incidents: Mapping[str, Mapping[str, int]]
    reached: Mapping[str, Mapping[str, int]]
    sectors: Mapping[str, OfSector]
    whole: OfSector
    statements: Mapping[str, int]
    meetings: Mapping[str, int]
    tasks: Mapping[str, Mapping[str, int]]
    tracks: Mapping[str, OfTrack]
    received: int | Few


def figures(rows: Rows, within: Period) -> Figures:
    """Return the figures of what began in a stretch of time."""
    noticed, happened = _in(rows.noticed, within), _in(rows.happened, within)
    met, found = _in(rows.met, within), _in(rows.conflicts, within)
    sectors = {each.sector for each in happened}
    return Figures(
        notices=_table(((each.type, each.key.party), each.told) for each in noticed),
        answers=_table((each.key.party, answer) for each in noticed for answer in each.answers),
        against=_table((each.key.party, "against") for each in noticed if each.against),
        judged=_table((each.key.party, said) for each in noticed for said in each.judged),
        clarified=_table((each.party, each.answer) for each in _in(rows.clarified, within)),
        told_in=_table((each.sector, each.told) for each in noticed),
        asked_in=_table((each.sector, answer) for each in noticed for answer in each.answers),
        visits=_table((each.key.party, visit) for each in noticed for visit in each.visits),
        conflicts=len(found),
        settled=sum(each.settled for each in found),
        sealed=_table((each.party, each.state) for each in _in(rows.sealed, within)),
        incidents=_table((each.type, each.state) for each in happened),
        reached=_table((each.reached, each.type) for each in happened),
        sectors={code: _sector([each for each in happened if each.sector == code]) for code in sorted(sectors)},
        whole=_sector(happened),
        statements=_statements(happened),
        meetings=_meetings(met, happened, rows.met),
        tasks=_table(task for each in met for task in each.tasks),
        tracks=dict(_tracks(_in(rows.tracked, within))),
        received=few(sum(each.received for each in _in(rows.tracked, within) if each.type in PERSONS)),
    )


def months(within: Period) -> Iterator[Period]:
    """Yield the months of a stretch of time that begins with one, each as one; the last may not be whole."""
    since = within.since
    while since < within.until:
        following = (since + timedelta(days=31)).replace(day=1)
        yield Period(since, min(following, within.until))
        since = following


def few(count: int) -> int | Few:
    """Return a number of persons as it may be told."""
    return "few" if 0 < count < FEW else count


def part(count: int, of: int) -> int | Few:
    """Return a number of persons as it may be told beside how many they are of, so that neither tells too much."""
    return "few" if "few" in (few(of), few(count), few(of - count)) else count


def lengths(took: Iterable[timedelta | None]) -> Lengths:
    """Return how long it took, of those of which it is known; by nearest rank."""
    known = [each for each in took if each is not None]
    return Lengths(len(known), *(nearest_rank(known, share) for share in (0.5, 0.95, 1)))


def _in(rows: Iterable[T], within: Period) -> list[T]:
    return [each for each in rows if within.since <= each.at < within.until]


K = TypeVar("K")


def _table(pairs: Iterable[tuple[K, str]]) -> Mapping[K, Mapping[str, int]]:
    """Count what stands under each key, by code."""
    found = defaultdict[K, Counter[str]](Counter)
    for key, code in pairs:
        found[key][code] += 1
    return dict(found)


def _sector(happened: Sequence[Happened]) -> OfSector:
    return OfSector(
        told=len(happened),
        closed=sum(each.state == "closed" for each in happened),
        contact=lengths(each.contact for each in happened),
        ceased=lengths(each.ceased for each in happened),
    )


def _statements(happened: Iterable[Happened]) -> Mapping[str, int]:
    found = Counter[str]()
    for each in happened:
        found.update(agreed=each.agreed, disputed=each.disputed, alone=each.alone, stated=int(each.stated))
    return found


def _meetings(met: Iterable[Met], happened: Sequence[Happened], every: Iterable[Met]) -> Mapping[str, int]:
    """Count meetings by how they stand, and the incidents of which one was held within 48 hours."""
    held = [each for each in every if each.held is not None]
    after = sum(any(_soon(meeting, each) for meeting in held if each.keys & meeting.about) for each in happened)
    return Counter(each.state for each in met) | Counter({"after-incident": after})


def _soon(meeting: Met, of: Happened) -> bool:
    return meeting.held is not None and timedelta() <= meeting.held - of.when <= BY_MEETING


def _tracks(tracked: Iterable[Tracked]) -> Iterator[tuple[str, OfTrack]]:
    of = defaultdict[Type, list[Tracked]](list)
    for each in tracked:
        of[each.type].append(each)
    for type_, those in sorted(of.items()):
        took, opened = lengths(each.took for each in those), len(those)
        if type_ in OF_PERSONS:
            ended = part(took.known, opened)
            yield type_, OfTrack(few(opened), ended, Lengths() if ended == "few" else took)
        else:
            yield type_, OfTrack(opened, took.known, took)
