"""Rules of tracks: which steps each has, which is next, whose it is, since when and until when, how it stands.

Law: pure, over a set of records: two sides that hold the same set say the same, whatever order it came in. `now` is an
argument, and every deadline follows from the records' own times. Of a person who is not handed back there is one word
only, "not completed", whether it was said, or nothing was (floor 3).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.told import Told
from amanat.workspaces.liaison.tracks import kinds
from amanat.workspaces.liaison.tracks.counted import (
    PERSONS,
    Track,
    Type,
    before,
    count_of,
    first,
    handed_in,
    heard_in,
    holder,
    offer_of,
    offered_in,
    proposal_in,
    seeker,
    stands,
    within,
)

State = Literal["open", "not-completed", "done", "closed", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its code, whose it is ("" is either's), and the record by which it was made, if it was."""

    code: str
    party: str
    said: Told | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """The step that is waited for: whose it is ("" is either's), since when, and until when it is not late."""

    code: str
    party: str
    since: datetime
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a track stands: its rows of steps, what is waited for, and where two counts are not the same."""

    state: State
    rows: tuple[tuple[Step, ...], ...]
    waits: tuple[Next, ...]
    lapsed: datetime | None
    differs: bool


def standing(track: Track, now: datetime) -> Standing:
    """Return how a track stands. `lapsed` is when nothing said comes to "not completed", where it does by itself."""
    heard = tuple(heard_in(track))
    rows = _ROWS[track.type](track, heard)
    lapsed = _lapses(track, heard)
    state = _state(track, heard, rows, now)
    waits = () if state in ("closed", "withdrawn") else tuple(_waits(track, rows, ended=state == "not-completed"))
    given, received = _last(rows, "handed"), _last(rows, "received")
    differs = bool(given and received and count_of(given.body) != count_of(received.body))
    return Standing(state, rows, waits, lapsed, differs)


# --- the rows of each type --------------------------------------------------------------------------------------------


def _back(track: Track, heard: tuple[Told, ...]) -> tuple[Step, ...]:
    """The steps by which who or what is handed back: where and when, handed over, received."""
    proposed, agreed = proposal_in(track, heard)
    answers = "" if proposed is None else next(each for each in track.parties if each != proposed.party)
    handed = handed_in(track, heard)
    received = first(heard, kinds.Received, seeker(track))
    if track.type in PERSONS and handed is None:
        received = None  # nobody comes to anyone but from whom they were handed over
    return (
        Step("proposed", holder(track) if proposed is None else proposed.party, proposed),
        Step("agreed", answers, agreed),
        Step("handed", holder(track), handed),
        Step("received", seeker(track), received),
    )


def _crosser(track: Track, heard: tuple[Told, ...]) -> tuple[tuple[Step, ...], ...]:
    opened = (Step("missing", track.root.party, track.root),) if track.type == "missing" else ()
    return ((*opened, Step("offered", holder(track), offer_of(track, heard)), *_back(track, heard)),)


def _things(track: Track, heard: tuple[Told, ...]) -> tuple[tuple[Step, ...], ...]:
    return ((*_sought(track, heard), *_back(track, heard)),)


def _sought(track: Track, heard: tuple[Told, ...]) -> tuple[Step, ...]:
    """What opened it, and where something is sought, that it is found; "not found so far" leaves that open."""
    root = Step("opened", track.root.party, track.root)
    if holder(track) == track.root.party:
        return (root,)
    return root, Step("found", track.other, first(heard, kinds.Answered, track.other, lambda body: bool(body.found)))


def _captured(track: Track, heard: tuple[Told, ...]) -> tuple[tuple[Step, ...], ...]:
    """Each visit that is asked for in a row of its own; what is said of the hand-back is said of that alone."""
    asked: list[Told | None] = [
        each for each in heard if isinstance(each.body, kinds.VisitAsked) and each.party == track.other
    ]
    seen, visits = list[Told](), list[tuple[Step, ...]]()
    for each in asked or [None]:
        granted = None if each is None else _granted(track, heard, each.key)
        visited = None if granted is None else _visited(heard, granted, seen)
        seen += [visited] if visited else []
        row = (Step("visit-asked", track.other, each), Step("visit-granted", track.root.party, granted))
        visits.append((*row, Step("visited", "", visited)))
    back = (Step("offered", track.root.party, offer_of(track, heard)), *_back(track, heard))
    return ((Step("opened", track.root.party, track.root), *visits[0]), *visits[1:], back)


def _granted(track: Track, heard: tuple[Told, ...], asked: Named) -> Told | None:
    return first(heard, kinds.VisitGranted, track.root.party, lambda body: body.of == asked)


def _visited(heard: tuple[Told, ...], granted: Told, besides: list[Told]) -> Told | None:
    """Return the first visit after it was granted that was not another one."""
    those = (each for each in heard if isinstance(each.body, kinds.Visited) and each.order > granted.order)
    return next((each for each in those if each not in besides), None)


def _passage(track: Track, heard: tuple[Told, ...]) -> tuple[tuple[Step, ...], ...]:
    opens = [each for each in heard if isinstance(each.body, kinds.Opens) and each.party == track.other]
    passed = first(heard, kinds.Done, track.other, lambda body: body.did == "passed")
    return (
        (
            Step("opened", track.root.party, track.root),
            Step("opens", track.other, opens[-1] if opens else None),
            Step("passed", track.other, passed),
        ),
    )


def _bodies(track: Track, heard: tuple[Told, ...]) -> tuple[tuple[Step, ...], ...]:
    """Whoever recovers them in the window that was agreed; those that their own side recovered are not handed over."""
    proposed, agreed, *over = _back(track, heard)
    recovered = first(heard, kinds.Done, "", lambda body: body.did == "recovered")
    ours = recovered is not None and recovered.party == seeker(track)
    row = (*_sought(track, heard), proposed, agreed, Step("recovered", "", recovered))
    return (row if ours else (*row, *over),)


def _ordnance(track: Track, heard: tuple[Told, ...]) -> tuple[tuple[Step, ...], ...]:
    by = track.root.party if getattr(track.root.body, "here", True) else track.other
    windows = [each for each in heard if isinstance(each.body, kinds.Clearing) and each.party == by]
    return (
        (
            Step("opened", track.root.party, track.root),
            Step("clearing", by, windows[-1] if windows else None),
            Step("cleared", by, first(heard, kinds.Done, by, lambda body: body.did == "cleared")),
        ),
    )


def _fire(track: Track, heard: tuple[Told, ...]) -> tuple[tuple[Step, ...], ...]:
    """Who may have fired explains it; "we look into it" is an answer, and leaves the explanation open."""
    by = track.other if getattr(track.root.body, "here", True) else track.root.party
    said = [each for each in heard if isinstance(each.body, kinds.Explained) and each.party == by]
    looking = next((each for each in said if getattr(each.body, "explanation", "") == "looking"), None)
    final = [each for each in said if getattr(each.body, "explanation", "") != "looking"]
    explained = Step("explained", by, final[-1] if final else None)
    looked = (Step("looking", by, looking),) if looking else ()
    return ((Step("opened", track.root.party, track.root), *looked, explained),)


_ROWS: Final[Mapping[Type, Callable[[Track, tuple[Told, ...]], tuple[tuple[Step, ...], ...]]]] = {
    "offered": _crosser,
    "missing": _crosser,
    "livestock": _things,
    "vehicle": _things,
    "captured": _captured,
    "passage": _passage,
    "bodies": _bodies,
    "ordnance": _ordnance,
    "fire": _fire,
}


# --- how it stands ----------------------------------------------------------------------------------------------------


def _last(rows: tuple[tuple[Step, ...], ...], code: str) -> Told | None:
    return next((each.said for row in rows for each in row if each.code == code), None)


def finished(rows: tuple[tuple[Step, ...], ...]) -> bool:
    """Whether the last step was made of the row that everything is about: the last one."""
    return rows[-1][-1].said is not None


def ended(track: Track, heard: tuple[Told, ...]) -> bool:
    """Whether a side said "not completed" of persons.

    Who could have found them says so of an offer, or from when it reads so by itself: else the word would tell when.
    """
    if track.type not in PERSONS:
        return False
    words = (each for each in heard if isinstance(each.body, kinds.NotCompleted))
    if track.type != "missing":
        return next(words, None) is not None
    since = track.root.at + within(track)
    return any(
        each.party == track.root.party or each.at >= since or offered_in(track, before(heard, each)) is not None
        for each in words
    )


def granted(rows: tuple[tuple[Step, ...], ...]) -> bool:
    """Whether a visit was granted."""
    return any(each.code == "visit-granted" and each.said is not None for row in rows for each in row)


def closing(track: Track) -> frozenset[str]:
    """Return which sides closed it. Where persons are sought, who could have found them is not asked to."""
    return frozenset(each.party for each in heard_in(track) if isinstance(each.body, kinds.Closed))


def _lapses(track: Track, heard: tuple[Told, ...]) -> datetime | None:
    """Return when a search for persons reads "not completed" by itself, so that no word and no silence says why."""
    lapses = track.type == "missing" and offer_of(track, heard) is None
    return track.root.at + within(track) if lapses else None


def _state(track: Track, heard: tuple[Told, ...], rows: tuple[tuple[Step, ...], ...], now: datetime) -> State:
    closed, lapses = closing(track), _lapses(track, heard)
    if closed >= set(track.parties) or (lapses is not None and track.root.party in closed):
        return "closed"
    if finished(rows):
        return "done"
    if not stands(track, track.root):
        return "withdrawn"
    return "not-completed" if ended(track, heard) or (lapses is not None and lapses <= now) else "open"


def _waits(track: Track, rows: tuple[tuple[Step, ...], ...], *, ended: bool) -> Iterator[Next]:
    """Yield the first step of each row after which none was made, and who has still to close the track.

    "Not completed" ends the last row alone: visits to those who are still held go on.
    """
    for row in rows[:-1] if ended else rows:
        made = [number for number, each in enumerate(row) if each.said is not None]
        at = made[-1] + 1 if made else 0
        if at < len(row):
            before = [each.said for each in row[:at] if each.said is not None]
            yield _next(track, row[at], max((each.at for each in before), default=track.root.at), before)
    closed = closing(track)
    if finished(rows):
        last = max((each.said.at for row in rows for each in row if each.said), default=track.root.at)
        for party in track.parties:
            if party not in closed:
                yield Next("closed", party, last, last + within(track))


_IN_WINDOW: Final = frozenset({"handed", "visited", "passed", "recovered", "cleared"})
"""Steps that are made in the window that the step before them names: due when that is over."""
_UNASKED: Final = frozenset({"visit-asked"})
"""Steps that nobody has to make."""


def _next(track: Track, step: Step, since: datetime, before: list[Told]) -> Next:
    if step.code in _UNASKED or (track.type == "captured" and step.code == "offered"):
        return Next(step.code, step.party, since, None)
    windows = [getattr(each.body, "window", None) for each in before]
    window = next((each for each in reversed(windows) if each is not None), None)
    if step.code in _IN_WINDOW and window is not None:
        return Next(step.code, step.party, since, window.until)
    return Next(step.code, step.party, since, since + within(track))
