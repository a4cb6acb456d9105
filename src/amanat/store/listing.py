"""What officers look up: pages of records, what became of each at its recipients, and what is held for approval."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, literal_column, null, select, tuple_

from amanat.record.notices import NOTICES, WITHDRAWAL
from amanat.store import text
from amanat.store.dialect import among, aside
from amanat.store.tables import CHANGED, DELIVERY, ENVELOPE, HELD, RECORD, REFERENCE, TEXT
from amanat.store.text import Found

_NOTICES = tuple(notice.label for notice in NOTICES)
_PLACE = (RECORD.c.at, RECORD.c.party, RECORD.c.id)


@dataclass(frozen=True, slots=True)
class Listed:
    """One record as the database has it; `data` is None once it was destroyed.

    `state` is "current", "superseded", "withdrawn" or "destroyed"; `read_by` is by when somebody here is to have read
    it, None when a post did or nobody waits for that.
    """

    party: str
    id: str
    envelope: str
    compact: str
    kind: str
    at: str
    expires: str | None
    log_index: int
    state: str
    kept_until: str | None
    read_by: str | None
    exercise: bool
    person: bool
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an envelope at one recipient; `answer` is its receipt or refusal.

    `state` is "pending", "provisional", "final" or "refused", or "lost" where this database was put back to a copy from
    before it went: its number is used, and nothing is known of it.
    """

    recipient: str
    sequence: int
    state: str
    answer: bytes | None


@dataclass(frozen=True, slots=True)
class Word:
    """What a later record says of one: a notice of it, whose `data` are its bytes, or an answer, without them."""

    relation: str
    party: str
    id: str
    kind: str
    at: str
    state: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Search:
    """Which records are looked for: `own`, others', or both; `after` is the last (party, id) of the page before.

    Times are as in the records: from `since` on, and before `until`. `unread` are those that wait to be read here.
    Without `persons`, those are left out that name a person: whoever may not look at them shall not learn from a search
    what they say. With `newer` the page is the one before `after`, its first and not its last row being named. `found`
    are those that have its words, where these were looked for before (`searched`).
    """

    own: bool | None
    text: str = ""
    kind: str = ""
    workspace: str = ""
    party: str = ""
    after: tuple[str, str] | None = None
    limit: int = 50
    compact: str = ""
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None
    exercise: bool | None = None
    unread: bool | None = None
    persons: bool = True
    newer: bool = False
    found: Found | None = None


def listing(tx: Connection, party: str, search: Search) -> list[Listed]:
    """Return a page of the records that `party`, who asks, sent or was sent; newest first."""
    columns, ordered = (
        [RECORD.c[name] for name in Listed.__slots__],
        [each.asc() if search.newer else each.desc() for each in _PLACE],
    )
    query = _wanted(tx, party, search, *(_PLACE if search.text else columns))
    if query is None:
        return []
    query = query.order_by(*ordered).limit(search.limit)
    if search.text:  # of all that has the words the places are sorted, and only a page of it is read
        found = query.subquery()
        here = (RECORD.c.party == found.c.party) & (RECORD.c.id == found.c.id)
        query = select(*columns).join(found, here).order_by(*ordered)
    rows = [Listed(*row) for row in tx.execute(query)]
    return rows[::-1] if search.newer else rows


def last_of(tx: Connection, party: str, search: Search, most: int) -> tuple[str, str] | None:
    """Return (party, id) of the last of so many records, None where there are no more than these."""
    query = _wanted(tx, party, search, RECORD.c.party, RECORD.c.id)
    if query is None:
        return None
    found = tx.execute(query.order_by(*(each.desc() for each in _PLACE)).offset(most - 1).limit(2)).all()
    return (found[0].party, found[0].id) if len(found) > 1 else None


def searched(tx: Connection, search: Search) -> Search:
    """Return a search whose words were looked for: what comes after is not in it, and pushes nothing out of it."""
    if not search.text or search.found is not None:
        return search
    return replace(search, found=text.find(tx, search.text, search.since, search.until, persons=search.persons))


def names_person(tx: Connection, party: str, search: Search, most: int) -> bool:
    """Whether one of the newest so many of the records that are looked for names a person."""
    query = _wanted(tx, party, search, RECORD.c.person)
    if query is None:
        return False
    newest = query.order_by(*(each.desc() for each in _PLACE)).limit(most).subquery()
    return tx.execute(select(newest.c.person).where(newest.c.person).limit(1)).first() is not None


