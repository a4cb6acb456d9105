"""One meeting: what each side proposes and what is agreed, its agenda and guests, its minutes, and its tasks.

Law: what may be pressed follows from how the meeting stands, and the deed judges it anew.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspace import Page
from amanat.workspaces.liaison import free_words, heads, links
from amanat.workspaces.liaison.ground.features import around
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings import deeds, known, rules, typed
from amanat.workspaces.liaison.meetings.kinds import CONSENTED, MOST_ALTERNATIVES, Guest, Why, WhyNot, Word
from amanat.workspaces.liaison.meetings.pages import shown
from amanat.workspaces.liaison.meetings.rules import Alternative, GuestState, Owed
from amanat.workspaces.liaison.meetings.shown import THERE
from amanat.workspaces.liaison.meetings.steps import Facts


class Query(msgspec.Struct, frozen=True):
    """Which meeting."""

    party: str
    id: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A place and time as the page shows it: whose, whether it is over, who chose it, whether one may agree."""

    it: Alternative
    party: str
    over: bool
    agreed: bool
    chosen_by: tuple[str, ...]
    may_agree: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """A guest, how it stands, and what this party may say of it."""

    guest: Guest
    code: str
    state: GuestState
    may_say: tuple[Word, ...]
    consented: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """Whether this party may press what of a meeting."""

    answer: bool
    decline: bool
    cancel: bool
    write: bool


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a meeting; None as `facts` where there is none here."""
    facts = known.one(turn, query.party, query.id)
    if facts is None:
        return {**shown.context(turn, actor), "facts": None, "query": query}
    agenda = rules.agenda(facts)
    tasks = rules.tasks(facts, turn.now)
    linked = (*facts.body.linked, *(each.of for each in agenda), *(each.task.of for each in tasks))
    joint, versions = rules.joint(facts), rules.versions(facts)
    return {
        **shown.context(turn, actor, linked),
        "facts": facts,
        "query": query,
        "state": rules.state(facts, turn.now),
        "agreed": rules.agreed(facts),
        "off": rules.cancelled(facts) or rules.declined(facts),
        "offered": list(_offered(turn, actor, facts)),
        "people": {party: rules.people(facts, party) for party in facts.members},
        "agenda": agenda,
        "guests": [_invited(turn, actor, facts, each) for each in facts.body.guests],
        "in_turn": known.chaired_before(turn, facts),
        "joint": joint,
        "last_text": versions[-1] if versions else None,
        "tasks": list(_tasks(turn, actor, facts, tasks)),
        "shown": _shown(turn, actor, facts),
        "whens": MOST_ALTERNATIVES,
        "items": deeds.ROWS_OF_AGENDA,
        "most_people": typed.MOST_PEOPLE,
        "topics": deeds.TOPICS,
        "links": links.naming(turn, facts.proposal.key),
        "head": heads.of(turn, facts.proposal.key, _on_map(turn, facts)),
        "words": free_words.said_about(turn, actor, facts.proposal.key),
        "why": get_args(Why),
        "why_not": get_args(WhyNot),
    }


def _on_map(turn: Turn, facts: Facts) -> str:
    """Return where a meeting is on the map; "" of one that is on none."""
    its = rules.held_for(facts, turn.now)
    there = its.at is not None and around(its.at) is not None and its.state in THERE
    return heads.on_map(turn, "meetings", facts.key, (its.since, its.until)) if there and its.since else ""


def _shown(turn: Turn, actor: Actor, facts: Facts) -> Shown:
    state = rules.state(facts, turn.now)
    side = turn.means.party in facts.members and may(actor, "record.send")
    apart = state in ("proposed", "crossed", "lapsed", "declined")
    return Shown(
        answer=side and (apart or state == "agreed"),
        decline=side and state in ("proposed", "crossed") and facts.proposal.key.party != turn.means.party,
        cancel=side and state not in ("cancelled", "held", "under-way", "over"),
        write=side and state in ("over", "under-way", "held"),
    )


def _offered(turn: Turn, actor: Actor, facts: Facts) -> Iterator[Offered]:
    own, agreed, crossed = turn.means.party, rules.agreed(facts), rules.crossed(facts)
    choices = {party: rules.choice(facts, party) for party in facts.members}
    side = own in facts.members and may(actor, "record.send")
    ended = rules.state(facts, turn.now) in ("cancelled", "held")
    for party in sorted(facts.members, key=lambda each: each != facts.proposal.key.party):
        for it in rules.alternatives(facts, party):
            chosen = tuple(who for who, its in choices.items() if its is not None and its[1] == it)
            over = it.when.begins <= turn.now
            may_choose = party != own or it in crossed
            free = side and not ended and not over and it != agreed and own not in chosen
            yield Offered(it, party, over, it == agreed, chosen, free and may_choose)


def _invited(turn: Turn, actor: Actor, facts: Facts, guest: Guest) -> Invited:
    ended = rules.state(facts, turn.now) in ("cancelled", "held")
    said = deeds.may_say(facts, guest, turn.means.party) if may(actor, "record.send") and not ended else ()
    state = rules.guest_state(facts, guest)
    return Invited(guest, deeds.guest_code(guest), state, said, guest.role in CONSENTED)


@dataclass(frozen=True, slots=True)
class TaskShown:
    """A task as one side owes it, and what this party may press: that it is done, or its word on that."""

    owed: Owed
    may_tell: bool
    may_judge: bool
    of: Named | None


def _tasks(turn: Turn, actor: Actor, facts: Facts, tasks: tuple[Owed, ...]) -> Iterator[TaskShown]:
    side = turn.means.party in facts.members and may(actor, "record.send")
    for each in tasks:
        ours = each.party == turn.means.party
        judge = side and not ours and each.state == "done"
        yield TaskShown(each, side and ours and rules.left(each), judge, each.task.of)


PAGE: Final = Page("meeting", "record.read", context, query=Query, persons=free_words.persons)
