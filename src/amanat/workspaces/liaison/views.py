"""What was said on the hotlines: tables derived from records, and the rows that rules and pages ask for.

Law: a row says nothing that its record does not, and goes with it. Nothing depends on the order in which records
arrive: what follows from several of them, `calls.py` works out of all that are here.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Index,
    Insert,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
)

from amanat.party import canonical
from amanat.party.folding import folded
from amanat.record.kind import Tx
from amanat.record.record import Record
from amanat.store.dialect import among
from amanat.workspaces.liaison import phrasebook
from amanat.workspaces.liaison.kinds import (
    MOST_SAID,
    MOST_TEXTS,
    Confirmed,
    Day,
    Desk,
    Escalated,
    Message,
    Outage,
    Phrase,
    Text,
    Voice,
)

VIEWS_VERSION: Final = 10
TABLES: Final = MetaData()
Span = tuple[datetime, datetime]
"""From one time on, and before the other."""


def table(name: str, *columns: Column[Any] | Index) -> Table:
    """Return a table of records of one sort: their originator, id, time, and to whom they went."""
    return Table(
        f"liaison_{name}",
        TABLES,
        Column("party", String, primary_key=True),
        Column("id", String, primary_key=True),
        Column("at", String, nullable=False),
        Column("post", String, nullable=False),
        Column("recipient", String, nullable=False),
        Column("compact", String, nullable=False),
        Column("exercise", Boolean, nullable=False),
        Column("expires", String),
        *columns,
    )


CALL: Final = table(
    "call",
    Column("hotline", String, nullable=False),
    Column("urgency", String, nullable=False),
    Column("test", Boolean, nullable=False),
    Index("liaison_call_at", "at"),
    Index("liaison_call_hotline", "hotline", "at"),
    Index("liaison_call_side", "hotline", "party", "at"),
)
SAID: Final = table(
    "said",
    Column("matter_party", String, nullable=False),
    Column("matter_id", String, nullable=False),
    Column("n", Integer, nullable=False),
    Column("type", String, nullable=False),
    Column("answers_party", String),
    Column("answers_id", String),
    Column("phrase", String),
    Column("body", String, nullable=False),
    Column("words", String, nullable=False),
    Index("liaison_said_matter", "matter_party", "matter_id", "party", "n", "at"),
    Index("liaison_said_at", "at"),
)
ESCALATED: Final = table(
    "escalated",
    Column("matter_party", String, nullable=False),
    Column("matter_id", String, nullable=False),
    Column("rank", Integer, nullable=False),
    Index("liaison_escalated_call", "matter_party", "matter_id", "party", "rank", "at"),
)
DESK: Final = table(
    "desk",
    Column("hotline", String, nullable=False),
    Column("attended", Boolean, nullable=False),
    Index("liaison_desk_hotline", "hotline", "party", "at"),
)
OUTAGE: Final = table(
    "outage",
    Column("cause", String, nullable=False),
    Column("since", String, nullable=False),
    Column("until", String, nullable=False),
    Index("liaison_outage_until", "until"),
)
VOICE: Final = table(
    "voice",
    Column("hotline", String, nullable=False),
    Column("began", String, nullable=False),
    Column("body", String, nullable=False),
    Column("words", String, nullable=False),
    Index("liaison_voice_hotline", "hotline", "began"),
    Index("liaison_voice_side", "hotline", "party", "at"),
)
CONFIRMED: Final = table(
    "confirmed",
    Column("of_party", String, nullable=False),
    Column("of_id", String, nullable=False),
    Column("agrees", Boolean, nullable=False),
    Column("body", String, nullable=False),
    Index("liaison_confirmed_of", "of_party", "of_id"),
)
DAY: Final = table(
    "day",
    Column("hotline", String, nullable=False),
    Column("day", String, nullable=False),
    Column("records", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Index("liaison_day_hotline", "hotline", "day", "party", "at"),
)

MOST_CLIMBED: Final = 64
"""Words of one party that one call climbed: there are 15 ranks, and nothing but malice says more."""

_LOADED: Final[Mapping[Table, tuple[tuple[ColumnElement[bool], tuple[Column[Any], ...], int], ...]]] = {
    SAID: (
        (SAID.c.n > 0, (SAID.c.n, SAID.c.at, SAID.c.id), MOST_SAID),
        (SAID.c.n == 0, (SAID.c.at, SAID.c.id), MOST_TEXTS),
    ),
    ESCALATED: ((ESCALATED.c.rank >= 0, (ESCALATED.c.rank, ESCALATED.c.at, ESCALATED.c.id), MOST_CLIMBED),),
}
"""What of one party in one call is read: which rows, in which order, and how many of them."""


def spell(time: datetime) -> str:
    """Return the one spelling of a time in these tables, which sorts as text."""
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def forget(tx: Tx, party: str, id_: str) -> None:
    """Delete all that is derived from a record, in the transaction that destroys it."""
    for each in TABLES.sorted_tables:
        tx.execute(delete(each).where(each.c.party == party, each.c.id == id_))


def apply_call(tx: Tx, record: Record) -> None:
    """Add a call's row."""
    body = record.body
    add(tx, CALL, record, hotline=body.hotline, urgency=body.urgency, test=body.test)


