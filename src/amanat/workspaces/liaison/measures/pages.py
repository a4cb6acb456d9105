"""The pages of parallel measures: the list, one of them in two columns, and the form that proposes one.

Law: pages write nothing; how a measure stands follows from `rules` alone, so that both sides read the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Final, get_args

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspace import Page
from amanat.workspaces.liaison import administered, free_words, heads, links, matter_rows
from amanat.workspaces.liaison.dealings import Dealing, dealings
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.ground.shapes import Corridor, Point, Position, Shape
from amanat.workspaces.liaison.kinds import Spot
from amanat.workspaces.liaison.measures import held, kinds, rules, shown, views
from amanat.workspaces.liaison.measures.kinds import MEASURE, OwnPart
from amanat.workspaces.liaison.measures.rules import Column, Measure, Standing
from amanat.workspaces.liaison.measures.words import title
from amanat.workspaces.liaison.pages import places_shown, turns


class Query(turns.Query, frozen=True, kw_only=True):
    """A purpose of measures besides."""

    path: ClassVar[str] = "/liaison/measures"

    purpose: turns.Code = ""


class OneQuery(msgspec.Struct, frozen=True):
    """Which measure is shown."""

    party: str
    id: str


class NewQuery(msgspec.Struct, frozen=True):
    """To which matter the measure belongs that is proposed ("PARTY:ID"), if any."""

    linked: Annotated[str, msgspec.Meta(max_length=60)] = ""


@dataclass(frozen=True, slots=True)
class Laid:
    """A shape as it is read: its form, its places by degrees, and its metres; of an area none."""

    form: str
    along: tuple[Spot, ...]
    metres: int | None


def measures(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a page of the list, newest first."""
    those = dealings(turn, MEASURE.name)
    return {
        **turns.listed(turn, _LISTED, query, query.purpose),
        "purposes": get_args(kinds.Purpose),
        "parties": sorted({each.own for each in those} | {each.other for each in those}),
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
    return {
        "actions": get_args(kinds.Action),
        **administered.context(turn, {each.own for each in those}),
        "own_post": actor.post,
        "most_clear": kinds.MOST_CLEAR,
        **places_shown.named(turn),
    }


def _filled(mine: Column | None) -> Mapping[str, str]:
    """Return what the form of a part is filled in with: the part as it stands, to be changed."""
    part: OwnPart | None = mine.part if mine else None
    if part is None:
        return {}
    typed = {"action": part.action, "country": part.country, "contact": part.contact, **drawn.typed(part.area)}
    for number, shape in enumerate(part.clear, 1):
        typed |= {f"clear{number}_{name}": text for name, text in drawn.typed(shape).items()}
    return typed


def _code(each: Measure) -> str:
    return each.proposed.purpose


_LISTED: Final = turns.Matters(views.MEASURE, "purpose", _code, held.of, held.recent, rules.standing, title)


PAGES: Final[tuple[Page, ...]] = tuple(
    replace(each, group="liaison.parallel")
    for each in (
        Page("measures", "record.read", measures, query=Query),
        Page("measure-new", "record.send", new, query=NewQuery),
        Page("measure", "record.read", measure, query=OneQuery, persons=free_words.persons),
    )
)
