"""One sealed notice: what was told when, who opened it, what it says, what may be done now; and the form to seal one.

Law: what is kept back is shown at its own node alone, and what is held in trust where it is held. When a record of the
other side came here is said by others' clocks, beside its own date.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from amanat.exchange.means import Turn
from amanat.exchange.opening import readers
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid
from amanat.store import listing
from amanat.workspace import Page
from amanat.workspaces.liaison import administered, calls, came, free_words, heads, links
from amanat.workspaces.liaison.dealings import dealings, require_dealing
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.notices import forms, giving, states
from amanat.workspaces.liaison.notices import rules as noticing
from amanat.workspaces.liaison.notices.kinds import Notice, type_of
from amanat.workspaces.liaison.notices.shown import layer_of
from amanat.workspaces.liaison.sealed import rules, sealing, stories
from amanat.workspaces.liaison.sealed.stories import Known

REASONS: Final = ("outdated", "mistaken", "sent-in-error")


class Query(msgspec.Struct, frozen=True):
    """Which sealed notice."""

    party: str
    id: str


@dataclass(frozen=True, slots=True)
class Lead:
    """How long before it began a notice was told of, counted from the seal; by when it was to be, and if late."""

    before: timedelta
    by: datetime | None
    late: bool


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return all that is known of a sealed notice here, and what an officer may do with it now."""
    known = stories.one(turn, query.party, query.id)
    if known is None:
        return {"known": None, "query": query}
    shown = rules.known(known.story)
    notice = known.bodies[shown.key].notice if shown else None
    return {
        "known": known,
        "query": query,
        **administered.context(turn),
        "hotlines": calls.titles(turn),
        "state_named": states.named,
        "told": known.story.told,
        "state": rules.state(known.story, turn.now),
        "by": rules.opened(known.story),
        "shown": [(each, type_of(known.bodies[each.key].notice)) for each in known.story.shown],
        "early": {each.key for each in rules.broken_trust(known.story)},
        "holders_say": rules.words(known.story),
        "came": came.later(turn, (known.story.told, *known.story.shown)),
        "body": notice,
        "lead": _lead(turn, known, notice) if notice is not None else None,
        "told_of": _fields(notice) if notice is not None else (),
        "drawn_as": drawn.typed(notice.shape) if notice is not None else None,
        "deliveries": _deliveries(turn, known),
        "reasons": REASONS,
        "links": links.naming(turn, known.story.told.key),
        "head": heads.of(turn, known.story.told.key, _on_map(turn, known, notice)),
        "words": free_words.said_about(turn, actor, known.story.told.key),
        **_deeds(turn, actor, known),
    }


def _on_map(turn: Turn, known: Known, notice: Notice | None) -> str:
    """Return where it is on the map once its author opened it; "" as long as it is on none."""
    key, state = known.story.told.key, rules.state(known.story, turn.now)
    told = any(each.fits and each.key.party == key.party for each in known.story.shown)
    if notice is None or not told or state not in rules.OPENED:
        return ""
    return heads.on_map(turn, layer_of(notice), key, (notice.window.since, notice.window.until))


def _deeds(turn: Turn, actor: Actor, known: Known) -> Mapping[str, Any]:
    """Return what may be done now, and what of it is here that nobody was told."""
    own, story = turn.means.party, known.story
    secret = sealing.secret_of(turn, known)
    held = stories.entrusted(turn, known) if own in story.told.held_by and own != story.told.key.party else None
    here = secret.notice if secret is not None else held[0].notice if held is not None else None
    sends, mine = may(actor, "record.send"), any(each.fits and each.key.party == own for each in story.shown)
    stands = story.told.withdrawn is None
    incident = stories.near_incident(turn, known, held[0].notice) if held is not None else None
    return {
        "own": own,
        "is_kept": secret is not None,
        "held": held,
        "kept_body": here if rules.known(story) is None else None,
        "kept_of": _fields(here) if here is not None else (),
        "kept_drawn": drawn.typed(here.shape) if here is not None else None,
        "may_open": sends and secret is not None and stands and not mine,
        "may_open_trust": sends and held is not None and not mine and rules.may_open(story, own, turn.now, incident),
        "on_incident": incident,
        "may_call_off": may(actor, "record.withdraw")
        and story.told.key.party == own
        and stands
        and rules.opened(story) is None,
        "may_read": may(actor, "record.acknowledge") and _unread(turn, actor, known),
    }


def seal_context(turn: Turn, _actor: Actor, query: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a `forms.Typed`
    """Return what was planned, as it would be sealed, and what the form asks besides; nothing where nothing was."""
    held: dict[str, str] = msgspec.to_builtins(query)
    found = dealings(turn, "liaison.sealed")
    shown: dict[str, Any] = {
        "dealings": found,
        **administered.context(turn),
        "hotlines": calls.titles(turn),
        "state_named": states.named,
        "held": held,
        "plan": f"/liaison/plan?{urlencode({name: value for name, value in held.items() if value})}",
        "hidden": {name: value for name, value in held.items() if value and name != "check"},
        "body": None,
        "wrong": None,
    }
    if not found or not held["type"]:
        return shown
    try:
        dealing = require_dealing(turn, "liaison.sealed", held["compact"])
        planned = forms.read(turn, query)
        coarse = giving.must_be_coarse(dealing, planned)
        notice = giving.told(dealing, planned)
    except Invalid as wrong:
        return shown | {"wrong": wrong}
    return shown | {
        "body": notice,
        "told_of": _fields(notice),
        "drawn_as": drawn.typed(notice.shape),
        "coarse": coarse,
        "holders": sealing.holders(dealing),
        "audience": dealing.audience("liaison.sealed"),
    }


def _fields(notice: Notice) -> tuple[tuple[forms.Field, Any], ...]:
    """Return the fields of its type of which a notice says something."""
    held = ((each, getattr(notice, each.name)) for each in forms.fields(type_of(notice)))
    return tuple((each, value) for each, value in held if value not in (None, (), 0) or each.required)


def _lead(turn: Turn, known: Known, notice: Notice) -> Lead:
    """Return how long before it was told: sealing it was telling it, and only once it was opened is that known."""
    terms = calls.terms_under(turn, known.row.compact)
    agreed = terms.notification.get(type_of(notice)) if terms else None
    by = noticing.to_be_told(agreed, notice) if agreed is not None and noticing.asked_for(agreed, notice) else None
    at = known.story.told.at
    return Lead(notice.window.since - at, by, late=by is not None and at > by)


def _deliveries(turn: Turn, known: Known) -> list[listing.Delivery]:
    """Return how a sealed notice of this party stands at each of those who were told."""
    if known.row.party != turn.means.party:
        return []
    rows = listing.named(turn.tx, [(known.row.party, known.row.id)])
    return [each for row in rows for each in listing.deliveries(turn.tx, row.envelope)]


def _unread(turn: Turn, actor: Actor, known: Known) -> bool:
    """Whether something here is another's that no officer at this post signed to have read."""
    own = turn.means.party
    keys = [known.story.told.key, *(each.key for each in known.story.shown)]
    theirs = [(each.party, each.id) for each in keys if each.party != own]
    return any(actor.post not in readers(turn, each) for each in theirs)


PAGE: Final = Page("sealed", "record.read", context, query=Query, group="liaison.planned", persons=free_words.persons)
SEAL: Final = Page("seal", "record.send", seal_context, query=forms.Typed, group="liaison.planned")
