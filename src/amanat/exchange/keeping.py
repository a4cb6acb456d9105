"""The keeper of records of a node that is served: destroys what is due by itself, and gives our word for it.

Every minute it is noted that the node is served, what was withdrawn or has expired is destroyed and signed for, and the
write-ahead log is cut. SQLite may
have left copies where it moved rows; they end when the database is written anew, which keeps writers waiting and is
therefore done in a quiet minute, at the latest a day after (docs/safeguards.md, "When it is gone from the disk").
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from amanat.exchange import erasure, journal, live, recalls, watches
from amanat.exchange.erasure import Erased
from amanat.exchange.means import Means, Turn, begin, look
from amanat.officer.may import by_itself
from amanat.store import database, kept_back, marks, turns

EVERY: Final = 60.0
"""Seconds between rounds."""
HOUR: Final = 3600.0
"""Seconds after which what could not be told is tried again, and old events are forgotten."""
QUIET_AFTER: Final = 12 * HOUR
"""Seconds after the first destruction from which the database is written anew in a minute without a commit."""
LATEST: Final = 24 * HOUR
"""Seconds after which it is written anew in any minute."""

Spent = Callable[[Turn], Iterable[str]]
"""Under which digests something is kept back (`store.kept_back`) that need not be said any more."""


@dataclass(slots=True)
class Keeping:
    """One node's keeper. `seconds` is a clock that never goes back, `ahead` by how much ours is ahead of all peers'.

    What was kept back and is `spent`, or over, is destroyed too.

    What was destroyed before a restart may not have been written anew: a start counts as a destruction.
    """

    means: Means
    seconds: Callable[[], float]
    ahead: Callable[[], timedelta]
    spent: Sequence[Spent] = ()
    _ended: threading.Event = field(default_factory=threading.Event)
    _busy: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _uncut: bool = True
    _unwritten: float | None = None
    _hour: float = -HOUR

    def begin(self) -> None:
        """Begin, in a thread of its own, with the first round after a minute: by then peers said what time it is."""
        turns.after_commits(self.means.engine, self._busy.set)
        self._unwritten = self.seconds()
        self._thread = threading.Thread(target=self._run, name="keeper of records", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End once the round at hand is over."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self.note()

    def round(self) -> list[Erased]:
        """Destroy what is due; return it. What cannot be done now is said, and tried again with the next round."""
        quiet = not self._busy.is_set()
        erased: list[Erased] = []
        try:
            erased = self._destroy()
            self._cut()
            self._write_anew(quiet=quiet)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not end for good what destroys
            journal.put_off("erasure", error)
        self._busy.clear()
        return erased

    def note(self) -> None:
        """Note that the node is served: after a plug was pulled, that tells to within a minute when it was.

        A minute in which nothing else is written is quiet all the same.
        """
        busy = self._busy.is_set()
        try:
            with begin(self.means) as turn:
                marks.put(turn.tx, "alive", turn.now)
        except Exception as error:  # noqa: BLE001 - as above
            journal.put_off("that the node is served", error)
        if not busy:
            self._busy.clear()

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            self.note()
            self.round()

    def _destroy(self) -> list[Erased]:
        now, ahead = self.seconds(), self.ahead()
        erased = erasure.destroy_due(self.means, by_itself(erasure.KEEPER), ahead)
        if erased:
            self._destroyed(now)
            journal.erased(Counter(each.because for each in erased))
        hourly = now - self._hour >= HOUR
        if hourly or erased:
            erasure.tidy(self.means, ahead)
        if hourly:
            self._forget(now)
        self._forget_kept_back(now)
        self._look_for_overdue()
        return erased

    def _forget(self, now: float) -> None:
        """Forget old events, and destroy what old watches left to the next."""
        with begin(self.means) as turn:
            live.trim(turn)
            notes = watches.forget(turn)
        if notes:
            self._destroyed(now)
        self._hour = now

    def _forget_kept_back(self, now: float) -> None:
        """Every minute: destroy what was kept back and is not to be said any more."""
        with look(self.means) as turn:
            due = {*kept_back.overdue(turn.tx, turn.now), *(digest for spent in self.spent for digest in spent(turn))}
        if due:
            with begin(self.means) as turn:
                kept_back.destroy(turn.tx, due)
            self._destroyed(now)

    def _destroyed(self, now: float) -> None:
        self._uncut = True
        self._unwritten = now if self._unwritten is None else self._unwritten

    def _look_for_overdue(self) -> None:
        """Every minute; that it was looked for is written down only when there is one."""
        with look(self.means) as turn:
            due = recalls.newly_overdue(turn)
        if due:
            with begin(self.means) as turn:
                recalls.tell_overdue(turn)

    def _cut(self) -> None:
        if self._uncut:
            with turns.alone(self.means.engine):
                self._uncut = not database.cut(self.means.engine)

    def _write_anew(self, *, quiet: bool) -> None:
        if self._unwritten is None:
            return
        waited = self.seconds() - self._unwritten
        if waited >= LATEST or (waited >= QUIET_AFTER and quiet):
            with turns.alone(self.means.engine):
                database.scrub(self.means.engine)
            self._unwritten, self._uncut = None, False
