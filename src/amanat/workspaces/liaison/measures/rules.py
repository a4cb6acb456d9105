"""Rules of parallel measures: each side's own part, whether both agreed to both, what each confirmed and has to.

Law: pure, over a set of records: the same at two sides that hold the same, whatever order it came in. What a side says
counts for its own part alone; a part on ground that its author does not administer counts for nothing.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar

import msgspec

from amanat.party import canonical
from amanat.workspaces.liaison.ground.shapes import Window
from amanat.workspaces.liaison.measures import kinds
from amanat.workspaces.liaison.measures.kinds import OwnPart, Proposed
from amanat.workspaces.liaison.rules import SKEW
from amanat.workspaces.liaison.told import Told

State = Literal["proposed", "to-agree", "agreed", "under-way", "held", "stopped", "declined", "lapsed", "withdrawn"]

MOST_SAID: Final = 200
"""Records of one party in one measure, the first; the last of each sort is read besides, a hold above all."""

T = TypeVar("T", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Measure:
    """What proposed a measure, and the set of what was said in it; `other` is to whom it was proposed.

    `administers` is, by party, which countries each administers by the compact; `within` is how soon one answers;
    `compact` is the id of what it is under; `more` how much each side said beyond this, of those that did.
    """

    root: Told
    other: str
    said: frozenset[Told]
    administers: Mapping[str, frozenset[str]]
    within: timedelta
    exercise: bool = False
    expires: datetime | None = None
    compact: str = ""
    more: tuple[tuple[str, int], ...] = ()

    @property
    def parties(self) -> tuple[str, str]:
        """The two sides, who proposed it first."""
        return self.root.party, self.other

    @property
    def proposed(self) -> Proposed:
        """What it is for, and when."""
        assert isinstance(self.root.body, Proposed)  # noqa: S101 - no other body is without a measure
        return self.root.body

    @property
    def window(self) -> Window:
        """From when until when it is."""
        return self.proposed.window


@dataclass(frozen=True, slots=True)
class Column:
    """One side of a measure: its part, if it gave one, its agreement to both, and what it confirmed, in order."""

    party: str
    part: OwnPart | None
    given: Told | None
    agreed: Told | None
    confirmed: tuple[Told, ...]
    declined: Told | None
    anew: bool = False
    """Whether its part is another than any that it and the other side agreed to."""

    @property
    def last(self) -> str:
        """What it confirmed last of what it does, "" for nothing: that its areas are clear ends no hold."""
        said = [str(getattr(each.body, "did", "")) for each in self.confirmed]
        return next((each for each in reversed(said) if each != "clear"), said[-1] if said else "")


@dataclass(frozen=True, slots=True)
class Next:
    """What is waited for of a side: its "part", that it is "agreed", "clear", "started" or "stopped"."""

    code: str
    party: str
    since: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a measure stands: what both would sign, the two sides, since when it is agreed, and what is waited for."""

    state: State
    digest: str
    columns: tuple[Column, Column]
    agreed: datetime | None
    waits: tuple[Next, ...]


def standing(measure: Measure, now: datetime) -> Standing:
    """Return how a measure stands."""
    heard = tuple(_heard(measure))
    parts = {party: _part(measure, heard, party) for party in measure.parties}
    signed = _signed(measure, parts)
    times = _agreements(measure)
    agreed = times.get(signed) if all(_agreed(heard, party, signed) for party in measure.parties) else None
    first, second = (_column(measure, heard, party, parts, times) for party in measure.parties)
    state = _state(measure, (first, second), agreed, now)
    waits = tuple(_waits(measure, (first, second), agreed, signed, state))
    return Standing(state, signed, (first, second), agreed, waits)


def digest(measure: Measure, parts: Mapping[str, Told | None]) -> str:
    """Return the SHA-256 that both sign, "" until both gave a part: of the measure, and of each part with its record.

    By the record each is named too, so that a part that was changed and changed back is agreed to anew.
    """
    given = {party: each for party, each in parts.items() if each is not None}
    if len(given) < len(measure.parties):
        return ""
    said = [
        measure.root.key,
        measure.proposed.purpose,
        measure.window,
        measure.proposed.linked,
        [[party, each.key, part_of(each)] for party, each in sorted(given.items())],
    ]
    return hashlib.sha256(canonical.encode(said)).hexdigest()


def _signed(measure: Measure, parts: Mapping[str, Told | None]) -> str:
    """Return what both sign as it stands: of a measure that was withdrawn nothing."""
    return "" if measure.root.withdrawn else digest(measure, parts)


def part_of(said: Told) -> OwnPart:
    """Return the part that a record gives."""
    part: OwnPart = said.body.part
    return part


