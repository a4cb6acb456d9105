"""Records, envelopes and what became of them: the rows behind send, accept, erase and show."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
)

from amanat.record.notices import DESTROYED
from amanat.record.record import Record
from amanat.store import numbers, text
from amanat.store.dialect import among, insert_all
from amanat.store.tables import ARRIVAL, DELIVERY, ENVELOPE, LOST, RECORD, REFERENCE

_READ_AT_ONCE = 64
UNKNOWN = "unknown"
"""How the place of a digest begins, of an entry that nobody can give."""

# What every batch asks is built once; building a statement costs more than running it.
_DATA = select(RECORD.c.party, RECORD.c.id, RECORD.c.data).where(
    among(RECORD.c.party, "parties"), among(RECORD.c.id, "ids"), RECORD.c.data.is_not(None)
)
_TIMES = select(RECORD.c.party, RECORD.c.id, RECORD.c.at).where(
    among(RECORD.c.party, "parties"), among(RECORD.c.id, "ids")
)
_REFERRING = select(REFERENCE.c.relation, REFERENCE.c.to_party, REFERENCE.c.to_id).where(
    among(REFERENCE.c.to_id, "ids")
)

_CAME = union_all(  # not by `or_`: each by its own index
    select(ARRIVAL.c.id, null().label("sequence")).where(
        ARRIVAL.c.sender == bindparam("of"), among(ARRIVAL.c.id, "ids")
    ),
    select(null().label("id"), ARRIVAL.c.sequence).where(
        ARRIVAL.c.sender == bindparam("of"), among(ARRIVAL.c.sequence, "numbers")
    ),
)

_by, _later = REFERENCE.alias(), RECORD.alias()
_OUTDATED = exists().where(
    _by.c.relation == "supersedes",
    _by.c.to_party == RECORD.c.party,
    _by.c.to_id == RECORD.c.id,
    _later.c.party == _by.c.party,
    _later.c.id == _by.c.id,
    _later.c.party == RECORD.c.party,
    _later.c.kind == RECORD.c.kind,
)
"""That its own party put another of its kind in its place."""

LOST_ON_THE_WAY: Final[Mapping[str, object]] = {"state": "lost", "answer": None, "recalled": False}
"""How a delivery stands whose envelope this database lost: its number is used, and what it bore is not known."""

# Of whom a word is awaited: who was sent what we withdrew and is to be destroyed then, neither refused it nor said that
# it destroyed it.
_MEANT = (RECORD.c.party == bindparam("of"), RECORD.c.id == bindparam("named"))
_SENT_AS = DELIVERY.c.envelope == select(RECORD.c.envelope).where(*_MEANT).scalar_subquery()
_about, _word = REFERENCE.alias(), RECORD.alias()
_DESTROYED = (
    select(_about.c.id)
    .join(_word, (_word.c.party == _about.c.party) & (_word.c.id == _about.c.id))
    .where(
        _about.c.to_id == bindparam("named"),
        _about.c.to_party == bindparam("of"),
        _about.c.relation == "about",
        _about.c.party == DELIVERY.c.recipient,
        _word.c.kind == DESTROYED.label,
    )
    .exists()
)
_OF_KIND = exists().where(*_MEANT, among(RECORD.c.kind, "kinds"))
_RECALL = update(DELIVERY).where(_SENT_AS, _OF_KIND, DELIVERY.c.state != "refused", ~_DESTROYED).values(recalled=True)
_RECALL_ANSWERED = update(DELIVERY).where(_SENT_AS, DELIVERY.c.recipient == bindparam("by")).values(recalled=False)

# Of a line state by state, so that no number that is settled is read: those are nearly all of it.
_TO = DELIVERY.c.recipient == bindparam("to")
_SENT = select(func.max(DELIVERY.c.sequence)).where(_TO)
_REFUSED = select(DELIVERY.c.sequence).where(_TO, DELIVERY.c.state == "refused")
_EARLIER = DELIVERY.alias()
_BEFORE = select(func.coalesce(func.max(_EARLIER.c.sequence), 0)).where(
    _EARLIER.c.recipient == bindparam("to"), _EARLIER.c.sequence < DELIVERY.c.sequence
)
# By an old copy put back; a row speaks for all numbers since the one before it, be they ever so many.
_LOST = select(_BEFORE.scalar_subquery() + 1, DELIVERY.c.sequence).where(_TO, DELIVERY.c.state == "lost")
_PROVISIONAL = (
    select(DELIVERY.c.sequence).where(_TO, DELIVERY.c.state == "provisional").order_by(DELIVERY.c.sequence).limit(1)
)


@dataclass(frozen=True, slots=True)
class Row:
    """One record and its envelope, to be written together. `digest` is the envelope's, in hex.

    `expires` is when it is to be destroyed here: what the record says, or earlier. `read_by` is by when somebody here
    is to have read it, None for what nobody waits for.
    """

    record: Record
    compact: str
    digest: str
    envelope: bytes
    content_key: bytes
    log_index: int
    expires: datetime | None
    read_by: datetime | None


def write(tx: Connection, rows: Sequence[Row], recalled: Sequence[str]) -> None:
    """Write records, envelopes and references of one batch, and mark what they supersede or withdraw.

    Of what is withdrawn each recipient's word is awaited where its kind is one of those labels that are `recalled`.
    Only of these is what is outdated read no more, where a later one of the same kind is to be read: what stands when
    it is withdrawn was said all the same, a promise or a stop, and nothing that its party puts in its place hides it.
    """
    insert_all(tx, ENVELOPE, [_envelope(row) for row in rows])
    insert_all(tx, RECORD, [_record(row) for row in rows])
    insert_all(tx, REFERENCE, [reference for row in rows for reference in _references(row.record)])
    text.index(tx, ((row.record.key, text.words(row.record)) for row in rows))
    _mark(tx, [row.record for row in rows], recalled)


def came(tx: Connection, sender: str, ids: Sequence[str], numbers_: Sequence[int]) -> tuple[set[str], set[int]]:
    """Return which of these ids and which of these numbers came from the sender, accepted or refused."""
    rows = tx.execute(_CAME, {"of": sender, "ids": list(ids), "numbers": list(numbers_)}).all()
    return {row.id for row in rows if row.id is not None}, {row.sequence for row in rows if row.sequence is not None}


def data_of(tx: Connection, keys: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], bytes]:
    """Return the record bytes held under those (party, id); what was destroyed or never came is left out."""
    wanted = set(keys)
    if not wanted:
        return {}
    parties, ids = zip(*wanted, strict=True)
    rows = tx.execute(_DATA, {"parties": list(set(parties)), "ids": list(ids)})
    return {(row.party, row.id): row.data for row in rows if (row.party, row.id) in wanted}


def times_of(tx: Connection, keys: Iterable[tuple[str, str]]) -> list[datetime]:
    """Return how the records known under those (party, id) are dated, destroyed or not."""
    wanted = set(keys)
    if not wanted:
        return []
    parties, ids = zip(*wanted, strict=True)
    rows = tx.execute(_TIMES, {"parties": list(set(parties)), "ids": list(ids)})
    return [datetime.fromisoformat(row.at) for row in rows if (row.party, row.id) in wanted]


def setting(tx: Connection, party: str, id_: str) -> tuple[str, bool]:
    """Return the id of the compact a record was sent under, and whether it is an exercise's."""
    where = (RECORD.c.party == party, RECORD.c.id == id_)
    row = tx.execute(select(RECORD.c.compact, RECORD.c.exercise).where(*where)).one()
    return row.compact, row.exercise


