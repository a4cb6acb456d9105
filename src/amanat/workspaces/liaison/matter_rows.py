"""Matters that are sets of records: their rows in the database, bounded of each side, and what of them is unread.

Law: of each party so many rows are read, the first of its own order, whatever others said and in whatever order they
came; what is dated before its matter takes the room of none. A matter's table is one that `views.table` made, with
`since_column`; that of its steps has `root_columns` besides. Each page asks for all matters that wait: what it asks
by is built once, which takes longer than to ask.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import ceil, log10
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Index,
    Row,
    Select,
    String,
    Table,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
)

from amanat.compact.form import KindTerms
from amanat.compact.terms import Terms
from amanat.exchange.means import Turn
from amanat.party.errors import Refused
from amanat.record.kind import Tx
from amanat.store.tables import COMPACT, RECORD
from amanat.workspaces.liaison import views, withdrawals
from amanat.workspaces.liaison.dealings import SIDES, Dealing, dealings
from amanat.workspaces.liaison.facts import METRES_PER_DEGREE
from amanat.workspaces.liaison.kinds import Named, Spot, Urgency
from amanat.workspaces.liaison.rules import AHEAD, SKEW
from amanat.workspaces.liaison.told import Told

Key = tuple[str, str]
"""A record by its originator and id."""

_URGENCY: Final[Mapping[str, Urgency]] = {"at-once": "immediate", "today": "priority", "days": "routine"}

_HALF_A_STEP: Final = 0.72
"""Of a step of digits, how far rounding moves a place at most: half of it north and east, the earth not being round."""

MOST_UNREAD: Final = 200
"""Unread records of a kind that are told of at once, those first whose time is over first."""


def since_column() -> Column[Any]:
    """Return the column that says from which time on what is said in a matter counts."""
    return Column("since", String, nullable=False)


def since(at: datetime) -> Mapping[str, str]:
    """Return what stands in that column, of a matter that began at a time."""
    return {"since": views.spell(at - SKEW)}


def root_columns(name: str) -> tuple[Column[Any] | Index, ...]:
    """Return the columns by which a step names the record that began its matter; `name` is the table's.

    And under which name it belongs together with a word of the other side, `pair`, "" for none.
    """
    return (
        Column("root_party", String, nullable=False),
        Column("root_id", String, nullable=False),
        Column("pair", String, nullable=False),
        Index(f"liaison_{name}_root", "root_party", "root_id", "party", "at", "id"),
    )


def linked_columns(name: str) -> tuple[Column[Any] | Index, ...]:
    """Return the columns by which a matter names the record that it belongs to, "" for none; `name` is the table's."""
    return (
        Column("linked_party", String, nullable=False),
        Column("linked_id", String, nullable=False),
        Index(f"liaison_{name}_linked", "linked_party", "linked_id", "party", "at"),
    )


def linked(key: Named | None) -> Mapping[str, str]:
    """Return what stands in those columns."""
    return {"linked_party": key.party if key else "", "linked_id": key.id if key else ""}


def naming(tx: Tx, table: Table, keys: Collection[Key], most: int) -> list[Row[Any]]:
    """Return the matters that say they belong to one of some records, oldest first: of each party the last `most`."""
    c, wanted = table.c, set(keys)
    number = func.row_number().over(partition_by=(c.party,), order_by=(c.at.desc(), c.id.desc()))
    ids = sorted({each[1] for each in wanted})
    its = (c.linked_party.in_(sorted({each[0] for each in wanted})), c.linked_id.in_(ids))
    ranked = select(table, number.label("number")).where(*its).subquery()
    found = tx.execute(select(ranked).where(ranked.c.number <= most).order_by(ranked.c.at, ranked.c.id))
    return [row for row in found if (row.linked_party, row.linked_id) in wanted]


@dataclass(frozen=True, slots=True)
class Begun:
    """A matter: the row that began it, to which other side, by which compact's terms, and the rows of its steps.

    `withdrawn` says of them all which were withdrawn, and when; `more` how many steps each side made beyond what is
    read, of those that did.
    """

    row: Row[Any]
    other: str
    terms: Terms
    steps: tuple[Row[Any], ...]
    withdrawn: Mapping[Key, datetime]
    more: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """Which steps of one party in one matter are read: so many `first`, and the last of each sort, by a column.

    And what both sides said of one thing: by nothing that one of them says besides, of whatever date, is that hidden.
    """

    first: int
    sort: Column[str]


