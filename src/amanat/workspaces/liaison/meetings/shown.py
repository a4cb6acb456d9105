"""Flag meetings on the map of all: where one was agreed to be, while it is."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison import views as tables
from amanat.workspaces.liaison.ground.features import Asking, Feature, around, meets
from amanat.workspaces.liaison.meetings import known, rules, titles, views
from amanat.workspaces.liaison.meetings.kinds import MEETING

LOOKS_BACK: Final = timedelta(days=30)
"""Before a stretch of time the last time that was first proposed may be: one is moved by later offers."""
MOST: Final = 100
"""Of each party, those proposed last."""
THERE: Final = frozenset(("agreed", "under-way", "over", "held"))


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them."""
    meeting = views.MEETING.c
    for party in sorted(turn.known.manifests):
        its = select(views.MEETING).where(
            meeting.party == party, meeting.last >= tables.spell(asking.since - LOOKS_BACK)
        )
        rows = turn.tx.execute(its.order_by(meeting.at.desc(), meeting.id.desc()).limit(MOST))
        for facts in known.of(turn, list(rows)):
            held = rules.held_for(facts, turn.now)
            shape = around(held.at) if held.at is not None else None
            if held.state not in THERE or shape is None or held.since is None:
                continue
            if meets(asking, held.since, held.until):
                yield Feature(
                    layer="meetings",
                    party=facts.key.party,
                    id=facts.key.id,
                    kind=MEETING.label,
                    title=titles.of(facts.body),
                    shape=shape,
                    since=held.since,
                    until=held.until,
                    path=known.path(facts),
                    exercise=facts.exercise,
                    state=("meeting_state", held.state),
                )
