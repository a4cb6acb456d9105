"""What an officer does at once about a parallel measure: proposes one, gives the own part, agrees, confirms, stops.

Law: every deed says something of this side alone. What the rules do not let it say now is refused before it is sent.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar, get_args

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid, Refused
from amanat.workspace import Deed, Sent
from amanat.workspaces.liaison import matter_rows, matters, slots
from amanat.workspaces.liaison.dealings import Dealing, Root, asked, require_dealing
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.ground.shapes import Shape
from amanat.workspaces.liaison.measures import facts, held, kinds, rules, views
from amanat.workspaces.liaison.measures.kinds import MEASURE, OwnPart
from amanat.workspaces.liaison.measures.rules import Measure

PAGE: Final = "/liaison/measure?party={party}&id={id}"
FARTHEST: Final = timedelta(days=92)
"""How far ahead a measure is proposed."""


class OwnTyped(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed of this side's part: what it does, and where."""

    action: str = ""
    country: str = ""
    contact: str = ""
    shape: str = ""
    places: str = ""
    metres: str = ""


class Proposing(OwnTyped, frozen=True, kw_only=True):
    """What was typed to propose a measure; `linked` is the matter it belongs to ("PARTY:ID"), if any."""

    compact: str = ""
    exercise: str = ""
    purpose: str = ""
    since: str = ""
    until: str = ""
    linked: str = ""


class Acting(OwnTyped, frozen=True, kw_only=True):
    """What is said in which measure; `digest` is that of both parts as they were shown."""

    party: str
    id: str
    act: str
    digest: str = ""
    seen: str = ""


class Reading(msgspec.Struct, frozen=True):
    """Of which measure all is signed as read."""

    party: str
    id: str
    seen: str = ""


_Typed = TypeVar("_Typed", bound=OwnTyped)


def _with_clear(form: type[_Typed]) -> type[_Typed]:
    """Return a form with fields besides for all areas that a side may keep clear: each a shape, the first being 1."""
    numbered = [f"clear{number}" for number in range(1, kinds.MOST_CLEAR + 1)]
    fields = [(f"{begun}_{each}", str, "") for begun in numbered for each in ("shape", "places", "metres")]
    return msgspec.defstruct(form.__name__, fields, bases=(form,), frozen=True, kw_only=True)  # type: ignore[return-value]


def propose(turn: Turn, actor: Actor, typed: Proposing) -> Sent:
    """Propose a measure, with this side's own part."""
    dealing = require_dealing(turn, MEASURE.name, typed.compact)
    window = drawn.window(turn, typed.since, typed.until)
    over = window.until <= turn.now
    if over or window.since > turn.now + FARTHEST:
        with slots.in_field("until" if over else "since"):
            raise Invalid(
                "liaison.measure-window",
                "The window of the measure is over, or begins in more than three months.",
                "Give one that is to come.",
            )
    body = kinds.Proposed(
        purpose=slots.chosen(typed.purpose, get_args(kinds.Purpose), "purpose"),
        window=window,
        part=_part(turn, actor, dealing, typed),
        linked=matters.linked(turn, typed.linked),
    )
    facts.of_measure(body)
    return Sent((asked(turn, dealing, MEASURE.name, body, exercise=bool(typed.exercise)),), then=PAGE)


def act(turn: Turn, actor: Actor, typed: Acting) -> Sent:
    """Say something of this side's part in a measure; all that came of it is opened by that."""
    measure, row = require_measure(turn, typed.party, typed.id)
    dealing = matter_rows.dealing(turn, row, MEASURE.name)
    if typed.act not in rules.acts(measure, turn.now, turn.means.party):
        raise Invalid(
            "liaison.measure-act", "That is not to be said of this measure now.", "Load the page anew: it says what is."
        )
    if sum(each.party == turn.means.party for each in measure.said) >= rules.MOST_SAID:
        raise Invalid(
            "liaison.measure-full",
            f"This side said {rules.MOST_SAID} things in the measure, and no more are read of one side.",
            "Propose another measure.",
        )
    if typed.act in ("agreed", "started"):
        _require_read(turn, measure, typed.seen)
    body = _SAYS[typed.act](turn, actor, dealing, measure, typed)
    facts.of_measure(body)
    sent = asked(turn, dealing, MEASURE.name, body, of=Root.of(row))
    return Sent((sent,), _unread(turn, measure, typed.seen), _page(measure))


def read(turn: Turn, _actor: Actor, typed: Reading) -> Sent:
    """Sign that all that came of a measure was read."""
    measure, _ = require_measure(turn, typed.party, typed.id)
    return Sent(opens=_unread(turn, measure, typed.seen), then=_page(measure))


