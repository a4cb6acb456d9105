"""The pages of incidents: the list of them, one with all that is said of it, our account, and the joint statement.

Law: a page says nothing that does not follow from `rules`, and an observer is shown the same as the two sides.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import msgspec
from sqlalchemy import ColumnElement, select

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid
from amanat.party.lexicon import Language
from amanat.workspace import Page
from amanat.workspaces.liaison import (
    administered,
    calls,
    came,
    days,
    dealings,
    free_words,
    heads,
    links,
    phrasebook,
    places,
)
from amanat.workspaces.liaison.ground.features import around
from amanat.workspaces.liaison.incidents import (
    acting,
    custody,
    exhibits,
    matters,
    rules,
    sentences,
    stating,
    views,
    waiting,
    writing,
)
from amanat.workspaces.liaison.incidents.beside import beside
from amanat.workspaces.liaison.incidents.kinds import MOST_EVIDENCE, MOST_STATEMENTS, Account, Observed
from amanat.workspaces.liaison.incidents.lists import LISTS
from amanat.workspaces.liaison.incidents.matters import Matter
from amanat.workspaces.liaison.incidents.told import of
from amanat.workspaces.liaison.kinds import Named, Said, Slots, Spot
from amanat.workspaces.liaison.phrasebook import Entry
from amanat.workspaces.liaison.told import Told
from amanat.workspaces.liaison.views import spell

SHOWN: Final = 25
"""Incidents on a page of the list."""
MOST_LISTED: Final = 500
"""Incidents that are looked through for a list, the newest of those that the dates leave."""
MOST_APART: Final = 20
"""Words of one side alone that it is the same event as another, which a page shows."""
MOST_LINKED: Final = 50
"""Records that a side said have to do with it, which a page shows."""
MET: Final = frozenset(("agreed", "under-way", "over", "held"))
"""How a meeting stands on which both agreed."""
BLANK: Final = 3
"""Empty statements at the end of a form, unless one asks for more."""
EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2999, 12, 31)
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ur", "ps", "fa-AF")
GROUP: Final = "liaison.incidents"


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed down to; "" is everything."""

    state: Literal["", "open", "overdue", "closed"] = ""
    type: Annotated[str, msgspec.Meta(max_length=48)] = ""
    sector: Annotated[str, msgspec.Meta(max_length=48)] = ""
    since: Annotated[str, msgspec.Meta(max_length=10)] = ""
    until: Annotated[str, msgspec.Meta(max_length=10)] = ""
    page: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1

    def address(self, **more: str) -> str:
        """Return where the list is shown so narrowed down, with more said."""
        said = {name: value for name, value in (msgspec.to_builtins(self) | {"page": ""} | more).items() if value}
        return "/liaison/incidents" + (f"?{urlencode(said)}" if said else "")


class One(msgspec.Struct, frozen=True):
    """Which incident, and which statement is being disputed, by the beginning of its digest."""

    party: str
    id: str
    dispute: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Form(msgspec.Struct, frozen=True):
    """Of which incident an account is written, and how many empty statements its form ends with."""

    party: str
    id: str
    blank: Annotated[int, msgspec.Meta(ge=0, le=MOST_STATEMENTS)] = BLANK


class Text(msgspec.Struct, frozen=True):
    """Which incident, and which proposed text the form begins from ("PARTY:ID")."""

    party: str
    id: str
    begin: str = ""


@dataclass(frozen=True, slots=True)
class Sided:
    """The account of a side that stands, its others (earlier, or taken back), and what is found of each statement."""

    party: str
    account: Told | None
    earlier: tuple[Told, ...]
    findings: tuple[rules.Finding, ...]


# --- the list -----------------------------------------------------------------------------------------------


