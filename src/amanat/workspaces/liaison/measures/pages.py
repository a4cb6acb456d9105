"""The pages of parallel measures: the list, one of them in two columns, and the form that proposes one.

Law: pages write nothing; how a measure stands follows from `rules` alone, so that both sides read the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import urlencode

import msgspec
from sqlalchemy import ColumnElement, Row, select, tuple_

from amanat.exchange import cursor
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.party.lexicon import Language
from amanat.workspace import Page
from amanat.workspaces.liaison import administered, free_words, heads, links, matter_rows, places
from amanat.workspaces.liaison.dealings import Dealing, dealings
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.ground.shapes import Corridor, Point, Position, Shape
from amanat.workspaces.liaison.kinds import Spot
from amanat.workspaces.liaison.measures import held, kinds, rules, shown, views
from amanat.workspaces.liaison.measures.kinds import MEASURE, OwnPart
from amanat.workspaces.liaison.measures.rules import Column, Measure, Standing
from amanat.workspaces.liaison.measures.words import title
from amanat.workspaces.liaison.rules import AHEAD
from amanat.workspaces.liaison.views import spell

SHOWN: Final = 50
"""Measures on a page of the list."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed down to: a purpose, only what is waited for; "" is everything."""

    purpose: Annotated[str, msgspec.Meta(max_length=16)] = ""
    party: Annotated[str, msgspec.Meta(max_length=16)] = ""
    only: Literal["", "open"] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def address(self, **more: str) -> str:
        """Return where the list is shown so narrowed down, with more said."""
        said = {name: value for name, value in (msgspec.to_builtins(self) | more).items() if value}
        return "/liaison/measures" + (f"?{urlencode(said)}" if said else "")


class OneQuery(msgspec.Struct, frozen=True):
    """Which measure is shown."""

    party: str
    id: str


class NewQuery(msgspec.Struct, frozen=True):
    """To which matter the measure belongs that is proposed ("PARTY:ID"), if any."""

    linked: Annotated[str, msgspec.Meta(max_length=60)] = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A measure as the list shows it."""

    matter: Measure
    stands: Standing
    title: str


@dataclass(frozen=True, slots=True)
class Laid:
    """A shape as it is read: its form, its places by degrees, and its metres; of an area none."""

    form: str
    along: tuple[Spot, ...]
    metres: int | None


def measures(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a page of the list, newest first."""
    found, last = (_open(turn, query), None) if query.only else _page(turn, query)
    narrowed = msgspec.structs.replace(query, cursor="")
    after = cursor.written(last.party, last.id, last.at) if last is not None else ""
    those = dealings(turn, MEASURE.name)
    return {
        "listed": [Listed(each, rules.standing(each, turn.now), title(each.root.body)) for each in found],
        "purposes": get_args(kinds.Purpose),
        "parties": sorted({each.own for each in those} | {each.other for each in those}),
        "filters": query,
        "narrowed": narrowed != Query(),
        "alone": narrowed.address(),
        "next": narrowed.address(cursor=after) if after else "",
        "may_propose": bool(those) and may(actor, "record.send"),
    }


def measure(turn: Turn, actor: Actor, query: OneQuery) -> Mapping[str, Any]:
    """Return a measure in two columns, and what this officer may say of the own part."""
    found = held.one(turn, query.party, query.id)
    if found is None:
        return {"measure": None}
    stands, own, key = rules.standing(found, turn.now), turn.means.party, found.root.key
    those = [each for each in dealings(turn, MEASURE.name) if {each.own, each.other} == set(found.parties)]
    unread = held.unread_of(turn, found)
    mine = next((each for each in stands.columns if each.party == own), None)
    return {
        "measure": found,
        "stands": stands,
        "title": title(found.root.body),
        "acts": rules.acts(found, turn.now, own) if those and may(actor, "record.send") else (),
        "waits_here": {each.code for each in stands.waits if each.party == own},
        "history": sorted(found.said, key=lambda each: each.order),
        "titled_step": title,
        "unread": len(unread) if may(actor, "record.acknowledge") else 0,
        "seen": matter_rows.seen(unread),
        "own": own,
        "filled": _filled(mine),
        "laid": laid,
        "words": free_words.said_about(turn, actor, key),
        "belongs": links.belongs(turn, found.proposed.linked),
        "links": links.naming(turn, key),
        "head": heads.of(turn, key, _on_map(turn, found, stands)),
        **_form(turn, actor, those[:1]),
    }


