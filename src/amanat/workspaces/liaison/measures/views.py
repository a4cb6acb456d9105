"""Rows of parallel measures: one for each that was proposed, and one for each thing said in it.

Law: a row says nothing that its record does not; what follows from several, `rules` works out.
"""

from typing import Any, Final

import msgspec
from sqlalchemy import Column, Index, Row, String

from amanat.party import canonical
from amanat.record.kind import Tx
from amanat.record.record import Record
from amanat.workspaces.liaison.matter_rows import linked, linked_columns, root_columns, since, since_column
from amanat.workspaces.liaison.measures.kinds import Agreed, Body, Proposed
from amanat.workspaces.liaison.views import add, spell, table

MEASURE: Final = table(
    "measure",
    Column("purpose", String, nullable=False),
    Column("until", String, nullable=False),
    since_column(),
    *linked_columns("measure"),
    Column("body", String, nullable=False),
    Index("liaison_measure_at", "at"),
    Index("liaison_measure_side", "party", "at"),
)
STEP: Final = table(
    "measure_step",
    Column("type", String, nullable=False),
    Column("body", String, nullable=False),
    *root_columns("measure_step"),
    Index("liaison_measure_step_side", "party", "at"),
)


def apply(tx: Tx, record: Record) -> None:
    """Add the row of a proposal, or of what was said in a measure."""
    body, data = record.body, canonical.encode(record.body).decode()
    if isinstance(body, Proposed):
        of = {**since(record.fields.at), **linked(body.linked)}
        add(tx, MEASURE, record, purpose=body.purpose, until=spell(body.window.until), **of, body=data)
    else:
        type_ = str(getattr(body, "did", body.__struct_config__.tag))
        of = {"root_party": body.measure.party, "root_id": body.measure.id}
        pair = body.digest if isinstance(body, Agreed) else ""
        add(tx, STEP, record, **of, pair=pair, type=type_, body=data)


def read(row: Row[Any]) -> Body:
    """Return a body as its row keeps it."""
    return msgspec.json.decode(row.body, type=Body)  # type: ignore[no-any-return]
