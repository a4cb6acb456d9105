"""How long a line waits before it asks its peer again: not at all while the peer answers, else ever longer.

Law: reads no clock; `now` is seconds of one that never goes back.
"""

from dataclasses import dataclass
from typing import Final

from amanat.exchange.due import Due, Papers

FIRST_WAIT, LONGEST_WAIT = 1.0, 10.0
"""Seconds between tries while a peer does not answer; doubled each time, and drawn from the upper half.

A hotline that is up again is found up again before anybody gives up on it (docs/decisions/0047).
"""
IDLE: Final = 30.0
"""Seconds after which a line says that it lives, and asks what the peer has for us."""
COUNTERSIGN_EVERY: Final = 2.0
"""Seconds between requests to countersign: while records flow, not one for every batch."""
MOST, LEAST = 4 * 1024 * 1024, 64 * 1024
"""Bytes of envelopes, and of chunks, in one exchange: less over a line on which they take longer than is `EASY`."""
EASY: Final = 10.0

Mark = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an exchange is wanted for now; when nothing is, it is looked at again after `wait` seconds."""

    pull: bool
    countersign: bool
    papers: bool
    records: bool
    wait: float

    def __bool__(self) -> bool:
        """Whether there is anything to exchange for."""
        return self.pull or self.countersign or self.papers or self.records


@dataclass(slots=True)
class Pace:
    """The pace of one line."""

    papers: Papers | None = None  # which of them the peer has
    most: int = MOST
    more: bool = False  # chunks were brought, of which others may wait
    _asked: float | None = None  # when the peer was last asked for all it has
    _countersigned: float = -COUNTERSIGN_EVERY  # when the peer was last asked to, for logs of that size together
    _of_size: int = 0
    _countersign_wait: float = COUNTERSIGN_EVERY
    _brought: Mark = ()
    _vain: int = 0
    _again_at: float = 0.0
    _newest: int = 0

    def wanted(self, due: Due, now: float) -> Wanted:
        """Say what to exchange for."""
        pull_in = 0.0 if self._asked is None else self._asked + IDLE - now
        waits = [pull_in]
        countersign_in = self._countersigned + self._countersign_pause(due.countersign) - now
        if due.countersign:
            waits.append(countersign_in)
        records = due.records or due.answers or self.more
        if records:
            waits.append(0.0 if due.newest > self._newest else self._again_at - now)
        return Wanted(
            pull=pull_in <= 0,
            countersign=due.countersign > 0 and countersign_in <= 0,
            papers=due.papers != self.papers,
            records=records and waits[-1] <= 0,
            wait=max(min(waits), 0.0),
        )

    def _countersign_pause(self, size: int) -> float:
        return COUNTERSIGN_EVERY if size != self._of_size else self._countersign_wait

    def asked_to_countersign(self, size: int, now: float) -> None:
        """Note that the peer is asked to countersign logs of that size together; for the same, ever less often."""
        again = size == self._of_size
        self._countersign_wait = min(IDLE, 2 * self._countersign_wait) if again else COUNTERSIGN_EVERY
        self._countersigned, self._of_size = now, size

    def brought(self, mark: Mark, newest: int, now: float) -> None:
        """Note what an exchange that began `now` brings: what the peer was brought before gets it a pause.

        What goes beyond that while its answer is taken in is not noted, or no pause would ever come.
        """
        self._vain = self._vain + 1 if mark and mark == self._brought else 0
        self._again_at = now + min(IDLE, FIRST_WAIT * 2.0 ** (self._vain - 1)) if self._vain else now
        self._brought, self._newest = mark, newest

    def done(self, began: float, now: float, *, pull: bool) -> None:
        """Note that the peer answered what began then, and by how long that took, how much it is brought next."""
        if pull:
            self._asked = now
        if now - began > EASY:
            self.most = max(LEAST, self.most // 2)
        elif now - began < EASY / 2:
            self.most = min(MOST, self.most * 2)

    def ask_again(self) -> None:
        """Note that more waits at the peer than one answer holds: it is asked for the rest at once."""
        self._asked = None

    def failed(self, tries: int, chance: float) -> float:
        """Return the seconds to the next try after so many failed; then the peer is asked for all, and brought less."""
        self._asked, self._brought, self._vain = None, (), 0
        self.most = max(LEAST, self.most // 2)
        return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(tries - 1, 16)) * (1 + chance) / 2
