"""Notices on the map of all: what is planned or under way; works as a layer of their own, and what they built.

What works built stands there when they are over, until their party says that it is gone, however long that is.
Law: where persons are is drawn no better than to ten kilometres, whatever a record says of it (floor 6).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import select

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.workspaces.liaison.ground.features import Asking, Feature, Layer, meets
from amanat.workspaces.liaison.ground.shapes import Shape
from amanat.workspaces.liaison.notices import coarse, rules, stories, titles
from amanat.workspaces.liaison.notices.kinds import NOTICE, Notice, Works, of_people
from amanat.workspaces.liaison.notices.rules import Story
from amanat.workspaces.liaison.notices.tables import NOTICE as TABLE
from amanat.workspaces.liaison.views import spell

MOST: Final = 500
"""Of each party in a stretch of time, those that begin last, and as many works: a map has room for no more."""
GONE: Final = frozenset(("withdrawn", "changed", "called-off"))


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them."""
    n, since, until = TABLE.c, spell(asking.since), spell(asking.until)
    for party in sorted(turn.known.manifests):
        for its in ((n.type != "works", n.until > since), (n.type == "works",)):
            query = select(TABLE).where(n.party == party, n.since < until, *its)
            rows = turn.tx.execute(query.order_by(n.since.desc(), n.id.desc()).limit(MOST))
            for story in stories.of(turn, list(rows)):
                yield from _of(story, asking, turn.now)


def _of(story: Story, asking: Asking, now: datetime) -> Iterator[Feature]:
    given, state, until = story.given, rules.state(story, now), _until(story, now)
    body = given.body
    shape = drawn(body)
    if state not in GONE and shape is not None and meets(asking, body.window.since, until):
        yield Feature(
            layer=layer_of(body),
            party=given.key.party,
            id=given.key.id,
            kind=NOTICE.label,
            title=titles.of_notice(body),
            shape=shape,
            since=body.window.since,
            until=until,
            path=f"/liaison/notice?party={given.key.party}&id={given.key.id}",
            exercise=given.exercise,
            state=("notice state", state),
        )


def layer_of(body: Notice) -> Layer:
    """Return the layer on which a notice is shown."""
    return "works" if isinstance(body, Works) else "notices"


def _until(story: Story, now: datetime) -> datetime | None:
    """Return until when it is there, None for what works built and nobody said is gone."""
    end = rules.ended(story)
    if rules.built(story, now):
        end = rules.gone(story)
        return end.at if end is not None else None
    until = story.given.body.window.until
    return until if end is None else min(until, end.at)


def drawn(body: Notice) -> Shape | None:
    """Return a shape that tells no place of persons too well; None of what would be wider than shapes are."""
    if not of_people(body):
        return body.shape
    try:
        return coarse.coarse(body.shape)
    except Invalid:
        return None