def next_sequence(tx: Connection, recipient: str) -> int:
    """Return the number the next envelope to `recipient` will bear; the first is 1."""
    return (tx.execute(_SENT, {"to": recipient}).scalar_one() or 0) + 1


def due(tx: Connection, now: str) -> list[Any]:
    """Return the records that are withdrawn or past their expiry, not yet destroyed and not kept on a ground."""
    expired = RECORD.c.expires.is_not(None) & (RECORD.c.expires <= now)
    where = (
        RECORD.c.data.is_not(None),
        or_(RECORD.c.state == literal_column("'withdrawn'"), expired),  # written out, or its index would not be used
        or_(RECORD.c.kept_until.is_(None), RECORD.c.kept_until <= now),
    )
    return list(tx.execute(select(RECORD).where(*where)).all())


def destroy(tx: Connection, party: str, id_: str, digest: str) -> None:
    """Overwrite a record's plaintext and words, its envelope with all wraps, and its content key. The digest stays."""
    where = (RECORD.c.party == party, RECORD.c.id == id_)
    tx.execute(update(RECORD).where(*where).values(data=None, state="destroyed", read_by=None))
    tx.execute(update(ENVELOPE).where(ENVELOPE.c.digest == digest).values(data=None, content_key=None))
    text.forget(tx, party, id_)


