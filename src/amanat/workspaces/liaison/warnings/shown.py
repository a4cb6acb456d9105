"""Warnings on the map of all: those that hold in a stretch of time and were not cancelled."""

from collections.abc import Iterator

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison.ground.features import Asking, Feature, meets
from amanat.workspaces.liaison.warnings import rules, titles, told


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them."""
    for each in told.standing(turn, asking.since):
        body, key, phase = each.standing, each.root.key, rules.phase(each, turn.now)
        if phase != "cancelled" and meets(asking, body.window.since, body.window.until):
            yield Feature(
                layer="warnings",
                party=key.party,
                id=key.id,
                kind="liaison.warning/1",
                title=titles.of(body),
                shape=body.shape,
                since=body.window.since,
                until=body.window.until,
                path=f"/liaison/warning?party={key.party}&id={key.id}",
                exercise=each.root.exercise,
                state=("warning phase", phase),
            )
