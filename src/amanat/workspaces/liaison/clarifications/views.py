"""Rows of clarification: one for each request, and one for each thing said of it.

Law: a row says nothing that its record does not; what follows from several, `rules` works out.
"""

from typing import Any, Final

import msgspec
from sqlalchemy import Column, Index, Row, String

from amanat.party import canonical
from amanat.record.kind import Tx
from amanat.record.record import Record
from amanat.workspaces.liaison.clarifications.kinds import Answered, Body, Judged, Seen
from amanat.workspaces.liaison.matter_rows import root_columns, since, since_column
from amanat.workspaces.liaison.views import add, table

CLARIFICATION: Final = table(
    "clarification",
    Column("sight", String, nullable=False),
    since_column(),
    Column("body", String, nullable=False),
    Index("liaison_clarification_at", "at"),
    Index("liaison_clarification_side", "party", "at"),
)
STEP: Final = table(
    "clarification_step",
    Column("type", String, nullable=False),
    Column("body", String, nullable=False),
    *root_columns("clarification_step"),
)


def apply(tx: Tx, record: Record) -> None:
    """Add the row of a request, or of what was said of one."""
    body, data = record.body, canonical.encode(record.body).decode()
    if isinstance(body, Seen):
        add(tx, CLARIFICATION, record, sight=body.sight, **since(record.fields.at), body=data)
    else:
        of = {"root_party": body.clarification.party, "root_id": body.clarification.id}
        add(tx, STEP, record, **of, pair=_pair(record), type=str(body.__struct_config__.tag), body=data)


def _pair(record: Record) -> str:
    """Return under which name an answer and its judgement belong together, so that no flood parts them."""
    body = record.body
    if isinstance(body, Judged):
        return f"{body.answer.party}:{body.answer.id}"
    return ":".join(record.key) if isinstance(body, Answered) else ""


def read(row: Row[Any]) -> Body:
    """Return a body as its row keeps it."""
    return msgspec.json.decode(row.body, type=Body)  # type: ignore[no-any-return]
