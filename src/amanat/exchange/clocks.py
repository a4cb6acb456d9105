"""By how much peers' clocks differ from ours, as both sides hear it on the wire: a warning, never a reason to stop.

What was heard last stands in the database, so that whoever lists peers sees it; a warning is given once, when the
difference grows over `SKEW`, and taken back when it is below again.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from amanat.exchange import journal, live
from amanat.exchange.means import Means, begin
from amanat.store.dialect import upsert
from amanat.store.tables import CLOCK

SKEW: Final = timedelta(minutes=2)
"""By how much two clocks may differ before both sides are warned."""
STEP: Final = timedelta(seconds=30)
"""By how much a difference has to change to be noted anew: a line speaks every few seconds."""


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much a peer's clock was ahead of ours when it was noted, by ours; negative when it was behind."""

    ahead: timedelta
    at: datetime

    @property
    def warns(self) -> bool:
        """Whether it is more than clocks may differ."""
        return abs(self.ahead) > SKEW


@dataclass(slots=True)
class Clocks:
    """What a running node has heard of its peers' clocks since it began."""

    means: Means
    _heard: dict[str, timedelta] = field(default_factory=dict)
    _noted: dict[str, timedelta] = field(default_factory=dict)
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def heard(self, peer: str, ahead: timedelta | None) -> None:
        """A peer told its time, by which its clock is so much ahead of ours; None when it told none."""
        if ahead is None:
            return
        with self._one_at_a_time:
            self._heard[peer] = ahead
            before = self._noted.get(peer)
            warned, warns = before is not None and abs(before) > SKEW, abs(ahead) > SKEW
            if before is None or warned != warns or abs(ahead - before) >= STEP:
                self._note(peer, ahead, told=warned != warns)
                self._noted[peer] = ahead

    def ours_ahead(self) -> timedelta:
        """By how much our clock is ahead of those of all peers heard, if that is too much; else nothing.

        One peer whose clock agrees with ours is enough for ours to be believed.
        """
        least = min((-ahead for ahead in list(self._heard.values())), default=timedelta(0))
        return least if least > SKEW else timedelta(0)

    def _note(self, peer: str, ahead: timedelta, *, told: bool) -> None:
        seconds = round(ahead.total_seconds())
        with begin(self.means) as turn:
            row = {"party": peer, "ahead": seconds, "at": turn.now.isoformat()}
            upsert(turn.tx, CLOCK, ("ahead", "at"), row)
            if told:
                live.tell(turn, "clock", peer, detail=f"{seconds:+d} s" if abs(ahead) > SKEW else "agrees")
        if told and abs(ahead) > SKEW:
            journal.skewed(peer, seconds)
        elif told:
            journal.agreed(peer)


def differences(tx: Connection) -> Mapping[str, Difference]:
    """Return what was heard last of each peer's clock, by party."""
    return {
        row.party: Difference(timedelta(seconds=row.ahead), datetime.fromisoformat(row.at))
        for row in tx.execute(select(CLOCK).order_by(CLOCK.c.party))
    }


def words(ahead: timedelta) -> str:
    """Say how a peer's clock differs: "its clock is 10 min 0 s ahead of ours"."""
    minutes, seconds = divmod(round(abs(ahead.total_seconds())), 60)
    return f"its clock is {minutes} min {seconds} s {'ahead of' if ahead > timedelta(0) else 'behind'} ours"
