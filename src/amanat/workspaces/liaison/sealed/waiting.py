"""What waits of sealed notices: what was opened and not read, what was not opened, and what is held in trust of that.

Law: follows from the records alone; what nobody can mend any more does not wait for ever. Each page asks for it:
what it asks by is built once, which takes longer than to ask.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any, Final

from sqlalchemy import BindParameter, Integer, Select, and_, bindparam, exists, func, select

from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.record.notices import OPENED
from amanat.store.tables import RECORD, REFERENCE
from amanat.workspaces.liaison import opened, views
from amanat.workspaces.liaison.sealed import facts, rules, sealing, stories
from amanat.workspaces.liaison.sealed.stories import Known
from amanat.workspaces.liaison.sealed.tables import SEALED, UNSEALED

LOOKS_BACK: Final = timedelta(days=7)
"""For so long what was opened waits to be read, and what was not opened is told."""
MOST: Final = 50
"""Of each of the two, those that are so first: the list of sealed notices has them all."""
AT_ONCE: Final = 50
MOST_LOOKED: Final = 1_000
"""Sealed notices that are looked at for each of the two."""


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield what waits for an officer."""
    if may(actor, "record.acknowledge"):
        yield from _unread(turn)
    if may(actor, "record.send"):
        yield from _unopened(turn)


def waits(turn: Turn, actor: Actor) -> int:
    """Return how much of it stands beside the workspace's name: what is to be done here."""
    counted = {"liaison.sealed-read", "liaison.sealed-misfit", "liaison.sealed-trust"}
    return sum(each.matter in counted for each in now(turn, actor))


def _unread(turn: Turn) -> Iterator[Waiting]:
    """Yield what others opened of late and no post here signed to have read."""
    asked = {"own": turn.means.party, "since": views.spell(turn.now - LOOKS_BACK)}
    yield from islice(_to_read(turn, asked), MOST)


@cache
def _opened_unread() -> Select[Any]:
    """Return what asks for what others opened `since` a time, and no post of our `own` signed to have read."""
    own: BindParameter[str] = bindparam("own")
    it = UNSEALED.c
    its = and_(SEALED.c.party == it.of_party, SEALED.c.id == it.of_id)
    of = (REFERENCE.c.party == RECORD.c.party, REFERENCE.c.id == RECORD.c.id, REFERENCE.c.relation == "about")
    to = (REFERENCE.c.to_party == it.party, REFERENCE.c.to_id == it.id)
    read = exists().where(*of, *to, RECORD.c.party == own, RECORD.c.kind == OPENED.label, RECORD.c.data.is_not(None))
    said = (it.party != own, it.at >= bindparam("since"), ~read)
    query = select(SEALED).join(UNSEALED, its).where(*said).group_by(*SEALED.c)
    return _by_pages(query.order_by(func.min(it.at), SEALED.c.party, SEALED.c.id))


def _to_read(turn: Turn, asked: Mapping[str, str]) -> Iterator[Waiting]:
    for known in _each(turn, _opened_unread(), asked):
        others = [each for each in known.story.shown if each.key.party != turn.means.party]
        read = opened.openings(turn, [(each.key.party, each.key.id) for each in others])
        done = {key for key, those in read.items() if any(each.by.party == turn.means.party for each in those)}
        shown = next((each for each in others if (each.key.party, each.key.id) not in done), None)
        if shown is not None:
            matter = "liaison.sealed-read" if shown.fits else "liaison.sealed-misfit"
            yield _matter(known, matter, shown.at, shown.key.party)


def _unopened(turn: Turn) -> Iterator[Waiting]:
    """Yield the sealed notices that were due of late and were not opened."""
    since, until = map(views.spell, (turn.now - LOOKS_BACK, turn.now - rules.GRACE))
    yield from islice(_stuck(turn, {"since": since, "until": until}), MOST)


@cache
def _due() -> Select[Any]:
    """Return what asks for notices that were due `since` a time and before `until`, and that were not opened."""
    fits = exists().where(
        UNSEALED.c.of_party == SEALED.c.party,
        UNSEALED.c.of_id == SEALED.c.id,
        UNSEALED.c.party == SEALED.c.party,
        UNSEALED.c.digest == SEALED.c.commitment,
    )
    due = (SEALED.c.opens >= bindparam("since"), SEALED.c.opens < bindparam("until"), ~fits)
    return _by_pages(select(SEALED).where(*due).order_by(SEALED.c.at, SEALED.c.party, SEALED.c.id))


def _by_pages(query: Select[Any]) -> Select[Any]:
    return query.limit(bindparam("most", type_=Integer)).offset(bindparam("begin", type_=Integer))


def _stuck(turn: Turn, asked: Mapping[str, str]) -> Iterator[Waiting]:
    for known in _each(turn, _due(), asked):
        if rules.state(known.story, turn.now) == "not-opened":
            yield _matter(known, _whose(turn, known, turn.means.party), known.story.told.due, known.row.party)


def _each(turn: Turn, query: Select[Any], asked: Mapping[str, str]) -> Iterator[Known]:
    """Yield sealed notices one after the other, as many as are asked for."""
    for begin in range(0, MOST_LOOKED, AT_ONCE):
        rows = list(turn.tx.execute(query, {**asked, "most": AT_ONCE, "begin": begin}))
        yield from stories.of(turn, rows)
        if len(rows) < AT_ONCE:
            return


def _whose(turn: Turn, known: Known, own: str) -> str:
    if known.row.party == own:
        return "liaison.sealed-stuck"
    mine = any(each.key.party == own for each in known.story.shown)
    held = rules.may_open(known.story, own, turn.now, None) and stories.entrusted(turn, known) is not None
    return "liaison.sealed-trust" if held and not mine else "liaison.sealed-silent"


def _matter(known: Known, matter: str, since: datetime, peer: str) -> Waiting:
    row = known.row
    return Waiting(
        what="workspace",
        matter=matter,
        since=since,
        party=row.party,
        id=row.id,
        kind="liaison.sealed/1",
        peer=peer,
        title=facts.sealed_title(known.story.told.opens),
        path=sealing.PAGE.format(party=row.party, id=row.id),
        exercise=row.exercise,
    )
