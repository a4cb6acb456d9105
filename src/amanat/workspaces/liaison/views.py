"""What was said on the hotlines: tables derived from records, and the rows that rules and pages ask for.

Law: a row says nothing that its record does not, and goes with it. Nothing depends on the order in which records
arrive: what follows from several of them, `calls.py` works out of all that are here.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Row, String, Table, delete, insert, select, tuple_

from amanat.party import canonical
from amanat.party.folding import folded
from amanat.record.kind import Tx
from amanat.record.record import Record
from amanat.workspaces.liaison import phrasebook
from amanat.workspaces.liaison.kinds import (
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

VIEWS_VERSION: Final = 1
TABLES: Final = MetaData()


def _table(name: str, *columns: Column[Any] | Index) -> Table:
    """Return a table of records of one sort: their originator, id, time, and who else has them."""
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


CALL: Final = _table(
    "call",
    Column("hotline", String, nullable=False),
    Column("urgency", String, nullable=False),
    Column("test", Boolean, nullable=False),
    Index("liaison_call_at", "at"),
    Index("liaison_call_hotline", "hotline", "at"),
)
SAID: Final = _table(
    "said",
    Column("call_party", String, nullable=False),
    Column("call_id", String, nullable=False),
    Column("n", Integer, nullable=False),
    Column("type", String, nullable=False),
    Column("answers_party", String),
    Column("answers_id", String),
    Column("phrase", String),
    Column("body", String, nullable=False),
    Column("words", String, nullable=False),
    Index("liaison_said_call", "call_party", "call_id"),
    Index("liaison_said_at", "at"),
)
ESCALATED: Final = _table(
    "escalated",
    Column("call_party", String, nullable=False),
    Column("call_id", String, nullable=False),
    Column("rank", Integer, nullable=False),
    Index("liaison_escalated_call", "call_party", "call_id"),
)
DESK: Final = _table(
    "desk",
    Column("hotline", String, nullable=False),
    Column("attended", Boolean, nullable=False),
    Index("liaison_desk_hotline", "hotline", "party", "at"),
)
OUTAGE: Final = _table(
    "outage",
    Column("cause", String, nullable=False),
    Column("since", String, nullable=False),
    Column("until", String, nullable=False),
    Index("liaison_outage_until", "until"),
)
VOICE: Final = _table(
    "voice",
    Column("hotline", String, nullable=False),
    Column("began", String, nullable=False),
    Column("body", String, nullable=False),
    Column("words", String, nullable=False),
    Index("liaison_voice_hotline", "hotline", "began"),
)
CONFIRMED: Final = _table(
    "confirmed",
    Column("of_party", String, nullable=False),
    Column("of_id", String, nullable=False),
    Column("agrees", Boolean, nullable=False),
    Index("liaison_confirmed_of", "of_party", "of_id"),
)
DAY: Final = _table(
    "day",
    Column("hotline", String, nullable=False),
    Column("day", String, nullable=False),
    Column("records", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Index("liaison_day_hotline", "hotline", "day"),
)
_ALL: Final = (CALL, SAID, ESCALATED, DESK, OUTAGE, VOICE, CONFIRMED, DAY)
_INSERT: Final = {table: insert(table) for table in _ALL}


def spell(time: datetime) -> str:
    """Return the one spelling of a time in these tables, which sorts as text."""
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def forget(tx: Tx, party: str, id_: str) -> None:
    """Delete all that is derived from a record, in the transaction that destroys it."""
    for table in _ALL:
        tx.execute(delete(table).where(table.c.party == party, table.c.id == id_))


def apply_call(tx: Tx, record: Record) -> None:
    """Add a call's row."""
    body = record.body
    _add(tx, CALL, record, hotline=body.hotline, urgency=body.urgency, test=body.test)


def apply_sign(tx: Tx, record: Record) -> None:
    """Add the row of what a node told by itself."""
    body: Desk | Escalated | Outage = record.body
    if isinstance(body, Desk):
        _add(tx, DESK, record, hotline=body.hotline, attended=body.attended)
    elif isinstance(body, Escalated):
        _add(tx, ESCALATED, record, call_party=body.call.party, call_id=body.call.id, rank=body.rank)
    elif body.until <= record.fields.at:  # an outage that is to come is none
        _add(tx, OUTAGE, record, cause=body.cause, since=spell(body.since), until=spell(body.until))


def apply_message(tx: Tx, record: Record) -> None:
    """Add the row of what was said in phrases, read back, or logged of a conversation by voice."""
    body: Message = record.body
    if isinstance(body, Voice):
        data = canonical.encode(body).decode()
        words = "\n".join(word for id_ in (*body.heard, *body.told) for word in _phrase_words(id_, {}))
        _add(tx, VOICE, record, hotline=body.hotline, began=spell(body.began), body=data, words=words)
    elif isinstance(body, Confirmed):
        _add(tx, CONFIRMED, record, of_party=body.of.party, of_id=body.of.id, agrees=body.agrees)
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
    _add(tx, DAY, record, hotline=body.hotline, day=body.day, records=body.records, digest=body.digest)


def title_of_message(body: Message) -> str:
    """Return what a list calls a message by: its phrase in English."""
    if isinstance(body, Phrase):
        entry = phrasebook.entry(body.said.phrase)
        return phrasebook.plain(entry, "en") if entry else body.said.phrase
    return ""


def _add(tx: Tx, table: Table, record: Record, **more: Any) -> None:  # noqa: ANN401 - column values
    fields, (party, id_) = record.fields, record.key
    expires = fields.handling.expires
    row = {
        "party": party,
        "id": id_,
        "at": spell(fields.at),
        "post": fields.author.name,
        "recipient": fields.audience[0],
        "compact": fields.compact,
        "exercise": fields.exercise,
        "expires": spell(expires) if expires else None,
    }
    tx.execute(_INSERT[table], row | more)


def _add_said(tx: Tx, record: Record, type_: str, answers: Any, **more: Any) -> None:  # noqa: ANN401
    """Add the row of what was said in a call; of free words it has no body."""
    body = record.body
    free = isinstance(body, Text)
    row = {
        "call_party": body.call.party,
        "call_id": body.call.id,
        "n": 0 if free else body.n,
        "type": type_,
        "answers_party": answers.party if answers else None,
        "answers_id": answers.id if answers else None,
        "body": "" if free else canonical.encode(body).decode(),
        "words": "",
    }
    _add(tx, SAID, record, **row | more)


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
    """Return the rows of a table that belong to these calls, oldest first."""
    if not calls:
        return []
    return rows(tx, table, tuple_(table.c.call_party, table.c.call_id).in_(sorted(calls)))


def newest_call_rows(tx: Tx, since: datetime, until: datetime, hotlines: Collection[str]) -> list[Row[Any]]:
    """Return the calls on some hotlines of a stretch of time, oldest first."""
    return rows(tx, CALL, CALL.c.at >= spell(since), CALL.c.at < spell(until), CALL.c.hotline.in_(sorted(hotlines)))


def with_words(words: str) -> Any:  # noqa: ANN401 - a clause
    """Return what narrows calls down to those in which a phrase has every one of some words."""
    asked = [SAID.c.words.contains(word, autoescape=True) for word in folded(words).split()]
    found = select(SAID.c.call_party, SAID.c.call_id).where(*asked)
    return tuple_(CALL.c.party, CALL.c.id).in_(found)