def owed(tx: Connection, holder: str) -> list[Any]:
    """Return the records of others that were destroyed here and of which the holder has not yet given its word.

    `withdrawn` says whether their originator withdrew them.
    """
    about = REFERENCE.alias()
    notice = RECORD.alias()
    withdraws = (
        REFERENCE.c.relation == "withdraws",
        REFERENCE.c.party == RECORD.c.party,
        REFERENCE.c.to_party == RECORD.c.party,
        REFERENCE.c.to_id == RECORD.c.id,
    )
    told = (
        notice.c.party == holder,
        notice.c.kind == DESTROYED.label,
        about.c.party == holder,
        about.c.id == notice.c.id,
        about.c.to_party == RECORD.c.party,
        about.c.to_id == RECORD.c.id,
        ~exists().where(DELIVERY.c.envelope == notice.c.envelope, DELIVERY.c.state == "refused"),
    )
    query = select(RECORD.c.party, RECORD.c.id, exists().where(*withdraws).label("withdrawn"))
    query = query.where(RECORD.c.state == "destroyed", RECORD.c.party != holder, ~exists().where(*told))
    return list(tx.execute(query.order_by(RECORD.c.party, RECORD.c.id)).all())


def was_read(tx: Connection, party: str, id_: str) -> None:
    """Note that somebody here read a record: it waits no more."""
    tx.execute(update(RECORD).where(RECORD.c.party == party, RECORD.c.id == id_).values(read_by=None))


def undeclined(tx: Connection, own: str, kind: str, about: tuple[str, str]) -> list[bytes]:
    """Return our notices of a kind about a record, but those that were refused."""
    refused = exists().where(DELIVERY.c.envelope == RECORD.c.envelope, DELIVERY.c.state == "refused")
    query = select(RECORD.c.data).join(
        REFERENCE, and_(REFERENCE.c.party == RECORD.c.party, REFERENCE.c.id == RECORD.c.id)
    )
    where = (
        RECORD.c.party == own,
        RECORD.c.kind == kind,
        REFERENCE.c.relation == "about",
        REFERENCE.c.to_party == about[0],
        REFERENCE.c.to_id == about[1],
        RECORD.c.data.is_not(None),
        ~refused,
    )
    return list(tx.execute(query.where(*where)).scalars())


def untold(tx: Connection, own: str) -> list[tuple[str, str, bytes]]:
    """Return (id, recipient, notice) of records of ours that we withdrew while one who was sent them was not told."""
    notice, said, heard = RECORD.alias(), RECORD.alias(), DELIVERY.alias()
    first, other = REFERENCE.alias(), REFERENCE.alias()
    told = exists().where(
        *_withdraws(other, said),
        heard.c.envelope == said.c.envelope,
        heard.c.recipient == DELIVERY.c.recipient,
        heard.c.state != "refused",
    )
    query = select(RECORD.c.id, DELIVERY.c.recipient, notice.c.data).order_by(notice.c.id.desc())
    query = query.where(RECORD.c.party == own, *_withdraws(first, notice), DELIVERY.c.envelope == RECORD.c.envelope)
    notices = {(row[0], row[1]): row[2] for row in tx.execute(query.where(~told))}  # of several, the first
    return [(id_, recipient, data) for (id_, recipient), data in sorted(notices.items())]


def _withdraws(reference: FromClause, notice: FromClause) -> tuple[ColumnElement[bool], ...]:
    """That `notice` withdraws the record at hand, by its reference."""
    return (
        reference.c.relation == "withdraws",
        reference.c.party == notice.c.party,
        reference.c.id == notice.c.id,
        reference.c.to_party == RECORD.c.party,
        reference.c.to_id == RECORD.c.id,
    )


def keep(tx: Connection, party: str, id_: str, until: str) -> int:
    """Note that a record is kept until then; return how many rows that was (0: no such record)."""
    where = (RECORD.c.party == party, RECORD.c.id == id_, RECORD.c.data.is_not(None))
    return tx.execute(update(RECORD).where(*where).values(kept_until=until)).rowcount


@dataclass(frozen=True, slots=True)
class LineState:
    """How the line to a recipient stands: numbers sent, settled up to, and void, these in runs (`Heartbeat`)."""

    sent: int
    settled: int
    void: tuple[numbers.Run, ...]


def line(tx: Connection, recipient: str, recalled: Sequence[str]) -> LineState:
    """Return how the line to a recipient stands; kinds whose labels are `recalled` leave no more once withdrawn."""
    to, asked = {"to": recipient, "after": 0}, _asked(tuple(recalled))
    sent = tx.execute(_SENT, to).scalar_one() or 0
    alone = [number for query in (_REFUSED, asked.recalled) for number in tx.execute(query, to).scalars()]
    void = numbers.merged([*((each, each) for each in alone), *(tuple(row) for row in tx.execute(_LOST, to))])
    unsettled = [number for query in (_PROVISIONAL, asked.first) for number in tx.execute(query, to).scalars()]
    return LineState(sent, min(unsettled, default=sent + 1) - 1, tuple(void))


def is_lost(tx: Connection, digest: str) -> bool:
    """Whether an envelope stands, or may stand, in our log that was lost when this node was put back to an old copy."""
    where = or_(LOST.c.envelope == digest, LOST.c.envelope.startswith(UNKNOWN))
    return tx.execute(select(LOST.c.log).where(where).limit(1)).first() is not None


