"""Rows of tracks: one for what opens each, and one for each step.

Law: a row says nothing that its record does not; what follows from several, `rules` works out.
"""

from typing import Any, Final

import msgspec
from sqlalchemy import Column, Index, Row, String

from amanat.party import canonical
from amanat.record.kind import Tx
from amanat.record.record import Record
from amanat.workspaces.liaison.matter_rows import linked, linked_columns, root_columns, since, since_column
from amanat.workspaces.liaison.tracks.kinds import (
    Agreed,
    Body,
    Closed,
    GivenBack,
    HandedOver,
    Proposed,
    Received,
    VisitAsked,
    VisitGranted,
)
from amanat.workspaces.liaison.views import add, table

TRACK: Final = table(
    "track",
    Column("type", String, nullable=False),
    since_column(),
    *linked_columns("track"),
    Column("body", String, nullable=False),
    Index("liaison_track_at", "at"),
    Index("liaison_track_side", "party", "at"),
)
STEP: Final = table(
    "track_step",
    Column("type", String, nullable=False),
    Column("body", String, nullable=False),
    *root_columns("track_step"),
)


def apply(tx: Tx, record: Record) -> None:
    """Add the row of an opening, or of a step."""
    body, data = record.body, canonical.encode(record.body).decode()
    root = getattr(body, "track", None)
    if root is None:
        of = {**since(record.fields.at), **linked(getattr(body, "linked", None))}
        add(tx, TRACK, record, type=type_of(body), **of, body=data)
    else:
        type_ = str(getattr(body, "did", type_of(body)))
        pair = _pair(record)
        add(tx, STEP, record, root_party=root.party, root_id=root.id, pair=pair, type=type_, body=data)


_OVER: Final = (HandedOver, GivenBack, Received)
"""That they, or it, went over, by the word of each side."""


def _pair(record: Record) -> str:
    """Return under which name a step belongs with one of the other side: what it is agreed to, or what both say."""
    body = record.body
    if isinstance(body, Proposed | VisitAsked):
        return ":".join(record.key)
    if isinstance(body, Agreed | VisitGranted):
        return f"{body.of.party}:{body.of.id}"
    return "over" if isinstance(body, _OVER) else "closed" if isinstance(body, Closed) else ""


def type_of(body: Any) -> str:  # noqa: ANN401 - a body of the kind
    """Return the code of an opening's type, or of a step's."""
    return str(body.__struct_config__.tag)


def read(row: Row[Any]) -> Body:
    """Return a body as its row keeps it."""
    return msgspec.json.decode(row.body, type=Body)  # type: ignore[no-any-return]
