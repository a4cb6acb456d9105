"""Rules of short tracks: which steps each has, which is next, whose it is, since when and until when, how it stands.

Law: pure, over a set of records: two sides that hold the same set say the same, whatever order it came in. `now` is an
argument, and every deadline follows from the records' own times. Of a person who is not handed back there is one word
only, "not completed", whether it was said, or nothing was (floor 3).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.rules import SKEW
from amanat.workspaces.liaison.tracks import kinds
from amanat.workspaces.liaison.tracks.kinds import Body, HandedOver, Offered, Question

State = Literal["open", "not-completed", "done", "closed", "withdrawn"]
Type = Literal[
    "offered", "missing", "livestock", "vehicle", "captured", "passage", "bodies", "ordnance", "fire"
]  # fmt: skip

PERSONS: Final[frozenset[Type]] = frozenset({"offered", "missing", "captured"})
"""Types in which somebody may be handed back: there is no word but "not completed" for whoever is not."""

MOST_STEPS: Final = 100
"""Of one party in one track, the first: each has a handful to make."""

FARTHEST: Final = timedelta(days=31)
"""How far ahead a window is agreed on: one that begins later counts for nothing, or a side would never be late."""

ASKED_WITHIN: Final = timedelta(hours=24)
"""How long before a hand-over each is asked for the last time whether they fear return."""


@dataclass(frozen=True, slots=True)
class Said:
    """One record of a track: whose, when, what it says, and when its party withdrew it, if it did."""

    key: Named
    post: str
    at: datetime
    body: Body
    withdrawn: datetime | None = None

    @property
    def party(self) -> str:
        """Who says it."""
        return self.key.party


@dataclass(frozen=True, slots=True)
class Track:
    """What opened a track, and the set of its steps that are here; `other` is whom it was opened to.

    `hours` is within what something urgent ("at-once"), something soon ("today") and all else is to be answered.
    """

    root: Said
    type: Type
    other: str
    said: frozenset[Said]
    hours: Mapping[str, timedelta]
    exercise: bool = False
    expires: datetime | None = None

    @property
    def parties(self) -> tuple[str, str]:
        """The two sides, who opened it first."""
        return self.root.party, self.other


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its code, whose it is ("" is either's), and the record by which it was made, if it was."""

    code: str
    party: str
    said: Said | None = None


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
    differs = bool(given and received and _count(given.body) != _count(received.body))
    return Standing(state, rows, waits, lapsed, differs)


def proposal(track: Track) -> tuple[Said | None, Said | None]:
    """Return the proposal that stands, the last one made, and the other side's word that it is agreed, if any."""
    return _proposal(track, tuple(heard_in(track)))


def holder(track: Track) -> str:
    """Return the side that has who or what is to go back."""
    found = getattr(track.root.body, "found", None)
    opener_has = track.type in ("offered", "captured") if found is None else found
    return track.root.party if opener_has else track.other


def seeker(track: Track) -> str:
    """Return the side to which who or what is handed back belongs."""
    return next(each for each in track.parties if each != holder(track))


def offered(track: Track) -> Said | None:
    """Return the last lawful offer to hand back persons that counts."""
    return offer_of(track, tuple(heard_in(track)))


def crossed(track: Track) -> bool:
    """Whether a word stands that they, or it, went over: who received them signs that, whatever was withdrawn since."""
    over = (each for each in track.said if isinstance(each.body, HandedOver | kinds.GivenBack))
    return any(each.withdrawn is None and each.party == holder(track) for each in over)


def within(track: Track) -> timedelta:
    """Return within what a step is to be made, that has no time of its own."""
    body = track.root.body
    if isinstance(body, kinds.Passage):
        return track.hours[body.need]
    return track.hours["today" if track.type in ("fire", "ordnance") else "days"]


# --- what counts ------------------------------------------------------------------------------------------------------


def heard_in(track: Track) -> Iterator[Said]:
    """Yield what counts of what was said, oldest first: of the two sides, and not before the track was opened."""
    for each in sorted(track.said, key=order):
        asked: Question | None = getattr(each.body, "asked", None)
        said = each.party in track.parties and each.at >= track.root.at - SKEW and _lawful(asked, each.at)
        if said and stands(track, each) and _near(each):
            yield each


