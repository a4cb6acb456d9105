"""When records were withdrawn by their own party: by the first withdrawal of each, and that record's own time.

Law: a withdrawal is a word with a date, as all else is: what is dated too far ahead of now counts for nothing yet.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select

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
