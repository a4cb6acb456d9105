"""Meetings and their steps as tables derived from records, a row a record, and what of other records each is about.

Law: a row says nothing that its record does not, and goes with it. What follows from several, `rules` works out.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Index,
    Integer,
    Row,
    String,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)

from amanat.party import canonical
from amanat.record.kind import Tx
from amanat.record.record import Record
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings.kinds import Agreed, Countered, Meeting, Minutes, Proposed, Signature
from amanat.workspaces.liaison.meetings.rules import MOST_OFFERS, MOST_VERSIONS
from amanat.workspaces.liaison.narrowing import counted, named
from amanat.workspaces.liaison.rules import SKEW
from amanat.workspaces.liaison.views import add, spell, table

MEETING: Final = table(
    "meeting",
    Column("level", String, nullable=False),
    Column("last", String, nullable=False),
    Column("since", String, nullable=False),
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
    Column("of_party", String, nullable=False),
    Column("of_id", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("body", String, nullable=False),
    Index("liaison_meeting_step_of", "meeting_party", "meeting_id", "party", "type", "at", "id"),
    Index("liaison_meeting_step_text", "of_party", "of_id", "type", "party", "at"),
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

MOST_FIRST: Final[Mapping[str, int]] = {"countered": MOST_OFFERS, "minutes": MOST_VERSIONS, "cancelled": 2, "scan": 20}
"""Steps of one party in one meeting that are read, of each of these types the first in their own order."""
MOST_LAST: Final[Mapping[str, int]] = {"declined": 8, "guest": 40, "done": 60, "judged": 60}
"""And of each of these the last."""
MOST_AGREED: Final = 40
"""And of its agreements the first so many, and the last."""


def apply(tx: Tx, record: Record) -> None:
    """Add the rows of a record of a meeting."""
    body: Meeting = record.body
    data = canonical.encode(body).decode()
    if isinstance(body, Proposed):
        last = max(each.begins for each in body.alternatives)
        since = spell(record.fields.at - SKEW)
        add(tx, MEETING, record, level=body.level, last=spell(last), since=since, body=data)
    else:
        of = {"meeting_party": body.meeting.party, "meeting_id": body.meeting.id}
        of |= _named(body)
        type_, files = str(type(body).__struct_config__.tag), len(record.fields.attachments)
        add(tx, STEP, record, **of, type=type_, files=files, body=data)
    meeting = Named(*record.key) if isinstance(body, Proposed) else body.meeting
    for n, each in enumerate(dict.fromkeys(_linked(body))):
        of = {"meeting_party": meeting.party, "meeting_id": meeting.id}
        add(tx, LINK, record, n=n, **of, of_party=each.party, of_id=each.id)


def digest(minutes: Minutes) -> str:
    """Return the SHA-256 of the minutes' text, in hex: of the one spelling that it has in its record."""
    return hashlib.sha256(canonical.encode(minutes)).hexdigest()


def _named(body: Meeting) -> dict[str, str]:
    """Return the record that an agreement or a signature names, and the digest signed; of minutes, their own digest."""
    of = body.of if isinstance(body, Signature | Agreed) else Named("", "")
    name = digest(body) if isinstance(body, Minutes) else body.digest if isinstance(body, Signature) else ""
    return {"of_party": of.party, "of_id": of.id, "digest": name}


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