def _wanted(tx: Connection, party: str, search: Search, *columns: ColumnElement[Any]) -> Select[Any] | None:
    """Return what selects the rows of `RECORD` that are looked for; None where there are none."""
    query = select(*columns).where(*_leading(party, search), *_either_way(search))
    if search.after is not None:
        place = tx.execute(select(*_PLACE).where(RECORD.c.party == search.after[0], RECORD.c.id == search.after[1]))
        named = place.one_or_none()
        if named is None:
            return None
        here, there = tuple_(*_PLACE), tuple_(*named)
        query = query.where(here > there if search.newer else here < there)
    if search.kind:
        labels, kind = _labels(tx, search.kind), RECORD.c.kind if _leads(search) == "kind" else aside(RECORD.c.kind)
        if not labels:
            return None
        query = query.where(kind == labels[0] if len(labels) == 1 else kind.in_(labels))
    found = searched(tx, search).found
    if found is not None:
        numbered = among(TEXT.c.number, "numbers").params({"numbers": found.numbers})
        query = query.join(TEXT, (TEXT.c.party == RECORD.c.party) & (TEXT.c.id == RECORD.c.id)).where(numbered)
    return query


def _leads(search: Search) -> str:
    """By which of the filters a list is read: that which leaves least, as far as one can tell."""
    asked = {
        "text": search.text,
        "unread": search.unread,
        "exercise": search.exercise,
        "state": search.state not in ("", "current"),
        "kind": search.kind,
        "party": search.party or search.own,
    }
    return next((name for name, given in asked.items() if given), "place")


def _leading(party: str, search: Search) -> Iterator[ColumnElement[bool]]:
    leads = _leads(search)
    of = RECORD.c.party if leads == "party" else aside(RECORD.c.party)
    if search.own is not None:
        yield of == party if search.own else aside(RECORD.c.party) != party
    if search.party:
        yield of == search.party
    if leads == "state":
        yield literal_column(CHANGED)  # written out, or its index would not be used
    if search.state:
        yield (RECORD.c.state if leads == "state" else aside(RECORD.c.state)) == search.state
    if search.compact:
        yield aside(RECORD.c.compact) == search.compact
    if search.workspace:  # "/" is what comes after "."
        yield aside(RECORD.c.kind) >= f"{search.workspace}."
        yield aside(RECORD.c.kind) < f"{search.workspace}/"
    for bound, keeps_to in ((search.since, RECORD.c.at.__ge__), (search.until, RECORD.c.at.__lt__)):
        if bound is not None:
            yield keeps_to(bound.isoformat())


def _either_way(search: Search) -> Iterator[ColumnElement[bool]]:
    if search.exercise is not None:
        yield RECORD.c.exercise.is_(True) if search.exercise else RECORD.c.exercise.is_(False)
    if search.unread is not None:
        yield RECORD.c.read_by.is_not(None) if search.unread else RECORD.c.read_by.is_(None)
    if not search.persons:
        yield ~RECORD.c.person


def _labels(tx: Connection, name: str) -> list[str]:
    """Return the labels of a kind that are here, one for each version: a step in the index for each."""
    found, beyond = list[str](), f"{name}/"
    while True:  # "0" is what comes after "/"
        query = select(func.min(RECORD.c.kind)).where(RECORD.c.kind > beyond, RECORD.c.kind < f"{name}0")
        label: str | None = tx.execute(query).scalar_one()
        if label is None:
            return found
        found.append(label)
        beyond = label


def unread(tx: Connection, limit: int | None, *, withdrawals: bool = False, but: Collection[str] = ()) -> list[Listed]:
    """Return so many or all that wait to be read here, whose time is over first: `withdrawals`, or all else.

    Those whose kinds are of the workspaces in `but` are left out.
    """
    kind = aside(RECORD.c.kind)
    sought = kind == WITHDRAWAL.label if withdrawals else kind != WITHDRAWAL.label
    query = select(*(RECORD.c[name] for name in Listed.__slots__)).where(RECORD.c.read_by.is_not(None), sought)
    query = query.where(*(kind.not_like(f"{workspace}.%") for workspace in sorted(but)))
    return [Listed(*row) for row in tx.execute(query.order_by(RECORD.c.read_by, RECORD.c.id).limit(limit))]


