"""What the floors have to know of what is told of an incident, and what lists call its records.

Law: a place is an event's, but where it says that troops went somewhere: there they are, and such a place counts as one
of a group, whatever its sender says (floor 6). A title says no more than its body does.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from amanat.record.kind import NO_FACTS, Facts, Place
from amanat.workspaces.liaison import facts
from amanat.workspaces.liaison.incidents import sentences
from amanat.workspaces.liaison.incidents.kinds import (
    Account,
    Answered,
    Consents,
    Damage,
    Done,
    Happened,
    Harmed,
    Incident,
    Joint,
    Note,
    Observed,
    Proposed,
    Statement,
    Step,
)
from amanat.workspaces.liaison.incidents.words import WORDS

WHERE_TROOPS_ARE: Final = frozenset(("advanced", "withdrew"))
"""What somebody did after which they are where it says."""


def facts_of_incident(body: Incident) -> Facts:
    """Return the facts of an incident. Raises `Refused` for shelling that is told too closely (floor 6)."""
    if body.type == "shelling":
        facts.require_fire(facts.known_to(body.place))
    return NO_FACTS


def facts_of_account(body: Account) -> Facts:
    """Return the facts of an account."""
    return Facts(places=tuple(_places(body.statements)))


def facts_of_step(body: Step) -> Facts:
    """Return the facts of a step."""
    if isinstance(body, Answered):
        return Facts(places=tuple(_places([body.otherwise] if body.otherwise else [])))
    return Facts(places=tuple(_places([body.observed]))) if isinstance(body, Observed) else NO_FACTS


def facts_of_statement(body: Joint) -> Facts:
    """Return the facts of a joint statement. Raises `Invalid` for a sentence the book has not, or slots amiss."""
    if isinstance(body, Proposed):
        sentences.require_fits(body.sentences)
    return NO_FACTS


def of_incident(body: Incident) -> str:
    """Return what an incident is called by."""
    return _title("incident", type=body.type, time=_minute(body.when.time.isoformat()))


def of_account(body: Account) -> str:
    """Return what an account is called by."""
    return _title("account", number=body.number, count=len(body.statements))


def of_step(body: Step) -> str:
    """Return what a step is called by."""
    if isinstance(body, Done):
        return _title("incident-step done", step=body.step, time=_minute(body.time.isoformat()))
    if isinstance(body, Answered):
        return _title(f"incident-step {body.stance}")
    if isinstance(body, Consents):
        return _title("incident-step consents" if body.consents else "incident-step consents no more")
    name = "note" if isinstance(body, Note | Observed) else type(body).__name__.lower()
    return _title(f"incident-step {name}")


def of_statement(body: Joint) -> str:
    """Return what a joint statement is called by."""
    return _title("statement", number=body.number) if isinstance(body, Proposed) else _title("statement signed")


def _places(statements: Iterable[Statement]) -> Iterator[Place]:
    """Yield the places of groups: where troops came or went, and where a post stands that was damaged."""
    for each in statements:
        troops = isinstance(each, Happened) and each.did in WHERE_TROOPS_ARE
        post = isinstance(each, Damage) and each.what == "post"
        if not isinstance(each, Harmed) and (troops or post) and each.place is not None:
            yield Place(each.place.country, facts.known_to(each.place))


def _title(code: str, **filled: str | int) -> str:
    return WORDS["title"][f"liaison.{code}"].format(**filled)


def _minute(iso: str) -> str:
    return iso.replace("+00:00", "Z")
