"""What counts of what was said in a track: of whom, since when, and which offer, proposal and hand-over stand.

Law: pure, over a set of records: two sides that hold the same set say the same, whatever order it came in. Of persons
nothing counts by which one is handed back unasked, or more than were offered (floor 4).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.rules import SKEW
from amanat.workspaces.liaison.told import Told
from amanat.workspaces.liaison.tracks import kinds
from amanat.workspaces.liaison.tracks.kinds import HandedOver, Offered, Question

Type = Literal[
    "offered", "missing", "livestock", "vehicle", "captured", "passage", "bodies", "ordnance", "fire"
]  # fmt: skip

PERSONS: Final[frozenset[Type]] = frozenset({"offered", "missing", "captured"})
"""Types in which somebody may be handed back: there is no word but "not completed" for whoever is not."""

MOST_STEPS: Final = 100
"""Of one party in one track, the first: each has a handful to make; the last of each sort is read besides."""

FARTHEST: Final = timedelta(days=31)
"""How far ahead a window is agreed on: one that begins later counts for nothing, or a side would never be late."""

ASKED_WITHIN: Final = timedelta(hours=24)
"""How long before a hand-over each is asked for the last time whether they fear return."""


@dataclass(frozen=True, slots=True)
class Track:
    """What opened a track, and the set of its steps that are here; `other` is whom it was opened to.

    `hours` is within what something urgent ("at-once"), something soon ("today") and all else is to be answered;
    `compact` is the id of what it is under; `more` how many steps each side made beyond these, of those that did.
    """

    root: Told
    type: Type
    other: str
    said: frozenset[Told]
    hours: Mapping[str, timedelta]
    exercise: bool = False
    expires: datetime | None = None
    compact: str = ""
    more: tuple[tuple[str, int], ...] = ()

    @property
    def parties(self) -> tuple[str, str]:
        """The two sides, who opened it first."""
        return self.root.party, self.other


def proposal(track: Track) -> tuple[Told | None, Told | None]:
    """Return the proposal that stands, the last one made, and the other side's word that it is agreed, if any."""
    return proposal_in(track, tuple(heard_in(track)))


def settled(track: Track) -> tuple[Told, Told] | None:
    """Return the last proposal that was agreed to, and the word that agreed: none that was not since unsays it."""
    heard = tuple(heard_in(track))
    words = ((each, _agreed(heard, each)) for each in reversed(_proposed(track, heard)))
    return next(((each, word) for each, word in words if word is not None), None)


def holder(track: Track) -> str:
    """Return the side that has who or what is to go back."""
    found = getattr(track.root.body, "found", None)
    opener_has = track.type in ("offered", "captured") if found is None else found
    return track.root.party if opener_has else track.other


def seeker(track: Track) -> str:
    """Return the side to which who or what is handed back belongs."""
    return next(each for each in track.parties if each != holder(track))


def offered(track: Track) -> Told | None:
    """Return the last lawful offer to hand back persons that counts."""
    return offer_of(track, tuple(heard_in(track)))


def crossed(track: Track) -> Told | None:
    """Return the holder's last word that they, or it, went over: who received them signs that, withdrawn or not."""
    over = (each for each in track.said if isinstance(each.body, HandedOver | kinds.GivenBack))
    return max((each for each in over if each.party == holder(track)), key=lambda each: each.order, default=None)


def received(track: Track, over: Told, now: datetime) -> Track:
    """Return a track as it would be if what went over were signed as received now."""
    body = kinds.Received(track=track.root.key, count=max(1, count_of(over.body)))
    word = Told(Named(seeker(track), ""), "", now, body)
    return replace(track, said=track.said | {word})


def within(track: Track) -> timedelta:
    """Return within what a step is to be made, that has no time of its own."""
    body = track.root.body
    if isinstance(body, kinds.Passage):
        return track.hours[body.need]
    return track.hours["today" if track.type in ("fire", "ordnance") else "days"]


