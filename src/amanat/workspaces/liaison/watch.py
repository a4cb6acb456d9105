"""The page of watches: who has which post now, who will, and how one's own is taken, handed over and accepted.

Law: it shows names of officers and notes in house, to who may keep a roster, and nothing of it is a record. What is
accepted is what was read, by its digest; nobody takes over silently.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

import msgspec

from amanat.exchange import watches
from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer import account
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid
from amanat.store import watches as kept
from amanat.store.watches import Watch
from amanat.workspace import Deed, Nothing, Page, Sent
from amanat.workspaces.liaison import calls, ringing, rules, views
from amanat.workspaces.liaison.rules import Facts

DAYS: Final = 7
BEFORE: Final = 5
"""How many watches that ended are shown of the own post."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A call that was open when a watch was handed over, and how it stands now; `call` is None of one that is gone."""

    name: str
    call: Facts | None = None
    hotline: str = ""
    state: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A watch with the sign-in name of its officer, what was handed over with it, and those who signed for that."""

    watch: Watch
    officer: str
    matters: tuple[Matter, ...] = ()
    signed: tuple[str, ...] = ()
    may_cancel: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day in the own zone, and what is planned or kept at a post that begins on it."""

    day: str
    watches: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """A post: who has its watch (None: nobody), whether that lapsed, its roster, and whose turn it may be."""

    post: str
    held: Shown | None
    lapsed: bool
    days: tuple[Day, ...]
    may_plan: bool
    officers: tuple[tuple[int, str], ...]


class Planned(msgspec.Struct, frozen=True):
    """A watch that is to be: of which post and officer, on which day, from when until when, by the own clock."""

    post: str
    officer: int
    day: str
    since: str
    until: str


class Cancelled(msgspec.Struct, frozen=True):
    """The watch that is taken off the roster."""

    number: int


class Taken(msgspec.Struct, frozen=True):
    """Whose watch is taken over without a hand-over, by its number; 0 where nobody has it."""

    over: int = 0


class Given(msgspec.Struct, frozen=True):
    """What the next watch has to know; what is open is added by the node."""

    notes: str = ""


class Accepted(msgspec.Struct, frozen=True):
    """The watch that is accepted, and the digest of what was read."""

    number: int
    read: str


def open_matters(turn: Turn, actor: Actor) -> tuple[str, ...]:
    """Return the calls of the actor's post that are open, by name: what a hand-over lists."""
    codes = {each.code for each in calls.at_post(turn, actor)}
    found = (each for each in calls.recent(turn) if each.rung.hotline in codes and rules.is_open(each, turn.now))
    names = sorted(f"{each.rung.key.party}:{each.rung.key.id}" for each in found)
    return tuple(names[-watches.MAX_MATTERS :])


def matters(turn: Turn, names: Collection[str]) -> tuple[Matter, ...]:
    """Return how calls of these names stand now, the oldest first; those that are here no more come last."""
    if not names:
        return ()
    keys = {(party, id_) for party, _, id_ in (each.partition(":") for each in names)}
    found = calls.of(turn, views.calls_named(turn.tx, keys))
    titles = {each.code: each.terms.title for each in calls.lines(turn)}
    here = tuple(
        Matter(
            f"{each.rung.key.party}:{each.rung.key.id}",
            each,
            titles.get(each.rung.hotline, each.rung.hotline),
            rules.state(each, turn.now),
            ringing.path(each),
        )
        for each in found
    )
    return (*here, *(Matter(each) for each in names if each not in {one.name for one in here}))


def context(turn: Turn, actor: Actor, _query: Nothing) -> Mapping[str, Any]:
    """Return what the page shows: every post with its watch and roster, and what the actor may do at the own one."""
    desks = tuple(_watches(turn, post) for post in watches.posts(turn))
    held, before = kept.left_open(turn.tx, actor.post), kept.before(turn.tx, actor.post, BEFORE)
    known = _known(turn, [*_all_of(desks), *before, *([held] if held else [])])
    mine = held is not None and held.officer == actor.officer
    at_work = may(actor, "watch.stand") and any(
        each.id == actor.officer for each in watches.may_stand(turn, actor.post)
    )
    return {
        "desks": tuple(_desk(turn, actor, each, known) for each in desks),
        "own_post": actor.post,
        "mine": _shown(turn, held, known) if held is not None and mine else None,
        "other": _shown(turn, held, known) if held is not None and not mine else None,
        "other_lapsed": held is not None and turn.now >= held.ends + kept.LAPSES,
        "read": watches.digest(held) if held is not None else "",
        "stands": at_work,
        "open_matters": matters(turn, open_matters(turn, actor)) if at_work else (),
        "before": tuple(_shown(turn, each, known) for each in before),
        "most_notes": watches.MAX_NOTES,
    }


