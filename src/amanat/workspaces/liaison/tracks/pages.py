"""The pages of tracks: the list, one of them with its steps and what is to be done, and the form that opens one.

Law: pages write nothing; how a track stands follows from `rules` alone, so that both sides read the same.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import urlencode

import msgspec
from sqlalchemy import ColumnElement, Row, select, tuple_

from amanat.exchange import cursor
from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.party.lexicon import Language
from amanat.workspace import Page
from amanat.workspaces.liaison import free_words, heads, links, matter_rows, places
from amanat.workspaces.liaison.dealings import dealings
from amanat.workspaces.liaison.ground.shapes import Window
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.rules import AHEAD
from amanat.workspaces.liaison.told import Told
from amanat.workspaces.liaison.tracks import acts, counted, held, rules, views
from amanat.workspaces.liaison.tracks.counted import Track
from amanat.workspaces.liaison.tracks.kinds import TRACK, Question
from amanat.workspaces.liaison.tracks.rules import Standing
from amanat.workspaces.liaison.tracks.typed import LISTS
from amanat.workspaces.liaison.tracks.words import title
from amanat.workspaces.liaison.views import spell

SHOWN: Final = 50
"""Tracks on a page of the list."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed down to: a type, who opened it, only what is not closed; "" is everything."""

    type: Annotated[str, msgspec.Meta(max_length=16)] = ""
    party: Annotated[str, msgspec.Meta(max_length=16)] = ""
    only: Literal["", "open"] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def address(self, **more: str) -> str:
        """Return where the list is shown so narrowed down, with more said."""
        said = {name: value for name, value in (msgspec.to_builtins(self) | more).items() if value}
        return "/liaison/tracks" + (f"?{urlencode(said)}" if said else "")


class OneQuery(msgspec.Struct, frozen=True):
    """Which track is shown."""

    party: str
    id: str


class NewQuery(msgspec.Struct, frozen=True):
    """Which type of track is opened, "" while none is chosen; and what it belongs to ("PARTY:ID"), if anything."""

    type: Literal["", counted.Type] = ""
    linked: Annotated[str, msgspec.Meta(max_length=60)] = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A track as the list shows it."""

    matter: Track
    stands: Standing
    title: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of a body: its name, of what sort it is, and what stands in it."""

    name: str
    sort: Literal["number", "place", "time", "window", "yes", "code", "word", "asked"]
    value: Any
    list: str = ""


def tracks(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a page of the list, newest first."""
    found, last = (_open(turn, query), None) if query.only else _page(turn, query)
    narrowed = msgspec.structs.replace(query, cursor="")
    after = cursor.written(last.party, last.id, last.at) if last is not None else ""
    return {
        "listed": [Listed(each, rules.standing(each, turn.now), title(each.root.body)) for each in found],
        "types": get_args(counted.Type),
        "parties": sorted({each.own for each in _dealings(turn)} | {each.other for each in _dealings(turn)}),
        "filters": query,
        "narrowed": narrowed != Query(),
        "alone": narrowed.address(),
        "next": narrowed.address(cursor=after) if after else "",
        "may_open": bool(_dealings(turn)) and may(actor, "record.send"),
        "own": turn.means.party,
    }


def track(turn: Turn, actor: Actor, query: OneQuery) -> Mapping[str, Any]:
    """Return a track with its steps, and what this officer may do in it."""
    found = held.one(turn, query.party, query.id)
    if found is None:
        return {"track": None}
    stands = rules.standing(found, turn.now)
    names = places.known(turn)
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
        "place_shown": _places(names),
        "offered_places": _offered(names),
        "words": free_words.said_about(turn, actor, key),
        "belongs": links.belongs(turn, getattr(found.root.body, "linked", None)),
        "links": links.naming(turn, key),
        "head": heads.of(turn, key),
    }


def new(turn: Turn, actor: Actor, query: NewQuery) -> Mapping[str, Any]:
    """Return what the form offers that opens a track of a type."""
    found = _dealings(turn) if may(actor, "record.send") else ()
    names = places.known(turn)
    return {
        "type": query.type,
        "linked": query.linked,
        "types": get_args(counted.Type),
        "compacts": [(each.id, each.compact.terms.title, each.other) for each in found],
        "lists": LISTS,
        "clock": f"{turn.now.astimezone(own_zone(turn)):%H:%M}",
        "own_post": actor.post,
        "offered_places": _offered(names),
    }


def _dealings(turn: Turn) -> tuple[Any, ...]:
    return dealings(turn, TRACK.name)


def _open(turn: Turn, query: Query) -> list[Track]:
    """Return the tracks in which something waits, of those that are told of, the newest first."""
    found = (each for each in held.recent(turn) if query.type in ("", each.type))
    found = (each for each in found if query.party in ("", each.root.party))
    waits = [each for each in found if rules.standing(each, turn.now).waits]
    return waits[::-1][:SHOWN]


def _page(turn: Turn, query: Query) -> tuple[list[Track], Row[Any] | None]:
    """Return those of a page, and after which row the next begins: also where rows of this one are not shown."""
    c = views.TRACK.c
    narrowed: list[ColumnElement[bool]] = []
    if query.type:
        narrowed.append(c.type == query.type)
    if query.party:
        narrowed.append(c.party == query.party)
    if query.cursor:
        party, id_, at = cursor.read(query.cursor, 3)
        narrowed.append(tuple_(c.at, c.party, c.id) < tuple_(at, party, id_))
    narrowed.append(c.at <= spell(turn.now + AHEAD))
    newest = select(views.TRACK).where(*narrowed).order_by(c.at.desc(), c.party.desc(), c.id.desc())
    rows = list(turn.tx.execute(newest.limit(SHOWN + 1)))
    return held.of(turn, rows[:SHOWN]), rows[SHOWN - 1] if len(rows) > SHOWN else None


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


def _places(names: Any) -> Callable[[Spot, Language], places.Shown]:  # noqa: ANN401 - a gazetteer
    return lambda spot, language: places.shown(spot, names, language)


def _offered(names: Any) -> Callable[[Language], tuple[places.Offered, ...]]:  # noqa: ANN401 - a gazetteer
    return lambda language: places.offered(names, language)


PAGES: Final[tuple[Page, ...]] = tuple(
    replace(each, group="liaison.crossed")
    for each in (
        Page("tracks", "record.read", tracks, query=Query),
        Page("track-new", "record.send", new, query=NewQuery),
        Page("track", "record.read", track, query=OneQuery, persons=free_words.persons),
    )
)
