"""Warnings in the node's database: a row a record, and the matters that follow from them.

Law: a row hangs on no other; what was withdrawn, or is dated more than a day ahead, changes nothing. How much of one
matter is read is bounded: what a party says without end is not all heard.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Column, ColumnElement, Index, Row, Select, String, func, select, tuple_

from amanat.exchange.means import Turn
from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.record.kind import Tx
from amanat.record.record import Record
from amanat.store import statements
from amanat.store.tables import RECORD
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.matter_rows import AHEAD
from amanat.workspaces.liaison.views import add, spell, table
from amanat.workspaces.liaison.warnings.kinds import Cancelled, Warning_
from amanat.workspaces.liaison.warnings.rules import Matter, Told, begins, matter

MOST_CHANGES: Final = 64
"""Updates of one warning that are read, the last; of cancellings as many, the first."""
MOST_STANDING: Final = 500
"""Warnings of one party that are not over yet which are read at once, the newest."""

WARNING: Final = table(
    "warning",
    Column("root_party", String, nullable=False),
    Column("root_id", String, nullable=False),
    Column("type", String, nullable=False),
    Column("danger", String),
    Column("until", String),
    Column("body", String, nullable=False),
    Index("liaison_warning_root", "root_party", "root_id", "type", "at"),
    Index("liaison_warning_at", "type", "at"),
    Index("liaison_warning_until", "until"),
)


def apply(tx: Tx, record: Record) -> None:
    """Add the row of a warning, an update or a cancelling."""
    body, own = record.body, Named(*record.key)
    data = canonical.encode(body).decode()
    if isinstance(body, Cancelled):
        root = body.cancels
        add(tx, WARNING, record, root_party=root.party, root_id=root.id, type="cancel", body=data)
    else:
        root = body.updates or own
        add(
            tx,
            WARNING,
            record,
            root_party=root.party,
            root_id=root.id,
            type="update" if body.updates else "warning",
            danger=body.danger,
            until=spell(body.window.until),
            body=data,
        )


def one(turn: Turn, party: str, id_: str) -> Matter | None:
    """Return the matter that began with a record; None where none did here."""
    return next(iter(_of(turn, [(party, id_)])), None)


def require(turn: Turn, party: str, id_: str) -> Matter:
    """Return the matter that began with a record. Raises `Invalid`."""
    found = one(turn, party, id_)
    if found is None:
        raise Invalid(
            "liaison.warning", f"No warning {id_[:40]} is here.", "See the warnings that are: it may have expired."
        )
    return found


def standing(turn: Turn, at: datetime) -> list[Matter]:
    """Return the matters of which something is not over at a time, the newest first: some may have been cancelled.

    Of each party as many as that, whatever another says.
    """
    w, root = WARNING.c, WARNING.alias()
    here = (root.c.party == w.root_party) & (root.c.id == w.root_id) & (root.c.type == "warning")
    found = (
        select(w.root_party, w.root_id, func.max(w.at).label("newest"))
        .join(root, here)
        .where(w.until > spell(at), w.root_party == w.party, root.c.at <= spell(turn.now + AHEAD))
        .group_by(w.root_party, w.root_id)
        .subquery()
    )
    newest = (found.c.newest.desc(), found.c.root_party.desc(), found.c.root_id.desc())
    number = func.row_number().over(partition_by=(found.c.root_party,), order_by=newest)
    ranked = select(found, number.label("number")).subquery()
    last = (ranked.c.newest.desc(), ranked.c.root_party.desc(), ranked.c.root_id.desc())
    rows = turn.tx.execute(select(ranked).where(ranked.c.number <= MOST_STANDING).order_by(*last))
    return _of(turn, [(row.root_party, row.root_id) for row in rows])


def newest_first(turn: Turn, *narrowed: ColumnElement[bool], most: int) -> Iterator[Matter]:
    """Yield matters, those that began last first, and no more of them than that."""
    w = WARNING.c
    its = (w.type == "warning", w.at <= spell(turn.now + AHEAD))
    found = select(WARNING).where(*its, *narrowed).order_by(w.at.desc(), w.party.desc(), w.id.desc())
    rows = list(turn.tx.execute(found.limit(most)))
    matters = {(each.root.key.party, each.root.key.id): each for each in _of(turn, [row[:2] for row in rows])}
    yield from (matters[row.party, row.id] for row in rows)


def _of(turn: Turn, roots: Collection[tuple[str, str]]) -> list[Matter]:
    """Return the matters that began with these records, in their order, of those that are here."""
    if not roots:
        return []
    w = WARNING.c
    of = tuple_(w.root_party, w.root_id).in_(sorted(set(roots)))
    here = w.at <= spell(turn.now + AHEAD)
    counts = here & (RECORD.c.state != "withdrawn")
    rows = list(turn.tx.execute(_bounded(of & here, "warning", 1, w.at, w.id)))
    rows += turn.tx.execute(_bounded(of & counts, "cancel", MOST_CHANGES, w.at, w.id))
    rows += turn.tx.execute(_bounded(of & counts, "update", MOST_CHANGES, w.at.desc(), w.id.desc()))
    under = {digest: statements.compact_named(turn.tx, digest) or digest for digest in {row.compact for row in rows}}
    told: Mapping[tuple[str, str], list[Told]] = defaultdict(list)
    for row in rows:
        told[row.root_party, row.root_id].append(_told(row, under[row.compact]))
    first = {key: next((each for each in those if begins(each)), None) for key, those in told.items()}
    return [matter(root, told[key]) for key in roots if (root := first.get(key)) is not None]


def _bounded(of: ColumnElement[bool], type_: str, most: int, *order: Any) -> Select[Any]:  # noqa: ANN401 - columns
    """Return what selects of each matter so many records of a type that its own party made, by an order."""
    w, its = WARNING.c, (RECORD.c.party == WARNING.c.party) & (RECORD.c.id == WARNING.c.id)
    number = func.row_number().over(partition_by=(w.root_party, w.root_id), order_by=order)
    own = (of, w.type == type_, w.party == w.root_party)
    ranked = select(WARNING, RECORD.c.state, number.label("number")).join(RECORD, its).where(*own).subquery()
    return select(ranked).where(ranked.c.number <= most)


def _told(row: Row[Any], compact: str) -> Told:
    return Told(
        key=Named(row.party, row.id),
        at=datetime.fromisoformat(row.at),
        post=row.post,
        compact=compact,
        exercise=row.exercise,
        body=msgspec.json.decode(row.body, type=Warning_),
        expires=datetime.fromisoformat(row.expires) if row.expires else None,
        withdrawn=row.state == "withdrawn",
    )
