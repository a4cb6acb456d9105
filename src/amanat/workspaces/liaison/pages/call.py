"""One call: how far it came, what was said in it, and where an officer says a phrase, reads one back, or opens it.

Law: a page of one call shows what both sides' nodes know of it, and what is typed on it is a deed's (`deeds.py`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from amanat.compact import calling
from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspace import Page
from amanat.workspaces.liaison import calls, conversation, opened, phrasebook, rules
from amanat.workspaces.liaison.calls import Line
from amanat.workspaces.liaison.conversation import Shown
from amanat.workspaces.liaison.pages import places_shown
from amanat.workspaces.liaison.phrasebook import Entry
from amanat.workspaces.liaison.rules import Facts

FIRST: Final = ("talk.received", "talk.stand-by")
"""What one says to a call in which the other side has said nothing yet."""

SHOWN: Final = 50
"""How much of what was said is shown, the last of it."""

ALWAYS: Final = ("talk.say-again", "talk.stand-by", "talk.end")
"""What may follow anything, and so is offered beside the usual answers."""


class Query(msgspec.Struct, frozen=True):
    """Which call; what is looked for in the phrasebook (`find`, `group`, `urgency`); which phrase was chosen.

    `answers` and `back` name a message of the call ("PARTY:ID"): what the phrase is to, and what is read back. So many
    times `SHOWN` more of what was said `earlier` is shown.
    """

    party: str
    id: str
    find: str = ""
    group: str = ""
    urgency: str = ""
    phrase: str = ""
    answers: str = ""
    back: str = ""
    earlier: int = 0


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return what the page of a call shows; hardly anything where the call is not here."""
    facts = calls.one(turn, query.party, query.id)
    line = None if facts is None else calls.line(turn, facts.rung.hotline)
    if facts is None or line is None:
        return {"call": None, "query": query}
    said = conversation.said(turn, actor, facts, query.back)
    return {
        "call": facts,
        "query": query,
        "hotline": line,
        "own": turn.means.party,
        "state": rules.state(facts, turn.now),
        "steps": conversation.steps(facts, opened.came(turn, facts)),
        "ranks": conversation.ranks(facts, line),
        "following": _following(facts, line),
        "unread": len(opened.unread(turn, facts)),
        "missing": {party: len(rules.missing(facts.uttered, party)) for party in sorted(line.terms.posts)},
        "uttered": said[-SHOWN * (1 + max(query.earlier, 0)) :],
        "earlier": len(said) > SHOWN * (1 + max(query.earlier, 0)),
        "may_say": _may(turn, actor, line, "record.send"),
        "may_open": _may(turn, actor, line, "record.acknowledge"),
        "may_write": may(actor, "record.compose") and may(actor, "record.person"),
        "lists": phrasebook.LISTS,
        "clock": f"{turn.now.astimezone(own_zone(turn)):%H:%M}",
        **places_shown.context(turn, line),
        **_composer(query, facts, said),
        **_read_back(query, said),
    }


def persons(turn: Turn, _actor: Actor, query: Query) -> Iterator[tuple[str, str]]:
    """Yield the records naming a person that the page shows words of: each look at one is noted."""
    facts = calls.one(turn, query.party, query.id)
    if facts is not None:
        yield from conversation.persons(turn, facts.uttered)


def _may(turn: Turn, actor: Actor, line: Line, permission: str) -> bool:
    posts = calling.of_post(line.compact.terms, turn.means.party, actor.post)
    return line.code in posts and may(actor, permission)


def _following(facts: Facts, line: Line) -> Mapping[str, Any] | None:
    """Return which rank is rung next, when, and whose posts those are."""
    following = rules.next_rank(facts)
    if following is None:
        return None
    return {"rank": following[0], "due": following[1], "posts": conversation.posts_of(facts, line, following[0])}


def _composer(query: Query, facts: Facts, said: tuple[Shown, ...]) -> Mapping[str, Any]:
    """Return what the composer offers: usual answers, what was found in the book, and the phrase that was chosen."""
    last = conversation.last_of(said)
    return {
        "last": last,
        "usual": _usual(facts, last),
        "always": [each for each in map(phrasebook.entry, ALWAYS) if each],
        "groups": phrasebook.book().groups,
        "urgencies": ("flash", "immediate", "priority", "routine"),
        "found": _found(query),
        "chosen": phrasebook.entry(query.phrase) if query.phrase else None,
        "edition": phrasebook.edition(),
        "REVIEWED": phrasebook.REVIEWED,
        "pieces": phrasebook.pieces,
        "plain_phrase": phrasebook.plain,
    }


def _usual(facts: Facts, last: Shown | None) -> list[Entry]:
    if last is None or last.entry is None:
        ids: tuple[str, ...] = (phrasebook.TEST_ANSWERED,) if facts.rung.test else FIRST
    else:
        ids = last.entry.answers
    return [each for each in map(phrasebook.entry, ids) if each is not None and each.id not in ALWAYS]


def _found(query: Query) -> list[Entry] | None:
    """Return the phrases that were looked for; None where nothing was."""
    if not (query.find or query.group or query.urgency):
        return None
    return [
        each
        for each in phrasebook.find(query.find)
        if query.group in ("", each.group) and query.urgency in ("", each.urgency)
    ]


def _read_back(query: Query, said: tuple[Shown, ...]) -> Mapping[str, Any]:
    """Return the phrase of theirs that is read back now, None where there is none such."""
    asked = next((each for each in said if each.name == query.back and not each.own and each.type == "phrase"), None)
    return {"reading": asked if asked and asked.entry and asked.entry.read_back else None}


PAGE: Final = Page("call", "record.read", context, query=Query, persons=persons)
