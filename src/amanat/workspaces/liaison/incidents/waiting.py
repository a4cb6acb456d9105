"""What of incidents waits for an officer's post, a guarantor's too, and what rings there.

Law: follows from the records alone, so that both sides see the same steps due and late. A step waits at the posts of
its rank; of one incident one thing waits at one post, the most pressing; of one that was withdrawn, nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from amanat.compact.check import Compact
from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may, permitted
from amanat.workspace import Ring
from amanat.workspaces.liaison.incidents import acting, matters, rules, titles, views
from amanat.workspaces.liaison.incidents.kinds import Account
from amanat.workspaces.liaison.incidents.matters import Matter
from amanat.workspaces.liaison.incidents.rules import Due
from amanat.workspaces.liaison.incidents.told import BY_OBSERVERS, of
from amanat.workspaces.liaison.rules import AHEAD
from amanat.workspaces.liaison.views import spell

LOOKS_BACK: Final = timedelta(days=90)
SOUNDS: Final = frozenset(("cease", "hold"))
"""Acts that sound while they are overdue: the others only ring, for a clash that has ended wakes nobody."""
MOST_OPEN: Final = 50
"""Incidents that each side told of, the last of them, of which something waits: the list has them all."""


def recent(turn: Turn) -> list[Matter]:
    """Return the last events that both sides told of under compacts of which this party is a member, oldest first."""
    own = turn.means.party
    found = _last(turn, (each for each in turn.known.compacts.values() if own in each.terms.members))
    return [each for each in found if own in each.facts.members]


def guaranteed(turn: Turn) -> list[tuple[Matter, Due]]:
    """Return the last events of which the ladder came to this party as the guarantor, each with that step.

    A side signed that it turned to it, or the time of the step is over; until the event is, or this party noted
    something since.
    """
    own = turn.means.party
    found = _last(turn, (each for each in turn.known.compacts.values() if _names(each, own)))
    steps = ((each, _turned_to(each, own)) for each in found if each.standing.over is None)
    return [(matter, step) for matter, step in steps if step is not None and not _noted(matter, step, own)]


def _names(compact: Compact, party: str) -> bool:
    """Whether a compact names a party, which is no member, as a guarantor."""
    steps = compact.terms.deescalation.values()
    return party not in compact.terms.members and any(each.guarantor == party for each in steps)


def _turned_to(matter: Matter, party: str) -> Due | None:
    """Return the step by which the sides turn to a party, where a side signed it or its time is over."""
    steps = (each for each in matter.dues if each.step.act == "guarantor" and each.step.guarantor == party)
    return next((each for each in steps if each.signed or each.overdue), None)


def _since(step: Due) -> datetime:
    """Return since when the ladder has come to a step: since a side signed it, at the latest since its time is over."""
    return min([step.due, *(each.at for each in step.signed.values())])


def _noted(matter: Matter, step: Due, party: str) -> bool:
    """Whether an observer noted something of an event since the ladder came to it."""
    since = _since(step)
    noted = (each for each in matter.told if isinstance(each.body, BY_OBSERVERS))
    return any(each.party == party and each.at >= since for each in noted)


def _last(turn: Turn, compacts: Iterable[Compact]) -> list[Matter]:
    """Return the last events that each side told of under some compacts, oldest first."""
    incident, keys = views.INCIDENT.c, list[tuple[datetime, str, str]]()
    members = {party for each in compacts for party in each.terms.members}
    span = (incident.at >= spell(turn.now - LOOKS_BACK), incident.at <= spell(turn.now + AHEAD))
    for party in sorted(members):
        newest = select(incident.at, incident.party, incident.id).where(incident.party == party, *span)
        ordered = newest.order_by(incident.at.desc(), incident.id.desc()).limit(MOST_OPEN)
        keys += [(datetime.fromisoformat(row.at), row.party, row.id) for row in turn.tx.execute(ordered)]
    return matters.of(turn, [(party, id_) for _, party, id_ in sorted(keys)]) if keys else []


def due_here(turn: Turn, actor: Actor, matter: Matter) -> Due | None:
    """Return the step that this side owes soonest, of those that the officer's post sees to."""
    own = turn.means.party
    if matter.standing.over:
        return None
    mine = (
        each
        for each in matter.dues
        if own not in each.signed
        and (each.ready or each.step.act == "state")
        and not each.optional
        and _sees_to(turn, actor, matter, each.step.rank)
    )
    return min(mine, key=lambda each: each.due, default=None)


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield what waits of incidents: of each one thing, the most pressing."""
    if not may(actor, "record.send"):
        return
    for matter in recent(turn):
        found = _pressing(turn, actor, matter) if acting.may_act(turn, actor, matter) else None
        if found is not None:
            yield _waiting(matter, matter.facts.other(turn.means.party), *found)
    for matter, step in guaranteed(turn):
        first = min(step.signed.values(), key=lambda each: each.order, default=None)
        code = "incident-guarantor" if first else "incident-guarantor-reached"
        yield _waiting(matter, first.key.party if first else matter.key.party, code, _since(step), _next(matter, step))


def _next(matter: Matter, step: Due) -> datetime | None:
    """Return when the first step is due that the sides owe after one; None where it is the last."""
    return min((each.due for each in matter.dues if each.due > step.due and not each.optional), default=None)


def _waiting(matter: Matter, peer: str, code: str, since: datetime, due: datetime | None) -> Waiting:
    return Waiting(
        what="workspace",
        matter=f"liaison.{code}",
        since=since,
        due=due,
        party=matter.key.party,
        id=matter.key.id,
        kind="liaison.incident/1",
        peer=peer,
        title=titles.of_incident(matter.facts.root.body),
        path=matter.path,
        exercise=matter.root.exercise,
    )


def waits(turn: Turn, actor: Actor) -> int:
    """Return of how many incidents something waits for an officer's post."""
    return sum(1 for _ in now(turn, actor))