def unread_by_kind(tx: Connection, most: int) -> dict[str, int]:
    """Return how many wait to be read here, by the labels of their kinds; `most` in all are counted."""
    first = select(RECORD.c.kind).where(RECORD.c.read_by.is_not(None)).order_by(RECORD.c.read_by).limit(most).subquery()
    counts = select(first.c.kind, func.count()).group_by(first.c.kind)
    return {kind: count for kind, count in tx.execute(counts)}  # noqa: C416 - rows are no pairs to mypy


def one(tx: Connection, party: str, id_: str) -> Listed | None:
    """Return one record's row, destroyed or not."""
    query = select(*(RECORD.c[name] for name in Listed.__slots__)).where(RECORD.c.party == party, RECORD.c.id == id_)
    row = tx.execute(query).one_or_none()
    return None if row is None else Listed(*row)


def named(tx: Connection, keys: Collection[tuple[str, str]]) -> list[Listed]:
    """Return the rows of those records that are here, destroyed or not, by (party, id), in one query."""
    parties, ids = among(RECORD.c.party, "parties"), among(RECORD.c.id, "ids")
    query = select(*(RECORD.c[name] for name in Listed.__slots__)).where(parties, ids)
    found = tx.execute(query, {"parties": list({party for party, _ in keys}), "ids": [id_ for _, id_ in keys]})
    wanted = set(keys)
    return [row for row in (Listed(*each) for each in found) if (row.party, row.id) in wanted]


def successors(tx: Connection, party: str, id_: str) -> list[tuple[str, str]]:
    """Return the records by which their party put another in a record's place, by (party, id), oldest first."""
    of = (REFERENCE.c.relation == "supersedes", REFERENCE.c.to_party == party, REFERENCE.c.to_id == id_)
    query = select(REFERENCE.c.party, REFERENCE.c.id).where(*of, REFERENCE.c.party == party).order_by(REFERENCE.c.id)
    return [(row.party, row.id) for row in tx.execute(query)]


def deliveries(tx: Connection, envelope: str) -> list[Delivery]:
    """Return what became of an envelope of ours (digest, hex) at each of its recipients."""
    return deliveries_of(tx, [envelope])[envelope]


def deliveries_of(tx: Connection, envelopes: Collection[str]) -> dict[str, list[Delivery]]:
    """Return what became of many envelopes of ours, by digest, in one query: a page of a list asks for all its rows."""
    columns = (DELIVERY.c.recipient, DELIVERY.c.sequence, DELIVERY.c.state, DELIVERY.c.answer)
    query = select(DELIVERY.c.envelope, *columns).where(among(DELIVERY.c.envelope, "digests"))
    found: dict[str, list[Delivery]] = {each: [] for each in envelopes}
    for row in tx.execute(query.order_by(DELIVERY.c.recipient), {"digests": list(envelopes)}):
        found[row[0]].append(Delivery(*row[1:]))
    return found


def words(tx: Connection, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[Word]]:
    """Return what is said of many records, by (party, id), oldest first, in one query: notices and answers.

    Whose word counts is for the caller to ask: anybody can sign that it opened or answers what it never had.
    """
    notice = case((RECORD.c.kind.in_(_NOTICES), RECORD.c.data), else_=null())
    query = select(
        REFERENCE.c.to_party,
        REFERENCE.c.to_id,
        REFERENCE.c.relation,
        *(RECORD.c[name] for name in ("party", "id", "kind", "at", "state")),
        notice.label("data"),
    ).join(RECORD, (RECORD.c.party == REFERENCE.c.party) & (RECORD.c.id == REFERENCE.c.id))
    answers, notices = REFERENCE.c.relation == "answers", REFERENCE.c.relation.in_(("about", "withdraws"))
    query = query.where(among(REFERENCE.c.to_id, "ids"), answers | (notices & RECORD.c.kind.in_(_NOTICES)))
    found: dict[tuple[str, str], list[Word]] = {key: [] for key in keys}
    for row in tx.execute(query.order_by(RECORD.c.at, RECORD.c.id), {"ids": [id_ for _, id_ in keys]}):
        if (row[0], row[1]) in found:
            found[row[0], row[1]].append(Word(**{name: getattr(row, name) for name in Word.__slots__}))
    return found


@dataclass(frozen=True, slots=True)
class Due:
    """What waits at one recipient: how many records in each state of delivery, and of when the first in line is."""

    recipient: str
    pending: int
    provisional: int
    refused: int
    oldest: str | None


def due(tx: Connection) -> list[Due]:
    """Return for each recipient what became of all that was sent to it and is neither final nor lost."""
    found = (_due(tx, recipient) for recipient in _recipients(tx))
    return [each for each in found if each.pending or each.provisional or each.refused]


