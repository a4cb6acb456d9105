"""Full text of records: what their bodies say in words, found by the beginnings of words; the one place with such SQL.

Law: only what is held is found. The words go with their record, and out of the index with `tidy`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    DDL,
    BindParameter,
    ColumnElement,
    Connection,
    String,
    delete,
    event,
    false,
    func,
    literal,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from amanat.record.record import Record
from amanat.store.dialect import insert_all
from amanat.store.tables import METADATA, RECORD, TEXT

MOST_WORDS: Final = 16
"""How many words of a search are looked for; those after them are left out."""

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


class _Found(FunctionElement[Any]):
    """That a row of `TEXT` is found by a query, in the words of either index."""

    inherit_cache = True
    name = "found"


@compiles(_Found, "sqlite")
def _found_by_fts(element: _Found, compiler: SQLCompiler, **given: Any) -> str:  # noqa: ANN401
    query = compiler.process(next(iter(element.clauses)), **given)
    return f"text.number IN (SELECT rowid FROM text_index WHERE text_index MATCH {query})"  # noqa: S608 - a parameter


@compiles(_Found, "postgresql")
def _found_by_gin(element: _Found, compiler: SQLCompiler, **given: Any) -> str:  # noqa: ANN401
    query = compiler.process(list(element.clauses)[1], **given)
    return f"to_tsvector('simple', left(text.words, 200000)) @@ to_tsquery('simple', {query})"


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


def says(text: str) -> ColumnElement[bool]:
    """Say of a row of `RECORD` that it has a word beginning with each word of `text`, whatever their case."""
    typed = [each for each in text.split() if any(letter.isalnum() for letter in each)][:MOST_WORDS]
    if not typed:
        return false()
    here = (TEXT.c.party == RECORD.c.party, TEXT.c.id == RECORD.c.id)
    return select(TEXT.c.number).where(*here, _Found(_sqlite_query(typed), _postgresql_query(typed))).exists()


def _sqlite_query(words: Sequence[str]) -> BindParameter[str]:
    quoted = (word.replace('"', '""') for word in words)
    return literal(" ".join(f'"{each}"*' for each in quoted), String)


def _postgresql_query(words: Sequence[str]) -> BindParameter[str]:
    quoted = (word.replace("\\", " ").replace("'", "''") for word in words)
    return literal(" & ".join(f"'{each}':*" for each in quoted), String)


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
