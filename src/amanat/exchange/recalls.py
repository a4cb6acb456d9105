"""What became of our withdrawals at each who was sent the record: told, destroyed, kept on a ground, or overdue.

Law: what a holder answered is its signed notice; that it did not answer within the compact's `recall_hours` is shown,
and never taken for a word. A record that its recipient refused is held nowhere there, and nothing is waited for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, bindparam, exists, literal_column, select, tuple_

from amanat.exchange import cursor, live
from amanat.exchange.cursor import Page
from amanat.exchange.means import Turn
from amanat.record.notices import DESTROYED, KEPT, Kept
from amanat.record.record import read
from amanat.store import listing, marks
from amanat.store.dialect import among, aside
from amanat.store.listing import Word
from amanat.store.tables import DELIVERY, RECALLED, RECORD, REFERENCE, WITHDRAWS

HOURS: Final = 72
"""Within which a holder answers where the compact's latest text has the kind no more."""

State = Literal["destroyed", "kept", "overdue", "waiting", "never came"]

_RANK: Final[dict[str, int]] = {"overdue": 0, "waiting": 1, "kept": 2, "never came": 3, "destroyed": 4}


@dataclass(frozen=True, slots=True)
class Recall:
    """One withdrawn record at one recipient: when it was withdrawn, and by when that party is to have answered.

    `told` is when we signed the notice to it, None while it cannot be told; `delivered` whether the notice stands in
    its log. `destroyed` is its word of when, `kept` of what ground and until when. `never came` says that the record
    itself was not received as far as we know: there may be nothing to destroy.
    """

    id: str
    kind: str
    recipient: str
    withdrawn: datetime
    due: datetime
    told: datetime | None
    delivered: bool
    destroyed: datetime | None
    kept: Kept | None
    state: State


def newly_overdue(turn: Turn) -> list[Recall]:
    """Return the recalls that became overdue since live pages were last told."""
    told = marks.at(turn.tx, "recalls")
    return [each for each in overdue(turn) if told is None or told < _since(each)]


def tell_overdue(turn: Turn) -> None:
    """Tell live pages of each recall that became overdue, once."""
    for each in newly_overdue(turn):
        live.tell(turn, "overdue", turn.means.party, each.id, each.recipient)
    marks.put(turn.tx, "recalls", turn.now)


def overdue(turn: Turn) -> list[Recall]:
    """Return the recalls of ours that are overdue, in no order: nothing is read of those that were answered."""
    return [each for each in _open(turn) if each.state == "overdue"]


def recalls(turn: Turn) -> list[Recall]:
    """Return all recalls of ours, those that are overdue first, and of each state the oldest first."""
    return [*sorted(_open(turn), key=_order), *_answered(turn, _FIRST, None)]


def page(turn: Turn, standing: State | None, place: str, limit: int) -> Page[Recall]:
    """Return a page of recalls, of one state or all, after a cursor: of those that were answered no more is read.

    One whose state changes between two pages may stand in both, or in none. Raises `Invalid` for another cursor.
    """
    after, answered = _place(turn, place) if place else (None, _FIRST)
    found = [each for each in sorted(_open(turn), key=_order) if after is None or _order(each) > after]
    found = [each for each in found if standing in (None, each.state)]
    if standing in (None, "destroyed") and len(found) <= limit:
        found += _answered(turn, answered, limit + 1 - len(found))
    shown, more = tuple(found[:limit]), len(found) > limit
    return Page(shown, cursor.written(shown[-1].state, shown[-1].id, shown[-1].recipient) if more else None)


_Order = tuple[int, datetime, str, str]
_Answered = tuple[str, str, str]
"""By what those are sorted that were answered: the notice that withdrew the record, the record, and its recipient."""
_FIRST: Final[_Answered] = ("", "", "")


def _place(turn: Turn, place: str) -> tuple[_Order, _Answered]:
    """Return after which of those that are open a page goes on, and after which of those that were answered."""
    state, id_, recipient = cursor.read(place, 3)
    first = turn.tx.execute(_FIRST_NOTICE, {"party": turn.means.party, "ids": [id_]}).first()
    if first is None or state not in _RANK:
        raise cursor.unknown()
    open_ = (_RANK[state], datetime.fromisoformat(first.at), id_, recipient)
    return open_, (first.id, id_, recipient) if state == "destroyed" else _FIRST


def _order(recall: Recall) -> _Order:
    """By what those are sorted that are open."""
    return _RANK[recall.state], recall.withdrawn, recall.id, recall.recipient


def _since(recall: Recall) -> datetime:
    """Since when a recall is overdue: what was kept on a ground is so from the end of that on."""
    return max(recall.due, recall.kept.until) if recall.kept else recall.due


def _open(turn: Turn) -> Iterator[Recall]:
    """Yield the recalls of which a word is awaited, in no order."""
    yield from _read(turn, turn.tx.execute(_RECALLED, _asked(turn)).all())


def _answered(turn: Turn, after: _Answered, most: int | None) -> Iterator[Recall]:
    """Yield so many recalls whose record was destroyed there, in order."""
    query = _DESTROYED.where(tuple_(*_ANSWERED) > tuple_(*after)).order_by(*_ANSWERED).limit(most)
    yield from _read(turn, turn.tx.execute(query, _asked(turn)).all())


