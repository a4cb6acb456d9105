"""The line to one peer: brings what is due as soon as it is, backs off while nobody answers, and shows how it stands.

One exchange at a time, so that envelopes arrive in their order. Nothing here is kept over a restart: what is due stands
in the database, and a line that begins anew finds it there.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from amanat.exchange import bundle, outbox
from amanat.exchange.means import Means
from amanat.exchange.outbox import Share
from amanat.exchange.peer_client import Wire
from amanat.exchange.receive import Report, receive
from amanat.party.errors import Problem
from amanat.store import turns

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds between tries while a peer does not answer; doubled each time, and drawn from the upper half."""
IDLE: Final = 30.0
"""Seconds after which a quiet line says that it lives, and asks what the peer has for us."""
SKEW: Final = timedelta(minutes=2)
"""By how much two clocks may differ before both sides are warned. It stops nothing."""
COUNTERSIGN_EVERY: Final = 2.0
"""Seconds between requests to countersign: while records flow, not one for every batch."""
SHARE_BYTES: Final = 4 * 1024 * 1024

State = Literal["starting", "up", "down", "paused"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a line stands: since when, when the peer last answered, what is wrong, how many tries failed in a row.

    `wait` is the seconds from the last of those to the next; `skew` is by how much the peer's clock is ahead of ours.
    """

    state: State
    since: datetime
    answered: datetime | None = None
    says: str = ""
    tries: int = 0
    wait: float = 0.0
    skew: timedelta | None = None


def untimed(_peer: str, _seconds: float) -> None:
    """Tell nobody how long an exchange took."""


@dataclass(slots=True)
class Line:
    """A peer's line; `run` is its thread's work, the rest is for others to call.

    `seconds` is a clock that never goes back, `chance` draws a number from 0 to 1.
    """

    means: Means
    wire: Wire
    seconds: Callable[[], float]
    chance: Callable[[], float]
    told: Callable[[Report], None]
    timed: Callable[[str, float], None] = untimed
    standing: Standing = field(init=False)
    _woken: threading.Event = field(default_factory=threading.Event)
    _pressed: threading.Event = field(default_factory=threading.Event)
    _ended: bool = False
    _papers: outbox.Papers | None = None
    _countersigned: float = -COUNTERSIGN_EVERY
    _patience: float = IDLE

    def __post_init__(self) -> None:
        """Begin with nothing known of the peer."""
        self.standing = Standing("starting", self.means.now())

    def wake(self) -> None:
        """Something may be due. A peer that is down is left in peace until its next try."""
        self._woken.set()

    def press(self) -> None:
        """Try now: an officer asks for it, or the peer showed that it lives."""
        self._pressed.set()
        self._woken.set()

    def pause(self) -> None:
        """Bring nothing until `resume`; what the peer brings is taken in all the same."""
        self._stand("paused")

    def resume(self) -> None:
        """Go on after a pause."""
        if self.standing.state == "paused":
            self._stand("starting")
        self.press()

    def end(self) -> None:
        """Let `run` return once the exchange at hand is over."""
        self._ended = True
        self.press()

    def run(self) -> None:
        """Exchange until `end`."""
        pull = True
        while not self._ended:
            if self.standing.state != "paused":
                self._exchange_all(pull=pull)
            pull = self._rest()

    def _rest(self) -> bool:
        """Wait until something may be due, or the next try is; return whether to ask what the peer has for us."""
        if self.standing.state == "down":
            self._pressed.wait(self.standing.wait)
            quiet = True
        else:
            quiet = not self._woken.wait(self._patience) and self._patience == IDLE
        self._pressed.clear()
        self._woken.clear()
        return quiet

    def _exchange_all(self, *, pull: bool) -> None:
        """Exchange until nothing is due. What goes wrong is shown, and tried again."""
        more = pull
        try:
            while not self._ended and self.standing.state != "paused" and (more or self._due()):
                more = self._exchange(pull=pull)
                pull = False
        except Problem as problem:
            tries = self.standing.tries + 1
            longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(tries - 1, 16))
            self._stand("down", problem.says, tries, longest * (1 + self.chance()) / 2)

    def _due(self) -> bool:
        with turns.reading(self.means.engine) as tx:
            due = outbox.due(tx, self.wire.peer, self.means.kinds)
        left = self._countersigned + COUNTERSIGN_EVERY - self.seconds()
        self._patience = left if due.countersign and left > 0 else IDLE
        return due.records or due.papers != self._papers or (due.countersign and left <= 0)

    def _exchange(self, *, pull: bool) -> bool:
        """Exchange once; return whether chunks were among what was brought, of which more may wait."""
        with turns.reading(self.means.engine) as tx:
            papers = outbox.due(tx, self.wire.peer, self.means.kinds).papers
        countersign = self.seconds() - self._countersigned >= COUNTERSIGN_EVERY
        share = Share(papers=papers != self._papers, countersign=countersign, gossip=pull, most=SHARE_BYTES)
        begun = self.seconds()
        with outbox.deliver(self.wire.peer, self.means, share) as items:
            back, clock = self.wire.exchange(items, self.means.now(), pull=pull)
            more = bool(items.chunks.due)
        if countersign:
            self._countersigned = self.seconds()
        self._papers = papers
        self._answered(clock)
        self.told(receive(self.wire.peer, bundle.read(back), self.means))
        self.timed(self.wire.peer, self.seconds() - begun)
        return more

    def _answered(self, clock: datetime | None) -> None:
        now = self.means.now()
        if self.standing.state != "paused":
            self._stand("up")
        self.standing = replace(self.standing, answered=now, skew=None if clock is None else clock - now)

    def _stand(self, state: State, says: str = "", tries: int = 0, wait: float = 0.0) -> None:
        since = self.standing.since if state == self.standing.state else self.means.now()
        self.standing = replace(self.standing, state=state, since=since, says=says, tries=tries, wait=wait)
