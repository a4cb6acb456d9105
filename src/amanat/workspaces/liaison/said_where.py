"""Places that were said in calls, on the map of all: for a day from when they were said.

Law: a place is shown as closely as it was told, and no closer: its radius is what it is known to.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, func, select

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison import calls, titles, views
from amanat.workspaces.liaison.ground.features import Asking, Feature, around
from amanat.workspaces.liaison.kinds import Phrase, Spot

LASTS: Final = timedelta(days=1)
MOST: Final = 200
"""Phrases of each side that are looked through, the last."""


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them, of calls on this party's hotlines."""
    said = views.SAID.c
    begins, ends = views.spell(asking.since - LASTS), views.spell(asking.until)
    its = (views.CALL.c.party == said.matter_party) & (views.CALL.c.id == said.matter_id)
    last = func.row_number().over(partition_by=said.party, order_by=(said.at.desc(), said.id.desc()))
    found = (
        select(views.SAID, last.label("number"))
        .join(views.CALL, its)
        .where(
            said.type == "phrase",
            said.at > begins,
            said.at < ends,
            said.party.in_((views.CALL.c.party, views.CALL.c.recipient)),
            views.CALL.c.hotline.in_(sorted(each.code for each in calls.lines(turn))),
        )
    ).subquery()
    newest = (found.c.at.desc(), found.c.id.desc())
    for row in turn.tx.execute(select(found).where(found.c.number <= MOST).order_by(*newest)):
        yield from _of(row)


def _of(row: Row[Any]) -> Iterator[Feature]:
    body = views.read_message(row.body)
    spots = [each for each in body.said.slots.values() if isinstance(each, Spot)] if isinstance(body, Phrase) else []
    at = datetime.fromisoformat(row.at)
    for n, spot in enumerate(spots):
        shape = around(spot)
        if shape is not None:
            yield Feature(
                layer="calls",
                party=row.party,
                id=row.id,
                n=n,
                kind="liaison.message/1",
                title=titles.of_message(body),
                shape=shape,
                since=at,
                until=at + LASTS,
                path=f"/liaison/call?party={row.matter_party}&id={row.matter_id}",
                exercise=row.exercise,
            )