def steps(tx: Tx, meetings: Collection[tuple[str, str]], now: datetime) -> list[Row[Any]]:
    """Return the steps of some meetings that count now: of each party in each of them so many of each type.

    And whatever more it does, the times that the other side agreed to and the texts of minutes that it signed, the last
    so many of each, with the signatures. What is one more than are read is `beyond`.
    """
    if not meetings:
        return []
    step, other, wanted = STEP.c, STEP.alias("other"), set(meetings)
    parts = (step.meeting_party, step.meeting_id, step.party, step.type)
    backwards = (step.at.desc(), step.id.desc())
    theirs = (other.c.party != step.party, *_names(other, STEP))
    answered = case((exists().where(*theirs, or_(_agrees(other, STEP), _signs(other, STEP))), 1), else_=0)
    places = (
        answered.label("answered"),
        func.row_number().over(partition_by=parts, order_by=(step.at, step.id)).label("first"),
        func.row_number().over(partition_by=parts, order_by=backwards).label("last"),
        func.row_number().over(partition_by=(*parts, answered), order_by=backwards).label("newest"),
    )
    its = counted(select(STEP, *places), STEP, MEETING, wanted, now).where(step.type != "signed").subquery().c
    place = case(
        (its.type.in_(MOST_FIRST), its.first),
        (its.type.in_(MOST_LAST), its.last),
        (its.first < its.last, its.first),
        else_=its.last,
    )
    beyond = place - case(dict(MOST_FIRST) | dict(MOST_LAST), value=its.type, else_=MOST_AGREED)
    kept = (its.answered == 1) & (its.newest <= MOST_VERSIONS)
    query = select(*its, case((kept, 0), (beyond > 0, 1), else_=0).label("beyond")).where(kept | (beyond <= 1))
    rows = [row for row in tx.execute(query) if (row.meeting_party, row.meeting_id) in wanted]
    texts = {(row.party, row.id) for row in rows if row.type == "minutes" and not row.beyond}
    found = [*rows, *(_signatures(tx, wanted, texts, now) if texts else ())]
    return sorted(found, key=lambda row: (row.at, row.id, row.party))


def _names(one: FromClause, of: FromClause) -> tuple[ColumnElement[bool], ...]:
    """Return when one step names another of its meeting."""
    same = (one.c.meeting_party == of.c.meeting_party, one.c.meeting_id == of.c.meeting_id)
    return (*same, one.c.of_party == of.c.party, one.c.of_id == of.c.id)


def _agrees(one: FromClause, offer: FromClause) -> ColumnElement[bool]:
    """Return when a step that names another agrees to times that are offered there."""
    return and_(one.c.type == "agreed", offer.c.type == "countered")


def _signs(under: FromClause, text: FromClause) -> ColumnElement[bool]:
    """Return when a step that names another is a signature under a text."""
    return and_(under.c.type == "signed", text.c.type == "minutes", under.c.digest == text.c.digest)


def _signatures(
    tx: Tx, meetings: set[tuple[str, str]], texts: set[tuple[str, str]], now: datetime
) -> Iterator[Row[Any]]:
    """Yield the first signature of each side under each of these texts."""
    step, text = STEP.c, STEP.alias("text")
    parts = (step.meeting_party, step.meeting_id, step.of_party, step.of_id, step.party)
    number = func.row_number().over(partition_by=parts, order_by=(step.at, step.id)).label("first")
    signed = select(STEP, number, literal(0).label("beyond")).join(text, and_(*_names(STEP, text), _signs(STEP, text)))
    ranked = counted(signed, STEP, MEETING, meetings, now).where(*named(texts, step, "of_")).subquery()
    rows = tx.execute(select(ranked).where(ranked.c.first == 1))
    yield from (row for row in rows if (row.of_party, row.of_id) in texts)


def linked_to(tx: Tx, party: str, id_: str, most: int) -> list[tuple[str, str]]:
    """Return the meetings that name a record, by (party, id), the newest first: of each party no more than so many."""
    link, newest = LINK.c, func.max(LINK.c.at)
    number = func.row_number().over(partition_by=link.meeting_party, order_by=(newest.desc(), link.meeting_id.desc()))
    its = select(link.meeting_party, link.meeting_id, newest.label("at"), number.label("number"))
    named_ = its.where(link.of_party == party, link.of_id == id_).group_by(link.meeting_party, link.meeting_id)
    found = named_.subquery()
    last = select(found).where(found.c.number <= most).order_by(found.c.at.desc(), found.c.meeting_id.desc())
    rows = tx.execute(last)
    return [(row.meeting_party, row.meeting_id) for row in rows]
