"""Free words as the database has them: which there are about a matter, and which of others wait to be read here.

Law: of each party no more is read than it may write about one matter (`MOST_TEXTS`); the records stay.
"""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Row, and_, exists, func, select

from amanat.record.kind import Tx
from amanat.store.dialect import aside
from amanat.store.tables import RECORD
from amanat.workspaces.liaison.kinds import MOST_TEXTS, TEXT, Named
from amanat.workspaces.liaison.views import CALL, SAID

MOST_UNREAD: Final = 2_000
"""Free words that wait, those that will be late first: beyond them, what else waits is found among the records."""

AT_ONCE: Final = 500
"""Records that are named in one question."""

_ITS_RECORD: Final = and_(RECORD.c.party == SAID.c.party, RECORD.c.id == SAID.c.id)
"""Where the core says whether somebody read it."""

# Bounded by itself, so that it is asked first: else the database would read all that was ever said.
_UNREAD: Final = (
    select(RECORD.c.party, RECORD.c.id, RECORD.c.read_by)
    .where(RECORD.c.read_by.is_not(None), aside(RECORD.c.kind) == TEXT.label)
    .order_by(RECORD.c.read_by, RECORD.c.id)
    .limit(MOST_UNREAD)
    .subquery()
)


def about(tx: Tx, key: Named) -> tuple[list[Row[Any]], tuple[tuple[str, int], ...]]:
    """Return free words about a matter, and how many more each party wrote, of those that did.

    Of each party those that wait here before all others, and the first of them: what nobody is shown, nobody opens.
    """
    counts = select(SAID.c.party, func.count().label("written")).where(*_of(key)).group_by(SAID.c.party)
    written = {row.party: row.written for row in tx.execute(counts)}
    first = select(SAID).outerjoin(RECORD, _ITS_RECORD).order_by(RECORD.c.read_by.is_(None), SAID.c.at, SAID.c.id)
    of = [first.where(*_of(key), SAID.c.party == by).limit(MOST_TEXTS) for by in written]
    found = sorted((row for each in of for row in tx.execute(each)), key=lambda row: (row.party, row.at, row.id))
    return found, tuple((by, count - MOST_TEXTS) for by, count in sorted(written.items()) if count > MOST_TEXTS)


def written(tx: Tx, keys: Collection[Named]) -> set[Named]:
    """Return about which of these records there are free words."""
    ids, found = sorted({each.id for each in keys}), set[Named]()
    asked = select(SAID.c.matter_party, SAID.c.matter_id).where(SAID.c.n == 0).distinct()
    for begin in range(0, len(ids), AT_ONCE):
        its = SAID.c.matter_id.in_(ids[begin : begin + AT_ONCE])
        by = SAID.c.matter_party.in_(sorted({each.party for each in keys}))
        found |= {Named(*row) for row in tx.execute(asked.where(its, by))}
    return found.intersection(keys)


def count(tx: Tx, by: str, key: Named) -> int:
    """Return how many free words a party wrote about a matter."""
    asked = select(func.count()).where(*_of(key), SAID.c.party == by)
    return int(tx.execute(asked).scalar_one())


def unread(tx: Tx, key: Named) -> list[Row[Any]]:
    """Return free words about a matter that wait to be read here, by (party, id), each with its place in our log.

    The first of them, which are those that are shown: nobody's own wait.
    """
    asked = select(SAID.c.party, SAID.c.id, RECORD.c.log_index).join(RECORD, _ITS_RECORD)
    asked = asked.where(*_of(key), RECORD.c.read_by.is_not(None))
    return list(tx.execute(asked.order_by(SAID.c.at, SAID.c.party, SAID.c.id).limit(MOST_TEXTS)))


def waiting(tx: Tx, most: int) -> list[Row[Any]]:
    """Return the matters, calls aside, about which free words wait to be read here, what is late first.

    Each with whose words they are, since when the first waits, and by when that is to be read: of the first
    `MOST_UNREAD` words that wait, for every page asks.
    """
    call = exists().where(CALL.c.party == SAID.c.matter_party, CALL.c.id == SAID.c.matter_id)
    its = (SAID.c.party == _UNREAD.c.party) & (SAID.c.id == _UNREAD.c.id)
    matter = (SAID.c.matter_party, SAID.c.matter_id, SAID.c.party, SAID.c.exercise)
    first = func.min(_UNREAD.c.read_by)
    asked = select(*matter, func.min(SAID.c.at).label("since"), first.label("read_by")).join(_UNREAD, its)
    return list(tx.execute(asked.where(~call).group_by(*matter).order_by(first, *matter).limit(most)))


def _of(key: Named) -> tuple[Any, ...]:
    return SAID.c.matter_party == key.party, SAID.c.matter_id == key.id, SAID.c.n == 0