def _recipients(tx: Connection) -> Iterator[str]:
    """Yield who was ever sent anything, by a step in the index for each."""
    query, last = select(func.min(DELIVERY.c.recipient)), ""
    while last is not None:
        last = tx.execute(query.where(DELIVERY.c.recipient > last)).scalar_one()
        if last is not None:
            yield last


def _due(tx: Connection, recipient: str) -> Due:
    to = DELIVERY.c.recipient == recipient
    states = DELIVERY.c.state.in_(("pending", "provisional", "refused"))
    counted = select(DELIVERY.c.state, func.count()).where(to, states).group_by(DELIVERY.c.state)
    counts: dict[str, int] = {state: count for state, count in tx.execute(counted)}  # noqa: C416 - no pairs to mypy
    waits = select(RECORD.c.at).join(DELIVERY, DELIVERY.c.envelope == RECORD.c.envelope)
    waits = waits.where(to, DELIVERY.c.state == "pending").order_by(DELIVERY.c.sequence).limit(1)
    oldest = tx.execute(waits).scalar_one_or_none()
    return Due(recipient, counts.get("pending", 0), counts.get("provisional", 0), counts.get("refused", 0), oldest)


def undelivered(tx: Connection, recipient: str, limit: int) -> list[Listed]:
    """Return our records that nothing came back for from a recipient, oldest first."""
    query = select(*(RECORD.c[name] for name in Listed.__slots__)).join(
        DELIVERY, DELIVERY.c.envelope == RECORD.c.envelope
    )
    where = (DELIVERY.c.recipient == recipient, DELIVERY.c.state == "pending")
    return [Listed(*row) for row in tx.execute(query.where(*where).order_by(DELIVERY.c.sequence).limit(limit))]


def undelivered_count(tx: Connection, recipient: str, most: int) -> int:
    """Return for how many envelopes nothing came back from a recipient; `most` are counted."""
    first = select(DELIVERY.c.sequence).where(DELIVERY.c.recipient == recipient, DELIVERY.c.state == "pending")
    return tx.execute(select(func.count()).select_from(first.limit(most).subquery())).scalar_one()


def sealed(tx: Connection, envelope: str) -> tuple[bytes, bytes] | None:
    """Return an envelope's bytes and its content key, unless they were destroyed."""
    row = tx.execute(select(ENVELOPE.c.data, ENVELOPE.c.content_key).where(ENVELOPE.c.digest == envelope)).one_or_none()
    return None if row is None or row.data is None or row.content_key is None else (row.data, row.content_key)


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A record that waits for a second person: its SHA-256 and bytes, who had it held, and who else wrote it.

    `person` is whether it was found to name one.
    """

    id: str
    digest: str
    data: bytes
    officer: int | None
    writers: str
    person: bool


def wrote(row: HeldRow) -> set[int | None]:
    """Return which officers wrote in a record that waits for a second person; None is whoever was at the machine."""
    return {row.officer, *(int(each) for each in row.writers.split())}


def held_one(tx: Connection, id_: str) -> HeldRow | None:
    """Return a record that waits for a second person, None when none of that id does."""
    query = select(*(HELD.c[name] for name in HeldRow.__slots__)).where(HELD.c.id == id_)
    row = tx.execute(query).one_or_none()
    return None if row is None else HeldRow(*row)


def held(tx: Connection, after: str = "", limit: int | None = None) -> list[HeldRow]:
    """Return the records that wait for a second person, oldest first: all, or so many of an id beyond one."""
    query = select(*(HELD.c[name] for name in HeldRow.__slots__)).where(HELD.c.id > after)
    return [HeldRow(*row) for row in tx.execute(query.order_by(HELD.c.id).limit(limit))]


def held_writers(tx: Connection) -> list[set[int | None]]:
    """Return who wrote each of the records that wait for a second person."""
    query = select(HELD.c.officer, HELD.c.writers)
    return [{officer, *(int(each) for each in writers.split())} for officer, writers in tx.execute(query)]


def held_of(tx: Connection, officer: int, limit: int) -> list[HeldRow]:
    """Return so many records that wait for a second person and in which an officer wrote, oldest first."""
    wrote = (literal(" ") + HELD.c.writers + " ").contains(f" {officer} ")
    query = select(*(HELD.c[name] for name in HeldRow.__slots__)).where((HELD.c.officer == officer) | wrote)
    return [HeldRow(*row) for row in tx.execute(query.order_by(HELD.c.id).limit(limit))]
