"""What waits of sealed notices: what was opened and not read, what was not opened, and what is held in trust of that.

Law: follows from the records alone; what nobody can mend any more does not wait for ever.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, exists

from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspaces.liaison import opened, views
from amanat.workspaces.liaison.sealed import rules, sealing, stories
from amanat.workspaces.liaison.sealed.stories import Known
from amanat.workspaces.liaison.sealed.views import SEALED, UNSEALED

LOOKS_BACK: Final = timedelta(days=7)
"""For so long what was opened waits to be read, and what was not opened is told."""
MOST: Final = 50
"""Of each of the two, those that are so first: the list of sealed notices has them all."""


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
    own, since = turn.means.party, views.spell(turn.now - LOOKS_BACK)
    its = and_(SEALED.c.party == UNSEALED.c.of_party, SEALED.c.id == UNSEALED.c.of_id)
    rows = views.rows(turn.tx, UNSEALED, UNSEALED.c.party != own, UNSEALED.c.at >= since, exists().where(its))
    read = opened.openings(turn, [(row.party, row.id) for row in rows])
    done = {key for key, those in read.items() if any(each.by.party == own for each in those)}
    waiting = [row for row in rows if (row.party, row.id) not in done]
    wanted = dict.fromkeys((row.of_party, row.of_id) for row in waiting)
    for known in list(_known(turn, list(wanted)))[:MOST]:
        those = [each for each in known.story.shown if (each.key.party, each.key.id) not in done]
        shown = next((each for each in those if each.key.party != own), None)
        if shown is not None:
            matter = "liaison.sealed-read" if shown.fits else "liaison.sealed-misfit"
            yield _matter(known, matter, shown.at, shown.key.party)


def _unopened(turn: Turn) -> Iterator[Waiting]:
    """Yield the sealed notices that were due of late and were not opened."""
    own, span = turn.means.party, (turn.now - LOOKS_BACK, turn.now - rules.GRACE)
    since, until = map(views.spell, span)
    fits = exists().where(
        UNSEALED.c.of_party == SEALED.c.party,
        UNSEALED.c.of_id == SEALED.c.id,
        UNSEALED.c.party == SEALED.c.party,
        UNSEALED.c.digest == SEALED.c.commitment,
    )
    due = (SEALED.c.opens >= since, SEALED.c.opens < until, ~fits)
    for known in stories.of(turn, views.rows(turn.tx, SEALED, *due, limit=MOST)):
        if rules.state(known.story, turn.now) == "not-opened":
            yield _matter(known, _whose(turn, known, own), known.story.told.due, known.row.party)


def _whose(turn: Turn, known: Known, own: str) -> str:
    if known.row.party == own:
        return "liaison.sealed-stuck"
    mine = any(each.key.party == own for each in known.story.shown)
    held = rules.may_open(known.story, own, turn.now, None) and stories.entrusted(turn, known) is not None
    return "liaison.sealed-trust" if held and not mine else "liaison.sealed-silent"


def _known(turn: Turn, keys: list[tuple[str, str]]) -> Iterator[Known]:
    ids = sorted({id_ for _, id_ in keys})
    rows = views.rows(turn.tx, SEALED, SEALED.c.id.in_(ids)) if ids else []
    yield from stories.of(turn, [row for row in rows if (row.party, row.id) in set(keys)])


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
        title=f"{known.story.told.opens:%Y-%m-%d %H:%M} UTC",
        path=sealing.PAGE.format(party=row.party, id=row.id),
        exercise=row.exercise,
    )
