"""What waits of parallel measures for officers here, and what rings: that the other side holds, or stopped.

Law: follows from the records alone. A hold or a stop rings, whatever was agreed, until somebody here read it. What was
agreed and is withdrawn rings until this side, where it started, holds or stops too: a withdrawal may wait for nobody.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may, permitted
from amanat.store import listing
from amanat.workspace import Ring
from amanat.workspaces.liaison.matter_rows import Key
from amanat.workspaces.liaison.measures import deeds, held, rules
from amanat.workspaces.liaison.measures.kinds import MEASURE
from amanat.workspaces.liaison.measures.rules import Measure, Next
from amanat.workspaces.liaison.measures.words import title


def count(turn: Turn, actor: Actor) -> int:
    """Return how many measures wait for this side."""
    return sum(1 for _ in now(turn, actor))


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield the measures in which something is to be said here, or to be read."""
    if not may(actor, "record.acknowledge"):
        return
    unread = dict(held.unread(turn))
    for measure in held.recent(turn, list(unread)):
        key = (measure.root.key.party, measure.root.key.id)
        rows = unread.pop(key, [])
        own = _own(turn, measure) if may(actor, "record.send") else None
        if own is not None or rows:
            yield _waiting(turn, measure, own, rows)
    yield from _astray(unread)


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


def _waiting(turn: Turn, measure: Measure, own: Next | None, rows: list[Row[Any]]) -> Waiting:
    key = measure.root.key
    read_by = min((datetime.fromisoformat(row.read_by) for row in rows), default=None)
    return Waiting(
        what="workspace",
        matter="liaison.measure-step" if own else "liaison.measure-read",
        since=own.since if own else datetime.fromisoformat(rows[0].at),
        due=own.due if own else read_by,
        party=key.party,
        id=key.id,
        kind=MEASURE.label,
        peer=next(each for each in measure.parties[::-1] if each != turn.means.party),
        title=title(measure.root.body),
        path=deeds.PAGE.format(party=key.party, id=key.id),
        exercise=measure.exercise,
    )


def _astray(unread: Mapping[Key, list[Row[Any]]]) -> Iterator[Waiting]:
    """Yield what was said in measures that are not here."""
    for rows in unread.values():
        for row in rows:
            yield Waiting(
                what="workspace",
                matter="liaison.measure-astray",
                since=datetime.fromisoformat(row.at),
                due=datetime.fromisoformat(row.read_by),
                party=row.party,
                id=row.id,
                kind=MEASURE.label,
                peer=row.party,
                path=f"/record/{row.party}/{row.id}",
                exercise=row.exercise,
            )