def _on_map(turn: Turn, found: Measure, stands: Standing) -> str:
    """Return where the first part of a measure is on the map; "" of one that is on none."""
    part = next((each.given.key for each in stands.columns if each.part is not None and each.given is not None), None)
    if part is None or stands.state in shown.GONE:
        return ""
    return heads.on_map(turn, "measures", part, (found.window.since, found.window.until))


def new(turn: Turn, actor: Actor, query: NewQuery) -> Mapping[str, Any]:
    """Return what the form offers that proposes a measure."""
    found = dealings(turn, MEASURE.name) if may(actor, "record.send") else ()
    return {
        "compacts": [(each.id, each.compact.terms.title, each.other) for each in found],
        "purposes": get_args(kinds.Purpose),
        "linked": query.linked,
        **_form(turn, actor, list(found)),
    }


def laid(shape: Shape) -> Laid:
    """Return a shape as it is read: its places with no more digits than its metres need."""
    if isinstance(shape, Point):
        return Laid("point", (_spot(shape.at, shape.metres),), shape.metres)
    if isinstance(shape, Corridor):
        return Laid("corridor", tuple(_spot(each, shape.metres) for each in shape.along), shape.metres)
    return Laid("area", tuple(_spot(each, 1) for each in shape.ring), None)


def _spot(at: Position, metres: int) -> Spot:
    return Spot(at.lat, at.lon, metres)


def _form(turn: Turn, actor: Actor, those: list[Dealing]) -> Mapping[str, Any]:
    """Return what the fields of a side's own part need."""
    names = places.known(turn)
    return {
        "actions": get_args(kinds.Action),
        **administered.context(turn, {each.own for each in those}),
        "own_post": actor.post,
        "most_clear": kinds.MOST_CLEAR,
        **_places(names),
    }


def _places(names: Any) -> Mapping[str, Callable[..., Any]]:  # noqa: ANN401 - a gazetteer
    def place_shown(spot: Spot, language: Language) -> places.Shown:
        return places.shown(spot, names, language)

    def offered_places(language: Language) -> tuple[places.Offered, ...]:
        return places.offered(names, language)

    return {"place_shown": place_shown, "offered_places": offered_places}


def _filled(mine: Column | None) -> Mapping[str, str]:
    """Return what the form of a part is filled in with: the part as it stands, to be changed."""
    part: OwnPart | None = mine.part if mine else None
    if part is None:
        return {}
    typed = {"action": part.action, "country": part.country, "contact": part.contact, **drawn.typed(part.area)}
    for number, shape in enumerate(part.clear, 1):
        typed |= {f"clear{number}_{name}": text for name, text in drawn.typed(shape).items()}
    return typed


def _open(turn: Turn, query: Query) -> list[Measure]:
    """Return the measures in which something waits, of those that are told of, the newest first."""
    found = (each for each in held.recent(turn) if query.purpose in ("", each.proposed.purpose))
    found = (each for each in found if query.party in ("", each.root.party))
    waits = [each for each in found if rules.standing(each, turn.now).waits]
    return waits[::-1][:SHOWN]


def _page(turn: Turn, query: Query) -> tuple[list[Measure], Row[Any] | None]:
    """Return those of a page, and after which row the next begins: also where rows of this one are not shown."""
    c = views.MEASURE.c
    narrowed: list[ColumnElement[bool]] = []
    if query.purpose:
        narrowed.append(c.purpose == query.purpose)
    if query.party:
        narrowed.append(c.party == query.party)
    if query.cursor:
        party, id_, at = cursor.read(query.cursor, 3)
        narrowed.append(tuple_(c.at, c.party, c.id) < tuple_(at, party, id_))
    narrowed.append(c.at <= spell(turn.now + AHEAD))
    newest = select(views.MEASURE).where(*narrowed).order_by(c.at.desc(), c.party.desc(), c.id.desc())
    rows = list(turn.tx.execute(newest.limit(SHOWN + 1)))
    return held.of(turn, rows[:SHOWN]), rows[SHOWN - 1] if len(rows) > SHOWN else None


PAGES: Final[tuple[Page, ...]] = tuple(
    replace(each, group="liaison.parallel")
    for each in (
        Page("measures", "record.read", measures, query=Query),
        Page("measure-new", "record.send", new, query=NewQuery),
        Page("measure", "record.read", measure, query=OneQuery, persons=free_words.persons),
    )
)
