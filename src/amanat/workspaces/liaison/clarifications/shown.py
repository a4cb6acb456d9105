"""What was seen without notice, on the map of all: where and when its side told that it was seen."""

from collections.abc import Iterator
from typing import Final

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison import matter_rows
from amanat.workspaces.liaison.clarifications import deeds, held, rules, views
from amanat.workspaces.liaison.clarifications.kinds import CLARIFICATION
from amanat.workspaces.liaison.clarifications.words import title
from amanat.workspaces.liaison.ground.features import Asking, Feature, meets
from amanat.workspaces.liaison.rules import AHEAD
from amanat.workspaces.liaison.views import spell

MOST: Final = 100
"""Of each party, those asked last of what was seen in a stretch of time."""


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them; none that was withdrawn."""
    ever = (asking.since, turn.now + AHEAD)
    its = views.CLARIFICATION.c.until > spell(asking.since)
    for each in held.of(turn, matter_rows.newest(turn.tx, views.CLARIFICATION, ever, MOST, its)):
        key, window, state = each.root.key, each.seen.window, rules.standing(each, turn.now).state
        if state != "withdrawn" and meets(asking, window.since, window.until):
            yield Feature(
                layer="clarifications",
                party=key.party,
                id=key.id,
                kind=CLARIFICATION.label,
                title=title(each.root.body),
                shape=each.seen.shape,
                since=window.since,
                until=window.until,
                path=deeds.PAGE.format(party=key.party, id=key.id),
                exercise=each.exercise,
                state=("clarification state", state),
            )
