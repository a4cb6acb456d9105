"""The pages of clarification: the list of what was seen, one request with its answer, and the form that asks.

Law: pages write nothing; how a request stands follows from `rules` alone, so that both sides read the same.
"""

from collections.abc import Iterable, Mapping
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
from amanat.workspaces.liaison.clarifications import held, kinds, rules, shown, views
from amanat.workspaces.liaison.clarifications.kinds import CLARIFICATION
from amanat.workspaces.liaison.clarifications.rules import Clarification, Standing
from amanat.workspaces.liaison.clarifications.words import title
from amanat.workspaces.liaison.dealings import Dealing, dealings
from amanat.workspaces.liaison.kinds import Spot
from amanat.workspaces.liaison.measures.pages import laid
from amanat.workspaces.liaison.notices import stories
from amanat.workspaces.liaison.notices.kinds import PURPOSES
from amanat.workspaces.liaison.notices.rules import Story
from amanat.workspaces.liaison.notices.tables import NOTICE
from amanat.workspaces.liaison.rules import AHEAD
from amanat.workspaces.liaison.views import spell

SHOWN: Final = 50
"""Requests on a page of the list."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed down to: what was seen, who asked, only what is waited for; "" is everything."""

    sight: Annotated[str, msgspec.Meta(max_length=16)] = ""
    party: Annotated[str, msgspec.Meta(max_length=16)] = ""
    only: Literal["", "open"] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def address(self, **more: str) -> str:
        """Return where the list is shown so narrowed down, with more said."""
        said = {name: value for name, value in (msgspec.to_builtins(self) | more).items() if value}
        return "/liaison/clarifications" + (f"?{urlencode(said)}" if said else "")


class OneQuery(msgspec.Struct, frozen=True):
    """Which request is shown."""

    party: str
    id: str


class NewQuery(msgspec.Struct, frozen=True):
    """Nothing is said of what is asked before it is typed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A request as the list shows it."""

    matter: Clarification
    stands: Standing


