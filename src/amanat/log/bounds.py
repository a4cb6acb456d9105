"""Between which times an entry came into a log, by what witnesses said of the checkpoints before and after it.

A cosignature says that its witness saw the log at this size, at this time (tlog-cosignature). An entry that stands in
that checkpoint is no younger; one that does not was not shown to that witness yet. Law: no clock of the log counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from amanat.log.policy import Verified


@dataclass(frozen=True, slots=True, order=True)
class Bound:
    """A time in POSIX seconds, and the witness who said so, by its name in the policy."""

    time: int
    witness: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Either is None where no witness said anything; `not_before` is the later where two clocks contradict each other.

    `not_before` holds if the log showed its newest checkpoint and that witness's clock is right, `not_after` if the
    latter is.
    """

    not_before: Bound | None
    not_after: Bound | None


def bounds(index: int, seen: Iterable[Verified]) -> Bounds:
    """Return the bounds of the entry at `index`, from checkpoints of one log that were verified.

    A time of zero, which a cosigner may give for none, bounds nothing.
    """
    before, after = list[Bound](), list[Bound]()
    for each in seen:
        said = after if index < each.checkpoint.size else before
        said += [Bound(time, witness) for witness, time in each.cosigned.items() if time]
    return Bounds(max(before, default=None), min(after, default=None))
