"""Full text of records: what their bodies say in words, found by the beginnings of words; the one place with such SQL.

Law: only what is held is found. The words go with their record, and out of the index with `tidy`. Of words that very
many records have, the newest `MOST_FOUND` are found, so that a search is as quick whatever is typed.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import DDL, Connection, delete, event, func, select
from sqlalchemy import text as sql

from amanat.record.record import Record
from amanat.store.dialect import insert_all
from amanat.store.tables import METADATA, RECORD, TEXT

MOST_WORDS: Final = 16
"""How many words of a search are looked for; those after them are left out."""

MOST_FOUND: Final = 2_000
"""How many records a search finds at most, those that came last; among them it is narrowed down further."""

_NEAR: Final = 200
"""So many records before a day tell how far what came by then is numbered: few come long after they were written."""

# The index stores no text of its own, only where each word of `TEXT` stands. A batch is indexed by one statement: by a
# trigger, row by row, it costs four times as much. What goes, goes by a trigger, whoever deletes it.
_SQLITE: Final = (
    """CREATE VIRTUAL TABLE text_index
    USING fts5(words, content='text', content_rowid='number', tokenize='unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER text_went AFTER DELETE ON text
    BEGIN INSERT INTO text_index (text_index, rowid, words) VALUES ('delete', old.number, old.words); END""",
)
# A server's index holds the beginning of a long text: one that is longer than it can hold would be an error.
_POSTGRESQL: Final = ("CREATE INDEX text_index ON text USING gin (to_tsvector('simple', left(words, 200000)))",)
_INDEX_FROM: Final = "INSERT INTO text_index (rowid, words) SELECT number, words FROM text WHERE number > ?"
_NEWEST: Final = select(func.coalesce(func.max(TEXT.c.number), 0))
for dialect, statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for statement in statements:
        event.listen(METADATA, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]


# What has all of some words, of numbers up to one; the newest of these, or any.
_MATCHING: Final = {
    "sqlite": "SELECT rowid FROM text_index WHERE text_index MATCH :words AND rowid <= :before",
    "postgresql": """SELECT number FROM text
        WHERE to_tsvector('simple', left(words, 200000)) @@ to_tsquery('simple', :words) AND number <= :before""",
}
_NEWEST_FIRST: Final = {"sqlite": " ORDER BY rowid DESC", "postgresql": " ORDER BY number DESC"}
_LAST: Final = 2**63 - 1


def index(tx: Connection, said: Iterable[tuple[tuple[str, str], str]]) -> None:
    """Let records, each by its (party, id), be found by their words."""
    rows = [{"party": party, "id": id_, "words": words} for (party, id_), words in said]
    if tx.dialect.name != "sqlite":
        insert_all(tx, TEXT, rows)
    elif rows:
        before = tx.execute(_NEWEST).scalar_one()
        insert_all(tx, TEXT, rows)
        tx.exec_driver_sql(_INDEX_FROM, (before,))


def forget(tx: Connection, party: str, id_: str) -> None:
    """Let a record be found no more."""
    tx.execute(delete(TEXT).where(TEXT.c.party == party, TEXT.c.id == id_))


def tidy(tx: Connection) -> None:
    """Write the index anew, so that no word of what was forgotten is left in it: SQLite only marks it as gone."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("INSERT INTO text_index (text_index) VALUES ('optimize')")


def find(tx: Connection, typed: str, until: datetime | None) -> list[int]:
    """Return the numbers in `TEXT` of records that have a word beginning with each word typed, whatever their case.

    Where more than `MOST_FOUND` have, it is these: of those that came by `until` the last, and where as many have the
    words whole, of those.
    """
    split = [each for each in typed.split() if any(letter.isalnum() for letter in each)][:MOST_WORDS]
    if not split:
        return []
    few = _matching(tx, split, MOST_FOUND + 1, whole=False)
    if len(few) <= MOST_FOUND:
        return few
    before = _LAST if until is None else _came_by(tx, until)
    newest = _matching(tx, split, MOST_FOUND, whole=True, before=before)
    return newest if len(newest) == MOST_FOUND else _matching(tx, split, MOST_FOUND, whole=False, before=before)


def _matching(tx: Connection, split: Sequence[str], most: int, *, whole: bool, before: int | None = None) -> list[int]:
    """Return so many numbers up to one, the newest; or any where none is named, which is quicker to know."""
    name = tx.dialect.name
    query = _MATCHING[name] + ("" if before is None else _NEWEST_FIRST[name]) + " LIMIT :most"
    written = _sqlite_query(split, "" if whole else "*") if name == "sqlite" else _tsquery(split, "" if whole else ":*")
    given = {"words": written, "before": _LAST if before is None else before, "most": most}
    return list(tx.execute(sql(query), given).scalars())


def _came_by(tx: Connection, until: datetime) -> int:
    """Return the highest number among the last records that were written before a time."""
    last = select(RECORD.c.party, RECORD.c.id).where(RECORD.c.at < until.isoformat())
    near = last.order_by(RECORD.c.at.desc(), RECORD.c.party.desc(), RECORD.c.id.desc()).limit(_NEAR).subquery()
    here = (TEXT.c.party == near.c.party) & (TEXT.c.id == near.c.id)
    query = select(func.coalesce(func.max(TEXT.c.number), 0)).select_from(near.join(TEXT, here))
    return int(tx.execute(query).scalar_one())


def _sqlite_query(words: Sequence[str], end: str) -> str:
    quoted = (word.replace('"', '""') for word in words)
    return " ".join(f'"{each}"{end}' for each in quoted)


def _tsquery(words: Sequence[str], end: str) -> str:
    quoted = (word.replace("\\", " ").replace("'", "''") for word in words)
    return " & ".join(f"'{each}'{end}" for each in quoted)


def words(record: Record) -> str:
    """Return all that a record says in words: each text in its body, and the names of its attachments."""
    said = [*_texts(msgspec.json.decode(record.fields.body)), *(each.name for each in record.fields.attachments)]
    return "\n".join(said)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - anything that JSON can say
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
