"""What was seen without notice, on the map of all: from when it was seen until an answer to it is enough."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison import matter_rows
from amanat.workspaces.liaison.clarifications import deeds, held, rules, views
from amanat.workspaces.liaison.clarifications.kinds import CLARIFICATION
from amanat.workspaces.liaison.clarifications.rules import Clarification, Standing
from amanat.workspaces.liaison.clarifications.words import title
from amanat.workspaces.liaison.ground.features import Asking, Feature, meets
from amanat.workspaces.liaison.rules import AHEAD

MOST: Final = 100
"""Of each party in the two months before, those asked about last."""


def lasts(found: Clarification, stands: Standing) -> tuple[datetime, datetime | None]:
    """Return from when until when it is there: as long as no answer is enough, without an end."""
    window = found.seen.window
    return window.since, window.until if stands.state == "enough" else None


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them; none that was withdrawn."""
    span = (asking.since - held.LOOKS_BACK, turn.now + AHEAD)
    for each in held.of(turn, matter_rows.newest(turn.tx, views.CLARIFICATION, span, MOST)):
        key, stands = each.root.key, rules.standing(each, turn.now)
        since, until = lasts(each, stands)
        if stands.state != "withdrawn" and meets(asking, since, until):
            yield Feature(
                layer="clarifications",
                party=key.party,
                id=key.id,
                kind=CLARIFICATION.label,
                title=title(each.root.body),
                shape=each.seen.shape,
                since=since,
                until=until,
                path=deeds.PAGE.format(party=key.party, id=key.id),
                exercise=each.exercise,
                state=("clarification state", stands.state),
            )