def _asked(turn: Turn) -> dict[str, Any]:
    return {"party": turn.means.party, "kinds": list(turn.means.kinds.recalled)}


def _read(turn: Turn, rows: Sequence[Any]) -> Iterator[Recall]:
    notices: dict[str, dict[str, Any]] = {}
    first: dict[str, datetime] = {}
    of = {"party": turn.means.party, "ids": list({row.id for row in rows})}
    for notice in turn.tx.execute(_NOTICES, of):
        first.setdefault(notice.to_id, datetime.fromisoformat(notice.at))
        notices.setdefault(notice.to_id, {})[notice.recipient] = notice
    said = listing.words(turn.tx, [(turn.means.party, id_) for id_ in notices])
    for row in rows:
        words = [each for each in said[turn.means.party, row.id] if each.party == row.recipient]
        yield _recall(turn, row, first[row.id], notices[row.id].get(row.recipient), words)


def _recall(turn: Turn, row: Any, withdrawn: datetime, notice: Any, words: list[Word]) -> Recall:  # noqa: ANN401 - rows
    due = withdrawn + timedelta(hours=hours(turn, row.compact, row.kind))
    destroyed = next((datetime.fromisoformat(each.at) for each in words if each.kind == DESTROYED.label), None)
    kept = _kept(turn, words)
    state: State = "waiting"
    if destroyed is not None:
        state = "destroyed"
    elif kept is not None and kept.until > turn.now:
        state = "kept"
    elif row.state == "pending":
        state = "never came"
    elif turn.now >= due:
        state = "overdue"
    return Recall(
        id=row.id,
        kind=row.kind,
        recipient=row.recipient,
        withdrawn=withdrawn,
        due=due,
        told=None if notice is None else datetime.fromisoformat(notice.at),
        delivered=notice is not None and notice.state in ("provisional", "final"),
        destroyed=destroyed,
        kept=kept,
        state=state,
    )


def _kept(turn: Turn, words: list[Word]) -> Kept | None:
    """The holder's last word that it keeps it."""
    data = [each.data for each in words if each.kind == KEPT.label and each.data is not None]
    body: Kept | None = read(data[-1], turn.means.kinds).body if data else None
    return body


def hours(turn: Turn, compact: str, kind: str) -> int:
    """Return within how many hours a holder of a kind answers a withdrawal."""
    named = turn.known.compact(compact).terms.kinds.get(kind.partition("/")[0])
    return HOURS if named is None else named.recall_hours


# Our withdrawals, with what became of each notice; and the records they withdraw, with what became of those.
_OF_NOTICE = (REFERENCE.c.party == RECORD.c.party) & (REFERENCE.c.id == RECORD.c.id)
_OF_RECORD = (REFERENCE.c.to_party == RECORD.c.party) & (REFERENCE.c.to_id == RECORD.c.id)
_DELIVERED = DELIVERY.c.envelope == RECORD.c.envelope
_IS_WITHDRAWAL: ColumnElement[bool] = literal_column(WITHDRAWS)  # written out, or its index would not be used
_OURS = aside(REFERENCE.c.party) == bindparam("party")  # or all that we ever sent would be read
_NOTICES = (
    select(REFERENCE.c.to_id, RECORD.c.at, DELIVERY.c.recipient, DELIVERY.c.state)
    .select_from(REFERENCE.join(RECORD, _OF_NOTICE).join(DELIVERY, _DELIVERED))
    .where(_IS_WITHDRAWAL, _OURS, among(REFERENCE.c.to_id, "ids"))
    .order_by(REFERENCE.c.id)
)
_FIRST_NOTICE = (
    select(REFERENCE.c.id, RECORD.c.at)
    .select_from(REFERENCE.join(RECORD, _OF_NOTICE))
    .where(_IS_WITHDRAWAL, _OURS, among(REFERENCE.c.to_id, "ids"))
    .order_by(REFERENCE.c.id)
    .limit(1)
)
_WAITS: ColumnElement[bool] = literal_column(RECALLED)
_TO_DESTROY = select(RECORD.c.id, RECORD.c.kind, RECORD.c.compact, DELIVERY.c.recipient, DELIVERY.c.state).where(
    aside(RECORD.c.party) == bindparam("party"), DELIVERY.c.state != "refused", among(aside(RECORD.c.kind), "kinds")
)
_RECALLED = _TO_DESTROY.select_from(DELIVERY.join(RECORD, _DELIVERED)).where(_WAITS)
_earlier = REFERENCE.alias()
_EARLIER = exists().where(
    _earlier.c.relation == "withdraws",
    aside(_earlier.c.party) == REFERENCE.c.party,
    aside(_earlier.c.id) < REFERENCE.c.id,
    _earlier.c.to_party == REFERENCE.c.to_party,
    _earlier.c.to_id == REFERENCE.c.to_id,
)
_ANSWERED = (REFERENCE.c.id, REFERENCE.c.to_id, DELIVERY.c.recipient)
_DESTROYED = _TO_DESTROY.select_from(REFERENCE.join(RECORD, _OF_RECORD).join(DELIVERY, _DELIVERED)).where(
    _IS_WITHDRAWAL, REFERENCE.c.party == bindparam("party"), ~_WAITS, ~_EARLIER
)
