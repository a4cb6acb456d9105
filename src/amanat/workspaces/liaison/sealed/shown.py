"""What sealed notices show on the map of all: where something is planned that was told under seal, once it was opened.

Law: as an open notice is shown, and nothing of what is sealed still or does not fit.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import exists, select

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison.ground.features import Asking, Feature, meets
from amanat.workspaces.liaison.notices.activities import ACTIVITY
from amanat.workspaces.liaison.notices.shown import drawn, layer_of
from amanat.workspaces.liaison.sealed import rules, sealing, stories
from amanat.workspaces.liaison.sealed.facts import step_title
from amanat.workspaces.liaison.sealed.kinds import SEALED as KIND
from amanat.workspaces.liaison.sealed.stories import Known
from amanat.workspaces.liaison.sealed.tables import SEALED, UNSEALED
from amanat.workspaces.liaison.views import spell

MOST: Final = 200
"""Of each party in a stretch of time, those sealed last."""


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them."""
    its, at = SEALED.c, ACTIVITY.c
    opened = exists().where(
        UNSEALED.c.of_party == its.party,
        UNSEALED.c.of_id == its.id,
        UNSEALED.c.digest == its.commitment,
        at.party == UNSEALED.c.party,
        at.id == UNSEALED.c.id,
        at.until > spell(asking.since),
        at.since < spell(asking.until),
    )
    for party in sorted(turn.known.manifests):
        query = select(SEALED).where(its.party == party, opened).order_by(its.at.desc(), its.id.desc()).limit(MOST)
        for known in stories.of(turn, list(turn.tx.execute(query))):
            yield from _of(known, asking, rules.state(known.story, turn.now))


def _of(known: Known, asking: Asking, state: rules.State) -> Iterator[Feature]:
    its = rules.known(known.story)
    if its is None or state not in rules.OPENED:
        return
    body, row = known.bodies[its.key], known.row
    shape, window = drawn(body.notice), body.notice.window
    if shape is not None and meets(asking, window.since, window.until):
        yield Feature(
            layer=layer_of(body.notice),
            party=row.party,
            id=row.id,
            kind=KIND.label,
            title=step_title(body),
            shape=shape,
            since=window.since,
            until=window.until,
            path=sealing.PAGE.format(party=row.party, id=row.id),
            exercise=row.exercise,
            state=("sealed state", state),
        )
