"""The sheet of minutes that was signed in ink: a draft, to which the scan is attached, bound to the minutes it shows.

Law: a file counts as naming a person, for no machine looks into it: it goes the way of every record that does.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from amanat.exchange.drafting import Asked
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.workspace import Bound, Form, Page
from amanat.workspaces.liaison.meetings import known, minuting, rules
from amanat.workspaces.liaison.meetings.deeds import require_side, say
from amanat.workspaces.liaison.meetings.kinds import Scan
from amanat.workspaces.liaison.meetings.pages import shown


class Query(msgspec.Struct, frozen=True):
    """Of which meeting, and which version of its minutes ("PARTY:ID")."""

    party: str
    id: str
    of: str


class Typed(msgspec.Struct, frozen=True):
    """Which minutes the sheet shows."""

    party: str
    id: str
    of: str


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return the minutes that the sheet is of; None as `version` where those are not here."""
    facts = known.one(turn, query.party, query.id)
    versions = rules.versions(facts) if facts is not None else ()
    version = next((each for each in versions if minuting.named(each.step.key) == query.of), None)
    return {**shown.context(turn, actor), "facts": facts, "version": version, "query": query}


def draft(turn: Turn, _actor: Actor, typed: Typed) -> Asked:
    """Return what the draft begins with. Raises `Invalid` for minutes that are not here."""
    facts = require_side(turn, known.require(turn, typed.party, typed.id))
    version = next((each for each in rules.versions(facts) if minuting.named(each.step.key) == typed.of), None)
    if version is None:
        raise Invalid("liaison.minutes-unknown", "Those minutes are not here.", "Load the page anew.")
    body = Scan(meeting=facts.key, of=version.step.key, digest=version.digest)
    return say(turn, facts, body, version.step.key)


def bound(turn: Turn, asked: Asked) -> Bound | None:
    """Return which minutes a draft is bound to; None of one that is no scan, or of what is not here."""
    if asked.body.get("type") != "scan":
        return None
    try:
        body = msgspec.convert(asked.body, Scan)
    except msgspec.ValidationError:
        return None
    facts = known.one(turn, body.meeting.party, body.meeting.id)
    if facts is None:
        return None
    version = next((each for each in rules.versions(facts) if each.step.key == body.of), None)
    ours = rules.signature(facts, version, turn.means.party) if version is not None else None
    return Bound(
        fields=frozenset(("type", "meeting", "of", "digest")),
        says="liaison.scan",
        of=ours.body.number if ours is not None else body.digest[:12],
        then=minuting.MINUTES.format(facts.key.party, facts.key.id),
    )


PAGE: Final = Page("scan", "record.compose", context, query=Query, form=Form(Typed, draft))