def apply_sign(tx: Tx, record: Record) -> None:
    """Add the row of what a node told by itself."""
    body: Desk | Escalated | Outage = record.body
    if isinstance(body, Desk):
        add(tx, DESK, record, hotline=body.hotline, attended=body.attended)
    elif isinstance(body, Escalated):
        add(tx, ESCALATED, record, matter_party=body.call.party, matter_id=body.call.id, rank=body.rank)
    elif body.until <= record.fields.at:  # an outage that is to come is none
        add(tx, OUTAGE, record, cause=body.cause, since=spell(body.since), until=spell(body.until))


def apply_message(tx: Tx, record: Record) -> None:
    """Add the row of what was said in phrases, read back, or logged of a conversation by voice."""
    body: Message = record.body
    if isinstance(body, Voice):
        data, said = canonical.encode(body).decode(), (*body.heard, *body.told)
        words = "\n".join(word for each in said for word in _phrase_words(each.phrase, each.slots))
        add(tx, VOICE, record, hotline=body.hotline, began=spell(body.began), body=data, words=words)
    elif isinstance(body, Confirmed):
        data = canonical.encode(body).decode()
        add(tx, CONFIRMED, record, of_party=body.of.party, of_id=body.of.id, agrees=body.agrees, body=data)
    elif isinstance(body, Phrase):
        words = "\n".join(_phrase_words(body.said.phrase, body.said.slots))
        _add_said(tx, record, "phrase", body.answers, words=words, phrase=body.said.phrase)
    else:
        _add_said(tx, record, "read-back", body.of)


def apply_text(tx: Tx, record: Record) -> None:
    """Add the row of free words. They are not searched here: who may look at a person's data searches records."""
    body: Text = record.body
    _add_said(tx, record, "translation" if body.translates else "text", body.translates)


def apply_day(tx: Tx, record: Record) -> None:
    """Add the row of a signature under a day."""
    body: Day = record.body
    add(tx, DAY, record, hotline=body.hotline, day=body.day, records=body.records, digest=body.digest)


def add(tx: Tx, table: Table, record: Record, **more: Any) -> None:  # noqa: ANN401 - column values
    """Add the row of a record to a table that `table` made, with the values of its own columns."""
    fields, (party, id_) = record.fields, record.key
    expires = fields.handling.expires
    row = {
        "party": party,
        "id": id_,
        "at": spell(fields.at),
        "post": fields.author.name,
        "recipient": " ".join(fields.audience),
        "compact": fields.compact,
        "exercise": fields.exercise,
        "expires": spell(expires) if expires else None,
    }
    tx.execute(_into(table), row | more)


