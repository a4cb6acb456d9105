"""All lines of a node to its peers: each a thread, woken after every commit, begun and ended as addresses are given.

Law: which lines there are, where they lead and whether they are paused is as the database has it, also while a node is
served: a command given beside it is followed within a second.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import DBAPIError

from amanat.exchange import journal, live
from amanat.exchange.clocks import Clocks
from amanat.exchange.means import Means, Turn, begin
from amanat.exchange.peer_client import Wire
from amanat.exchange.peer_line import Line, Standing, State, untimed
from amanat.exchange.receive import Report
from amanat.party.errors import Invalid, Problem
from amanat.party.keys import NodeKeys
from amanat.store import database, turns
from amanat.store.dialect import upsert
from amanat.store.tables import PEER

LOOKED_AT_EVERY = 0.25
"""Seconds between looks at whether another program changed the database, or the keys."""
AGAIN_AFTER = 1.0
"""Seconds after which what could not be looked at is looked at again."""
GRACE = 5.0
"""Seconds that exchanges at hand are given when a node is stopped, before they are broken off; nothing is lost."""


def _unchanged() -> NodeKeys | None:
    return None


@dataclass(slots=True)
class Lines:
    """The lines of a running node."""

    means: Means
    http: httpx.Client
    seconds: Callable[[], float]
    chance: Callable[[], float]
    told: Callable[[Report], None]
    timed: Callable[[str, float], None] = untimed
    new_keys: Callable[[], NodeKeys | None] = _unchanged
    keyed: list[Callable[[Means], None]] = field(default_factory=list)
    clocks: Clocks = field(init=False)
    lines: dict[str, Line] = field(default_factory=dict)
    threads: dict[str, threading.Thread] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Begin with nothing heard of any clock."""
        self.clocks = Clocks(self.means)

    def begin(self) -> None:
        """Begin a line to every peer whose address is known."""
        turns.after_commits(self.means.engine, self.wake)
        self._follow()
        self.threads[""] = threading.Thread(target=self._watch, name="other programs", daemon=True)
        self.threads[""].start()

    def end(self) -> None:
        """End all lines, each once its exchange at hand is over, or is broken off."""
        self.ended.set()
        for line in self.lines.values():
            line.end()
        until = self.seconds() + GRACE
        for thread in list(self.threads.values()):  # the watcher may begin or forget one meanwhile
            thread.join(max(until - self.seconds(), 0.0))
        for line in self.lines.values():
            line.wire.cut()
        for thread in list(self.threads.values()):
            thread.join(GRACE)

    def wake(self) -> None:
        """Something was committed, of which some may be due for a peer."""
        for line in self.lines.values():
            line.wake()

    def heard(self, party: str, skew: timedelta | None) -> None:
        """A peer asked us something, and so its node lives."""
        self.clocks.heard(party, skew)
        line = self.lines.get(party)
        if line is not None:
            line.heard(skew)

    def standing(self) -> Mapping[str, Standing]:
        """Return how each line stands."""
        return {party: line.standing for party, line in sorted(self.lines.items())}

    def line(self, party: str) -> Line:
        """Return a peer's line. Raises `Invalid` when there is none."""
        line = self.lines.get(party)
        if line is None:
            raise Invalid("peer.unknown", f"No address of {party} is known.", "See which are known, or give it.")
        return line

    def pause(self, turn: Turn, party: str) -> None:
        """Bring a peer nothing until `resume`, also after a restart. Raises `Invalid` for one that has no line."""
        line = self.line(party)
        _note(turn, party, paused=True)
        line.pause()

    def resume(self, turn: Turn, party: str) -> None:
        """Go on with a peer, at once; one that does not answer is tried now. Raises `Invalid` as `pause`."""
        line = self.line(party)
        _note(turn, party, paused=False)
        line.resume()

    def _watch(self) -> None:
        """See what other programs do until the node ends, whatever goes wrong with it."""
        while not self.ended.is_set():
            try:
                self._see_others()
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not leave commands beside the node unseen
                journal.put_off("other programs", error)
                self.ended.wait(AGAIN_AFTER)

    def _see_others(self) -> None:
        """Wake all who wait for commits after those of other programs too: of a command given beside the node.

        Lines follow before anybody is told, so that who looks then sees them as they are. There may have been some
        before the first look: it counts as one.
        """
        with database.commits_of_others(self.means.engine) as told:
            last: object = None
            while not self.ended.wait(LOOKED_AT_EVERY):
                for line in self.lines.values():
                    line.hurry()
                keys = self.new_keys()
                if keys is not None:
                    self._use(keys)
                if (now := told()) != last:
                    last = now if self._follow() else None  # else looked at again
                    turns.another_committed(self.means.engine)

    def _follow(self) -> bool:
        """Let lines be as their addresses stand in the database, whoever wrote those; return whether all are.

        No line is begun to a peer while the thread of one that was forgotten still takes in an answer of it. Where
        they are otherwise, they are read again with no writer at work: one of this program may have paused a line and
        not have committed that yet.
        """
        with turns.reading(self.means.engine) as tx:
            peers = addresses(tx)
        if peers == {party: line.leads for party, line in self.lines.items()}:
            return True
        with turns.alone(self.means.engine), turns.reading(self.means.engine) as tx:
            return self._let_be(addresses(tx))

    def _let_be(self, peers: Mapping[str, tuple[str, bool]]) -> bool:
        """Let lines be as these addresses are; return whether all are."""
        for party in self.lines.keys() - peers.keys():
            self._forget(party)
        ending = {party for party, thread in self.threads.items() if party not in self.lines and thread.is_alive()}
        for party, (url, paused) in peers.items():
            line = self.lines.get(party)
            if line is not None:
                line.follow(url, paused=paused)
            elif party not in ending:
                self._begin(party, url, paused=paused)
        return not ending & peers.keys()

    def _use(self, keys: NodeKeys) -> None:
        """Speak by other keys from the next exchange on; what is at work ends by those it began with."""
        self.means = replace(self.means, keys=keys)
        for line in self.lines.values():
            line.means = self.means
            line.wire.key = keys.record
            line.press()
        for tell in self.keyed:
            tell(self.means)

    def _stood(self, party: str, state: State) -> None:
        """Tell live pages that a peer answers again, or does so no more; a database that is away keeps no line down."""
        try:
            with begin(self.means) as turn:
                live.tell(turn, "line", party, detail=state)
        except (Problem, DBAPIError) as problem:
            journal.put_off("line", problem)

    def _begin(self, party: str, url: str, *, paused: bool) -> None:
        wire = Wire(self.http, url, self.means.party, party, self.means.keys.record)
        line = Line(self.means, wire, self.seconds, self.chance, self.told, self.clocks.heard, self.timed, self._stood)
        if paused:
            line.pause()
        thread = threading.Thread(target=line.run, name=f"line to {party}", daemon=True)
        self.lines = {**self.lines, party: line}  # anew: other threads go through them
        self.threads[party] = thread
        thread.start()

    def _forget(self, party: str) -> None:
        """End a line whose address is known no more; an exchange at hand is broken off, and nothing is lost by it.

        Its thread is not waited for: whoever watches sees to all other lines.
        """
        line = self.lines[party]
        self.lines = {other: each for other, each in self.lines.items() if other != party}
        line.end()
        line.wire.cut()


