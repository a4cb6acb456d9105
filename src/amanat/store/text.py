"""Full text of records: what their bodies say in words, found by the beginnings of words; the one place with such SQL.

Law: only what is held is found. The words go with their record, and out of the index with `tidy`. Of words that very
many records have, the newest `MOST_FOUND` are found, so that a search is as quick whatever is typed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import DDL, ColumnElement, Connection, delete, event, func, select
from sqlalchemy import text as sql

from amanat.record.record import Record
from amanat.store.dialect import insert_all
from amanat.store.tables import METADATA, RECORD, TEXT

MOST_WORDS: Final = 16
"""How many words of a search are looked for; those after them are left out."""

MOST_FOUND: Final = 2_000
"""How many records a search finds at most, those that came last; among them it is narrowed down further."""

_NEAR: Final = 200
"""So many records next to a day tell how far what came by then is numbered: few come long after they were written."""

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
_PLACE: Final = (RECORD.c.at, RECORD.c.party, RECORD.c.id)
_INDEX_FROM: Final = "INSERT INTO text_index (rowid, words) SELECT number, words FROM text WHERE number > ?"
_NEWEST: Final = select(func.coalesce(func.max(TEXT.c.number), 0))
for dialect, statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for statement in statements:
        event.listen(METADATA, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]


# What has all of some words, of a range of numbers; the newest of these, or any; of persons too, or not.
_MATCHING: Final = {
    "sqlite": "SELECT rowid FROM text_index WHERE text_index MATCH :words AND rowid BETWEEN :first AND :last",
    "postgresql": """SELECT number FROM text WHERE number BETWEEN :first AND :last
        AND to_tsvector('simple', left(words, 200000)) @@ to_tsquery('simple', :words)""",
}
_NEWEST_FIRST: Final = {"sqlite": " ORDER BY rowid DESC", "postgresql": " ORDER BY number DESC"}
_NO_PERSON: Final = """ AND NOT EXISTS (SELECT 1 FROM text AS said JOIN record
    ON record.party = said.party AND record.id = said.id WHERE said.number = {number} AND record.person)"""
_NUMBER: Final = {"sqlite": "text_index.rowid", "postgresql": "text.number"}
_ALL: Final = (0, 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Found:
    """The numbers in `TEXT` of what a search found, and whether more has the words than it may find."""

    numbers: list[int]
    cut: bool = False


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


def find(
    tx: Connection, typed: str, since: datetime | None = None, until: datetime | None = None, *, persons: bool = True
) -> Found:
    """Return which records have a word beginning with each word typed, whatever their case.

    Where more than `MOST_FOUND` have, it is these: of those that came between two days the last, and where as many have
    the words whole, of those. Without `persons`, what names one is not counted either.
    """
    split = [each for each in typed.replace("\0", " ").split() if any(letter.isalnum() for letter in each)][:MOST_WORDS]
    if not split:
        return Found([])
    if len(_matching(tx, split, whole=True, persons=persons)) <= MOST_FOUND:  # beginnings are dearer to look for
        few = _matching(tx, split, whole=False, persons=persons)
        if len(few) <= MOST_FOUND:
            return Found(few)
    between = (_ALL[0] if since is None else _came_from(tx, since), _ALL[1] if until is None else _came_by(tx, until))
    exact = _matching(tx, split, whole=True, persons=persons, between=between)
    if len(exact) > MOST_FOUND:
        return Found(exact[:MOST_FOUND], cut=True)
    begun = _matching(tx, split, whole=False, persons=persons, between=between)
    return Found(exact if len(exact) == MOST_FOUND else begun[:MOST_FOUND], cut=len(begun) > MOST_FOUND)


def _matching(
    tx: Connection, split: Sequence[str], *, whole: bool, persons: bool, between: tuple[int, int] | None = None
) -> list[int]:
    """Return one number more than are found, the newest of a range; or any where none is named: quicker to know."""
    name = tx.dialect.name
    newest_first = "" if between is None else _NEWEST_FIRST[name]
    of_persons = "" if persons else _NO_PERSON.format(number=_NUMBER[name])
    query = f"{_MATCHING[name]}{of_persons}{newest_first} LIMIT :most"
    written = _sqlite_query(split, "" if whole else "*") if name == "sqlite" else _tsquery(split, "" if whole else ":*")
    first, last = between or _ALL
    given = {"words": written, "first": first, "last": last, "most": MOST_FOUND + 1}
    return list(tx.execute(sql(query), given).scalars())


def _came_by(tx: Connection, until: datetime) -> int:
    """Return the highest number among the last records held that were written before a time."""
    newest_first = [each.desc() for each in _PLACE]
    return _numbered(tx, func.max, RECORD.c.at < until.isoformat(), newest_first)


def _came_from(tx: Connection, since: datetime) -> int:
    """Return the lowest number among the first records held that were written from a time on."""
    return _numbered(tx, func.min, RECORD.c.at >= since.isoformat(), _PLACE)


def _numbered(
    tx: Connection, of: Callable[[ColumnElement[int]], Any], when: ColumnElement[bool], order: Sequence[Any]
) -> int:
    here = (TEXT.c.party == RECORD.c.party) & (TEXT.c.id == RECORD.c.id)
    held = select(TEXT.c.number).select_from(RECORD.join(TEXT, here)).where(when, RECORD.c.state != "destroyed")
    near = held.order_by(*order).limit(_NEAR).subquery()
    return int(tx.execute(select(func.coalesce(of(near.c.number), 0))).scalar_one())


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
