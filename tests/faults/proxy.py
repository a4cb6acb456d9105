"""A wire that misbehaves: it stands between two nodes and passes bytes on, late, in part or not at all.

Law: it knows no HTTP. What it does with a connection it was told when that began.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Manner:
    """How bytes pass: `late` seconds after they came, and no more than so many each way, then the line is cut.

    Where it `stalls` it is not cut: nothing more passes. Where it ends `gently` the one who listens sees an end.
    """

    late: float = 0.0
    there: int | None = None
    back: int | None = None
    stalls: bool = False
    gently: bool = False


@dataclass
class Proxy:
    """A running one; `manner` may be changed for the connections that come."""

    url: str = ""
    manner: Manner = field(default_factory=Manner)
    connections: int = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        """Carry one connection to its end."""
        manner, self.connections = self.manner, self.connections + 1
        ends = [writer]
        try:
            theirs, to_them = await asyncio.open_connection("127.0.0.1", port)
            ends.append(to_them)
            ways = [
                asyncio.ensure_future(pass_on(reader, to_them, manner.there, manner)),
                asyncio.ensure_future(pass_on(theirs, writer, manner.back, manner)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            return
        finally:
            for end in ends:
                if not manner.gently:
                    end.transport.abort()
                end.close()


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None, manner: Manner) -> None:
    """Pass bytes on one way until there are no more, or as many as may pass."""
    passed = 0
    while piece := await reader.read(2**20):
        await asyncio.sleep(manner.late)
        kept = piece if most is None else piece[: most - passed]
        passed += len(kept)
        writer.write(kept)
        await writer.drain()
        if most is not None and passed >= most:
            if manner.stalls:
                await asyncio.sleep(3600)
            return


@contextmanager
def between(url: str) -> Iterator[Proxy]:
    """A proxy to that address until the block ends."""
    proxy, loop, begun = Proxy(), asyncio.new_event_loop(), threading.Event()
    ended = asyncio.Event()

    async def work() -> None:
        port = urlsplit(url).port or 0
        server = await asyncio.start_server(lambda reader, writer: proxy.carry(reader, writer, port), "127.0.0.1", 0)
        proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        begun.set()
        await ended.wait()
        server.close()
        carried = asyncio.all_tasks() - {asyncio.current_task()}
        for task in carried:
            task.cancel()
        await asyncio.gather(*carried, return_exceptions=True)
        await asyncio.sleep(0.01)  # in which what was closed is lost

    thread = threading.Thread(target=loop.run_until_complete, args=(work(),), daemon=True)
    thread.start()
    begun.wait()
    yield proxy
    loop.call_soon_threadsafe(ended.set)
    thread.join()
    loop.close()
