"""Meetings and their steps as tables derived from records, a row a record, and what of other records each is about.

Law: a row says nothing that its record does not, and goes with it. What follows from several, `rules` works out.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import Column, Index, Integer, Row, String, func, select

from amanat.party import canonical
from amanat.record.kind import Tx
from amanat.record.record import Record
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings.kinds import Countered, Meeting, Minutes, Proposed
from amanat.workspaces.liaison.views import add, spell, table

MEETING: Final = table(
    "meeting",
    Column("level", String, nullable=False),
    Column("last", String, nullable=False),
    Column("body", String, nullable=False),
    Index("liaison_meeting_at", "at"),
    Index("liaison_meeting_level", "level", "at"),
    Index("liaison_meeting_last", "last"),
)
STEP: Final = table(
    "meeting_step",
    Column("meeting_party", String, nullable=False),
    Column("meeting_id", String, nullable=False),
    Column("type", String, nullable=False),
    Column("files", Integer, nullable=False),
    Column("body", String, nullable=False),
    Index("liaison_meeting_step_of", "meeting_party", "meeting_id", "party", "at", "id"),
    Index("liaison_meeting_step_type", "type", "at"),
)
LINK: Final = table(
    "meeting_link",
    Column("n", Integer, primary_key=True),
    Column("meeting_party", String, nullable=False),
    Column("meeting_id", String, nullable=False),
    Column("of_party", String, nullable=False),
    Column("of_id", String, nullable=False),
    Index("liaison_meeting_link_of", "of_party", "of_id"),
)

MOST_STEPS: Final = 120
"""Steps of one party in one meeting that are read, the first of them in its own order."""


def apply(tx: Tx, record: Record) -> None:
    """Add the rows of a record of a meeting."""
    body: Meeting = record.body
    data = canonical.encode(body).decode()
    if isinstance(body, Proposed):
        last = max(each.begins for each in body.alternatives)
        add(tx, MEETING, record, level=body.level, last=spell(last), body=data)
    else:
        of = {"meeting_party": body.meeting.party, "meeting_id": body.meeting.id}
        type_, files = str(type(body).__struct_config__.tag), len(record.fields.attachments)
        add(tx, STEP, record, **of, type=type_, files=files, body=data)
    meeting = Named(*record.key) if isinstance(body, Proposed) else body.meeting
    for n, each in enumerate(dict.fromkeys(_linked(body))):
        of = {"meeting_party": meeting.party, "meeting_id": meeting.id}
        add(tx, LINK, record, n=n, **of, of_party=each.party, of_id=each.id)


def _linked(body: Meeting) -> Iterator[Named]:
    """Yield the records that one is about."""
    if isinstance(body, Proposed):
        yield from body.linked
    if isinstance(body, Proposed | Countered):
        yield from (each.of for each in body.agenda if each.of is not None)
    elif isinstance(body, Minutes):
        yield from (each.of for each in body.items if each.of is not None)
        yield from (each.of for each in body.decisions if each.of is not None)


def read(data: str) -> Any:  # noqa: ANN401 - one of the bodies of a meeting
    """Return a body as its row keeps it."""
    return msgspec.json.decode(data, type=Meeting)


def steps(tx: Tx, meetings: Collection[tuple[str, str]]) -> list[Row[Any]]:
    """Return the steps of some meetings: of each party in each of them the first, and one more than are read."""
    if not meetings:
        return []
    step, wanted = STEP.c, set(meetings)
    number = func.row_number().over(
        partition_by=(step.meeting_party, step.meeting_id, step.party), order_by=(step.at, step.id)
    )
    its = select(STEP, number.label("number")).where(
        step.meeting_party.in_(sorted({party for party, _ in wanted})),
        step.meeting_id.in_(sorted({id_ for _, id_ in wanted})),
    )
    ranked = its.subquery()
    rows = tx.execute(select(ranked).where(ranked.c.number <= MOST_STEPS + 1).order_by(ranked.c.at, ranked.c.id))
    return [row for row in rows if (row.meeting_party, row.meeting_id) in wanted]


def linked_to(tx: Tx, party: str, id_: str, most: int) -> list[tuple[str, str]]:
    """Return the meetings that name a record, by (party, id), the newest first and no more than so many."""
    link = LINK.c
    its = select(link.meeting_party, link.meeting_id, func.max(link.at).label("at"))
    found = its.where(link.of_party == party, link.of_id == id_).group_by(link.meeting_party, link.meeting_id)
    rows = tx.execute(found.order_by(func.max(link.at).desc(), link.meeting_id.desc()).limit(most))
    return [(row.meeting_party, row.meeting_id) for row in rows]
