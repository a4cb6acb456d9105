"""Warnings of others that nobody here has read yet, and what *Now* says of them.

Law: follows from the records alone; opening one, or the deed on its page, ends it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, exists, select

from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.store.tables import RECORD
from amanat.workspaces.liaison.rules import AHEAD
from amanat.workspaces.liaison.views import spell
from amanat.workspaces.liaison.warnings import titles
from amanat.workspaces.liaison.warnings.kinds import Warning_
from amanat.workspaces.liaison.warnings.rules import Matter
from amanat.workspaces.liaison.warnings.told import WARNING

MOST: Final = 50
"""Warnings that wait at once, those whose time to be read is over first: the list has them all."""


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield the warnings of others of which something is to be read."""
    if not may(actor, "record.acknowledge"):
        return
    for row in _rows(turn):
        named = f"party={row.root_party}&id={row.root_id}"
        yield Waiting(
            what="workspace",
            matter=f"liaison.warning-{row.type}",
            since=datetime.fromisoformat(row.at),
            due=datetime.fromisoformat(row.read_by),
            party=row.party,
            id=row.id,
            kind="liaison.warning/1",
            peer=row.party,
            title=titles.of(msgspec.json.decode(row.body, type=Warning_)),
            path=f"/liaison/warning?{named}" if row.here else f"/record/{row.party}/{row.id}",
            exercise=row.exercise,
        )


def waits(turn: Turn, actor: Actor) -> int:
    """Return how many there are."""
    return sum(1 for _ in now(turn, actor))


def unread_of(turn: Turn, matter: Matter) -> list[Row[Any]]:
    """Return the records of a matter that wait to be read here: those that count for nothing too."""
    w, key = WARNING.c, matter.root.key
    return _rows(turn, w.root_party == key.party, w.root_id == key.id)


def _rows(turn: Turn, *narrowed: ColumnElement[bool]) -> list[Row[Any]]:
    """Return the rows of warnings that wait to be read, the one whose time is over first first."""
    its = (RECORD.c.party == WARNING.c.party) & (RECORD.c.id == WARNING.c.id)
    root = WARNING.alias()
    here = exists().where(
        root.c.party == WARNING.c.root_party, root.c.id == WARNING.c.root_id, root.c.type == "warning"
    )
    found = select(WARNING, RECORD.c.read_by, RECORD.c.log_index, here.label("here")).join(RECORD, its)
    dated = WARNING.c.at <= spell(turn.now + AHEAD)  # nobody signs as read what counts for nothing yet
    found = found.where(RECORD.c.read_by.is_not(None), dated, *narrowed).order_by(RECORD.c.read_by, RECORD.c.id)
    return list(turn.tx.execute(found.limit(MOST)))
