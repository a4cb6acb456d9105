"""What is known of an event: who told of it, the compact's ladder, and all that was said of it since, with its date.

Law: frozen, and in one order, the records' own: whatever order they came in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from amanat.workspaces.liaison.incidents.kinds import (
    Happened,
    Incident,
    Note,
    Observed,
    Signature,
    Statement,
    text_digest,
)
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.rules import SKEW
from amanat.workspaces.liaison.told import Told

BY_OBSERVERS: Final = (Note, Observed)
MIRRORED: Final[Mapping[str, Any]] = {"ours": "theirs", "theirs": "ours"}


@dataclass(frozen=True, slots=True)
class Begun:
    """That a side told of the event: by which record, when; and when it withdrew that."""

    key: Named
    post: str
    at: datetime
    body: Incident
    exercise: bool = False
    expires: datetime | None = None
    withdrawn: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the compact's ladder."""

    name: str
    clause: str
    title: str
    act: str
    within: timedelta
    rank: int
    guarantor: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of an event: who told of it first is its root; `members` are the two sides, sorted."""

    opened: tuple[Begun, ...]
    members: tuple[str, ...]
    ladder: tuple[Step, ...] = ()
    told: tuple[Told, ...] = ()

    @property
    def root(self) -> Begun:
        """What told of it first, from which its clock runs."""
        return self.opened[0]

    def other(self, party: str) -> str:
        """Return the other of the two sides."""
        return self.members[1] if party == self.members[0] else self.members[0]


def of(told: Iterable[Told], type_: type, party: str = "") -> list[Told]:
    """Return what of the records has a body of a type, or what of a party has, in their order."""
    return [each for each in told if isinstance(each.body, type_) and party in ("", each.key.party)]


def mirrored(statement: Statement) -> Statement:
    """Return a statement as the other side would say the same thing."""
    if isinstance(statement, Happened):
        return replace(statement, by=MIRRORED.get(statement.by, statement.by))
    return replace(statement, of=MIRRORED.get(statement.of, statement.of))


def signs(one: Told, text: Told) -> bool:
    """Whether a word is a signature of the other side under a text: under that very record, and what it says."""
    body: Any = one.body
    named = isinstance(body, Signature) and body.text == text.key and body.digest == text_digest(text.body)
    return named and one.key.party != text.key.party and one.at >= text.at - SKEW