def rings(turn: Turn, actor: Actor) -> Iterator[Ring]:
    """Yield what rings at an officer's post: an incident nobody here knows of, and a step that is overdue there.

    Asked of the roles, for it rings at a session that rests too.
    """
    if "record.send" not in permitted(actor.roles):
        return
    for matter in recent(turn):
        own = turn.means.party
        due = due_here(turn, actor, matter)
        unknown = not matter.standing.over and not rules.knows(matter.facts, matter.told, own)
        late = due is not None and own in due.overdue
        if unknown and _sees_to(turn, actor, matter, 0):
            yield _ring(turn, matter, "liaison.incident-new", matter.facts.root.at, urgent=True)
        elif late and due is not None:
            yield _ring(turn, matter, "liaison.incident-step-late", due.due, urgent=due.step.act in SOUNDS)


def _sees_to(turn: Turn, actor: Actor, matter: Matter, rank: int) -> bool:
    """Whether the officer's post is of a rank that sees to an event now; every post is, where there is no hotline."""
    own, sector = turn.means.party, matter.facts.root.body.sector or ""
    there = acting.posts_of_rank(matter.terms, own, sector, rank, turn.now)
    return actor.post in there or not matter.terms.hotlines


def _ring(turn: Turn, matter: Matter, title: str, since: datetime, *, urgent: bool) -> Ring:
    sector = matter.terms.hotlines.get(matter.facts.root.body.sector or "")
    return Ring(
        title=title,
        of=sector.title if sector else "",
        peer=matter.facts.other(turn.means.party),
        since=since,
        due=None,
        path=matter.path,
        urgent=urgent,
        exercise=matter.root.exercise,
    )


def _pressing(turn: Turn, actor: Actor, matter: Matter) -> tuple[str, datetime, datetime | None] | None:
    """Return what of an event is most pressing for an officer: which matter, since when, and by when."""
    own, opened = turn.means.party, matter.facts.root.at
    due = due_here(turn, actor, matter)
    if due is not None and own in due.overdue:
        return "incident-step-late", opened, due.due
    if matter.standing.withdrawn:
        return None
    if matter.standing.closed:
        return _unsigned(matter, own)
    if not rules.knows(matter.facts, matter.told, own):
        return "incident-new", opened, due.due if due else None
    if due is not None and due.step.act != "state" and matter.facts.other(own) not in matter.standing.closings:
        return "incident-step-due", opened, due.due
    other = _unsigned(matter, own) or _unanswered(matter, own) or _unclosed(matter, own)
    return other or (("incident-step-due", opened, due.due) if due is not None else None)


def _unsigned(matter: Matter, own: str) -> tuple[str, datetime, datetime | None] | None:
    text, signed = rules.to_sign(matter.facts, matter.versions, own), rules.agreed(matter.facts, matter.versions)
    if text is None or (signed is not None and signed.told.order > text.told.order):
        return None
    return "incident-text", text.told.at, None


def _unanswered(matter: Matter, own: str) -> tuple[str, datetime, datetime | None] | None:
    left = rules.unanswered(matter.findings, own)
    theirs = rules.accounts(of(matter.told, Account), matter.facts.other(own))
    waits = left and theirs and theirs[0].withdrawn is None
    return ("incident-account", theirs[0].at, None) if waits else None


def _unclosed(matter: Matter, own: str) -> tuple[str, datetime, datetime | None] | None:
    theirs = matter.standing.closings.get(matter.facts.other(own))
    return ("incident-close", theirs.at, None) if theirs and own not in matter.standing.closings else None