_HELD: Final[Mapping[type, tuple[type, ...]]] = {
    Offered: (kinds.Received,),
    kinds.Captured: (kinds.Received,),
    kinds.Missing: (HandedOver,),
    HandedOver: (kinds.Received,),
    kinds.GivenBack: (kinds.Received,),
    kinds.Proposed: (HandedOver, kinds.GivenBack, kinds.Received),
    kinds.Agreed: (HandedOver, kinds.GivenBack, kinds.Received),
    kinds.Answered: (kinds.Received,),
    kinds.VisitAsked: (kinds.VisitGranted, kinds.Visited),
    kinds.VisitGranted: (kinds.Visited,),
    kinds.Visited: (kinds.Closed,),
    kinds.Received: (kinds.Closed,),
    kinds.Done: (kinds.Closed,),
    kinds.Explained: (kinds.Closed,),
    kinds.Closed: (kinds.Closed,),
}
"""What holds a word that was withdrawn, where the other side said it after that, and did not withdraw it."""


def stands(track: Track, said: Said) -> bool:
    """Whether a word counts: it was not withdrawn, or what the other side signed on it would be unsaid by that.

    Whatever date the withdrawal has. An offer is held by nothing but that they were handed over and received: whom its
    party offers no more is not handed over (floor 4).
    """
    if said.withdrawn is None:
        return True
    since = said.at
    if isinstance(said.body, Offered | kinds.Captured):
        over = (each.at for each in track.said if isinstance(each.body, HandedOver) and each.party == said.party)
        since = min((at for at in over if at > said.at), default=datetime.max.replace(tzinfo=UTC))
    both = isinstance(said.body, kinds.Closed)
    return any(
        (both or each.at >= since - SKEW) and each.withdrawn is None
        for each in track.said
        if isinstance(each.body, _HELD.get(type(said.body), ())) and each.party in {*track.parties} - {said.party}
    )


def _near(said: Said) -> bool:
    """Whether the window that a word names, if any, begins soon enough after it for anyone to wait for."""
    window = getattr(said.body, "window", None)
    return window is None or window.since <= said.at + FARTHEST


def _lawful(asked: Question | None, at: datetime) -> bool:
    """Whether a body that asks for the question has an answer to it with which one may hand back (floor 4)."""
    return asked is None or (asked.alone and not asked.fears and asked.at <= at + SKEW)


def order(said: Said) -> tuple[datetime, str, str]:
    """Return by what records are put one after another: their times, then their ids, which have a time in them too."""
    return said.at, said.key.id, said.key.party


def first(
    heard: tuple[Said, ...], of: type, by: str = "", fits: Callable[[Any], bool] = lambda _body: True
) -> Said | None:
    """Return the first thing of a sort that a side said, "" for either."""
    found = (each for each in heard if isinstance(each.body, of) and by in ("", each.party) and fits(each.body))
    return next(found, None)


def offer_of(track: Track, heard: tuple[Said, ...]) -> Said | None:
    """Return the last offer of persons, of the side that has them: what is offered after a hand-over unsays nothing."""
    if track.type not in PERSONS:
        return None
    handed = _handed(track, heard)
    return _offered(track, heard if handed is None else _until(heard, handed))


def _offered(track: Track, heard: tuple[Said, ...]) -> Said | None:
    held = [each for each in heard if isinstance(each.body, Offered) and each.party == holder(track)]
    if not stands(track, track.root):
        return None
    if track.type == "offered" and _lawful(track.root.body.asked, track.root.at):  # type: ignore[union-attr]
        held.insert(0, track.root)
    return held[-1] if held else None


def _until(heard: tuple[Said, ...], last: Said) -> tuple[Said, ...]:
    """Return what was said before something was."""
    return tuple(each for each in heard if order(each) < order(last))


def _proposal(track: Track, heard: tuple[Said, ...]) -> tuple[Said | None, Said | None]:
    """Return the last proposal, and the other side's word on it: none that comes after the hand-over unsays it."""
    handed = _handed(track, heard)
    made = [each for each in heard if isinstance(each.body, kinds.Proposed)]
    made = [each for each in made if handed is None or order(each) < order(handed)]
    if not made:
        return None, None
    last = made[-1]
    agreed = (each for each in heard if isinstance(each.body, kinds.Agreed) and each.body.of == last.key)
    return last, next((each for each in agreed if each.party != last.party), None)


