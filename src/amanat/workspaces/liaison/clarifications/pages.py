"""The pages of clarification: the list of what was seen, one request with its answer, and the form that asks.

Law: pages write nothing; how a request stands follows from `rules` alone, so that both sides read the same.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final, get_args

import msgspec
from sqlalchemy import select

from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspace import Page
from amanat.workspaces.liaison import administered, calls, free_words, heads, links, matter_rows
from amanat.workspaces.liaison.clarifications import held, kinds, rules, shown, views
from amanat.workspaces.liaison.clarifications.kinds import CLARIFICATION
from amanat.workspaces.liaison.clarifications.rules import Clarification, Standing
from amanat.workspaces.liaison.clarifications.words import title
from amanat.workspaces.liaison.dealings import dealings
from amanat.workspaces.liaison.measures.pages import laid
from amanat.workspaces.liaison.notices import stories
from amanat.workspaces.liaison.notices.kinds import PURPOSES
from amanat.workspaces.liaison.notices.rules import Story
from amanat.workspaces.liaison.notices.tables import NOTICE
from amanat.workspaces.liaison.pages import places_shown, turns
from amanat.workspaces.liaison.views import spell

MOST_OFFERED: Final = 50
"""Own notices to choose from in an answer, those that begin last."""


class Query(turns.Query, frozen=True, kw_only=True):
    """What was seen besides."""

    path: ClassVar[str] = "/liaison/clarifications"

    sight: turns.Code = ""


class OneQuery(msgspec.Struct, frozen=True):
    """Which request is shown."""

    party: str
    id: str


class NewQuery(msgspec.Struct, frozen=True):
    """Nothing is said of what is asked before it is typed."""


def clarifications(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a page of the list, newest first."""
    those = dealings(turn, CLARIFICATION.name)
    return {
        **turns.listed(turn, _LISTED, query, query.sight),
        "sights": get_args(kinds.Sight),
        "parties": sorted({each.own for each in those} | {each.other for each in those}),
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
        "hotlines": calls.titles(turn),
        **administered.context(turn),
        "laid": laid,
        "words": free_words.said_about(turn, actor, key),
        "links": links.naming(turn, key),
        "head": heads.of(turn, key, _on_map(turn, found, stands)),
        **places_shown.named(turn),
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
        "hotlines": calls.titles(turn),
        **administered.context(turn, {party for each in found for party in each.compact.terms.members}),
        **places_shown.named(turn),
    }


def _ours(turn: Turn, found: Clarification) -> tuple[Story, ...]:
    """Return the own notices of what was planned while it was seen: in one of them it may have been told of."""
    c, window = NOTICE.c, found.seen.window
    at_once = (c.since < spell(window.until), c.until > spell(window.since))
    query = (
        select(NOTICE).where(c.party == turn.means.party, *at_once).order_by(c.since.desc(), c.id).limit(MOST_OFFERED)
    )
    return tuple(stories.of(turn, turn.tx.execute(query)))


def _code(each: Clarification) -> str:
    return each.seen.sight


_LISTED: Final = turns.Matters(views.CLARIFICATION, "sight", _code, held.of, held.recent, rules.standing, title)


PAGES: Final[tuple[Page, ...]] = tuple(
    replace(each, group="liaison.planned")
    for each in (
        Page("clarifications", "record.read", clarifications, query=Query),
        Page("clarification-new", "record.send", new, query=NewQuery),
        Page("clarification", "record.read", clarification, query=OneQuery, persons=free_words.persons),
    )
)
