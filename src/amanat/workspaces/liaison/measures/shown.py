"""Parallel measures on the map of all, and held against what is planned: where a side acts and what it keeps clear."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import ColumnElement, exists, select

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspaces.liaison.ground.features import Asking, Feature, meets
from amanat.workspaces.liaison.ground.kept import Kept
from amanat.workspaces.liaison.ground.shapes import Shape
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.measures import held, rules, views
from amanat.workspaces.liaison.measures.kinds import MEASURE
from amanat.workspaces.liaison.measures.rules import Measure, Standing
from amanat.workspaces.liaison.measures.words import title
from amanat.workspaces.liaison.rules import AHEAD
from amanat.workspaces.liaison.views import spell

MOST: Final = 100
"""Of each party in a stretch of time, those proposed last."""
GONE: Final = frozenset(("declined", "lapsed", "withdrawn"))
STANDS: Final = frozenset(("agreed", "under-way", "held"))


def shown(turn: Turn, _actor: Actor, asking: Asking) -> Iterator[Feature]:
    """Yield them: first where a side acts, then what it keeps clear."""
    for each in _measures(turn, asking):
        yield from _of(turn, asking, each)


def kept(turn: Turn, asking: Asking) -> Iterator[Kept]:
    """Yield the areas of those that both agreed to: what either keeps clear is of both, where one acts its own."""
    measure, step = views.MEASURE.c, views.STEP.c
    its = (step.root_party == measure.party, step.root_id == measure.id)
    for each in _measures(turn, asking, exists().where(*its, step.party != measure.party)):
        stands = rules.standing(each, turn.now)
        by = _agreed(stands)
        if by is None or not meets(asking, each.window.since, each.window.until):
            continue
        for whose, shape in _areas(stands):
            yield Kept(
                type="measure",
                key=each.root.key,
                by=by,
                whose=whose,
                compact=each.compact,
                exercise=each.exercise,
                shape=shape,
                since=each.window.since,
                until=each.window.until,
                path=_path(each.root.key),
            )


def _measures(turn: Turn, asking: Asking, *narrowed: ColumnElement[bool]) -> Iterator[Measure]:
    measure, latest = views.MEASURE.c, spell(turn.now + AHEAD)
    for party in sorted(turn.known.manifests):
        its = (measure.party == party, measure.at <= latest, measure.until > spell(asking.since), *narrowed)
        query = select(views.MEASURE).where(*its).order_by(measure.at.desc(), measure.id.desc())
        yield from held.of(turn, list(turn.tx.execute(query.limit(MOST))))


def _agreed(stands: Standing) -> Named | None:
    """Return the record by which a measure stands; None where it does not.

    One that a side started stands until both stopped, also where a part of it was changed since.
    """
    started = stands.state == "held" and any(each.last == "started" for each in stands.columns)
    if stands.state not in STANDS or not (stands.agreed or started):
        return None
    words = [each.agreed or each.given for each in stands.columns]
    return max((each for each in words if each is not None), key=lambda each: each.order).key


def _areas(stands: Standing) -> Iterator[tuple[str, Shape]]:
    for column in stands.columns:
        if column.part is not None:
            yield column.party, column.part.area
            yield from (("", each) for each in column.part.clear)


def _path(key: Named) -> str:
    return f"/liaison/measure?party={key.party}&id={key.id}"


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
                path=_path(key),
                exercise=measure.exercise,
                state=("measure area", "clear") if n else ("measure state", stands.state),
            )