def interrupts(measure: Measure, party: str, now: datetime) -> Told | None:
    """Return the word by which a side holds or stopped, if that is its last: agreed or not, it is heard at once.

    So is a part that it changed where somebody started what both had agreed, that it takes no part, and that it
    withdrew what was agreed: until who started holds or stops too.
    """
    stands = standing(measure, now)
    own = next(each for each in stands.columns if each.party == party)
    if own.last in ("holds", "stopped"):
        return next(each for each in reversed(own.confirmed) if getattr(each.body, "did", "") == own.last)
    if not _broken(stands.columns, stands.agreed):
        return None
    return own.declined or (own.given if own.anew else None) or _taken_back(measure, party)


# --- what counts ------------------------------------------------------------------------------------------------------


def _heard(measure: Measure) -> Iterator[Told]:
    """Yield what counts of what was said, oldest first: of the two sides, not before it was proposed, not withdrawn.

    What both stopped stays so, whatever date one of them puts on its withdrawal.
    """
    said = tuple(_said(measure))
    stops = [each for each in said if getattr(each.body, "did", "") == "stopped"]
    stopped = {each.party for each in stops if each.withdrawn is None}
    return (each for each in said if each.withdrawn is None or (each in stops and stopped - {each.party}))


def _said(measure: Measure) -> Iterator[Told]:
    for each in sorted(measure.said, key=lambda each: each.order):
        if each.party in measure.parties and each.at >= measure.root.at - SKEW:
            yield each


def _taken_back(measure: Measure, party: str) -> Told | None:
    """Return what a side withdrew last of what both had agreed: the measure, its part, or that it agreed."""
    heard, times = tuple(_heard(measure)), _agreements(measure)
    gone = [each for each in (measure.root, *_said(measure)) if each.withdrawn and each.party == party]
    parts = (each for each in gone if isinstance(each.body, Proposed | kinds.Part))
    words = (each for each in gone if isinstance(each.body, kinds.Agreed) and each.body.digest in times)
    unsaid = (each for each in words if _agreed(heard, party, str(getattr(each.body, "digest", ""))) is None)
    return max((*parts, *unsaid), key=lambda each: each.order, default=None)


def _last(heard: tuple[Told, ...], party: str, of: type) -> Told | None:
    return next((each for each in reversed(heard) if each.party == party and isinstance(each.body, of)), None)


def _part(measure: Measure, heard: tuple[Told, ...], party: str) -> Told | None:
    """Return the last part a side gave of what it does on ground that it administers."""
    given = [measure.root] if party == measure.root.party and measure.root.withdrawn is None else []
    given += [each for each in heard if each.party == party and isinstance(each.body, kinds.Part)]
    own = [each for each in given if part_of(each).country in measure.administers.get(party, frozenset())]
    return own[-1] if own else None


def _agreed(heard: tuple[Told, ...], party: str, signed: str) -> Told | None:
    """Return the first word by which a side agrees to both parts as they stand."""
    agreed = (each for each in heard if each.party == party and isinstance(each.body, kinds.Agreed))
    return next((each for each in agreed if signed and getattr(each.body, "digest", "") == signed), None)


def _agreements(measure: Measure) -> Mapping[str, datetime]:
    """Return since when both sides have signed which digests, as they stand or stood.

    That one of them withdrew its word unsays nothing that the other confirmed of what both had agreed.
    """
    heard, times = tuple(_said(measure)), dict[str, datetime]()
    for signed in {str(getattr(each.body, "digest", "")) for each in heard if isinstance(each.body, kinds.Agreed)}:
        both = [each.at for party in measure.parties if (each := _agreed(heard, party, signed)) is not None]
        if len(both) == len(measure.parties):
            times[signed] = max(both)
    return times


def _column(
    measure: Measure,
    heard: tuple[Told, ...],
    party: str,
    parts: Mapping[str, Told | None],
    times: Mapping[str, datetime],
) -> Column:
    """Return one side: what it said of itself. "Clear" and "started" count of what both agreed; a stop always does.

    What was confirmed of an earlier agreement stays; declined is what nothing was agreed about yet.
    """
    said = [each for each in heard if each.party == party and isinstance(each.body, kinds.Said)]
    confirmed = tuple(each for each in said if _stops(each) or getattr(each.body, "digest", None) in times)
    given = parts[party]
    return Column(
        party,
        None if given is None else part_of(given),
        given,
        _agreed(heard, party, _signed(measure, parts)),
        confirmed,
        _declined(heard, party, given, times),
        _anew(measure, heard, given, times),
    )


def _declined(heard: tuple[Told, ...], party: str, given: Told | None, times: Mapping[str, datetime]) -> Told | None:
    """Return by what a side takes no part: not once it gave a part after that, or agreed after it, or both agreed."""
    declined = _last(heard, party, kinds.Declined)
    if declined is None or (given is not None and given.at > declined.at):
        return None
    agreed = [each for each in _words(heard, party, times) if each.order > declined.order]
    first = min(times.values(), default=None)
    return None if agreed or (first is not None and declined.at >= first) else declined


