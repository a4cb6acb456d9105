"""Whether anything is due for a peer: asked after every commit, so that every question is answered from an index."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, literal, select

from amanat.exchange.means import Turn
from amanat.record.kind import Kinds
from amanat.store import marks, records
from amanat.store.tables import (
    ACT,
    AGAIN,
    ARRIVAL,
    ATTACHMENT,
    CHECKPOINT,
    COMPACT,
    COSIGNED,
    ENDING,
    LEXICON,
    MANIFEST,
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

    The mark of all papers changes with each that is taken in.
    """

    records: bool
    answers: bool
    countersign: int
    papers: Papers


def shared(turn: Turn, recipient: str) -> Shared:
    """Return what is shared with a peer; it changes with the papers only."""
    terms = {id_: compact.terms for id_, compact in sorted(turn.known.compacts.items())}
    logs = tuple(id_ for id_, each in terms.items() if recipient in each.parties)
    return Shared(logs, tuple(id_ for id_ in logs if recipient in terms[id_].witnesses))


def due(tx: Connection, recipient: str, kinds: Kinds, over: Shared) -> Due:
    """Ask whether anything is due for a peer: only papers while this node is put back to an old copy."""
    papers = tuple(number for query in _MARKS for number in tx.execute(query).one())
    if marks.at(tx, "restored") is not None:
        return Due(records=False, answers=False, countersign=0, papers=papers)
    return Due(
        records.is_waiting(tx, recipient, kinds.recalled),
        any(tx.execute(query, {"of": recipient}).first() is not None for query in _ANSWERS)
        or any(tx.execute(_NOW_FINAL, {"of": recipient, "log": log}).first() is not None for log in over.logs),
        sum(tx.execute(_GROWN, {"of": recipient, "log": log}).scalar_one_or_none() or 0 for log in over.witnessed),
        papers,
    )


_LOG = CHECKPOINT.c.log == bindparam("log")
_FINAL = select(func.max(CHECKPOINT.c.size)).where(_LOG, CHECKPOINT.c.quorum.is_(True)).scalar_subquery()
_NEWEST = select(func.max(CHECKPOINT.c.size)).where(_LOG).scalar_subquery()
_SEEN = select(COSIGNED.c.size).where(COSIGNED.c.log == bindparam("log"), COSIGNED.c.witness == bindparam("of"))
_ANSWERS = (
    select(literal(1)).where(ARRIVAL.c.sender == bindparam("of"), ARRIVAL.c.answered == "no").limit(1),
    select(literal(1)).where(REFUSAL.c.sender == bindparam("of"), REFUSAL.c.answered.is_(False)).limit(1),
    select(literal(1)).where(ATTACHMENT.c.party == bindparam("of"), ATTACHMENT.c.told.is_(False)).limit(1),
    select(literal(1)).where(AGAIN.c.party == bindparam("of")).limit(1),
)
_NOW_FINAL = (
    select(literal(1))
    .where(
        ARRIVAL.c.sender == bindparam("of"),
        ARRIVAL.c.answered == "provisional",
        ARRIVAL.c.compact == bindparam("log"),
        ARRIVAL.c.log_index < _FINAL,
    )
    .limit(1)
)
_GROWN = select(_NEWEST).where(func.coalesce(_SEEN.scalar_subquery(), 0) < _NEWEST)
_MARKS = tuple(
    select(func.count(), func.coalesce(func.sum(func.length(table.c.data)), 0)).select_from(table)
    for table in (MANIFEST, LEXICON, COMPACT, ACT, ENDING)
)
