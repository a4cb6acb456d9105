"""Whether anything is due for a peer: asked after every commit, so that every question is answered from an index.

All are asked by one statement, which costs about the same however much it asks.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, exists, func, literal, or_, select

from amanat.exchange.means import Means, Turn
from amanat.store import records
from amanat.store.tables import (
    ACT,
    AGAIN,
    ARRIVAL,
    ATTACHMENT,
    CHECKPOINT,
    COMPACT,
    COSIGNED,
    DELIVERY,
    ENDING,
    GIVING,
    LEXICON,
    MANIFEST,
    MARK,
    REFUSAL,
)

Papers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """The logs of the compacts that are shared with a peer, and those of them that it countersigns."""

    logs: tuple[str, ...]
    witnessed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """Whether records wait for a peer, whether answers do, how large the logs are that grew since it countersigned.

    `papers`, counts and sizes, change with each paper that is taken in. `newest` numbers the newest envelope for it.
    """

    records: bool
    answers: bool
    countersign: int
    papers: Papers
    newest: int


def shared(turn: Turn, recipient: str) -> Shared:
    """Return what is shared with a peer; it changes with the papers only."""
    terms = {id_: compact.terms for id_, compact in sorted(turn.known.compacts.items())}
    logs = tuple(id_ for id_, each in terms.items() if recipient in each.parties)
    return Shared(logs, tuple(id_ for id_ in logs if recipient in terms[id_].witnesses))


def due(tx: Connection, recipient: str, means: Means, over: Shared, beyond: int = 0) -> Due:
    """Ask whether anything is due for a peer, of records beyond a number; while this node is put back only papers."""
    now = means.now().replace(microsecond=0).isoformat()
    of = {"of": recipient, "to": recipient, "after": beyond, "now": now}
    restored, newest, waits, answers, grown, *papers = tx.execute(_asked(tuple(means.kinds.recalled), over), of).one()
    if restored:
        return Due(records=False, answers=False, countersign=0, papers=tuple(papers), newest=newest)
    return Due(waits is not None, bool(answers), grown, tuple(papers), newest)


@lru_cache(maxsize=64)
def _asked(recalled: tuple[str, ...], over: Shared) -> Select[Any]:
    """Return what asks all of it of the recipient `of`, who is `to` too."""
    newest = select(func.coalesce(func.max(DELIVERY.c.sequence), 0)).where(DELIVERY.c.recipient == bindparam("to"))
    grown = sum((_grown(log) for log in over.witnessed), start=literal(0))
    return select(
        exists().where(MARK.c.name == "restored"),
        newest.scalar_subquery(),
        records.first_waiting(recalled).scalar_subquery(),
        or_(*_ANSWERS, *(_now_final(log) for log in over.logs)),
        grown,
        *_MARKS,
    )


def _now_final(log: str) -> Any:  # noqa: ANN401 - a clause
    """That a receipt was given which was not final, and now would be."""
    final = select(func.max(CHECKPOINT.c.size)).where(CHECKPOINT.c.log == log, CHECKPOINT.c.quorum.is_(True))
    return exists().where(
        ARRIVAL.c.sender == bindparam("of"),
        ARRIVAL.c.answered == "provisional",
        ARRIVAL.c.compact == log,
        ARRIVAL.c.log_index < final.scalar_subquery(),
    )


def _grown(log: str) -> Any:  # noqa: ANN401 - a clause
    """How large a log is that grew since the recipient countersigned it; else 0."""
    newest = select(func.max(CHECKPOINT.c.size)).where(CHECKPOINT.c.log == log).scalar_subquery()
    seen = select(COSIGNED.c.size).where(COSIGNED.c.log == log, COSIGNED.c.witness == bindparam("of"))
    return case((func.coalesce(seen.scalar_subquery(), 0) < newest, newest), else_=0)


_given = exists().where(GIVING.c.party == bindparam("of"), GIVING.c.until > bindparam("now"))
_ANSWERS = (
    exists().where(ARRIVAL.c.sender == bindparam("of"), ARRIVAL.c.answered == "no"),
    exists().where(REFUSAL.c.sender == bindparam("of"), REFUSAL.c.answered.is_(False)),
    exists().where(ATTACHMENT.c.party == bindparam("of"), ATTACHMENT.c.told.is_(False)),
    exists().where(AGAIN.c.party == bindparam("of"), or_(AGAIN.c.ours.is_(True), _given)),
)
_MARKS = tuple(
    select(mark).select_from(table).scalar_subquery()
    for table in (MANIFEST, LEXICON, COMPACT, ACT, ENDING)
    for mark in (func.count(), func.coalesce(func.sum(func.length(table.c.data)), 0))
)
