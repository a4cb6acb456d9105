"""The minutes of a meeting as a document: one text, both signatures with each side's number, and how it was changed.

Law: in each party's copy that party stands first, as the alternat has it. What is signed is what stands on the page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspace import Page
from amanat.workspaces.liaison.meetings import known, minuting, rules
from amanat.workspaces.liaison.meetings.pages import shown
from amanat.workspaces.liaison.meetings.rules import Version
from amanat.workspaces.liaison.meetings.steps import Facts, Step


class Query(msgspec.Struct, frozen=True):
    """Of which meeting, and which version ("PARTY:ID"): without one, that both signed, or the newest."""

    party: str
    id: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A version among the others: who signed it, and whether it is the one shown, and the joint one."""

    version: Version
    name: str
    signed: tuple[str, ...]
    here: bool
    joint: bool


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return the minutes; None as `version` where there are none here."""
    facts = known.one(turn, query.party, query.id)
    if facts is None:
        return {**shown.context(turn, actor), "facts": None, "version": None, "query": query}
    joint, versions = rules.joint(facts), rules.versions(facts)
    named = next((each for each in versions if minuting.named(each.step.key) == query.of), None)
    unsigned = rules.to_sign(facts, turn.means.party) if turn.means.party in facts.members else None
    version = named or unsigned or joint or (versions[-1] if versions else None)
    linked = (
        [*(each.of for each in version.body.items), *(each.of for each in version.body.decisions)] if version else []
    )
    return {
        **shown.context(turn, actor, linked),
        "facts": facts,
        "query": query,
        "version": version,
        "sides": _sides(turn, facts),
        "signatures": {each: rules.signature(facts, version, each) for each in facts.members} if version else {},
        "joint": version is not None and version == joint,
        "results": version.body.items if version else (),
        "versions": list(_listed(facts, versions, version, joint)),
        "scans": rules.scans(facts, version) if version else (),
        "may_sign": version is not None and _may_sign(turn, actor, facts, version),
        "side": turn.means.party in facts.members,
        "name": minuting.named(version.step.key) if version else "",
    }


def _sides(turn: Turn, facts: Facts) -> tuple[str, ...]:
    """Return the two sides, this party first."""
    return tuple(sorted(facts.members, key=lambda each: each != turn.means.party))


def _may_sign(turn: Turn, actor: Actor, facts: Facts, version: Version) -> bool:
    own = turn.means.party
    unsigned: Step | None = rules.signature(facts, version, own) if own in facts.members else None
    free = unsigned is None and not rules.replaced(facts, version)
    return own in facts.members and may(actor, "record.send") and free


def _listed(
    facts: Facts, versions: tuple[Version, ...], here: Version | None, joint: Version | None
) -> Iterator[Listed]:
    for each in reversed(versions):
        signed = tuple(party for party in facts.members if rules.signature(facts, each, party) is not None)
        yield Listed(each, minuting.named(each.step.key), signed, each == here, each == joint)


PAGE: Final = Page("minutes", "record.read", context, query=Query)