def clarifications(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a page of the list, newest first."""
    found, last = (_open(turn, query), None) if query.only else _page(turn, query)
    narrowed = msgspec.structs.replace(query, cursor="")
    after = cursor.written(last.party, last.id, last.at) if last is not None else ""
    those = dealings(turn, CLARIFICATION.name)
    return {
        "listed": [Listed(each, rules.standing(each, turn.now)) for each in found],
        "sights": get_args(kinds.Sight),
        "parties": sorted({each.own for each in those} | {each.other for each in those}),
        "filters": query,
        "narrowed": narrowed != Query(),
        "alone": narrowed.address(),
        "next": narrowed.address(cursor=after) if after else "",
        "may_ask": bool(those) and may(actor, "record.send"),
    }


def clarification(turn: Turn, actor: Actor, query: OneQuery) -> Mapping[str, Any]:
    """Return a request with its answers, and what this officer may say of it."""
    found = held.one(turn, query.party, query.id)
    if found is None:
        return {"asked": None}
    stands, own, key = rules.standing(found, turn.now), turn.means.party, found.root.key
    those = [each for each in dealings(turn, CLARIFICATION.name) if {each.own, each.other} == set(found.parties)]
    unread = held.unread_of(turn, found)
    notice = getattr(stands.answer.body, "notice", None) if stands.answer else None
    return {
        "asked": found,
        "stands": stands,
        "title": title(found.root.body),
        "acts": rules.acts(found, turn.now, own) if those and may(actor, "record.send") else (),
        "waits_here": {each.code for each in stands.waits if each.party == own},
        "side": own in found.parties and bool(those) and may(actor, "record.send"),
        "history": sorted(found.said, key=lambda each: each.order),
        "titled_step": title,
        "unread": len(unread) if may(actor, "record.acknowledge") else 0,
        "seen": matter_rows.seen(unread),
        "own": own,
        "told_in": links.belongs(turn, notice),
        "words_of_answer": get_args(kinds.Word),
        "purposes": PURPOSES,
        "whys": get_args(kinds.Why),
        "ours": _ours(turn, found) if own == found.other else (),
        "hotlines": _hotlines(those),
        **administered.context(turn),
        "laid": laid,
        "words": free_words.said_about(turn, actor, key),
        "links": links.naming(turn, key),
        "head": heads.of(turn, key, _on_map(turn, found, stands)),
        **_places(turn),
    }


def _on_map(turn: Turn, found: Clarification, stands: Standing) -> str:
    """Return where a request is on the map, "" where it was withdrawn."""
    since, until = shown.lasts(found, stands)
    return "" if stands.state == "withdrawn" else heads.on_map(turn, "clarifications", found.root.key, (since, until))


def new(turn: Turn, actor: Actor, _query: NewQuery) -> Mapping[str, Any]:
    """Return what the form offers that asks about what was seen."""
    found = dealings(turn, CLARIFICATION.name) if may(actor, "record.send") else ()
    return {
        "compacts": [(each.id, each.compact.terms.title, each.other) for each in found],
        "sights": get_args(kinds.Sight),
        "types": get_args(kinds.Type),
        "hotlines": _hotlines(found),
        **administered.context(turn, {party for each in found for party in each.compact.terms.members}),
        **_places(turn),
    }


def _hotlines(found: Iterable[Dealing]) -> Mapping[str, str]:
    """Return what each hotline is called, by its code."""
    return {code: each.title for one in found for code, each in one.compact.terms.hotlines.items()}


def _ours(turn: Turn, found: Clarification) -> tuple[Story, ...]:
    """Return the own notices of what was planned while it was seen: in one of them it may have been told of."""
    c, window = NOTICE.c, found.seen.window
    at_once = (c.since < spell(window.until), c.until > spell(window.since))
    query = select(NOTICE).where(c.party == turn.means.party, *at_once).order_by(c.since.desc(), c.id).limit(SHOWN)
    return tuple(stories.of(turn, turn.tx.execute(query)))


def _places(turn: Turn) -> Mapping[str, Any]:
    names = places.known(turn)

    def place_shown(spot: Spot, language: Language) -> places.Shown:
        return places.shown(spot, names, language)

    def offered_places(language: Language) -> tuple[places.Offered, ...]:
        return places.offered(names, language)

    return {"place_shown": place_shown, "offered_places": offered_places}


def _open(turn: Turn, query: Query) -> list[Clarification]:
    """Return the requests of which something is waited for, of those that are told of, the newest first."""
    found = (each for each in held.recent(turn) if query.sight in ("", each.seen.sight))
    found = (each for each in found if query.party in ("", each.root.party))
    return [each for each in found if rules.standing(each, turn.now).waits][::-1][:SHOWN]


def _page(turn: Turn, query: Query) -> tuple[list[Clarification], Row[Any] | None]:
    """Return those of a page, and after which row the next begins: also where rows of this one are not shown."""
    c = views.CLARIFICATION.c
    narrowed: list[ColumnElement[bool]] = [c.at <= spell(turn.now + AHEAD)]
    if query.sight:
        narrowed.append(c.sight == query.sight)
    if query.party:
        narrowed.append(c.party == query.party)
    if query.cursor:
        party, id_, at = cursor.read(query.cursor, 3)
        narrowed.append(tuple_(c.at, c.party, c.id) < tuple_(at, party, id_))
    newest = select(views.CLARIFICATION).where(*narrowed).order_by(c.at.desc(), c.party.desc(), c.id.desc())
    rows = list(turn.tx.execute(newest.limit(SHOWN + 1)))
    return held.of(turn, rows[:SHOWN]), rows[SHOWN - 1] if len(rows) > SHOWN else None


PAGES: Final[tuple[Page, ...]] = tuple(
    replace(each, group="liaison.planned")
    for each in (
        Page("clarifications", "record.read", clarifications, query=Query),
        Page("clarification-new", "record.send", new, query=NewQuery),
        Page("clarification", "record.read", clarification, query=OneQuery, persons=free_words.persons),
    )
)