def begun(turn: Turn, kind: str, tables: tuple[Table, Table], rows: Iterable[Row[Any]], most: Bound) -> Iterator[Begun]:
    """Yield some matters with their steps, of each party in each no more than `most`.

    A step is one that is under the same compact and marked alike, was told to the other side, and is dated no earlier
    than its matter, less `SKEW`, and no farther ahead of now than `AHEAD`. Of a matter from farther ahead, or of which
    no compact of two is here, nothing is known.
    """
    root, step = tables
    listed = [row for row in rows if row.at <= views.spell(turn.now + AHEAD)]
    said = _steps(turn, root, step, [(row.party, row.id) for row in listed], most)
    keys = [(row.party, row.id) for those in (listed, *said.values()) for row in those]
    withdrawn_at = withdrawals.times(turn.tx, keys, turn.now)
    for row in listed:
        found = pair(turn, row, kind)
        if found is not None:
            other, terms = found
            to = {row.party: other, other: row.party}
            counts = tuple(each for each in said[row.party, row.id] if to.get(each.party) in each.recipient.split())
            yield Begun(row, other, terms, counts, withdrawn_at, _more(counts))


def _more(steps: Iterable[Row[Any]]) -> tuple[tuple[str, int], ...]:
    """Return how many steps of a matter each side made beyond these, of those that did."""
    counts = Counter(each.party for each in steps)
    made = {each.party: each.made for each in steps}
    return tuple((party, made[party] - count) for party, count in sorted(counts.items()) if made[party] > count)


def _steps(turn: Turn, root: Table, step: Table, roots: Collection[Key], most: Bound) -> Mapping[Key, list[Row[Any]]]:
    """Return the steps of some matters, oldest first, as `begun` says; to whom they were told is not asked yet."""
    found = defaultdict[Key, list[Row[Any]]](list)
    if not roots:
        return found
    asked = {
        "parties": sorted({each[0] for each in roots}),
        "ids": sorted({each[1] for each in roots}),
        "until": views.spell(turn.now + AHEAD),
        "most": most.first,
    }
    wanted = set(roots)
    for row in turn.tx.execute(_steps_of(root, step, most.sort), asked):
        if (row.root_party, row.root_id) in wanted:
            found[row.root_party, row.root_id].append(row)
    return found


@cache
def _steps_of(root: Table, step: Table, sort: Column[str]) -> Select[Any]:
    """Return what asks for the steps of matters with such `parties` and `ids`, `until` a time, `most` of each.

    And the last of each sort, of which those that were withdrawn are the last to be taken; and of what both said of one
    thing each side's first word, and the first that it did not withdraw: `most` of these too.
    """
    c, under, text = step.c, COMPACT.alias(), COMPACT.alias()
    side = (c.root_party, c.root_id, c.party)
    number = func.row_number().over(partition_by=side, order_by=(c.at, c.id))
    gone = RECORD.c.state == "withdrawn"
    last = func.row_number().over(partition_by=(*side, sort), order_by=(gone, c.at.desc(), c.id.desc()))
    pair, said_by_root = (c.root_party, c.root_id, c.pair), case((c.party == c.root_party, 1), else_=0)
    both = func.max(said_by_root).over(partition_by=pair) - func.min(said_by_root).over(partition_by=pair)
    of_pair = func.row_number().over(partition_by=(*pair, c.party, gone), order_by=(c.at, c.id))
    its_steps = (
        select(
            step,
            number.label("number"),
            last.label("last"),
            func.count().over(partition_by=side).label("made"),
            case((c.pair == "", 0), (of_pair == 1, both), else_=0).label("paired"),
        )
        .join(root, (root.c.party == c.root_party) & (root.c.id == c.root_id) & (root.c.exercise == c.exercise))
        .join(RECORD, _its(step))
        .join(under, under.c.digest == root.c.compact)
        .join(text, (text.c.digest == c.compact) & (text.c.id == under.c.id))
        .where(
            c.root_party.in_(bindparam("parties", expanding=True)),
            c.root_id.in_(bindparam("ids", expanding=True)),
            c.at >= root.c.since,
            c.at <= bindparam("until"),
        )
        .subquery()
    )
    its = its_steps.c
    alike, latest = (its.root_party, its.root_id, its.party, its.paired), (its.at.desc(), its.id.desc())
    ranked = select(its_steps, func.row_number().over(partition_by=alike, order_by=latest).label("alike")).subquery()
    most: BindParameter[int] = bindparam("most")
    kept = (ranked.c.number <= most) | (ranked.c.last == 1) | ((ranked.c.paired == 1) & (ranked.c.alike <= most))
    return select(ranked).where(kept).order_by(ranked.c.at, ranked.c.id)


