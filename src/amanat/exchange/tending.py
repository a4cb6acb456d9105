"""What a served node says by itself: each second its workspaces are asked what that is, and it goes out as records.

Law: nothing is written in a second in which nothing is to be said. What is refused is said once in the log of the node,
tried again after a minute, and keeps nothing else from going out; a node that was put back to an old copy says nothing.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec

from amanat.exchange import journal
from amanat.exchange.drafting import Asked, drafted
from amanat.exchange.means import Means, Turn, begin, look
from amanat.exchange.peer_line import Standing
from amanat.exchange.send import send_in
from amanat.party.errors import Invalid, Refused
from amanat.record.record import Post
from amanat.store import marks

POST: Final = "node"
"""The post at which a node speaks by itself."""
AGAIN: Final = timedelta(minutes=1)
"""After which what was refused is tried again."""
LINGERS: Final = timedelta(seconds=20)
"""For so long a post counts as attended after its last page went: a page that is loaded anew is away for a moment."""
MOST: Final = 256
"""So much is said in one second at most by each workspace: one that says the same for ever ends nothing."""


@dataclass(frozen=True, slots=True)
class Attending:
    """What only a served node knows: which posts have a page open now, how the lines to peers stand, when it began.

    A page that went within `LINGERS` is open still. `alive` is when the node was last known to be served before it
    began, None where it never was.
    """

    posts: frozenset[str]
    lines: Mapping[str, Standing]
    began: datetime
    alive: datetime | None


Tend = Callable[[Turn, Attending], Iterable[Asked]]
"""What is to be said now; asked again once that was said, it returns it no more."""


@dataclass(slots=True)
class Tending:
    """What asks each of `tends`; `posts` and `lines` say what `Attending` has of them."""

    means: Means
    tends: Sequence[Tend]
    posts: Callable[[], frozenset[str]]
    lines: Callable[[], Mapping[str, Standing]]
    _since: tuple[datetime, datetime | None] | None = None
    _seen: dict[str, datetime] = field(default_factory=dict)
    _again: dict[bytes, datetime] = field(default_factory=dict)
    _told: set[tuple[int, str, str]] = field(default_factory=set)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def use(self, means: Means) -> None:
        """Go on with other keys from the next second on."""
        self.means = means

    def begin(self) -> None:
        """Begin, in a thread of its own; nothing where no workspace has anything to say."""
        self._begun()
        if not self.tends:
            return
        self._thread = threading.Thread(target=self._run, name="what is said by itself", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End once the round at hand is over."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def round(self) -> None:
        """Ask all, and send what they return."""
        began, alive = self._begun()
        attending = Attending(self._attended(), self.lines(), began, alive)
        for number, tend in enumerate(self.tends):
            try:
                self._tended(number, tend, attending)
                self._told -= {each for each in self._told if each[:2] == (number, "")}
            except Exception as error:  # noqa: BLE001 - a mistake in one workspace must not silence the others
                self._put_off((number, "", type(error).__name__), error)

    def _attended(self) -> frozenset[str]:
        now = self.means.now()
        self._seen = {post: at for post, at in self._seen.items() if now - at < LINGERS}
        self._seen |= dict.fromkeys(self.posts(), now)
        return frozenset(self._seen)

    def _run(self) -> None:
        while not self._ended.wait(1.0 - self.means.now().microsecond / 1_000_000):
            self.round()

    def _begun(self) -> tuple[datetime, datetime | None]:
        if self._since is None:
            with look(self.means) as turn:
                self._since = turn.now, marks.at(turn.tx, "alive")
        return self._since

    def _tended(self, number: int, tend: Tend, attending: Attending) -> None:
        """Say what is to be said, each in a transaction of its own: what is refused takes nothing back but itself."""
        with look(self.means) as turn:
            if marks.at(turn.tx, "restored") is not None or self._next(turn, tend, attending) is None:
                return
        for _ in range(MOST):
            asked = None
            try:
                with begin(self.means) as turn:
                    asked = self._next(turn, tend, attending)
                    if asked is None:
                        return
                    send_in(turn, [drafted(turn, asked)], Post(turn.means.party, POST))
            except (Invalid, Refused) as problem:
                if asked is None:  # raised by who was asked
                    raise
                self._again[_named(asked)] = turn.now + AGAIN
                self._put_off((number, _about(asked), problem.code), problem)
            else:
                self._told -= {each for each in self._told if each[:2] == (number, _about(asked))}

    def _next(self, turn: Turn, tend: Tend, attending: Attending) -> Asked | None:
        """Return the first that is to be said and was not refused within the minute."""
        self._again = {asked: at for asked, at in self._again.items() if at > turn.now}
        return next((each for each in tend(turn, attending) if _named(each) not in self._again), None)

    def _put_off(self, what: tuple[int, str, str], error: Exception) -> None:
        """Say it once, until it is no more so."""
        if what not in self._told:
            self._told.add(what)
            journal.put_off(what[1] or "what is said by itself", error)


def _about(asked: Asked) -> str:
    """Return what the log of the node calls it by: nothing of what it says."""
    return f"{asked.kind} under {asked.compact} to {', '.join(asked.to)}"


def _named(asked: Asked) -> bytes:
    return msgspec.json.encode(asked)