def waiting(tx: Connection, recipient: str, recalled: Sequence[str], after: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yield (number, envelope) of those to a recipient that nobody answered yet, beyond a number, in order."""
    asked = {"to": recipient, "after": after}
    with tx.execute(_asked(tuple(recalled)).waiting, asked) as found:  # closed, wherever its reader stops
        for row in found:
            yield row.sequence, row.data


def first_waiting(recalled: Sequence[str]) -> Select[int]:
    """Return what selects the number of the first envelope that waits for the recipient `to` beyond `after`, if any."""
    return _asked(tuple(recalled)).first


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of the deliveries to a recipient that nobody answered: which leave, the first of them, the rest."""

    waiting: Select[int, bytes]
    first: Select[int]
    recalled: Select[int]


@cache
def _asked(recalled: tuple[str, ...]) -> _Asked:
    joined = DELIVERY.join(ENVELOPE, ENVELOPE.c.digest == DELIVERY.c.envelope)
    joined = joined.join(RECORD, RECORD.c.envelope == ENVELOPE.c.digest)
    leaves = and_(ENVELOPE.c.data.is_not(None), ~gone(recalled))

    pending = (DELIVERY.c.recipient == bindparam("to"), DELIVERY.c.state == "pending")
    numbers = select(DELIVERY.c.sequence).select_from(joined).where(*pending).order_by(DELIVERY.c.sequence)
    waiting = numbers.where(leaves, DELIVERY.c.sequence > bindparam("after"))
    whole = waiting.add_columns(ENVELOPE.c.data).execution_options(yield_per=_READ_AT_ONCE)
    return _Asked(whole, waiting.limit(1), numbers.where(~leaves))


def gone(recalled: Sequence[str]) -> ColumnElement[bool]:
    """Whether a record is withdrawn, and its kind among those labels that leave the house no more then."""
    return and_(RECORD.c.state == "withdrawn", RECORD.c.kind.in_(recalled))


def _envelope(row: Row) -> dict[str, Any]:
    return {"digest": row.digest, "data": row.envelope, "content_key": row.content_key}


def _record(row: Row) -> dict[str, Any]:
    fields = row.record.fields
    return {
        "party": fields.author.party,
        "id": fields.id,
        "envelope": row.digest,
        "compact": row.compact,
        "kind": fields.kind,
        "at": fields.at.isoformat(),
        "expires": row.expires.isoformat() if row.expires else None,
        "exercise": fields.exercise,
        "person": row.record.facts.names_person,
        "log_index": row.log_index,
        "state": "current",
        "kept_until": None,
        "read_by": row.read_by.isoformat() if row.read_by else None,
        "data": row.record.data,
    }


def _references(record: Record) -> list[dict[str, Any]]:
    party, id_ = record.key
    return [
        {"party": party, "id": id_, "relation": ref.relation, "to_party": ref.party, "to_id": ref.id}
        for ref in record.fields.refs
    ]


def _mark(tx: Connection, batch: Sequence[Record], recalled: Sequence[str]) -> None:
    """Carry supersession and withdrawal to the record meant, whichever of the two arrived first."""
    marks = {(ref.relation, ref.party, ref.id) for record in batch for ref in record.fields.refs}
    keys = {record.key for record in batch}
    earlier = tx.execute(_REFERRING, {"ids": [id_ for _, id_ in keys]})
    marks.update((row.relation, row.to_party, row.to_id) for row in earlier if (row.to_party, row.to_id) in keys)
    for relation, party, id_ in sorted(marks):
        if relation == "withdraws":
            _set_state(tx, party, id_, "withdrawn", ("current", "superseded"))
            _read_no_more(tx, party, id_)
            tx.execute(_RECALL, {"of": party, "named": id_, "kinds": list(recalled)})
        elif relation == "supersedes":
            _set_state(tx, party, id_, "superseded", ("current",))
            _read_no_more(tx, party, id_, RECORD.c.kind.in_(recalled), _OUTDATED)
    for record in batch:
        if record.kind.label == DESTROYED.label:
            for ref in record.fields.refs:
                tx.execute(_RECALL_ANSWERED, {"of": ref.party, "named": ref.id, "by": record.key[0]})


def _set_state(tx: Connection, party: str, id_: str, state: str, before: tuple[str, ...]) -> None:
    where = (RECORD.c.party == party, RECORD.c.id == id_, RECORD.c.state.in_(before))
    tx.execute(update(RECORD).where(*where).values(state=state))


def _read_no_more(tx: Connection, party: str, id_: str, *where: ColumnElement[bool]) -> None:
    tx.execute(update(RECORD).where(RECORD.c.party == party, RECORD.c.id == id_, *where).values(read_by=None))
