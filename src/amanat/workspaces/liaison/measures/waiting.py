"""What waits of parallel measures for officers here, and what rings: that the other side holds, or stopped.

Law: follows from the records alone. A hold or a stop rings, whatever was agreed, until somebody here read it. What was
agreed and is withdrawn rings until this side, where it started, holds or stops too: a withdrawal may wait for nobody.
"""

from collections.abc import Iterator
from typing import Final

from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, permitted
from amanat.store import listing
from amanat.workspace import Ring
from amanat.workspaces.liaison import waits
from amanat.workspaces.liaison.measures import deeds, held, rules
from amanat.workspaces.liaison.measures.kinds import MEASURE
from amanat.workspaces.liaison.measures.rules import Measure, Next
from amanat.workspaces.liaison.measures.words import title
from amanat.workspaces.liaison.waits import Owed


def count(turn: Turn, actor: Actor) -> int:
    """Return how many measures wait for this side."""
    return sum(1 for _ in now(turn, actor))


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield the measures in which something is to be said here, or to be read."""
    return waits.now(turn, actor, _MEASURES)


def rings(turn: Turn, actor: Actor) -> Iterator[Ring]:
    """Yield the measures in which the other side holds, stopped or withdrew, and nobody here read it or acted yet."""
    if "record.acknowledge" not in permitted(actor.roles):
        return
    own = turn.means.party
    said = [
        (measure, rules.interrupts(measure, other, turn.now))
        for measure in held.recent(turn, list(held.unread(turn)))
        if own in measure.parties
        for other in measure.parties
        if other != own
    ]
    keys = [(each.key.party, each.key.id) for _, each in said if each is not None]
    waits = {(row.party, row.id) for row in listing.named(turn.tx, keys) if row.read_by is not None} if keys else set()
    for measure, each in said:
        if each is None:
            continue
        if (each.key.party, each.key.id) in waits or (each.withdrawn is not None and _started(turn, measure)):
            yield Ring(
                title=f"liaison.measure-{getattr(each.body, 'did', 'holds')}",
                of="",
                peer=each.party,
                since=each.at,
                due=None,
                path=deeds.PAGE.format(party=measure.root.key.party, id=measure.root.key.id),
                urgent=True,
                exercise=measure.exercise,
            )


def _started(turn: Turn, measure: Measure) -> bool:
    """Whether this side is at its part."""
    columns = rules.standing(measure, turn.now).columns
    return any(each.last == "started" for each in columns if each.party == turn.means.party)


def _own(turn: Turn, measure: Measure) -> Next | None:
    waits = [each for each in rules.standing(measure, turn.now).waits if each.party == turn.means.party]
    return min(waits, key=lambda each: each.due, default=None)


def _code(_measure: Measure, own: Owed | None) -> str:
    return "liaison.measure-step" if own else "liaison.measure-read"


_MEASURES: Final = waits.Matters(MEASURE, held.recent, held.unread, _own, _code, "liaison.measure-astray", title)
