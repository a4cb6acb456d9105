"""Our logs as officers are shown them: how large and growing how fast, who countersigned and who lags, what is lacking.

And what of all that came proves that somebody broke the rules: by codes and counts, never by what it says.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

import msgspec

from amanat.compact.ending import Ending, ended_at
from amanat.compact.lacking import waits_for
from amanat.exchange.became import Countersigned, countersigned
from amanat.exchange.evidence import PROOFS
from amanat.exchange.means import Turn
from amanat.exchange.receipt import policy_of
from amanat.log.malformed import Malformed
from amanat.log.policy import parse_policy, verify_checkpoint
from amanat.party.errors import Invalid
from amanat.store import logs, marks, statements

DAYS: Final = 14
"""For how many days it is shown what was written on each."""
MOST: Final = 20_000
"""So many entries of each party are counted for that, so that a page is quick however busy a fortnight was."""


class EndedLog(msgspec.Struct, frozen=True):
    """A log of ours that ended at that size, because its entries were `lost` or it was `forked`; receipts stand."""

    origin: str
    size: int
    at: datetime
    because: str


class Witness(msgspec.Struct, frozen=True):
    """Up to which size a party countersigned a log, when by its clock (None: unknown), and how many entries it lags."""

    party: str
    size: int
    at: datetime | None
    behind: int


class Day(msgspec.Struct, frozen=True):
    """How many entries of a log were written on a day ("2026-01-31", UTC), by the clocks of who wrote them."""

    day: str
    entries: int


class Growth(msgspec.Struct, frozen=True):
    """What was written on each of the last days, oldest first. If not `whole`, only the newest were counted."""

    days: tuple[Day, ...]
    whole: bool


class Misconduct(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept that proves a breach: by the code of what was wrong (docs/errors.md), and which party brought it."""

    code: str
    party: str
    times: int
    first: datetime
    last: datetime


class Evidence(msgspec.Struct, frozen=True):
    """What of all that came did not hold: what proves a breach, and how much else is kept that proves none."""

    proofs: tuple[Misconduct, ...]
    others: int


class Audited(msgspec.Struct, frozen=True):
    """When this node's database was audited last, and in how many places it was not as it was signed."""

    at: datetime
    findings: int


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


def standing(turn: Turn, log: str) -> LogStanding:
    """Return how one of our logs stands. Raises `Invalid` for one that this party does not keep."""
    kept = [each for each in logs.logs(turn.tx) if each in turn.known.compacts]
    if log not in kept:
        raise Invalid("log.unknown", f"This party keeps no log {log[:48]}.", f"It keeps: {', '.join(kept) or 'none'}.")
    return _standing(turn, log)


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


def witnesses(turn: Turn, log: str) -> tuple[Witness, ...]:
    """Return how far each party has countersigned that may: who lags most, first. Raises `Refused` for no compact."""
    terms, size = turn.known.compact(log).terms, logs.latest(turn.tx, log)[0].size
    seen = logs.countersigned_to(turn.tx, log)
    found = [
        Witness(party, seen.get(party, 0), _when(turn, log, party, seen.get(party, 0)), size - seen.get(party, 0))
        for party in terms.witnesses
        if party != turn.means.party
    ]
    return tuple(sorted(found, key=lambda each: (-each.behind, each.party)))


def growth(turn: Turn, log: str) -> Growth:
    """Return what was written into one of our logs on each of the last days, today included."""
    today = turn.now.astimezone(UTC).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    since = datetime.combine(days[0], time(), UTC)
    counts = [logs.written_by_day(turn.tx, log, party, since, MOST) for party in sorted(turn.known.manifests)]
    whole = all(sum(each.values()) < MOST for each in counts)
    return Growth(tuple(Day(str(day), sum(each.get(str(day), 0) for each in counts)) for day in days), whole)


def evidence(turn: Turn) -> Evidence:
    """Return what is kept that proves a breach, and how much else did not hold."""
    rows = statements.evidence_counts(turn.tx)
    proofs = tuple(
        Misconduct(
            code=row.code,
            party=row.party,
            times=row.items,
            first=datetime.fromisoformat(row.first),
            last=datetime.fromisoformat(row.last),
        )
        for row in rows
        if row.code in PROOFS
    )
    return Evidence(proofs, sum(row.items for row in rows if row.code not in PROOFS))


def last_audit(turn: Turn) -> Audited | None:
    """Return how the last audit of this node's database ended; None where there was none."""
    at = marks.at(turn.tx, "audit")
    return None if at is None else Audited(at, int(marks.detail(turn.tx, "audit")))


def _when(turn: Turn, log: str, party: str, size: int) -> datetime | None:
    """When a party countersigned that size, by the lines that are kept under its checkpoint."""
    note = logs.checkpoint(turn.tx, log, size) if size else None
    if note is None:
        return None
    try:
        verified = verify_checkpoint(parse_policy(policy_of(turn.known, log, turn.means.party, note)), note)
    except Malformed:  # of a log key that was changed since
        return None
    return next((each.at for each in countersigned(verified) if each.by == party), None)


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
