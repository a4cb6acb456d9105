"""Live events to many at once: one reader of the database, woken by commits, that hands each event to all streams.

Law: a stream costs a queue, not a query. Who does not read keeps nobody waiting: a stream that falls behind is ended,
and goes on from its last event when it comes again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from anyio import to_thread

from amanat.exchange import journal, live
from amanat.exchange.live import Event
from amanat.exchange.means import Means
from amanat.exchange.problem import TooMuch
from amanat.store import turns

BEHIND: Final = 2048
"""Events that wait for a stream at most."""

MOST_STREAMS, MOST_OF_ONE = 2000, 8

AGAIN_AFTER: Final = 1.0
"""Seconds after which events are read again that could not be read."""


@dataclass(eq=False, slots=True)
class Stream:
    """What one reader is still to be told; None ends it. `since` is the number it begins after.

    `post` is where its officer has a page open, "" for a program.
    """

    officer: int
    since: int
    post: str = ""
    waiting: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(BEHIND))


@dataclass(slots=True)
class Broadcast:
    """The one reader. It lives while `running`, on the loop of the server."""

    means: Means
    streams: set[Stream] = field(default_factory=set)
    _posts: frozenset[str] = frozenset()
    _last: int = 0
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _beginning: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hand out events until the block ends; then all streams end."""
        loop = asyncio.get_running_loop()
        forget = turns.after_commits(self.means.engine, self._waker(loop))
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            forget()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            self.end()

    def end(self) -> None:
        """End all streams, on the loop of the server; who listened comes again."""
        for stream in list(self.streams):
            self._end(stream)

    @asynccontextmanager
    async def stream(self, officer: int, post: str = "") -> AsyncIterator[Stream]:
        """Lend a stream of all events from now on, to a page at a post or to a program.

        Raises `TooMuch` when this officer has too many, or all have.
        """
        async with self._beginning:  # nobody is reading while the first comes: from then on, all begin where it is
            self._require_few(officer)
            if not self.streams:
                self._last = await to_thread.run_sync(self._newest)
            made = Stream(officer, self._last, post)
            self.streams.add(made)
            self._count()
        try:
            yield made
        finally:
            self._leave(made)

    def posts(self) -> frozenset[str]:
        """Return at which posts somebody has a page open now. From any thread."""
        return self._posts

    def _count(self) -> None:
        self._posts = frozenset(each.post for each in self.streams if each.post)

    def _leave(self, stream: Stream) -> None:
        self.streams.discard(stream)
        self._count()

    def _require_few(self, officer: int) -> None:
        of_one = Counter(each.officer for each in self.streams)[officer]
        if of_one >= MOST_OF_ONE or len(self.streams) >= MOST_STREAMS:
            raise TooMuch(
                "events.many", f"There are {of_one} streams of this officer already.", "Close one, or try again later."
            )

    async def between(self, after: int, until: int) -> list[Event] | None:
        """Return the events after one number up to another; None when some of them are not kept any more."""
        return await to_thread.run_sync(self._between, after, until)

    def _waker(self, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
        def wake() -> None:
            with suppress(RuntimeError):  # the loop ended: there is nobody to be told
                loop.call_soon_threadsafe(self._woken.set)

        return wake

    async def _run(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                more = await self._tell()
            except Exception as error:  # noqa: BLE001 - the database may be away, and comes back: events wait in it
                journal.put_off("live events", error)
                await asyncio.sleep(AGAIN_AFTER)
                more = True
            if more:
                self._woken.set()

    async def _tell(self) -> bool:
        """Hand out what happened since; return whether there may be more."""
        async with self._beginning:
            found = await to_thread.run_sync(self._after, self._last) if self.streams else []
            for event in found:
                self._hand_out(event)
        return len(found) == live.AT_ONCE

    def _hand_out(self, event: Event) -> None:
        self._last = event.number
        for stream in list(self.streams):
            if stream.waiting.full():
                self._end(stream)
            else:
                stream.waiting.put_nowait(event)

    def _end(self, stream: Stream) -> None:
        """Let a stream end: what waits is thrown away, for it is told anew."""
        self._leave(stream)
        while not stream.waiting.empty():
            stream.waiting.get_nowait()
        stream.waiting.put_nowait(None)

    def _newest(self) -> int:
        with turns.reading(self.means.engine) as tx:
            return live.newest(tx)

    def _after(self, number: int) -> list[Event]:
        with turns.reading(self.means.engine) as tx:
            return list(live.after(tx, number))

    def _between(self, after: int, until: int) -> list[Event] | None:
        with turns.reading(self.means.engine) as tx:
            if after < live.oldest(tx) - 1 or after > live.newest(tx):
                return None
            return [each for each in live.after(tx, after, live.KEPT) if each.number <= until]
