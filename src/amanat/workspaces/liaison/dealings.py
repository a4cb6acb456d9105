"""Under which compacts this party tells a neighbour of what it plans and what happened, and how that is made a record.

Law: who gets a record follows from the compact's directions alone, so that what the neighbour is told an observer is
told too where the two agreed that it sees the kind. What belongs to a matter expires with the record that began it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row

from amanat.compact.check import Compact
from amanat.exchange.drafting import Asked
from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.record.record import Ref
from amanat.workspaces.liaison.kinds import Named

SIDES = 2


@dataclass(frozen=True, slots=True)
class Dealing:
    """A compact of two members, of which this party is one; `other` is the neighbour."""

    compact: Compact
    own: str
    other: str

    @property
    def id(self) -> str:
        """The compact's id."""
        return self.compact.terms.id

    def audience(self, kind: str) -> tuple[str, ...]:
        """Return to whom records of a kind go from here, sorted: everyone whom the compact says."""
        terms = self.compact.terms.kinds.get(kind)
        ends = (each.split(" > ") for each in terms.directions) if terms else ()
        return tuple(sorted(to for by, to in ends if by == self.own))


@dataclass(frozen=True, slots=True)
class Root:
    """The record that began a matter: what comes after it refers to it, and has its end and its marking."""

    key: Named
    exercise: bool
    expires: datetime | None

    @classmethod
    def of(cls, row: Row[Any]) -> "Root":
        """Return it of its row in a table that `views.table` made."""
        expires = datetime.fromisoformat(row.expires) if row.expires else None
        return cls(Named(row.party, row.id), row.exercise, expires)


def dealings(turn: Turn, kind: str) -> tuple[Dealing, ...]:
    """Return the compacts of two members under which this party may send records of a kind, in their order.

    An observer, who is no member, has none.
    """
    own = turn.means.party
    found = (
        Dealing(each, own, *(set(each.terms.members) - {own}))
        for each in turn.known.compacts.values()
        if own in each.terms.members and len(each.terms.members) == SIDES
    )
    return tuple(each for each in found if each.audience(kind))


def under(turn: Turn, kind: str, compact: str) -> Dealing | None:
    """Return the dealing of a compact by its id; None where this party may send nothing of the kind under it."""
    return next((each for each in dealings(turn, kind) if each.id == compact), None)


def require_dealing(turn: Turn, kind: str, compact: str = "") -> Dealing:
    """Return the dealing of a compact by its id or its text's digest; without one, the only or the first there is.

    Raises `Invalid`.
    """
    found = dealings(turn, kind)
    for each in found:
        if compact in ("", each.id, each.compact.terms.digest):
            return each
    known = ", ".join(each.id for each in found) or "none"
    raise Invalid("liaison.dealing", "Under no such compact is this told to anybody.", f"There are: {known}.")


def asked(  # noqa: PLR0913 - what is said, and what it hangs on
    turn: Turn,
    dealing: Dealing,
    kind: str,
    body: msgspec.Struct,
    *,
    of: Root | None = None,
    answers: Named | None = None,
    exercise: bool = False,
    attachments: tuple[str, ...] = (),
) -> Asked:
    """Return a record for everyone who is to have its kind; `of` is its matter's, `answers` what else it answers."""
    own, refs = turn.means.party, set[Ref]()
    for key in (of.key if of else None, answers):
        if key is not None:
            refs.add(Ref("about" if key.party == own else "answers", key.party, key.id))
    return Asked(
        kind=kind,
        compact=dealing.id,
        to=dealing.audience(kind),
        body=msgspec.to_builtins(body),
        handling=_expiry(turn, dealing, kind, of),
        refs=tuple(sorted(refs)),
        exercise=of.exercise if of else exercise,
        attachments=attachments,
    )


def _expiry(turn: Turn, dealing: Dealing, kind: str, of: Root | None) -> dict[str, Any]:
    """Return the expiry of a record of a matter: its kind's, but never after the matter's."""
    terms = dealing.compact.terms.kinds.get(kind)
    if of is None or of.expires is None or terms is None:
        return {}
    usual = turn.now + timedelta(days=terms.handling.expires_days)
    return {"expires": min(usual, of.expires).isoformat().replace("+00:00", "Z")}
