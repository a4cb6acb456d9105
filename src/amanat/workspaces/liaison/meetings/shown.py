"""Flag meetings on the map of all, and held against what is planned: where one was agreed to be, while it is."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison import views as tables
from amanat.workspaces.liaison.ground.features import Asking, Feature, around, meets
from amanat.workspaces.liaison.ground.kept import Kept
from amanat.workspaces.liaison.ground.shapes import Point
from amanat.workspaces.liaison.meetings import known, rules, titles, views
from amanat.workspaces.liaison.meetings.kinds import MEETING, Agreed
from amanat.workspaces.liaison.meetings.rules import State
from amanat.workspaces.liaison.meetings.steps import Facts
from amanat.workspaces.liaison.rules import AHEAD

LOOKS_BACK: Final = timedelta(days=30)
"""Before a stretch of time the last time that was first proposed may be: one is moved by later offers."""
MOST: Final = 100
"""Of each party, those proposed last to which another party said something: nothing else was agreed."""
THERE: Final = frozenset(("agreed", "under-way", "over", "held"))
STANDS: Final = frozenset(("agreed", "under-way"))

There = tuple[Facts, State, Point, tuple[datetime, datetime]]
"""A meeting, how it stands, where, from when until when."""


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them."""
    for facts, state, shape, during in _there(turn, asking):
        yield Feature(
            layer="meetings",
            party=facts.key.party,
            id=facts.key.id,
            kind=MEETING.label,
            title=titles.of(facts.body),
            shape=shape,
            since=during[0],
            until=during[1],
            path=known.path(facts),
            exercise=facts.exercise,
            state=("meeting_state", state),
        )


def kept(turn: Turn, asking: Asking) -> Iterator[Kept]:
    """Yield those that both agreed to and that are not over, each by the last word that agreed."""
    for facts, state, shape, during in _there(turn, asking):
        if state in STANDS:
            agreed = max((each for party in facts.members for each in facts.by(party, Agreed)), key=facts.place)
            yield Kept(
                type="meeting",
                key=facts.key,
                by=agreed.key,
                whose="",
                compact=facts.compact,
                exercise=facts.exercise,
                shape=shape,
                since=during[0],
                until=during[1],
                path=known.path(facts),
            )


def _there(turn: Turn, asking: Asking) -> Iterator[There]:
    """Yield the meetings that are, or were, at a place and time in a stretch of time."""
    meeting, step = views.MEETING.c, views.STEP.c
    its = (step.meeting_party == meeting.party, step.meeting_id == meeting.id)
    answered = exists().where(*its, step.party != meeting.party, step.type != "guest")
    come = meeting.at <= tables.spell(turn.now + AHEAD)
    for party in sorted(turn.known.manifests):
        late = meeting.last >= tables.spell(asking.since - LOOKS_BACK)
        query = select(views.MEETING).where(meeting.party == party, come, late, answered)
        rows = turn.tx.execute(query.order_by(meeting.at.desc(), meeting.id.desc()).limit(MOST))
        for facts in known.of(turn, list(rows)):
            held = rules.held_for(facts, turn.now)
            if held.at is None or held.since is None or held.until is None or held.state not in THERE:
                continue
            shape = around(held.at)
            if shape is not None and meets(asking, held.since, held.until):
                yield facts, held.state, shape, (held.since, held.until)
