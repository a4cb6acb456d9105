"""When records were withdrawn by their own party: by the first withdrawal of each, and that record's own time.

Law: a withdrawal is a word with a date, as all else is: what is dated too far ahead of now counts for nothing yet.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, FromClause, exists, func, select

from amanat.record.kind import Tx
from amanat.store.dialect import among
from amanat.store.tables import RECORD, REFERENCE
from amanat.workspaces.liaison.rules import AHEAD

Key = tuple[str, str]


def times(tx: Tx, keys: Collection[Key], now: datetime) -> Mapping[Key, datetime]:
    """Return when each of these records was withdrawn, of those that were; only who sent one can (`record.record`)."""
    to, of = REFERENCE.c, (RECORD.c.party == REFERENCE.c.party) & (RECORD.c.id == REFERENCE.c.id)
    first = select(to.to_party, to.to_id, func.min(RECORD.c.at).label("at")).join(RECORD, of)
    its = first.where(to.relation == "withdraws", among(to.to_id, "ids")).group_by(to.to_party, to.to_id)
    wanted = set(keys)
    rows = tx.execute(its, {"ids": sorted({id_ for _, id_ in wanted})}) if wanted else ()
    found = {(row.to_party, row.to_id): datetime.fromisoformat(row.at) for row in rows}
    return {key: at for key, at in found.items() if key in wanted and at <= now + AHEAD}


_GONE, _WORD, _TAKES_BACK = RECORD.alias("gone"), RECORD.alias("word"), REFERENCE.alias("takes_back")


def withdrawn(its: FromClause, until: str | BindParameter[str]) -> ColumnElement[bool]:
    """Return whether its author withdrew what stands in a row, by a word of before a time, as `spell` has it.

    By that time, and not by when it came, so that both sides say the same of a time that is over.
    """
    return exists().where(
        (_GONE.c.party == its.c.party) & (_GONE.c.id == its.c.id) & (_GONE.c.state == "withdrawn"),
        (_TAKES_BACK.c.to_party == its.c.party) & (_TAKES_BACK.c.to_id == its.c.id),
        (_TAKES_BACK.c.relation == "withdraws") & (_TAKES_BACK.c.party == its.c.party),
        (_WORD.c.party == _TAKES_BACK.c.party) & (_WORD.c.id == _TAKES_BACK.c.id),
        _WORD.c.at < until,
    )