def newest(
    tx: Tx,
    table: Table,
    span: views.Span,
    most: int,
    *narrowed: ColumnElement[bool],
    apart: tuple[Column[Any], ...] = (),
) -> list[Row[Any]]:
    """Return what of each party began in a stretch of time and fits, no more than its last `most`, oldest first.

    So many for each value of the columns `apart`.
    """
    asked = {"since": views.spell(span[0]), "until": views.spell(span[1]), "most": most}
    every = not (narrowed or apart)
    return list(tx.execute(_all_begun_in(table) if every else _begun_in(table, apart, *narrowed), asked))


def _begun_in(table: Table, apart: tuple[Column[Any], ...] = (), *narrowed: ColumnElement[bool]) -> Select[Any]:
    """Return what asks for what began from `since` on and before `until`, of each party no more than `most`."""
    c = table.c
    number = func.row_number().over(partition_by=(c.party, *apart), order_by=(c.at.desc(), c.id.desc()))
    ranked = (
        select(table, number.label("number"))
        .where(c.at >= bindparam("since"), c.at < bindparam("until"), *narrowed)
        .subquery()
    )
    return select(ranked).where(ranked.c.number <= bindparam("most")).order_by(ranked.c.at, ranked.c.id)


@cache
def _all_begun_in(table: Table) -> Select[Any]:
    return _begun_in(table)


def unread(turn: Turn, root: Table, step: Table, label: str) -> Mapping[Key, list[Row[Any]]]:
    """Return the records of a kind that wait to be read here, by the matter each is of: `party`, `id`, `at`, `read_by`.

    No more than `MOST_UNREAD`, and none of a time that counts for nothing yet: nobody signs as read what no page says.
    """
    found = defaultdict[Key, list[Row[Any]]](list)
    for row in turn.tx.execute(_unread(root, step), {"label": label, "until": views.spell(turn.now + AHEAD)}):
        found[row.root_party, row.root_id].append(row)
    return found


@cache
def _unread(root: Table, step: Table) -> Select[Any]:
    """Return what asks for what is unread of a kind, by its `label`, `until` a time."""
    c = RECORD.c
    halves = (
        query.where(c.kind == bindparam("label")).order_by(c.read_by, c.id).limit(MOST_UNREAD).subquery()
        for query in _waiting(root, step)
    )
    both = union_all(*(select(each) for each in halves)).subquery()
    first = select(both).order_by(both.c.read_by, both.c.id).limit(MOST_UNREAD).subquery()
    return select(first).order_by(first.c.later, first.c.at, first.c.id)


def unread_of(turn: Turn, root: Table, step: Table, key: Key) -> list[Row[Any]]:
    """Return the records of one matter that wait to be read here, as `unread` has them: the `MOST_UNREAD` last to come.

    Whatever else waits: so a deed can ask whether anything came since its page was shown.
    """
    roots, steps = _waiting(root, step)
    its = ((root.c.party, root.c.id), (step.c.root_party, step.c.root_id))
    of = (query.where(party == key[0], id_ == key[1]) for query, (party, id_) in zip((roots, steps), its, strict=True))
    both = union_all(*of).subquery()
    last = select(both).order_by(both.c.log_index.desc()).limit(MOST_UNREAD).subquery()
    query = select(last).order_by(last.c.later, last.c.at, last.c.id)
    return list(turn.tx.execute(query, {"until": views.spell(turn.now + AHEAD)}))