def _handed(track: Track, heard: tuple[Said, ...]) -> Said | None:
    """Return the holder's first word that they, or it, went over: of persons one that its offer allows."""
    by = holder(track)
    if track.type not in PERSONS:
        return first(heard, kinds.GivenBack, by)
    over = (each for each in heard if isinstance(each.body, HandedOver) and each.party == by)
    return next((each for each in over if _allowed(_offered(track, _until(heard, each)), each)), None)


def _allowed(offer: Said | None, handed: Said) -> bool:
    """Whether no more went over than the offer before it says, and they were asked again since (floor 4)."""
    if offer is None or _count(handed.body) > _count(offer.body):
        return False
    return asked_again(offer, handed.body.asked, handed.at)  # type: ignore[union-attr]


def asked_again(offer: Said, asked: Question, at: datetime) -> bool:
    """Whether they were asked once more after they were asked for an offer, within a day before they went over."""
    before: Question = offer.body.asked  # type: ignore[union-attr]
    return before.at < asked.at and at - ASKED_WITHIN <= asked.at


def _count(body: Any) -> int:  # noqa: ANN401 - a body with a count
    return int(getattr(body, "count", 0) or 0)


# --- the rows of each type --------------------------------------------------------------------------------------------


def _back(track: Track, heard: tuple[Said, ...]) -> tuple[Step, ...]:
    """The steps by which who or what is handed back: where and when, handed over, received."""
    proposed, agreed = _proposal(track, heard)
    answers = "" if proposed is None else next(each for each in track.parties if each != proposed.party)
    handed = _handed(track, heard)
    received = first(heard, kinds.Received, seeker(track))
    if track.type in PERSONS and handed is None:
        received = None  # nobody comes to anyone but from whom they were handed over
    return (
        Step("proposed", holder(track) if proposed is None else proposed.party, proposed),
        Step("agreed", answers, agreed),
        Step("handed", holder(track), handed),
        Step("received", seeker(track), received),
    )


def _crosser(track: Track, heard: tuple[Said, ...]) -> tuple[tuple[Step, ...], ...]:
    opened = (Step("missing", track.root.party, track.root),) if track.type == "missing" else ()
    return ((*opened, Step("offered", holder(track), offer_of(track, heard)), *_back(track, heard)),)


def _things(track: Track, heard: tuple[Said, ...]) -> tuple[tuple[Step, ...], ...]:
    return ((*_sought(track, heard), *_back(track, heard)),)


def _sought(track: Track, heard: tuple[Said, ...]) -> tuple[Step, ...]:
    """What opened it, and where something is sought, that it is found; "not found so far" leaves that open."""
    root = Step("opened", track.root.party, track.root)
    if holder(track) == track.root.party:
        return (root,)
    return root, Step("found", track.other, first(heard, kinds.Answered, track.other, lambda body: bool(body.found)))


def _captured(track: Track, heard: tuple[Said, ...]) -> tuple[tuple[Step, ...], ...]:
    """Each visit that is asked for in a row of its own; what is said of the hand-back is said of that alone."""
    asked: list[Said | None] = [
        each for each in heard if isinstance(each.body, kinds.VisitAsked) and each.party == track.other
    ]
    seen, visits = list[Said](), list[tuple[Step, ...]]()
    for each in asked or [None]:
        granted = None if each is None else _granted(track, heard, each.key)
        visited = None if granted is None else _visited(heard, granted, seen)
        seen += [visited] if visited else []
        row = (Step("visit-asked", track.other, each), Step("visit-granted", track.root.party, granted))
        visits.append((*row, Step("visited", "", visited)))
    back = (Step("offered", track.root.party, offer_of(track, heard)), *_back(track, heard))
    return ((Step("opened", track.root.party, track.root), *visits[0]), *visits[1:], back)


def _granted(track: Track, heard: tuple[Said, ...], asked: Named) -> Said | None:
    return first(heard, kinds.VisitGranted, track.root.party, lambda body: body.of == asked)


def _visited(heard: tuple[Said, ...], granted: Said, besides: list[Said]) -> Said | None:
    """Return the first visit after it was granted that was not another one."""
    those = (each for each in heard if isinstance(each.body, kinds.Visited) and order(each) > order(granted))
    return next((each for each in those if each not in besides), None)


