"""Our logs as officers are shown them: how large, who countersigned, and since when a quorum is lacking."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from amanat.compact.ending import Ending, ended_at
from amanat.compact.lacking import waits_for
from amanat.exchange.became import Countersigned, countersigned
from amanat.exchange.means import Turn
from amanat.exchange.receipt import policy_of
from amanat.log.malformed import Malformed
from amanat.log.policy import parse_policy, verify_checkpoint
from amanat.store import logs


class EndedLog(msgspec.Struct, frozen=True):
    """A log of ours that ended at that size, because its entries were `lost` or it was `forked`; receipts stand."""

    origin: str
    size: int
    at: datetime
    because: str


class LogStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One of our logs. `final` is the size that met its quorum; `says` tells how its newest checkpoint stands.

    `ended` are those before it for the same compact.
    """

    log: str
    origin: str
    size: int
    final: int
    countersigned: tuple[Countersigned, ...]
    waits_for: str
    waiting_since: datetime | None
    says: str
    checkpoint: str
    ended: tuple[EndedLog, ...]


def standings(turn: Turn) -> tuple[LogStanding, ...]:
    """Return how each log stands that a compact asks to be countersigned."""
    return tuple(_standing(turn, log) for log in logs.logs(turn.tx) if log in turn.known.compacts)


def _standing(turn: Turn, log: str) -> LogStanding:
    tree, note = logs.latest(turn.tx, log)
    best = logs.with_quorum(turn.tx, log)
    final = best[0] if best else 0
    policy = parse_policy(policy_of(turn.known, log, turn.means.party))
    try:
        verified = verify_checkpoint(policy, note)
        seen, lacking = countersigned(verified), waits_for(policy, verified.cosigned, leave_out=turn.means.party)
    except Malformed:  # of a log key that was changed since: the next checkpoint is signed by the one in use
        seen, lacking = (), waits_for(policy, (), leave_out=turn.means.party)
    since = _first_after(turn, log, final)
    return LogStanding(
        log=log,
        origin=turn.known.log_name(turn.means.party, log),
        size=tree.size,
        final=final,
        countersigned=seen,
        waits_for=lacking if tree.size > final else "",
        waiting_since=since,
        says=told(tree.size, final, [each.by for each in seen], None if since is None else turn.now - since),
        checkpoint=note.decode(),
        ended=tuple(map(_ended, turn.known.ended(turn.means.party, log))),
    )


def _ended(ending: Ending) -> EndedLog:
    at = ended_at(ending)
    return EndedLog(at.origin, at.size, ending.at, ending.because)


def told(size: int, final: int, by: Sequence[str], waiting: timedelta | None) -> str:
    """Say how a checkpoint stands: "countersigned by A only, 31 h"."""
    if size <= final:
        return "final" if size else "empty"
    names = f"countersigned by {' and '.join(by)} only" if by else "countersigned by nobody"
    return names if waiting is None else f"{names}, {waiting // timedelta(hours=1)} h"


def _first_after(turn: Turn, log: str, size: int) -> datetime | None:
    """When the oldest record was written that stands beyond that size; None where there is none."""
    at = logs.first_beyond(turn.tx, log, size)
    return None if at is None else datetime.fromisoformat(at)