def heard_in(track: Track) -> Iterator[Told]:
    """Yield what counts of what was said, oldest first: of the two sides, and not before the track was opened."""
    for each in sorted(track.said, key=lambda each: each.order):
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


def stands(track: Track, said: Told) -> bool:
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


def _near(said: Told) -> bool:
    """Whether the window that a word names, if any, begins soon enough after it for anyone to wait for."""
    window = getattr(said.body, "window", None)
    return window is None or window.since <= said.at + FARTHEST


def _lawful(asked: Question | None, at: datetime) -> bool:
    """Whether a body that asks for the question has an answer to it with which one may hand back (floor 4)."""
    return asked is None or (asked.alone and not asked.fears and asked.at <= at + SKEW)


def first(
    heard: tuple[Told, ...], of: type, by: str = "", fits: Callable[[Any], bool] = lambda _body: True
) -> Told | None:
    """Return the first thing of a sort that a side said, "" for either."""
    found = (each for each in heard if isinstance(each.body, of) and by in ("", each.party) and fits(each.body))
    return next(found, None)


def offer_of(track: Track, heard: tuple[Told, ...]) -> Told | None:
    """Return the last offer of persons, of the side that has them: what is offered after a hand-over unsays nothing."""
    if track.type not in PERSONS:
        return None
    handed = handed_in(track, heard)
    return offered_in(track, heard if handed is None else before(heard, handed))


def offered_in(track: Track, heard: tuple[Told, ...]) -> Told | None:
    """Return the last lawful offer of persons in what was said, of the side that has them."""
    held = [each for each in heard if isinstance(each.body, Offered) and each.party == holder(track)]
    if not stands(track, track.root):
        return None
    if track.type == "offered" and _lawful(track.root.body.asked, track.root.at):
        held.insert(0, track.root)
    return held[-1] if held else None


def before(heard: tuple[Told, ...], last: Told) -> tuple[Told, ...]:
    """Return what was said before something was."""
    return tuple(each for each in heard if each.order < last.order)


def proposal_in(track: Track, heard: tuple[Told, ...]) -> tuple[Told | None, Told | None]:
    """Return the last proposal, and the other side's word on it: none that comes after the hand-over unsays it."""
    made = _proposed(track, heard)
    return (made[-1], _agreed(heard, made[-1])) if made else (None, None)


def _proposed(track: Track, heard: tuple[Told, ...]) -> list[Told]:
    """Return what was proposed before they, or it, went over."""
    handed = handed_in(track, heard)
    made = (each for each in heard if isinstance(each.body, kinds.Proposed))
    return [each for each in made if handed is None or each.order < handed.order]


def _agreed(heard: tuple[Told, ...], proposed: Told) -> Told | None:
    """Return the other side's word that a proposal is agreed, if any."""
    agreed = (each for each in heard if isinstance(each.body, kinds.Agreed) and each.body.of == proposed.key)
    return next((each for each in agreed if each.party != proposed.party), None)


def handed_in(track: Track, heard: tuple[Told, ...]) -> Told | None:
    """Return the holder's first word that they, or it, went over: of persons one that its offer allows."""
    by = holder(track)
    if track.type not in PERSONS:
        return first(heard, kinds.GivenBack, by)
    over = (each for each in heard if isinstance(each.body, HandedOver) and each.party == by)
    return next((each for each in over if _allowed(offered_in(track, before(heard, each)), each)), None)


def _allowed(offer: Told | None, handed: Told) -> bool:
    """Whether no more went over than the offer before it says, and they were asked again since (floor 4)."""
    if offer is None or count_of(handed.body) > count_of(offer.body):
        return False
    return asked_again(offer, handed.body.asked, handed.at)


def asked_again(offer: Told, asked: Question, at: datetime) -> bool:
    """Whether they were asked once more after they were asked for an offer, within a day before they went over."""
    before: Question = offer.body.asked
    return before.at < asked.at and at - ASKED_WITHIN <= asked.at


def count_of(body: Any) -> int:  # noqa: ANN401 - a body with a count
    """Return how many a body says, 0 where it does not."""
    return int(getattr(body, "count", 0) or 0)