@cache
def _into(table: Table) -> Insert:
    """Return the statement that adds a row: building one costs more than running it."""
    return insert(table)


def _add_said(tx: Tx, record: Record, type_: str, answers: Any, **more: Any) -> None:  # noqa: ANN401
    """Add the row of what was said in a call, or of free words about whatever matter, which have no body there."""
    body = record.body
    free = isinstance(body, Text)
    matter = body.about if free else body.call
    row = {
        "matter_party": matter.party,
        "matter_id": matter.id,
        "n": 0 if free else body.n,
        "type": type_,
        "answers_party": answers.party if answers else None,
        "answers_id": answers.id if answers else None,
        "body": "" if free else canonical.encode(body).decode(),
        "words": "",
    }
    add(tx, SAID, record, **row | more)


def _phrase_words(phrase: str, slots: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a search finds a phrase by: its texts, folded, and names of places in it."""
    yield from _texts(phrase)
    yield from (folded(value.name.partition(".")[2]) for value in slots.values() if getattr(value, "name", None))


@lru_cache(maxsize=512)
def _texts(phrase: str) -> tuple[str, ...]:
    entry = phrasebook.entry(phrase)
    return tuple(folded(phrasebook.plain(entry, language)) for language in entry.texts) if entry else ()


def read_message(data: str) -> Message:
    """Return a message as its row keeps it."""
    return msgspec.json.decode(data, type=Message)  # type: ignore[no-any-return]


def rows(tx: Tx, table: Table, *narrowed: Any, limit: int | None = None) -> list[Row[Any]]:  # noqa: ANN401
    """Return the rows of a table that fit, oldest first."""
    query = select(table).where(*narrowed).order_by(table.c.at, table.c.party, table.c.id)
    return list(tx.execute(query if limit is None else query.limit(limit)))


def of_calls(tx: Tx, table: Table, calls: Collection[tuple[str, str]]) -> list[Row[Any]]:
    """Return the rows of a table that the two ends of these calls made in them, oldest first.

    Of an end that made more than one would, the first of them in its own order: the work is bounded, the records stay.
    """
    if not calls:
        return []
    wanted = set(calls)
    crowded = [row for row in tx.execute(_CROWDED[table], _listed(wanted)) if row[:2] in wanted]
    rest = wanted - {row[:2] for row in crowded}
    found = list[Row[Any]]()
    for party in sorted({party for party, _ in rest}):  # apart: another's call of the same id may be a crowded one
        its = {call for call in rest if call[0] == party}
        found += tx.execute(_OF_ENDS[table], _listed(its))
    for call in crowded:
        found += _first_rows(tx, table, call)
    return sorted(found, key=lambda row: (row.at, row.party, row.id))


def _named(party: ColumnElement[Any], id_: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
    """Return what narrows rows down to the calls that `_listed` lists, and hardly any other: two lists, by an index.

    Of a list of pairs SQLite would read the whole table.
    """
    return among(party, "parties"), among(id_, "ids")


def _listed(calls: Collection[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the two lists of `_named`, however many calls there are."""
    return {"parties": sorted({party for party, _ in calls}), "ids": sorted({id_ for _, id_ in calls})}


def counted(tx: Tx, party: str, id_: str) -> dict[str, int]:
    """Return how much each party said in a call, all of it."""
    its = select(SAID.c.party, func.count().label("said")).where(SAID.c.matter_party == party, SAID.c.matter_id == id_)
    return {row.party: row.said for row in tx.execute(its.group_by(SAID.c.party))}


def _beyond(table: Table) -> ColumnElement[bool]:
    """Return whether an end of a call has more rows in it than is read: asked of the index, no farther than that."""
    its = select(table.c.id).where(table.c.matter_party == CALL.c.party, table.c.matter_id == CALL.c.id)
    return or_(
        *(
            its.where(table.c.party == end, which).limit(1).offset(most).correlate(CALL).exists()
            for which, _, most in _LOADED[table]
            for end in (CALL.c.party, CALL.c.recipient)
        )
    )


def _of_ends(table: Table) -> Select[Any]:
    """Return what selects the rows of a table that the ends of their call made."""
    its = and_(CALL.c.party == table.c.matter_party, CALL.c.id == table.c.matter_id)
    ends = table.c.party.in_((CALL.c.party, CALL.c.recipient))
    return select(table).join(CALL, its).where(ends, *_named(table.c.matter_party, table.c.matter_id))


# Asked for every call that rings or is shown: building a statement costs more than running it.
_CROWDED: Final = {table: select(CALL).where(_beyond(table), *_named(CALL.c.party, CALL.c.id)) for table in _LOADED}
_CALLS: Final = select(CALL).where(*_named(CALL.c.party, CALL.c.id))
_OF_ENDS: Final = {table: _of_ends(table) for table in _LOADED}


def _first_rows(tx: Tx, table: Table, call: Row[Any]) -> Iterator[Row[Any]]:
    """Yield what is read of a call in which an end made more than that."""
    its = select(table).where(table.c.matter_party == call.party, table.c.matter_id == call.id)
    for end in (call.party, call.recipient):
        for which, order, most in _LOADED[table]:
            yield from tx.execute(its.where(table.c.party == end, which).order_by(*order).limit(most))


def calls_named(tx: Tx, calls: Collection[tuple[str, str]]) -> list[Row[Any]]:
    """Return those of these calls that are here, oldest first."""
    found = tx.execute(_CALLS, _listed(calls)) if calls else ()
    wanted = set(calls)
    return sorted((row for row in found if row[:2] in wanted), key=lambda row: (row.at, row.party, row.id))


def newest_call_rows(tx: Tx, since: datetime, until: datetime, hotlines: Collection[str]) -> list[Row[Any]]:
    """Return the calls on some hotlines of a stretch of time, oldest first."""
    return rows(tx, CALL, CALL.c.at >= spell(since), CALL.c.at < spell(until), CALL.c.hotline.in_(sorted(hotlines)))


def last_calls(tx: Tx, hotline: str, party: str, span: Span, most: int, *narrowed: Any) -> list[Row[Any]]:  # noqa: ANN401
    """Return the last calls of a party on a hotline in a stretch of time, no more than so many, newest first."""
    asked = _rung(hotline, party, span) | {"most": most}
    return list(tx.execute(_LAST_CALLS.where(*narrowed) if narrowed else _LAST_CALLS, asked))


def count_calls(tx: Tx, hotline: str, party: str, span: Span) -> int:
    """Return how many calls of a party on a hotline there are in a stretch of time."""
    return int(tx.execute(select(func.count()).where(*_RUNG_IN), _rung(hotline, party, span)).scalar_one())


def _rung(hotline: str, party: str, span: Span) -> dict[str, Any]:
    """Return what `_RUNG_IN` asks by."""
    return {"hotline": hotline, "party": party, "since": spell(span[0]), "until": spell(span[1])}


_RUNG_IN: Final = (
    CALL.c.hotline == bindparam("hotline"),
    CALL.c.party == bindparam("party"),
    CALL.c.at >= bindparam("since"),
    CALL.c.at < bindparam("until"),
)
_LAST_CALLS: Final = (
    select(CALL).where(*_RUNG_IN).order_by(CALL.c.at.desc(), CALL.c.id.desc()).limit(bindparam("most", type_=Integer))
)


def with_words(words: str) -> Any:  # noqa: ANN401 - a clause
    """Return what narrows calls down to those in which a phrase has every one of some words."""
    asked = [SAID.c.words.contains(word, autoescape=True) for word in folded(words).split()]
    found = select(SAID.c.matter_party, SAID.c.matter_id).where(*asked)
    return tuple_(CALL.c.party, CALL.c.id).in_(found)
