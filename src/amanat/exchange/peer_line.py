"""The line to one peer: brings what is due as soon as it is, backs off while nobody answers, and shows how it stands.

One exchange at a time, so that envelopes arrive in their order; while its answer is taken in, in a thread of its own,
the next share goes, beyond what was brought. At most two answers are in memory. Nothing is kept over a restart: what is
due stands in the database, and a line that begins anew finds it there. Nothing that a peer answers ends the line.
"""

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Final, Literal

from amanat.exchange import bundle, journal, outbox
from amanat.exchange.due import Due, Papers, Shared, due, shared
from amanat.exchange.means import Means, look
from amanat.exchange.outbox import MOST_ANSWERS, Outgoing, Share
from amanat.exchange.pace import FIRST_WAIT, Mark, Pace, Wanted
from amanat.exchange.peer_client import Wire
from amanat.exchange.receive import Report, take_in
from amanat.party.errors import Fault, Problem
from amanat.store import turns

EXCHANGE_SECONDS: Final = 900.0
"""How long an exchange may take in all, so that a peer that answers a byte a minute is one that does not answer."""

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


def unseen(_peer: str, _state: State) -> None:
    """Tell nobody how a line stands."""


@dataclass(slots=True)
class Line:
    """A peer's line; `run` is its thread's work, the rest is for others to call.

    `seconds` is a clock that never goes back, `chance` draws a number from 0 to 1; `told` is handed what came,
    `saw_clock` by how much the peer's clock is ahead, `stood` that the peer answers again or does so no more.
    """

    means: Means
    wire: Wire
    seconds: Callable[[], float]
    chance: Callable[[], float]
    told: Callable[[Report], None]
    saw_clock: Callable[[str, timedelta | None], None]
    timed: Callable[[str, float], None] = untimed
    stood: Callable[[str, State], None] = unseen
    standing: Standing = field(init=False)
    pace: Pace = field(default_factory=Pace)
    _standing_up: threading.Lock = field(default_factory=threading.Lock)
    _woken: threading.Event = field(default_factory=threading.Event)
    _pressed: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _paused: bool = False
    _taker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _taking: Future[None] | None = None  # an answer that is being taken in
    _brought: int = 0  # number of the last envelope that the peer answered, be the answer taken in or not
    _began: float | None = None  # the exchange at hand
    _judged: Papers | None = None
    _shared: Shared = field(default_factory=lambda: Shared((), ()))

    def __post_init__(self) -> None:
        """Begin with nothing known of the peer."""
        self.standing = Standing("starting", self.means.now())

    @property
    def leads(self) -> tuple[str, bool]:
        """The address it leads to, and whether it is paused."""
        return self.wire.url, self._paused

    def wake(self) -> None:
        """Something may be due. A peer that is down is left in peace until its next try."""
        self._woken.set()

    def press(self) -> None:
        """Try now: an officer asks for it, or the peer showed that it lives."""
        self._pressed.set()
        self._woken.set()

    def heard(self, skew: timedelta | None) -> None:
        """The peer asked us something: its node lives, and its clock is that much ahead."""
        with self._standing_up:
            self.standing = replace(self.standing, skew=skew)
            down = self.standing.state == "down"
        if down:
            self.press()

    def pause(self) -> None:
        """Bring nothing until `resume`; what the peer brings is taken in all the same."""
        self._paused = True
        self._stand("paused")

    def resume(self) -> None:
        """Go on after a pause."""
        if self._paused:
            self._paused = False
            self._anew()
        self.press()

    def follow(self, url: str, *, paused: bool) -> None:
        """Lead to this address, paused or not; what is so already is left in peace."""
        moved = url != self.wire.url
        self.wire.url = url
        if paused and not self._paused:
            self.pause()
        elif self._paused and not paused:
            self.resume()
        elif moved:
            self.wire.cut()
            self._anew()
            self.press()

    def _anew(self) -> None:
        """Ask the peer for all it has with the next exchange, so that it shows how it stands though nothing is due."""
        self.pace.ask_again()
        self._stand("starting")

    def end(self) -> None:
        """Let `run` return once the exchange at hand is over."""
        self._ended.set()
        self.press()

    def hurry(self) -> None:
        """Break off an exchange that takes too long; to be called now and then by another thread."""
        began = self._began
        if began is not None and self.seconds() - began > EXCHANGE_SECONDS:
            self.wire.cut()

    def run(self) -> None:
        """Exchange until `end`."""
        with self._taker:
            while not self._ended.is_set():
                self._rest(0.0 if self._paused else self.work())

    def _rest(self, wait: float) -> None:
        """Wait until something may be due, or the next try is; who is down is asked once a second at the most."""
        if self._paused:
            self._woken.wait()
        elif self.standing.state == "down":
            self._ended.wait(min(wait, FIRST_WAIT))
            self._pressed.wait(max(wait - FIRST_WAIT, 0.0))
        else:
            self._woken.wait(wait)
        self._pressed.clear()
        self._woken.clear()

    def work(self) -> float:
        """Exchange until nothing is wanted; return for how long. What goes wrong is shown, and tried again."""
        try:
            while True:
                self._woken.clear()
                taking = self._is_taking()
                beyond = self._brought if taking else 0
                at_hand = self._due(beyond)
                wanted = self.pace.wanted(at_hand, self.seconds())
                if self._ended.is_set() or self._paused:
                    return wanted.wait
                if wanted and (at_hand.records or not beyond):
                    self._exchange(wanted, at_hand, beyond)
                elif taking:
                    self._woken.wait()  # until that is taken in, or more is to be brought
                else:
                    return wanted.wait
        except Problem as problem:
            return self._failed(problem)
        except Exception as error:  # noqa: BLE001 - a mistake of ours, or bytes that nobody thought of: the line goes on
            says = f"The exchange with {self.wire.peer} failed here: {type(error).__name__}."
            mend = "It is tried again by itself; tell whoever maintains the program."
            journal.put_off(f"the exchange with {self.wire.peer}", error)
            return self._failed(Fault("peer.fault", says, mend))

    def _failed(self, problem: Problem) -> float:
        tries = self.standing.tries + 1
        wait = self.pace.failed(tries, self.chance())
        self._stand("down", problem.says, tries, wait)
        return wait

    def _is_taking(self) -> bool:
        """Whether an answer is still being taken in. Raises what kept the last one from being."""
        if self._taking is not None and self._taking.done():
            self._settle()
        return self._taking is not None

    def _settle(self) -> None:
        """Wait until what is being taken in is. Raises what kept it from being."""
        taking, self._taking = self._taking, None
        if taking is not None:
            taking.result()

    def _due(self, beyond: int) -> Due:
        with turns.reading(self.means.engine) as tx:
            at_hand = due(tx, self.wire.peer, self.means, self._shared, beyond)
        if at_hand.papers == self._judged:
            return at_hand
        with look(self.means) as turn:
            self._shared = shared(turn, self.wire.peer)
            at_hand = due(turn.tx, self.wire.peer, self.means, self._shared, beyond)
        self._judged = at_hand.papers
        return at_hand

    def _exchange(self, wanted: Wanted, at_hand: Due, beyond: int) -> None:
        """Exchange once, of envelopes those beyond a number: the answer to those before is being taken in."""
        began = self._began = self.seconds()
        regular = wanted.countersign or wanted.pull
        share = Share(
            papers=at_hand.papers != self.pace.papers,
            answers=MOST_ANSWERS if at_hand.answers or regular else 0,
            heartbeat=regular,
            countersign=regular,
            gossip=wanted.pull,
            most=self.pace.most,
            beyond=beyond,
        )
        try:
            with outbox.deliver(self.wire.peer, self.means, share) as items:
                if not beyond:
                    self.pace.brought(_mark(items), at_hand.newest, began)
                if share.countersign and at_hand.countersign:
                    self.pace.asked_to_countersign(at_hand.countersign, began)
                back, clock = self.wire.exchange(items, self.means.now(), pull=wanted.pull)
        finally:
            self._began = None
        self._brought, self.pace.papers = items.newest, at_hand.papers
        if not beyond:
            self.pace.more = bool(items.chunks.due)
        self.pace.done(began, self.seconds(), pull=wanted.pull)
        self._answered(clock)
        self._settle()
        self._taking = self._taker.submit(self._take_in, back, began, pull=wanted.pull)
        self._taking.add_done_callback(lambda _: self._woken.set())

    def _take_in(self, answer: BinaryIO, began: float, *, pull: bool) -> None:
        report = take_in(self.wire.peer, bundle.read(answer), self.means)
        if pull and report.items["envelope"] and not report.items["heartbeat"]:
            self.pace.ask_again()
        self.told(report)
        self.timed(self.wire.peer, self.seconds() - began)

    def _answered(self, clock: datetime | None) -> None:
        now = self.means.now()
        skew = None if clock is None else clock - now
        self._stand("up", answered=now, skew=skew)
        self.saw_clock(self.wire.peer, skew)

    def _stand(self, state: State, says: str = "", tries: int = 0, wait: float = 0.0, **besides: Any) -> None:  # noqa: ANN401
        """Show how the line stands; a pause is shown until it is over, whatever comes of the exchange at hand."""
        with self._standing_up:
            state = "paused" if self._paused else state
            changed = state != self.standing.state
            since = self.means.now() if changed else self.standing.since
            self.standing = replace(
                self.standing, state=state, since=since, says=says, tries=tries, wait=wait, **besides
            )
        if changed and state in ("up", "down"):
            self.stood(self.wire.peer, state)


def _mark(items: Outgoing) -> Mark:
    """What tells whether the same is brought again: the first of each type that a peer answers, and the chunks."""
    first = dict[str, str]()
    for each in items.items:
        if each.type in ("envelope", "receipt", "refusal", "holding") and each.type not in first:
            first[each.type] = hashlib.sha256(each.data).hexdigest()
    return (*first.items(), *items.chunks.due)
