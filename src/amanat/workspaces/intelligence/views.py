"""The list of intelligence reports: tables derived from records, and the queries pages and commands ask.

Law: a row says nothing that its record does not; what the record's destruction must take away goes with `forget`.
Nothing depends on the order in which records arrive, so that replaying them gives the same rows.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Boolean, Column, MetaData, Row, Select, String, Table, and_, delete, insert, select, tuple_

from amanat.party.folding import folded
from amanat.record.kind import Tx
from amanat.record.record import Record, refs_to
from amanat.workspaces.intelligence import rules, stix

VIEWS_VERSION: Final = 2
TABLES: Final = MetaData()
PAGE: Final = 50

_report: Final = Table(
    "intelligence_report",
    TABLES,
    Column("party", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("at", String, nullable=False, index=True),
    Column("expires", String),
    Column("exercise", Boolean, nullable=False),
    Column("tlp", String, nullable=False),
    Column("names_person", Boolean, nullable=False),
    Column("name", String),
    Column("published", String),
    Column("labels", String, nullable=False),
    Column("counts", String, nullable=False),
    Column("words", String, nullable=False),
)
_supersedes: Final = Table(
    "intelligence_supersedes",
    TABLES,
    Column("party", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("earlier", String, primary_key=True, index=True),
)

Cursor = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report in the list. `counts` are its STIX objects by type; times are UTC; `superseded_by` is a record's id."""

    party: str
    id: str
    at: datetime
    expires: datetime | None
    exercise: bool
    tlp: str
    names_person: bool
    name: str | None
    published: str | None
    labels: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    superseded_by: str | None

    @property
    def cursor(self) -> Cursor:
        """Where a page that ends with this row ends, for `reports(before=…)`."""
        return _spell(self.at), self.party, self.id

    def state(self, now: datetime) -> rules.State:
        """Return the state of the report at `now`."""
        return rules.state(superseded=self.superseded_by is not None, expires=self.expires, now=now)


def apply(tx: Tx, record: Record) -> None:
    """Add a report's row, in the transaction that also appends it to the log."""
    party, id_ = record.key
    objects = stix.objects(bytes(record.body.bundle))
    summary = rules.summarise(objects)
    handling = record.fields.handling
    row = {
        "party": party,
        "id": id_,
        "at": _spell(record.fields.at),
        "expires": _spell(handling.expires) if handling.expires else None,
        "exercise": record.fields.exercise,
        "tlp": handling.tlp,
        "names_person": record.facts.names_person,
        "name": summary.name,
        "published": summary.published,
        "labels": msgspec.json.encode(summary.labels).decode(),
        "counts": msgspec.json.encode(summary.counts).decode(),
        "words": rules.search_text(objects),
    }
    tx.execute(insert(_report).values(row))
    for ref in refs_to(record, "supersedes"):
        tx.execute(insert(_supersedes).values(party=party, id=id_, earlier=ref.id))


def title(body: Any) -> str:  # noqa: ANN401 - a report's body, given by its kind
    """Return what a report is called in a list: the name of what it is about, or nothing."""
    return rules.summarise(stix.objects(bytes(body.bundle))).name or ""


def forget(tx: Tx, party: str, id_: str) -> None:
    """Delete all that is derived from a report, in the transaction that destroys its record."""
    for table in (_report, _supersedes):
        tx.execute(delete(table).where(table.c.party == party, table.c.id == id_))


def reports(tx: Tx, words: str = "", *, before: Cursor | None = None, limit: int = PAGE) -> tuple[ReportRow, ...]:
    """Return the newest reports whose names, aliases or labels hold every one of `words`, at most `limit`.

    The next page is asked for with the last row's `cursor` as `before`.
    """
    query = _rows()
    for word in folded(words).split():
        query = query.where(_report.c.words.contains(word, autoescape=True))
    if before is not None:
        query = query.where(tuple_(_report.c.at, _report.c.party, _report.c.id) < before)
    query = query.order_by(_report.c.at.desc(), _report.c.party.desc(), _report.c.id.desc()).limit(limit)
    return tuple(_read(row) for row in tx.execute(query))


def report(tx: Tx, party: str, id_: str) -> ReportRow | None:
    """Return one report, or None when there is none of that name, or none any more."""
    row = tx.execute(_rows().where(_report.c.party == party, _report.c.id == id_)).one_or_none()
    return _read(row) if row is not None else None


def _rows() -> Select[Any]:
    """All rows of the list, each with the last record that supersedes it."""
    later = (
        select(_supersedes.c.id)
        .where(and_(_supersedes.c.party == _report.c.party, _supersedes.c.earlier == _report.c.id))
        .order_by(_supersedes.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    shown = [column for column in _report.c if column.name != "words"]
    return select(*shown, later.label("superseded_by"))


def _read(row: Row[Any]) -> ReportRow:
    said = row._asdict()
    said["at"] = datetime.fromisoformat(said["at"])
    said["expires"] = datetime.fromisoformat(said["expires"]) if said["expires"] else None
    said["labels"] = msgspec.json.decode(said["labels"], type=tuple[str, ...])
    said["counts"] = msgspec.json.decode(said["counts"], type=tuple[tuple[str, int], ...])
    return ReportRow(**said)


def _spell(time: datetime) -> str:
    """The one spelling of a time in these tables, which sorts as text."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
