"""What waits of clarification for officers here: an answer that is owed, one to be judged, and what nobody read yet.

Law: a request waits once, with the deadline of who must do something; what is unread is opened by that, or by a sign.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspaces.liaison.clarifications import deeds, held, rules
from amanat.workspaces.liaison.clarifications.kinds import CLARIFICATION
from amanat.workspaces.liaison.clarifications.rules import Clarification, Next
from amanat.workspaces.liaison.clarifications.words import title
from amanat.workspaces.liaison.matter_rows import Key


def count(turn: Turn, actor: Actor) -> int:
    """Return how many requests wait for this side."""
    return sum(1 for _ in now(turn, actor))


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield the requests of which something is to be said here, or to be read."""
    if not may(actor, "record.acknowledge"):
        return
    unread = dict(held.unread(turn))
    for found in held.recent(turn, list(unread)):
        rows = unread.pop((found.root.key.party, found.root.key.id), [])
        own = _own(turn, found) if may(actor, "record.send") else None
        if own is not None or rows:
            yield _waiting(turn, found, own, rows)
    yield from _astray(unread)


def _own(turn: Turn, found: Clarification) -> Next | None:
    waits = rules.standing(found, turn.now).waits
    return next((each for each in waits if each.party == turn.means.party), None)


def _waiting(turn: Turn, found: Clarification, own: Next | None, rows: list[Row[Any]]) -> Waiting:
    key = found.root.key
    read_by = min((datetime.fromisoformat(row.read_by) for row in rows), default=None)
    return Waiting(
        what="workspace",
        matter=f"liaison.clarification-{own.code}" if own else "liaison.clarification-read",
        since=own.since if own else datetime.fromisoformat(rows[0].at),
        due=own.due if own else read_by,
        party=key.party,
        id=key.id,
        kind=CLARIFICATION.label,
        peer=next(each for each in found.parties[::-1] if each != turn.means.party),
        title=title(found.root.body),
        path=deeds.PAGE.format(party=key.party, id=key.id),
        exercise=found.exercise,
    )


def _astray(unread: Mapping[Key, list[Row[Any]]]) -> Iterator[Waiting]:
    """Yield what was said of requests that are not here."""
    for rows in unread.values():
        for row in rows:
            yield Waiting(
                what="workspace",
                matter="liaison.clarification-astray",
                since=datetime.fromisoformat(row.at),
                due=datetime.fromisoformat(row.read_by),
                party=row.party,
                id=row.id,
                kind=CLARIFICATION.label,
                peer=row.party,
                path=f"/record/{row.party}/{row.id}",
                exercise=row.exercise,
            )
