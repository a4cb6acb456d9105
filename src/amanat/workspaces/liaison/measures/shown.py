"""Parallel measures on the map of all: where each side does its part and what it keeps clear, while that stands."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison.ground.features import Asking, Feature, meets
from amanat.workspaces.liaison.measures import held, rules, views
from amanat.workspaces.liaison.measures.kinds import MEASURE
from amanat.workspaces.liaison.measures.rules import Measure
from amanat.workspaces.liaison.measures.words import title
from amanat.workspaces.liaison.views import spell

MOST: Final = 100
"""Of each party in a stretch of time, those proposed last."""
GONE: Final = frozenset(("declined", "lapsed", "withdrawn"))


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them: first where a side acts, then what it keeps clear."""
    measure = views.MEASURE.c
    for party in sorted(turn.known.manifests):
        its = select(views.MEASURE).where(measure.party == party, measure.until > spell(asking.since))
        rows = turn.tx.execute(its.order_by(measure.at.desc(), measure.id.desc()).limit(MOST))
        for each in held.of(turn, list(rows)):
            yield from _of(turn, asking, each)


def _of(turn: Turn, asking: Asking, measure: Measure) -> Iterator[Feature]:
    stands, key, until = rules.standing(measure, turn.now), measure.root.key, measure.window.until
    if stands.state == "stopped":
        until = min(until, max(each.confirmed[-1].at for each in stands.columns if each.confirmed))
    if not meets(asking, measure.window.since, until):
        return
    for column in stands.columns if stands.state not in GONE else ():
        if column.part is None or column.given is None:
            continue
        for n, shape in enumerate((column.part.area, *column.part.clear)):
            yield Feature(
                layer="measures",
                party=column.party,
                id=column.given.key.id,
                n=n,
                kind=MEASURE.label,
                title=title(measure.root.body),
                shape=shape,
                since=measure.window.since,
                until=until,
                path=f"/liaison/measure?party={key.party}&id={key.id}",
                exercise=measure.exercise,
                state=("measure area", "clear") if n else ("measure state", stands.state),
            )