def _waiting(root: Table, step: Table) -> tuple[Select[Any], Select[Any]]:
    """Return what asks for what waits to be read of what began matters, and of their steps, `until` a time."""
    c = RECORD.c
    until: BindParameter[str] = bindparam("until")
    waits = (c.party, c.id, c.at, c.read_by, c.exercise, c.log_index)
    begins = (root.c.party.label("root_party"), root.c.id.label("root_id"), literal(0).label("later"))
    follows = (step.c.root_party, step.c.root_id, literal(1).label("later"))
    return (
        select(*waits, *begins).join(root, _its(root)).where(c.read_by.is_not(None), root.c.at <= until),
        select(*waits, *follows).join(step, _its(step)).where(c.read_by.is_not(None), step.c.at <= until),
    )


def _its(table: Table) -> ColumnElement[bool]:
    return (RECORD.c.party == table.c.party) & (RECORD.c.id == table.c.id)


def seen(rows: Iterable[Row[Any]]) -> str:
    """Return what a form carries of what its page showed unread: the place in this party's log of what came last."""
    return str(max((row.log_index for row in rows), default=-1))


def shown(rows: Iterable[Row[Any]], carried: str) -> tuple[Key, ...]:
    """Return of what is unread what the page had shown whose form carried that; all, where no page was."""
    upto = int(carried) if re.fullmatch(r"-?[0-9]{1,18}", carried, re.ASCII) else None
    return tuple((row.party, row.id) for row in rows if upto is None or row.log_index <= upto)


def told(row: Row[Any], body: Any, withdrawn: Mapping[Key, datetime]) -> Told:  # noqa: ANN401 - a body of its kind
    """Return what a row's record tells, `body` being what it says; `withdrawn` says when what was."""
    at = datetime.fromisoformat(row.at)
    return Told(Named(row.party, row.id), row.post, at, body, withdrawn.get((row.party, row.id)))


def hours(terms: KindTerms) -> Mapping[str, timedelta]:
    """Return within what a kind's records are to be answered: "at-once", "today", and in "days", as its hours say."""
    by = terms.acknowledge_hours
    each = {name: by if isinstance(by, int) else by.get(code, max(by.values())) for name, code in _URGENCY.items()}
    return {name: timedelta(hours=count) for name, count in each.items()}


def pair(turn: Turn, row: Row[Any], kind: str) -> tuple[str, Terms] | None:
    """Return the other side of a matter and its compact's terms; None where no compact of two has the kind here.

    That of the text under which it began, else one of the same two.
    """
    found = [
        (each.terms.digest == row.compact, each.terms)
        for each in turn.known.compacts.values()
        if row.party in each.terms.members and len(each.terms.members) == SIDES and kind in each.terms.kinds
    ]
    for _, terms in sorted(found, key=lambda each: not each[0]):
        (other,) = set(terms.members) - {row.party}
        if other in row.recipient.split():
            return other, terms
    return None


def dealing(turn: Turn, row: Row[Any], kind: str) -> Dealing:
    """Return under what this party acts in a matter. Raises `Refused` for a party that is not one of its two sides."""
    found = pair(turn, row, kind)
    sides = {row.party, found[0]} if found else set()
    fits = [each for each in dealings(turn, kind) if {each.own, each.other} == sides]
    for each in sorted(fits, key=lambda each: each.compact.terms.digest != row.compact):
        return each
    raise Refused(
        "liaison.matter-side",
        "This party is not one of the two sides of it.",
        "Those two alone act in it; whoever sees it may sign that it was read.",
        by="the compact's directions",
    )


def coarse(spot: Spot, metres: int) -> Spot:
    """Return a place told to no better than so many metres: to the digit next to that, and without a name.

    It is within the metres that are told: what is cut off moves a place by no more than half a step each way.
    """
    digits = max(0, round(log10(METRES_PER_DEGREE / metres)))
    lat, lon = round(spot.lat, digits), round(spot.lon, digits)
    moved = 0 if (lat, lon) == (spot.lat, spot.lon) else _HALF_A_STEP * METRES_PER_DEGREE / 10**digits
    return Spot(lat, lon, max(metres, spot.metres + ceil(moved)), spot.country)


def named(tx: Tx, table: Table, keys: Collection[Key]) -> list[Row[Any]]:
    """Return the rows of some records, oldest first."""
    c = table.c
    asked = (c.party.in_(sorted({each[0] for each in keys})), c.id.in_(sorted({each[1] for each in keys})))
    return [row for row in views.rows(tx, table, *asked) if (row.party, row.id) in set(keys)] if keys else []
