"""Which numbers of a sender's line came, as runs: what is missing is asked after every exchange, however much came.

Derived from `ARRIVAL` and written with it. A line without loss is one run; each lasting gap makes one more.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, delete, func, select

from amanat.store.dialect import upsert
from amanat.store.tables import ARRIVED

Run = tuple[int, int]
"""The first and the last of numbers without a gap."""

_OF = ARRIVED.c.sender == bindparam("of")
_RUNS = select(ARRIVED.c.first, ARRIVED.c.last).where(_OF).order_by(ARRIVED.c.first)
_BEFORE = select(func.max(ARRIVED.c.first)).where(_OF, ARRIVED.c.first <= bindparam("low")).scalar_subquery()
_AROUND = _RUNS.where(ARRIVED.c.first >= func.coalesce(_BEFORE, 0), ARRIVED.c.first <= bindparam("high"))
_DROP = delete(ARRIVED).where(_OF, ARRIVED.c.first == bindparam("at"))


def note(tx: Connection, sender: str, numbers: Iterable[int]) -> None:
    """Note that these numbers came, in any order, and again if they must."""
    new = sorted((number, number) for number in numbers)
    if not new:
        return
    around = {"of": sender, "low": new[0][0], "high": new[-1][1] + 1}
    before = [(row.first, row.last) for row in tx.execute(_AROUND, around)]
    after = merged([*before, *new])
    begun = {first for first, _ in after}
    gone = [{"of": sender, "at": first} for first, _ in before if first not in begun]
    if gone:
        tx.execute(_DROP, gone)
    changed = [{"sender": sender, "first": first, "last": last} for first, last in after if (first, last) not in before]
    upsert(tx, ARRIVED, ("last",), *changed)


def gaps(tx: Connection, sender: str, sent: int, void: Sequence[Run]) -> list[Run]:
    """Return the runs of the sender's numbers 1 to `sent` that never arrived and are not void."""
    came = [(row.first, row.last) for row in tx.execute(_RUNS, {"of": sender})]
    missing, expected = [], 1
    for first, last in sorted([*came, *void]):
        if first > expected:
            missing.append((expected, first - 1))
        expected = max(expected, last + 1)
    if expected <= sent:
        missing.append((expected, sent))
    return missing


def merged(runs: Iterable[Run]) -> list[Run]:
    """Join runs that touch or overlap, and order them."""
    joined: list[Run] = []
    for first, last in sorted(runs):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined
