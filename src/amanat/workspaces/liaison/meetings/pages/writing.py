"""The form by which minutes are written, or changed: filled in with what was agreed, or with the text that is changed.

Law: of the other side it shows who was there by that side's own word, and has no field for it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.lexicon import Language
from amanat.workspace import Page
from amanat.workspaces.liaison import places
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.kinds import Spot
from amanat.workspaces.liaison.meetings import deeds, known, minuting, rules, typed
from amanat.workspaces.liaison.meetings.kinds import MOST_ITEMS, MOST_TASKS, Minutes
from amanat.workspaces.liaison.meetings.pages import shown
from amanat.workspaces.liaison.meetings.rules import Version
from amanat.workspaces.liaison.meetings.steps import Facts


class Query(msgspec.Struct, frozen=True):
    """Of which meeting, and which version is changed ("PARTY:ID"), if one is."""

    party: str
    id: str
    of: str = ""


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return the form's rows and what stands in them; None as `facts` where this party is no side of such a meeting."""
    facts = known.one(turn, query.party, query.id)
    given = shown.context(turn, actor)
    if facts is None or turn.means.party not in facts.members:
        return {**given, "facts": None, "query": query}
    found = (each for each in rules.versions(facts) if minuting.named(each.step.key) == query.of)
    after = next(found, None)
    held, names = dict(_filled(turn, facts, after)), places.known(turn)

    def filled(language: Language) -> Mapping[str, str]:
        named = {field: value for field, value in held.items() if isinstance(value, str)}
        spots = ((field, value) for field, value in held.items() if isinstance(value, Spot))
        return named | {field: places.typed(value, names, language) for field, value in spots}

    return {
        **given,
        "facts": facts,
        "query": query,
        "after": after,
        "filled": filled,
        "theirs": minuting.theirs(facts, facts.other(turn.means.party), after),
        "topics": deeds.TOPICS,
        "outcomes": minuting.OUTCOMES,
        "whats": minuting.WHATS,
        "both": minuting.BOTH,
        "items": MOST_ITEMS,
        "rows_of_tasks": MOST_TASKS,
        "most_people": typed.MOST_PEOPLE,
    }


def _filled(turn: Turn, facts: Facts, after: Version | None) -> Iterator[tuple[str, str | Spot]]:
    """Yield what a new form is filled in with, by field; a place is written in the officer's language."""
    body, own = after.body if after else None, turn.means.party
    agreed = rules.agreed(facts)
    at = body.held_at if body else agreed.when.at if agreed else None
    yield from (("place", at or ""), ("country", (at.country or "") if at else ""))
    yield "chair", body.chair if body else facts.body.chair
    yield "began", _time(turn, body.began if body else agreed.when.begins if agreed else None)
    yield "ended", _time(turn, body.ended if body else None)
    ours = body.people if body else rules.people(facts, own)
    for n, each in enumerate([each for each in ours if each.party == own][: typed.MOST_PEOPLE]):
        yield from ((f"ours_post{n}", each.post), (f"ours_number{n}", str(each.number)))
    yield from _items(facts, body)
    for n, task in enumerate(body.decisions if body else ()):
        yield f"what{n}", task.what
        yield f"whose{n}", minuting.BOTH if len(task.whose) > 1 else task.whose[0]
        yield f"by{n}", _time(turn, task.by)
        yield f"task_of{n}", minuting.named(task.of) if task.of else ""
        yield f"task_place{n}", task.at or ""
        yield f"task_country{n}", (task.at.country or "") if task.at else ""


def _items(facts: Facts, body: Minutes | None) -> Iterator[tuple[str, str]]:
    rows = (
        [(each.topic, each.of, each.outcome) for each in body.items]
        if body
        else [(each.topic, each.of, "") for each in rules.agenda(facts)[:MOST_ITEMS]]
    )
    for n, (topic, of, outcome) in enumerate(rows):
        yield f"topic{n}", topic
        yield f"of{n}", minuting.named(of) if of else ""
        yield f"outcome{n}", outcome


def _time(turn: Turn, time: datetime | None) -> str:
    return drawn.typed_time(turn, time) if time else ""


PAGE: Final = Page("write-minutes", "record.send", context, query=Query)