def listed(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a page of the list: what is overdue first, then what is open, each newest first. Raises `Invalid`."""
    keys = _keys(turn, query)
    found = [each for each in matters.of(turn, keys[:MOST_LISTED]) if _fits(each, query)]
    found.sort(key=lambda each: (not each.late, each.standing.over is not None, -each.facts.root.at.timestamp()))
    begin = (query.page - 1) * SHOWN
    alone = msgspec.structs.replace(query, page=1)
    told = dealings.dealings(turn, "liaison.incident") if may(actor, "record.send") else ()
    return {
        "listed": found[begin : begin + SHOWN],
        "filters": query,
        "narrowed": alone != Query(),
        "more": len(keys) > MOST_LISTED,
        "most": MOST_LISTED,
        "previous": query.address(page=str(query.page - 1)) if query.page > 1 else "",
        "next": query.address(page=str(query.page + 1)) if len(found) > begin + SHOWN else "",
        "compacts": [each.compact.terms for each in told],
        "sectors": sorted(calls.titles(turn).items()),
        "due_here": {each.key: waiting.due_here(turn, actor, each) for each in found[begin : begin + SHOWN]},
        "clock": f"{turn.now.astimezone(own_zone(turn)):%H:%M}",
        **_shared(turn, {party for each in turn.known.compacts.values() for party in each.terms.members}),
    }


def _keys(turn: Turn, query: Query) -> list[tuple[str, str]]:
    """Return the incidents that a list is of, newest first, and one more than is looked through where there is."""
    incident, zone = views.INCIDENT.c, own_zone(turn)
    begin, end = _begins(query.since, zone), _begins(query.until, zone, 1)
    if begin is not None and end is not None and begin >= end:
        raise Invalid("liaison.days-turned", "The first day is after the last.", "Exchange the two days.")
    narrowed: list[ColumnElement[bool]] = []
    if query.type:
        narrowed.append(incident.type == query.type)
    if query.sector:
        narrowed.append(incident.sector == query.sector)
    if begin is not None:
        narrowed.append(incident.happened >= spell(begin))
    if end is not None:
        narrowed.append(incident.happened < spell(end))
    newest = select(incident.party, incident.id).where(*narrowed)
    ordered = newest.order_by(incident.at.desc(), incident.party.desc(), incident.id.desc())
    return [(row.party, row.id) for row in turn.tx.execute(ordered.limit(MOST_LISTED + 1))]


def _fits(matter: Matter, query: Query) -> bool:
    closed = matter.standing.closed is not None
    return {"": True, "open": not matter.standing.over, "overdue": bool(matter.late), "closed": closed}[query.state]


def _begins(typed: str, zone: tzinfo, later: int = 0) -> datetime | None:
    if not typed:
        return None
    day = min(LATEST, max(EARLIEST, days.read(typed))) + timedelta(days=later)
    return datetime.combine(day, time(), zone).astimezone(UTC)


# --- one of them --------------------------------------------------------------------------------------------


def shown(turn: Turn, actor: Actor, query: One) -> Mapping[str, Any]:
    """Return all that is said of an incident, and what this officer may do about it."""
    matter = matters.one(turn, query.party, query.id)
    if matter is None:
        return {"matter": None, "query": query}
    own, acts = turn.means.party, acting.may_act(turn, actor, matter)
    naming = links.naming(turn, *(each.key for each in matter.facts.opened))
    linked = rules.linked(matter.told)[:MOST_LINKED]
    named = {each.key for each in naming} | {each.body.record for each in linked}
    side, opened = own in matter.facts.members, [(each.key.party, each.key.id) for each in matter.facts.opened]
    return {
        "matter": matter,
        "query": query,
        "own": own,
        "acts": acts and side,
        "notes": acts and not side,
        "knows": rules.knows(matter.facts, matter.told, own),
        "sides": [_sided(matter, party) for party in _sides(matter, own)],
        "joint": _joint(matter),
        "observed": of(matter.told, Observed),
        "custody": custody.flaws,
        "exhibits": exhibits.given(turn, _standing(matter)),
        "due": waiting.due_here(turn, actor, matter),
        "posts": _posts(matter, turn.now),
        "guarantors": matter.terms.parties,
        "same_said": matter.apart[:MOST_APART],
        "others": _others(turn, matter) if acts and side else (),
        "linked": [(each, links.belongs(turn, each.body.record)) for each in linked],
        "beside": [each for each in beside(turn, matter) if Named(each.party, each.id) not in named],
        "links": naming,
        "head": heads.of(turn, matter.facts.root.key, _on_map(turn, matter)),
        "meetings": [each for each in naming if each.state[1] in MET],
        "to_sign": rules.to_sign(matter.facts, matter.versions, own),
        "agreed_text": rules.agreed(matter.facts, matter.versions),
        "more": views.beyond(turn.tx, opened, Counter(each.key.party for each in matter.facts.told), turn.now),
        "came": came.later(turn, (*matter.facts.opened, *matter.told, *matter.back)),
        "history": sorted([*matter.facts.opened, *matter.told, *matter.back], key=lambda each: (each.at, each.key)),
        "name_of": lambda body: type(body).__name__.lower(),
        "words": free_words.said_about(turn, actor, matter.facts.root.key),
        "words_of": {key: free_words.said_about(turn, actor, key) for key in _standing(matter)},
        "words_besides": free_words.about_steps(turn, actor, *_besides(matter)),
        "clock": f"{turn.now.astimezone(own_zone(turn)):%H:%M}",
        **_shared(turn, matter.facts.members),
    }


def _on_map(turn: Turn, matter: Matter) -> str:
    """Return where an incident is on the map; "" where no map is drawn."""
    root, closed = matter.facts.root, matter.standing.closed
    if around(root.body.place) is None:
        return ""
    return heads.on_map(turn, "incidents", root.key, (root.body.when.time, closed.at if closed else None))


def persons(turn: Turn, _actor: Actor, query: One) -> Iterator[tuple[str, str]]:
    """Yield whom the page tells of by the free words about an incident, its accounts and all else that was told."""
    matter = matters.one(turn, query.party, query.id)
    if matter is not None:
        yield from free_words.persons_of(turn, matter.facts.root.key, *_standing(matter), *_besides(matter))


def _standing(matter: Matter) -> tuple[Named, ...]:
    """Return the accounts that stand."""
    found = (rules.accounts(matter.told, party) for party in matter.facts.members)
    return tuple(each[0].key for each in found if each)


def _besides(matter: Matter) -> tuple[Named, ...]:
    """Return all that was told of an incident, but what began it and the accounts that stand."""
    apart = {matter.facts.root.key, *_standing(matter)}
    every = (each.key for those in (matter.facts.opened, matter.told, matter.back) for each in those)
    return tuple(each for each in every if each not in apart)


def _sides(matter: Matter, own: str) -> list[str]:
    """Return the two sides, one's own first; an observer reads them in the order of their codes."""
    return sorted(matter.facts.members, key=lambda party: (party != own, party))


def _sided(matter: Matter, party: str) -> Sided:
    found, back = rules.accounts(matter.told, party), rules.accounts(matter.back, party)
    its = tuple(each for each in matter.findings if each.party == party)
    return Sided(party, found[0] if found else None, (*found[1:], *back), its)


def _joint(matter: Matter) -> Mapping[str, list[rules.Finding]]:
    """Return what is agreed, disputed, and one side's alone; what both say alike stands once."""
    first = matter.facts.members[0]
    once = [each for each in matter.findings if not (each.alike and each.verdict == "agreed") or each.party == first]
    return {verdict: [each for each in once if each.verdict == verdict] for verdict in ("agreed", "disputed", "alone")}


def _posts(matter: Matter, now: datetime) -> Mapping[str, Mapping[str, list[str]]]:
    """Return whose posts see to each step, by side."""
    sector = matter.facts.root.body.sector or ""
    return {
        each.step.name: {
            party: sorted(acting.posts_of_rank(matter.terms, party, sector, each.step.rank, now))
            for party in matter.facts.members
        }
        for each in matter.dues
    }


def _others(turn: Turn, matter: Matter) -> list[Matter]:
    """Return other incidents of the same compact that may be the same event: the last that are not closed."""
    return [
        each
        for each in waiting.recent(turn)
        if each.key != matter.key
        and each.terms.id == matter.terms.id
        and each.root.exercise == matter.root.exercise
        and not each.standing.over
    ][-10:]


# --- the forms ----------------------------------------------------------------------------------------------


def account(turn: Turn, actor: Actor, query: Form) -> Mapping[str, Any]:
    """Return the form of an account, begun from the one that stands."""
    matter = matters.one(turn, query.party, query.id)
    if matter is None:
        return {"matter": None, "query": query}
    before = rules.accounts(of(matter.told, Account), turn.means.party)
    last: Account | None = before[0].body if before else None
    count, kept = (len(last.statements), len(last.evidence)) if last else (0, 0)
    return {
        "matter": matter,
        "query": query,
        "acts": acting.may_act(turn, actor, matter) and turn.means.party in matter.facts.members,
        "drafts": may(actor, "record.compose"),
        "number": rules.next_number((*matter.told, *matter.back), turn.means.party),
        "begun": writing.begun(turn, last, "en") if last else {},
        "statements_shown": min(max(count + query.blank, 1), MOST_STATEMENTS),
        "evidence_shown": min(kept + 2, MOST_EVIDENCE),
        "may_more": count + query.blank < MOST_STATEMENTS,
        "most_statements": MOST_STATEMENTS,
        **_shared(turn, matter.facts.members),
    }


def statement(turn: Turn, actor: Actor, query: Text) -> Mapping[str, Any]:
    """Return the texts that were proposed, who signed them, and the form to propose another."""
    matter = matters.one(turn, query.party, query.id)
    if matter is None:
        return {"matter": None, "query": query}
    own = turn.means.party
    begin = next((each for each in matter.versions if f"{each.told.key.party}:{each.told.key.id}" == query.begin), None)
    last = begin or (matter.versions[-1] if matter.versions else None)
    return {
        "matter": matter,
        "query": query,
        "own": own,
        "acts": acting.may_act(turn, actor, matter) and own in matter.facts.members,
        "versions": matter.versions[::-1],
        "replaced": [each.told.key for each in matter.versions if rules.replaced(matter.versions, each)],
        "agreed_text": rules.agreed(matter.facts, matter.versions),
        "to_sign": rules.to_sign(matter.facts, matter.versions, own),
        "sentences_of": sentences_of,
        "as_here": stating.as_here,
        "rows": stating.rows(),
        "begun": stating.begun(turn, last.told.body.sentences, "en") if last else {},
        "languages_equal": [each for each in LANGUAGES if each in matter.terms.languages],
        "clock": "",
        **_shared(turn, matter.facts.members),
    }


def sentences_of(said: Iterable[Said]) -> list[tuple[Entry, Slots]]:
    """Return the sentences of a text as pages show them."""
    return [(entry, each.slots) for each in said if (entry := sentences.entry(each.phrase)) is not None]


def _shared(turn: Turn, members: Iterable[str]) -> Mapping[str, Any]:
    """Return what the macros of statements, sentences and places need."""
    names = places.known(turn)

    def place_shown(spot: Spot, language: Language) -> places.Shown:
        return places.shown(spot, names, language)

    def places_offered(language: Language) -> tuple[places.Offered, ...]:
        return places.offered(names, language)

    return {
        "name_of_sort": lambda statement: type(statement).__name__.lower(),
        "place_shown": place_shown,
        "places_offered": places_offered,
        **administered.context(turn, members),
        "choices": LISTS,
        "lists": phrasebook.LISTS,
        "pieces": phrasebook.pieces,
        "REVIEWED": phrasebook.REVIEWED,
        "hotline_titles": calls.titles(turn),
    }


PAGES: Final = (
    Page("incidents", "record.read", listed, query=Query, group=GROUP),
    Page("incident", "record.read", shown, query=One, group=GROUP, persons=persons),
    Page("account", "record.read", account, query=Form, group=GROUP, form=exhibits.FORM),
    Page("statement", "record.read", statement, query=Text, group=GROUP),
)
"""The list of incidents, one of them, our account of it, and the joint statement."""