def require_measure(turn: Turn, party: str, id_: str) -> tuple[Measure, Any]:
    """Return a measure that is here, and its row. Raises `Invalid`."""
    rows = matter_rows.named(turn.tx, views.MEASURE, [(party, id_)])
    found = held.of(turn, rows)
    if not found:
        raise Invalid("liaison.measure", f"No measure {id_[:40]} is here.", "See those that are: it may have expired.")
    return found[0], rows[0]


def _unread(turn: Turn, measure: Measure, seen: str) -> tuple[tuple[str, str], ...]:
    """Return what is unread of it, of what the page had shown."""
    return matter_rows.shown(held.unread_of(turn, measure), seen)


def _require_read(turn: Turn, measure: Measure, seen: str) -> None:
    """Raise `Invalid` where something came since the page was shown, a hold perhaps."""
    if _unread(turn, measure, seen) != _unread(turn, measure, ""):
        raise _changed()


def _changed() -> Invalid:
    return Invalid(
        "liaison.measure-changed", "A part was changed since it was shown.", "Read both parts, then say it again."
    )


def _page(measure: Measure) -> str:
    return PAGE.format(party=measure.root.key.party, id=measure.root.key.id)


# --- what is typed ----------------------------------------------------------------------------------------------------


def _part(turn: Turn, actor: Actor, dealing: Dealing, typed: OwnTyped) -> OwnPart:
    """Return this side's part. Raises `Invalid`; `Refused` for ground that this side does not administer."""
    own = dealing.compact.terms.members[dealing.own].administers
    country = typed.country or (own[0] if len(own) == 1 else "")
    if country not in own:
        raise Refused(
            "liaison.measure-soil",
            "A side says what it does on ground that it administers, and of no other.",
            f"By the compact this party administers: {', '.join(own)}.",
            by="the compact's members",
        )
    return OwnPart(
        action=slots.chosen(typed.action, get_args(kinds.Action), "action"),
        country=country,
        area=drawn.shape(turn, slots.chosen(typed.shape, drawn.FORMS, "shape"), typed.places, typed.metres),
        clear=tuple(_clear(turn, typed)),
        contact=typed.contact.strip() or actor.post,
    )


def _clear(turn: Turn, typed: OwnTyped) -> Iterator[Shape]:
    """Yield the areas to be kept clear, of those fields in which a place is typed. Raises `Invalid`."""
    for number in range(1, kinds.MOST_CLEAR + 1):
        begun = f"clear{number}_"
        form, where, metres = (str(getattr(typed, f"{begun}{each}")) for each in ("shape", "places", "metres"))
        if where.strip():
            yield drawn.shape(turn, slots.chosen(form, drawn.FORMS, f"{begun}shape"), where, metres, begun)


_Says = Callable[[Turn, Actor, Dealing, Measure, Acting], kinds.Body]


def _own_part(turn: Turn, actor: Actor, dealing: Dealing, measure: Measure, typed: Acting) -> kinds.Body:
    return kinds.Part(measure=measure.root.key, part=_part(turn, actor, dealing, typed))


def _agreed(turn: Turn, _actor: Actor, _dealing: Dealing, measure: Measure, typed: Acting) -> kinds.Body:
    """Agree to both parts as they were shown."""
    return kinds.Agreed(measure=measure.root.key, digest=_shown(turn, measure, typed))


def _shown(turn: Turn, measure: Measure, typed: Acting) -> str:
    """Return the digest of both parts as they stand. Raises `Invalid` where they were shown otherwise."""
    stands = rules.standing(measure, turn.now)
    if typed.digest != stands.digest:
        raise _changed()
    return stands.digest


def _declined(_turn: Turn, _actor: Actor, _dealing: Dealing, measure: Measure, _typed: Acting) -> kinds.Body:
    return kinds.Declined(measure=measure.root.key)


def _said(did: kinds.Confirmed) -> _Says:
    """Return what confirms something of what is agreed, as it was shown. Raises `Invalid` where that changed since."""

    def confirmed(turn: Turn, _actor: Actor, _dealing: Dealing, measure: Measure, typed: Acting) -> kinds.Body:
        return kinds.Said(measure=measure.root.key, did=did, digest=_shown(turn, measure, typed))

    return confirmed


def _stops(did: kinds.Confirmed) -> _Says:
    return lambda _turn, _actor, _dealing, measure, _typed: kinds.Said(measure=measure.root.key, did=did)


_SAYS: Final[Mapping[str, _Says]] = {
    "part": _own_part,
    "agreed": _agreed,
    "declined": _declined,
    "clear": _said("clear"),
    "started": _said("started"),
    "holds": _stops("holds"),
    "stopped": _stops("stopped"),
}

DEEDS: Final = (
    Deed("measure-propose", "measure-new", "record.send", _with_clear(Proposing), propose),
    Deed("measure-act", "measure", "record.send", _with_clear(Acting), act),
    Deed("measure-read", "measure", "record.acknowledge", Reading, read),
)
