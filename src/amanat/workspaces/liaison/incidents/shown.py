"""Incidents on the map of all: the place that told of one, as closely as it is known, until both sides closed it.

Law: the place of the event alone. Where a statement says that troops went is on no map (floor 6).
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison.ground.features import Asking, Feature, around, meets
from amanat.workspaces.liaison.incidents import matters, titles, views
from amanat.workspaces.liaison.incidents.kinds import INCIDENT
from amanat.workspaces.liaison.views import spell

LOOKS_BACK: Final = timedelta(days=90)
MOST: Final = 200
"""Of each party in the 90 days before, those that happened last."""


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them, each as every side told of it."""
    happened, keys = views.INCIDENT.c, list[tuple[str, str]]()
    span = (happened.happened >= spell(asking.since - LOOKS_BACK), happened.happened < spell(asking.until))
    for party in sorted(turn.known.manifests):
        its = select(views.INCIDENT).where(happened.party == party, *span)
        found = turn.tx.execute(its.order_by(happened.happened.desc(), happened.id.desc()).limit(MOST))
        keys += [(row.party, row.id) for row in found]
    for matter in matters.of(turn, keys):
        for each in matter.facts.opened:
            shape, when = around(each.body.place), each.body.when
            since, until = when.time - timedelta(minutes=when.minutes), matter.standing.over
            if shape is not None and meets(asking, since, until):
                yield Feature(
                    layer="incidents",
                    party=each.key.party,
                    id=each.key.id,
                    kind=INCIDENT.label,
                    title=titles.of_incident(each.body),
                    shape=shape,
                    since=since,
                    until=until,
                    path=matter.path,
                    exercise=each.exercise,
                    state=("incident state", matter.standing.state),
                )
