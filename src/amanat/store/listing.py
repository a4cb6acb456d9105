"""What officers look up: pages of records, what became of each at its recipients, and what is held for approval."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, case, null, select, tuple_

from amanat.record.notices import NOTICES
from amanat.store.dialect import among, within
from amanat.store.tables import DELIVERY, ENVELOPE, HELD, RECORD, REFERENCE

_NOTICES = tuple(notice.label for notice in NOTICES)


@dataclass(frozen=True, slots=True)
class Listed:
    """One record as the database has it; `data` is None once it was destroyed.

    `state` is "current", "superseded", "withdrawn" or "destroyed".
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
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an envelope at one recipient; `answer` is its receipt or refusal.

    `state` is "pending", "provisional", "final" or "refused".
    """

    recipient: str
    sequence: int
    state: str
    answer: bytes | None


@dataclass(frozen=True, slots=True)
class Word:
    """What a later record says of one: a notice about it, whose `data` are its bytes, or an answer, without them."""

    relation: str
    party: str
    id: str
    kind: str
    at: str
    state: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Search:
    """Which records are looked for: `own` or others'; `after` is the last (party, id) of the page before."""

    own: bool
    text: str = ""
    kind: str = ""
    party: str = ""
    after: tuple[str, str] | None = None
    limit: int = 50


def listing(tx: Connection, party: str, search: Search) -> list[Listed]:
    """Return a page of the records that `party`, who asks, sent or was sent; newest first."""
    query = select(*(RECORD.c[name] for name in Listed.__slots__))
    query = query.where(RECORD.c.party == party if search.own else RECORD.c.party != party)
    if search.text:
        query = query.where(within(search.text.encode(), RECORD.c.data))
    if search.kind:
        query = query.where(RECORD.c.kind.startswith(f"{search.kind}/", autoescape=True))
    if search.party:
        query = query.where(RECORD.c.party == search.party)
    if search.after is not None:
        last = select(RECORD.c.at, RECORD.c.party, RECORD.c.id)
        last = last.where(RECORD.c.party == search.after[0], RECORD.c.id == search.after[1])
        query = query.where(tuple_(RECORD.c.at, RECORD.c.party, RECORD.c.id) < last.scalar_subquery())
    query = query.order_by(RECORD.c.at.desc(), RECORD.c.party.desc(), RECORD.c.id.desc()).limit(search.limit)
    return [Listed(*row) for row in tx.execute(query)]


def one(tx: Connection, party: str, id_: str) -> Listed | None:
    """Return one record's row, destroyed or not."""
    query = select(*(RECORD.c[name] for name in Listed.__slots__)).where(RECORD.c.party == party, RECORD.c.id == id_)
    row = tx.execute(query).one_or_none()
    return None if row is None else Listed(*row)


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
    answers, about = REFERENCE.c.relation == "answers", REFERENCE.c.relation == "about"
    query = query.where(among(REFERENCE.c.to_id, "ids"), answers | (about & RECORD.c.kind.in_(_NOTICES)))
    found: dict[tuple[str, str], list[Word]] = {key: [] for key in keys}
    for row in tx.execute(query.order_by(RECORD.c.at, RECORD.c.id), {"ids": [id_ for _, id_ in keys]}):
        if (row[0], row[1]) in found:
            found[row[0], row[1]].append(Word(**{name: getattr(row, name) for name in Word.__slots__}))
    return found


def sealed(tx: Connection, envelope: str) -> tuple[bytes, bytes] | None:
    """Return an envelope's bytes and its content key, unless they were destroyed."""
    row = tx.execute(select(ENVELOPE.c.data, ENVELOPE.c.content_key).where(ENVELOPE.c.digest == envelope)).one_or_none()
    return None if row is None or row.data is None or row.content_key is None else (row.data, row.content_key)


def held(tx: Connection) -> list[bytes]:
    """Return the records that wait for a second person, oldest first."""
    return list(tx.execute(select(HELD.c.data).order_by(HELD.c.id)).scalars())