def addresses(tx: Connection) -> dict[str, tuple[str, bool]]:
    """Return for each peer whose address is known (url, whether its line is paused)."""
    return {row.party: (row.url, row.paused) for row in tx.execute(select(PEER).order_by(PEER.c.party))}


def set_address(means: Means, party: str, url: str) -> None:
    """Note where a peer's node is reached, and that its line is not paused.

    Raises `Invalid` for a party not known, or an address that is none.
    """
    if not _is_address(url):
        raise Invalid("peer.url", f"{url!r} is no address of a node.", "Give one such as https://node.example:8440.")
    with begin(means) as turn:
        if party not in turn.known.manifests or party == means.party:
            raise Invalid("party.unknown", f"No manifest of {party} is known.", "Learn it face to face.")
        row = {"party": party, "url": url.rstrip("/"), "paused": False}
        upsert(turn.tx, PEER, ("url", "paused"), row)
        live.tell(turn, "line", party, detail="set")


def _is_address(url: str) -> bool:
    """Whether it says scheme, host and port, and nothing besides that would send what is signed elsewhere."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return False
    if parsed.port is not None and not 0 < parsed.port < 2**16:
        return False
    port = "" if parsed.port is None else f":{parsed.port}"
    host = f"[{parsed.host}]" if ":" in parsed.host else parsed.host
    plain = f"{parsed.scheme}://{host}{port}"
    return parsed.scheme in ("http", "https") and bool(parsed.host) and url.lower() in (plain, f"{plain}/")


def forget_address(means: Means, party: str) -> None:
    """Forget where a peer's node is reached: it is met by stick again. Raises `Invalid` when it was not known."""
    with begin(means) as turn:
        if not turn.tx.execute(delete(PEER).where(PEER.c.party == party)).rowcount:
            raise Invalid("peer.unknown", f"No address of {party} is known.", "See which are known, or give it.")
        live.tell(turn, "line", party, detail="forgotten")


def _note(turn: Turn, party: str, *, paused: bool) -> None:
    turn.tx.execute(PEER.update().where(PEER.c.party == party).values(paused=paused))
    live.tell(turn, "line", party, detail="paused" if paused else "resumed")
