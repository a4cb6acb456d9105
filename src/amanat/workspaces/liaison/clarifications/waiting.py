"""What waits of clarification for officers here: an answer that is owed, one to be judged, a meeting to be proposed.

Law: a request waits once, with the deadline of who must do something; what is unread is opened by that, or by a sign.
"""

from collections.abc import Iterator
from typing import Final

from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison import links, waits
from amanat.workspaces.liaison.clarifications import held, rules
from amanat.workspaces.liaison.clarifications.kinds import CLARIFICATION
from amanat.workspaces.liaison.clarifications.rules import Clarification, Next
from amanat.workspaces.liaison.clarifications.words import title
from amanat.workspaces.liaison.waits import Owed


def count(turn: Turn, actor: Actor) -> int:
    """Return how many requests wait for this side."""
    return sum(1 for _ in now(turn, actor))


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield the requests of which something is to be said here, or to be read."""
    return waits.now(turn, actor, _REQUESTS)


def _own(turn: Turn, found: Clarification) -> Next | None:
    """Return what this side is to do; where an answer is not enough, both are to meet."""
    stands, own = rules.standing(found, turn.now), turn.means.party
    said = stands.verdict if stands.meet is not None and own in found.parties else None
    if said is not None and stands.meet is not None and not links.meets(turn, found.root.key, said.at):
        return Next("meet", own, said.at, stands.meet)
    return next((each for each in stands.waits if each.party == own), None)


def _code(_found: Clarification, own: Owed | None) -> str:
    return f"liaison.clarification-{own.code}" if isinstance(own, Next) else "liaison.clarification-read"


_REQUESTS: Final = waits.Matters(
    CLARIFICATION, held.recent, held.unread, _own, _code, "liaison.clarification-astray", title
)