def plan(turn: Turn, actor: Actor, typed: Planned) -> Sent:
    """Enter a watch in the roster."""
    zone = own_zone(turn)
    since, until = _time(typed.day, typed.since, zone), _time(typed.day, typed.until, zone)
    if until <= since:  # a watch of the night ends on the next day
        until = _time(typed.day, typed.until, zone, later=1)
    made = watches.plan(turn, actor, typed.post, typed.officer, (since, until))
    return Sent(on=(watches.subject(made),))


def cancel(turn: Turn, actor: Actor, typed: Cancelled) -> Sent:
    """Take a watch off the roster."""
    return Sent(on=(watches.subject(watches.cancel(turn, actor, typed.number)),))


def take(turn: Turn, actor: Actor, typed: Taken) -> Sent:
    """Begin the own watch."""
    return Sent(on=(watches.subject(watches.take(turn, actor, typed.over or None)),))


def give(turn: Turn, actor: Actor, typed: Given) -> Sent:
    """Offer the own watch to the next officer, with what is open now."""
    return Sent(on=(watches.subject(watches.hand_over(turn, actor, typed.notes, open_matters(turn, actor))),))


def accept(turn: Turn, actor: Actor, typed: Accepted) -> Sent:
    """Take over what was offered, as it was read."""
    given, began = watches.accept(turn, actor, typed.number, typed.read)
    return Sent(on=(watches.subject(given), watches.subject(began)))


@dataclass(frozen=True, slots=True)
class _Watches:
    """The watches of a post that are shown: the one that is left open, if any, and those of the days ahead."""

    post: str
    held: Watch | None
    ahead: tuple[Watch, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is told of watches: sign-in names by officer, and how the calls of all of them stand, in order."""

    names: Mapping[int, str]
    matters: tuple[Matter, ...]


def _watches(turn: Turn, post: str) -> _Watches:
    zone = own_zone(turn)
    first = turn.now.astimezone(zone).date()
    begins, beyond = (_midnight(first + timedelta(days=each), zone) for each in (0, DAYS))
    return _Watches(post, kept.left_open(turn.tx, post), tuple(kept.roster(turn.tx, post, begins, beyond)))


def _all_of(desks: Iterable[_Watches]) -> Iterator[Watch]:
    for each in desks:
        yield from (*([each.held] if each.held else []), *each.ahead)


def _known(turn: Turn, those: Iterable[Watch]) -> _Known:
    """Return what is told of these watches: their calls are asked for at once."""
    return _Known(account.sign_ins(turn.tx), matters(turn, sorted({name for each in those for name in each.matters})))


def _desk(turn: Turn, actor: Actor, its: _Watches, known: _Known) -> Desk:
    held, plans = its.held, watches.may_plan(actor, its.post)
    return Desk(
        its.post,
        None if held is None else _shown(turn, held, known),
        held is not None and turn.now >= held.ends + kept.LAPSES,
        _days(turn, its.ahead, known, plans=plans),
        plans,
        tuple((each.id, each.sign_in) for each in watches.may_stand(turn, its.post)) if plans else (),
    )


def _days(turn: Turn, ahead: Iterable[Watch], known: _Known, *, plans: bool) -> tuple[Day, ...]:
    """Return the days of the roster from today on; what began before today stands under today."""
    zone = own_zone(turn)
    first = turn.now.astimezone(zone).date()
    of = dict[date, list[Shown]]()
    for each in ahead:
        day = max(first, each.begins.astimezone(zone).date())
        shown = _shown(turn, each, known, may_cancel=plans and each.taken is None)
        of.setdefault(day, []).append(shown)
    return tuple(Day(day.isoformat(), tuple(those)) for day, those in sorted(of.items()))


def _shown(turn: Turn, watch: Watch, known: _Known, *, may_cancel: bool = False) -> Shown:
    signed = tuple(known.names.get(each.officer, "") for each in watches.signatures(turn, watch))
    open_ = tuple(each for each in known.matters if each.name in watch.matters)
    return Shown(watch, known.names.get(watch.officer, ""), open_, signed, may_cancel)


def _time(day: str, at: str, zone: tzinfo, later: int = 0) -> datetime:
    """Return a moment of a day, as the own clock shows it, in UTC. Raises `Invalid`."""
    try:
        on = date.fromisoformat(day) + timedelta(days=later)
        return datetime.combine(on, time.fromisoformat(at), zone).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise Invalid(
            "liaison.watch-time", "That is no day, or no time of it.", "Write them as 2026-11-24 and 06:30."
        ) from error


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


PAGE: Final = Page("watch", "watch.plan", context)
DEEDS: Final = (
    Deed("watch-plan", "watch", "watch.plan", Planned, plan),
    Deed("watch-cancel", "watch", "watch.plan", Cancelled, cancel),
    Deed("watch-take", "watch", "watch.take", Taken, take),
    Deed("watch-give", "watch", "watch.give", Given, give),
    Deed("watch-accept", "watch", "watch.take", Accepted, accept),
)