def _passage(track: Track, heard: tuple[Said, ...]) -> tuple[tuple[Step, ...], ...]:
    opens = [each for each in heard if isinstance(each.body, kinds.Opens) and each.party == track.other]
    passed = first(heard, kinds.Done, track.other, lambda body: body.did == "passed")
    return (
        (
            Step("opened", track.root.party, track.root),
            Step("opens", track.other, opens[-1] if opens else None),
            Step("passed", track.other, passed),
        ),
    )


def _bodies(track: Track, heard: tuple[Said, ...]) -> tuple[tuple[Step, ...], ...]:
    """Whoever recovers them in the window that was agreed; those that their own side recovered are not handed over."""
    proposed, agreed, *over = _back(track, heard)
    recovered = first(heard, kinds.Done, "", lambda body: body.did == "recovered")
    ours = recovered is not None and recovered.party == seeker(track)
    row = (*_sought(track, heard), proposed, agreed, Step("recovered", "", recovered))
    return (row if ours else (*row, *over),)


def _ordnance(track: Track, heard: tuple[Said, ...]) -> tuple[tuple[Step, ...], ...]:
    by = track.root.party if getattr(track.root.body, "here", True) else track.other
    windows = [each for each in heard if isinstance(each.body, kinds.Clearing) and each.party == by]
    return (
        (
            Step("opened", track.root.party, track.root),
            Step("clearing", by, windows[-1] if windows else None),
            Step("cleared", by, first(heard, kinds.Done, by, lambda body: body.did == "cleared")),
        ),
    )


def _fire(track: Track, heard: tuple[Said, ...]) -> tuple[tuple[Step, ...], ...]:
    """Who may have fired explains it; "we look into it" is an answer, and leaves the explanation open."""
    by = track.other if getattr(track.root.body, "here", True) else track.root.party
    said = [each for each in heard if isinstance(each.body, kinds.Explained) and each.party == by]
    looking = next((each for each in said if getattr(each.body, "explanation", "") == "looking"), None)
    final = [each for each in said if getattr(each.body, "explanation", "") != "looking"]
    explained = Step("explained", by, final[-1] if final else None)
    looked = (Step("looking", by, looking),) if looking else ()
    return ((Step("opened", track.root.party, track.root), *looked, explained),)


_ROWS: Final[Mapping[Type, Callable[[Track, tuple[Said, ...]], tuple[tuple[Step, ...], ...]]]] = {
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


def _last(rows: tuple[tuple[Step, ...], ...], code: str) -> Said | None:
    return next((each.said for row in rows for each in row if each.code == code), None)


def finished(rows: tuple[tuple[Step, ...], ...]) -> bool:
    """Whether the last step was made of the row that everything is about: the last one."""
    return rows[-1][-1].said is not None


def ended(track: Track, heard: tuple[Said, ...]) -> bool:
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
        each.party == track.root.party or each.at >= since or _offered(track, _until(heard, each)) is not None
        for each in words
    )


def granted(rows: tuple[tuple[Step, ...], ...]) -> bool:
    """Whether a visit was granted."""
    return any(each.code == "visit-granted" and each.said is not None for row in rows for each in row)


def closing(track: Track) -> frozenset[str]:
    """Return which sides closed it. Where persons are sought, who could have found them is not asked to."""
    return frozenset(each.party for each in heard_in(track) if isinstance(each.body, kinds.Closed))


def _lapses(track: Track, heard: tuple[Said, ...]) -> datetime | None:
    """Return when a search for persons reads "not completed" by itself, so that no word and no silence says why."""
    lapses = track.type == "missing" and offer_of(track, heard) is None
    return track.root.at + within(track) if lapses else None


def _state(track: Track, heard: tuple[Said, ...], rows: tuple[tuple[Step, ...], ...], now: datetime) -> State:
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


def _next(track: Track, step: Step, since: datetime, before: list[Said]) -> Next:
    if step.code in _UNASKED or (track.type == "captured" and step.code == "offered"):
        return Next(step.code, step.party, since, None)
    windows = [getattr(each.body, "window", None) for each in before]
    window = next((each for each in reversed(windows) if each is not None), None)
    if step.code in _IN_WINDOW and window is not None:
        return Next(step.code, step.party, since, window.until)
    return Next(step.code, step.party, since, since + within(track))