def _anew(measure: Measure, heard: tuple[Told, ...], given: Told | None, times: Mapping[str, datetime]) -> bool:
    """Whether a side agreed to what both did, and gave a part that none of that has, whatever date it put on it."""
    if given is None or not (
        signed := {str(getattr(each.body, "digest", "")) for each in _words(heard, given.party, times)}
    ):
        return False
    others = (measure.root, *(each for each in _said(measure) if isinstance(each.body, kinds.Part)))
    with_it = ({given.party: given, each.party: each} for each in others if each.party != given.party)
    return all(digest(measure, each) not in signed for each in with_it)


def _words(heard: tuple[Told, ...], party: str, times: Mapping[str, datetime]) -> Iterator[Told]:
    """Yield the words by which a side agreed to what both agreed to, now or before."""
    agreed = (each for each in heard if each.party == party and isinstance(each.body, kinds.Agreed))
    return (each for each in agreed if getattr(each.body, "digest", None) in times)


def _stops(said: Told) -> bool:
    return getattr(said.body, "did", "") in ("holds", "stopped")


# --- how it stands ----------------------------------------------------------------------------------------------------


def _broken(columns: tuple[Column, Column], agreed: datetime | None) -> bool:
    """Whether a side started what both had agreed, and that is agreed no more."""
    gone = agreed is None or any(each.declined for each in columns)
    return gone and any(each.last == "started" for each in columns)


def _state(measure: Measure, columns: tuple[Column, Column], agreed: datetime | None, now: datetime) -> State:
    last = [each.last for each in columns]
    so: tuple[tuple[bool, State], ...] = (
        (all(each == "stopped" for each in last), "stopped"),
        (_broken(columns, agreed), "held"),
        (measure.root.withdrawn is not None, "withdrawn"),
        (any(each.declined for each in columns), "declined"),
        (any(each in ("holds", "stopped") for each in last), "held"),
        (any(each == "started" for each in last), "under-way"),
        (measure.window.until <= now, "lapsed"),
        (agreed is not None, "agreed"),
        (all(each.part for each in columns), "to-agree"),
    )
    return next((state for holds, state in so if holds), "proposed")


def _did(column: Column, signed: str) -> Iterator[str]:
    """Yield what a side confirmed of what is agreed now, and by what it held or stopped."""
    for each in column.confirmed:
        if _stops(each) or getattr(each.body, "digest", None) == signed:
            yield str(getattr(each.body, "did", ""))


def _waits(
    measure: Measure, columns: tuple[Column, Column], agreed: datetime | None, signed: str, state: State
) -> Iterator[Next]:
    """Yield what is waited for: of each side its own, and never that it does anything for the other."""
    if state in ("declined", "stopped", "lapsed", "withdrawn"):
        return
    given = max((each.given.at for each in columns if each.given is not None), default=measure.root.at)
    for each in columns:
        if each.last == "stopped":
            continue
        if agreed is None and each.last == "started":
            yield Next("stopped", each.party, each.confirmed[-1].at, measure.window.until)
        if measure.root.withdrawn is not None:
            continue
        if each.part is None:
            yield Next("part", each.party, measure.root.at, measure.root.at + measure.within)
        elif agreed is None and each.agreed is None and all(one.part for one in columns):
            yield Next("agreed", each.party, given, given + measure.within)
        elif agreed is not None:
            yield from _own(measure, each, agreed, signed, state)


def _own(measure: Measure, column: Column, agreed: datetime, signed: str, state: State) -> Iterator[Next]:
    """Yield what a side has to confirm next of its own part."""
    window, said = measure.window, set(_did(column, signed))
    last = column.confirmed[-1].at if column.confirmed else agreed
    if state == "held":
        if column.last == "started":
            yield Next("stopped", column.party, last, window.until)
        elif column.last == "holds":
            yield Next("started", column.party, last, window.until)
    elif column.part is not None and column.part.clear and "clear" not in said and "started" not in said:
        yield Next("clear", column.party, agreed, window.since)
    elif "started" not in said:
        yield Next("started", column.party, max(agreed, last), window.since)
    else:
        yield Next("stopped", column.party, last, window.until)


def acts(measure: Measure, now: datetime, party: str) -> tuple[str, ...]:
    """Return what a side may do in a measure now, all of it about its own part."""
    stands = standing(measure, now)
    own = next((each for each in stands.columns if each.party == party), None)
    if own is None or stands.state in ("stopped", "lapsed", "withdrawn"):
        return ()
    if measure.root.withdrawn is not None:
        return {"started": ("holds", "stopped"), "holds": ("stopped",)}.get(own.last, ())
    may = list[str]()
    said = list(_did(own, stands.digest))
    if stands.digest and own.agreed is None and stands.state != "declined":
        may.append("agreed")
    if stands.agreed is not None and stands.state != "declined" and own.last != "stopped":
        if own.part is not None and own.part.clear and "clear" not in said:
            may.append("clear")
        if own.last != "started" or "started" not in said:
            may.append("started")
    if own.last not in ("holds", "stopped"):
        may.append("holds")
    if own.last != "stopped":
        may.append("stopped")
        may.append("part")
    if own.declined is None and not _agreements(measure):
        may.append("declined")
    return tuple(may)
