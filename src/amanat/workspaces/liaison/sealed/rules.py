"""How a sealed notice stands, of the set of its records: sealed, opened and how, not opened, or shown wrongly.

Law: pure, and the same in whatever order records came. Only its author opens it, and those observers to whom it says it
is entrusted; only what fits the digest that was told opens it. What was shown and does not fit stays said, whatever
comes after. What is dated clearly before the sealed notice, or marked otherwise (an exercise), counts for nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.rules import SKEW
from amanat.workspaces.liaison.sealed.kinds import Because

GRACE: Final = timedelta(minutes=15)
"""After the time at which it opens: a node that is brought up to date, a link that is dialled anew."""

State = Literal["sealed", "in-time", "late", "on-incident", "by-escrow", "does-not-fit", "withdrawn", "not-opened"]
OPENED: Final[tuple[State, ...]] = ("in-time", "late", "on-incident", "by-escrow")


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it was told of under seal; `withdrawn` is when its author took it back.

    That is as it is known here (`stories`): by its own word, or since that came here, if that was clearly later.
    """

    key: Named
    post: str
    at: datetime
    opens: datetime
    held_by: tuple[str, ...]
    escrow: int
    exercise: bool
    withdrawn: datetime | None = None

    @property
    def due(self) -> datetime:
        """After which it counts as not opened."""
        return self.opens + GRACE


@dataclass(frozen=True, slots=True)
class Shown:
    """What a party showed as what a sealed notice says; `fits` says whether its digest is the one that was told.

    `incident` is that on which it was opened, None of one that it names and that is not here, or not near by.
    """

    key: Named
    post: str
    at: datetime
    because: Because
    fits: bool
    exercise: bool
    incident: Named | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """An observer's word that it holds in trust what opens it."""

    party: str
    at: datetime
    fits: bool


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of a sealed notice."""

    told: Told
    shown: tuple[Shown, ...] = ()
    words: tuple[Word, ...] = ()


def state(story: Story, now: datetime) -> State:
    """Return how a sealed notice stands."""
    told, by = story.told, opened(story)
    if by is not None:
        return _how(story, by)
    if any(each.key.party == told.key.party for each in misfits(story)):
        return "does-not-fit"
    if told.withdrawn is not None and told.withdrawn < told.opens:
        return "withdrawn"
    return "not-opened" if now > told.due else "sealed"


def opened(story: Story) -> Shown | None:
    """Return what opened it: the author's own word, or the one with which enough observers had opened it.

    Whichever was first by its date; None where it is sealed still.
    """
    told = story.told
    own = next((each for each in _counted(story) if each.fits and each.key.party == told.key.party), None)
    theirs = in_trust(story)
    together = theirs[told.escrow - 1] if told.escrow and len(theirs) >= told.escrow else None
    if own is None or together is None:
        return own or together
    return together if together.at < own.at else own


def in_trust(story: Story) -> tuple[Shown, ...]:
    """Return the first opening by each observer that had it in trust and kept that trust, the earliest first."""
    found = dict[str, Shown]()
    for each in _counted(story):
        if each.fits and each.key.party != story.told.key.party and in_its_time(story.told, each):
            found.setdefault(each.key.party, each)
    return tuple(found.values())


def in_its_time(told: Told, shown: Shown) -> bool:
    """Whether an observer might open it: once its author had not in time, or on an incident."""
    return shown.at > told.due or shown.incident is not None


def broken_trust(story: Story) -> tuple[Shown, ...]:
    """Return what observers opened before they might, the earliest first: seen by their own signatures."""
    own = story.told.key.party
    return tuple(
        each for each in _counted(story) if each.fits and each.key.party != own and not in_its_time(story.told, each)
    )


def misfits(story: Story) -> tuple[Shown, ...]:
    """Return what was shown as what it says and is not, by its author or who held it, the earliest first."""
    return tuple(each for each in _counted(story) if not each.fits)


def known(story: Story) -> Shown | None:
    """Return by what it is known what the notice says: the first that fits, whether or not it counts as opened."""
    return next((each for each in _counted(story) if each.fits), None)


def words(story: Story) -> dict[str, Word | None]:
    """Return the first word of each to whom it is entrusted, None of who has said none."""
    found: dict[str, Word | None] = dict.fromkeys(_holders(story.told))
    for each in sorted(story.words, key=lambda each: (each.at, each.party, each.fits)):
        if each.party in found and found[each.party] is None and each.at >= story.told.at - SKEW:
            found[each.party] = each
    return found


def opens_now(told: Told, now: datetime) -> bool:
    """Whether its author's node is to open it, because its time has come."""
    return now >= told.opens


def may_open(story: Story, party: str, now: datetime, incident: Named | None) -> bool:
    """Whether a party that has it in trust may open it now: it is due and was not opened, or something happened.

    Also what was called off: else by that word its author could lock it for ever.
    """
    told = story.told
    due = now > told.due and opened(story) is None
    return party in _holders(told) and (due or incident is not None)


def _how(story: Story, by: Shown) -> State:
    if by.key.party != story.told.key.party:
        return "by-escrow"
    if by.at > story.told.due:
        return "late"
    return "on-incident" if by.because == "incident" else "in-time"


def _holders(told: Told) -> tuple[str, ...]:
    """Return to whom it is entrusted: nobody holds what is its own."""
    return tuple(each for each in told.held_by if each != told.key.party)


def _counted(story: Story) -> Iterator[Shown]:
    """Yield what was shown and counts, the earliest first."""
    told = story.told
    may = {told.key.party, *_holders(told)}
    for each in sorted(story.shown, key=lambda each: (each.at, each.key)):
        if each.key.party in may and each.exercise == told.exercise and each.at >= told.at - SKEW:
            yield each
