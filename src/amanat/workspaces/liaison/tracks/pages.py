"""The pages of tracks: the list, one of them with its steps and what is to be done, and the form that opens one.

Law: pages write nothing; how a track stands follows from `rules` alone, so that both sides read the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Literal, get_args

import msgspec

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspace import Page
from amanat.workspaces.liaison import free_words, heads, links, matter_rows
from amanat.workspaces.liaison.dealings import dealings
from amanat.workspaces.liaison.ground.shapes import Window
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.pages import places_shown, turns
from amanat.workspaces.liaison.told import Told
from amanat.workspaces.liaison.tracks import acts, counted, held, rules, views
from amanat.workspaces.liaison.tracks.counted import Track
from amanat.workspaces.liaison.tracks.kinds import TRACK, Question
from amanat.workspaces.liaison.tracks.typed import LISTS
from amanat.workspaces.liaison.tracks.words import title


class Query(turns.Query, frozen=True, kw_only=True):
    """A type of track besides."""

    path: ClassVar[str] = "/liaison/tracks"

    type: turns.Code = ""


class OneQuery(msgspec.Struct, frozen=True):
    """Which track is shown."""

    party: str
    id: str


class NewQuery(msgspec.Struct, frozen=True):
    """Which type of track is opened, "" while none is chosen; and what it belongs to ("PARTY:ID"), if anything."""

    type: Literal["", counted.Type] = ""
    linked: Annotated[str, msgspec.Meta(max_length=60)] = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of a body: its name, of what sort it is, and what stands in it."""

    name: str
    sort: Literal["number", "place", "time", "window", "yes", "code", "word", "asked"]
    value: Any
    list: str = ""


def tracks(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a page of the list, newest first."""
    those = dealings(turn, TRACK.name)
    return {
        **turns.listed(turn, _LISTED, query, query.type),
        "types": get_args(counted.Type),
        "parties": sorted({each.own for each in those} | {each.other for each in those}),
        "may_open": bool(those) and may(actor, "record.send"),
        "own": turn.means.party,
    }


def track(turn: Turn, actor: Actor, query: OneQuery) -> Mapping[str, Any]:
    """Return a track with its steps, and what this officer may do in it."""
    found = held.one(turn, query.party, query.id)
    if found is None:
        return {"track": None}
    stands = rules.standing(found, turn.now)
    proposed, agreed = counted.proposal(found)
    offer = counted.offered(found)
    own, key = turn.means.party, found.root.key
    unread = held.unread_of(turn, found)
    return {
        "track": found,
        "stands": stands,
        "title": title(found.root.body),
        "fields": tuple(_shown(found.root.body)),
        "history": [(each, title(each.body), tuple(_shown(each.body))) for each in _history(found)],
        "acts": acts.open_to(found, turn.now, own) if may(actor, "record.send") else (),
        "waits_here": {each.code for each in stands.waits if each.party == own},
        "proposed": proposed,
        "agreed": agreed,
        "offered": offer.body if offer else None,
        "persons": found.type in counted.PERSONS,
        "unread": len(unread) if may(actor, "record.acknowledge") else 0,
        "seen": matter_rows.seen(unread),
        "own": own,
        "lists": LISTS,
        "clock": f"{turn.now.astimezone(own_zone(turn)):%H:%M}",
        **places_shown.named(turn),
        "words": free_words.said_about(turn, actor, key),
        "belongs": links.belongs(turn, getattr(found.root.body, "linked", None)),
        "links": links.naming(turn, key),
        "head": heads.of(turn, key),
    }


def new(turn: Turn, actor: Actor, query: NewQuery) -> Mapping[str, Any]:
    """Return what the form offers that opens a track of a type."""
    found = _dealings(turn) if may(actor, "record.send") else ()
    return {
        "type": query.type,
        "linked": query.linked,
        "types": get_args(counted.Type),
        "compacts": [(each.id, each.compact.terms.title, each.other) for each in found],
        "lists": LISTS,
        "clock": f"{turn.now.astimezone(own_zone(turn)):%H:%M}",
        "own_post": actor.post,
        **places_shown.named(turn),
    }


def _dealings(turn: Turn) -> tuple[Any, ...]:
    return dealings(turn, TRACK.name)


def _code(each: Track) -> str:
    return each.type


_LISTED: Final = turns.Matters(views.TRACK, "type", _code, held.of, held.recent, rules.standing, title)


def _history(found: Track) -> list[Told]:
    return sorted((found.root, *found.said), key=lambda each: each.order)


_CODES: Final[Mapping[str, str]] = {
    "who": "track who",
    "did": "track did",
    **{name: name for name in LISTS if name != "who"},
}


def _shown(body: Any) -> Iterator[Shown]:  # noqa: ANN401 - a body of the kind
    """Yield what a body says, field by field, but for what it belongs to."""
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if value is None or isinstance(value, Named):
            continue
        if isinstance(value, bool):
            yield Shown(name, "yes", value)
        elif isinstance(value, int):
            yield Shown(name, "number", value)
        elif isinstance(value, Spot):
            yield Shown(name, "place", value)
        elif isinstance(value, datetime):
            yield Shown(name, "time", value)
        elif isinstance(value, Window):
            yield Shown(name, "window", value)
        elif isinstance(value, Question):
            yield Shown(name, "asked", value)
        elif name in _CODES:
            yield Shown(name, "word", value, _CODES[name])
        else:
            yield Shown(name, "code", value)


PAGES: Final[tuple[Page, ...]] = tuple(
    replace(each, group="liaison.crossed")
    for each in (
        Page("tracks", "record.read", tracks, query=Query),
        Page("track-new", "record.send", new, query=NewQuery),
        Page("track", "record.read", track, query=OneQuery, persons=free_words.persons),
    )
)
