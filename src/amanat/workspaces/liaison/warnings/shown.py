"""Warnings on the map of all, and held against what is planned: those that hold then and were not cancelled."""

from collections.abc import Iterator

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison.ground.features import Asking, Feature, meets
from amanat.workspaces.liaison.ground.kept import Kept
from amanat.workspaces.liaison.kinds import Named
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
                path=_path(key),
                exercise=each.root.exercise,
                state=("warning phase", phase),
            )


def kept(turn: Turn, asking: Asking) -> Iterator[Kept]:
    """Yield them: each is a danger to the other side's plans."""
    for each in told.standing(turn, asking.since):
        body, key = each.standing, each.root.key
        if rules.phase(each, turn.now) != "cancelled" and meets(asking, body.window.since, body.window.until):
            yield Kept(
                type="warning",
                key=key,
                by=each.last.key,
                whose=key.party,
                compact=each.root.compact,
                exercise=each.root.exercise,
                shape=body.shape,
                since=body.window.since,
                until=body.window.until,
                path=_path(key),
            )


def _path(key: Named) -> str:
    return f"/liaison/warning?party={key.party}&id={key.id}"
