"""When a record came into a log, by others' clocks: from the cosignatures on the checkpoints kept around it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from amanat.exchange.means import Turn
from amanat.exchange.receipt import policy_of
from amanat.log.bounds import Bound, Bounds, bounds
from amanat.log.malformed import Malformed
from amanat.log.policy import Verified, parse_policy, verify_checkpoint
from amanat.log.proof import parse_proof
from amanat.store import logs


def logged(turn: Turn, log: str, index: int) -> Bounds:
    """Return between which times an entry came into our own log of a compact."""
    return bounds(index, _verified(turn, log, turn.means.party, logs.around(turn.tx, log, index)))


def accepted(turn: Turn, log: str, party: str, receipt: bytes) -> Bounds:
    """Return until when an entry had come into another party's log, by the receipt that it gave."""
    proof = parse_proof(receipt)
    return bounds(proof.index, _verified(turn, log, party, [proof.checkpoint]))


def as_data(found: Bounds) -> dict[str, Any]:
    """Return bounds as JSON has them: {"not_before": {"at", "by"}, "not_after": …}, each only where there is one."""
    named = {"not_before": found.not_before, "not_after": found.not_after}
    return {name: {"at": _at(each).isoformat(), "by": by(each)} for name, each in named.items() if each is not None}


def words(found: Bounds) -> str:
    """Say between which times: "not before 2026-11-24 06:30:00 UTC by obs, not after …"; "" where nobody said any."""
    since, until = found.not_before, found.not_after
    if since and until:
        return f"not before {_spelt(since)} by {by(since)}, not after {_spelt(until)} by {by(until)}"
    if since:
        return f"not before {_spelt(since)} by {by(since)}"
    return f"not after {_spelt(until)} by {by(until)}" if until else ""


def _spelt(bound: Bound) -> str:
    return f"{_at(bound):%Y-%m-%d %H:%M:%S} UTC"


def _verified(turn: Turn, log: str, owner: str, notes: Iterable[bytes]) -> Iterator[Verified]:
    """Leave out checkpoints that keys signed which are revoked since: nobody else would believe them."""
    for note in notes:
        try:
            yield verify_checkpoint(parse_policy(policy_of(turn.known, log, owner, note)), note)
        except Malformed:
            continue


def moment(seconds: int) -> datetime:
    """Return a time that a witness gave, in POSIX seconds."""
    return datetime.fromtimestamp(min(seconds, _LAST), UTC)


def _at(bound: Bound) -> datetime:
    return moment(bound.time)


def by(bound: Bound) -> str:
    """The witness's party, which has several names while its keys change: "obs.2" (`compact.witnessing`)."""
    party, _, number = bound.witness.rpartition(".")
    return party if number.isdecimal() else bound.witness


_LAST = 253402300799  # the last second of the year 9999: a witness may say any time up to 2**63 - 1
