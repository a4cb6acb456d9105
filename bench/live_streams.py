"""How long until all open pages are told? 500 officers with a stream each on loopback; a record is sent, 20 times.

Ours: a served node in a process of its own, from the request that sends the record to the byte that names the event on
the last stream; with it goes all that sending costs (check, sealing, logging, a durable commit). The peer is what
nobody can do without: a bare asyncio server, in a process of its own too, that writes as many bytes to as many sockets
when it is asked to. Real are the node, its sessions and its streams; the 500 browsers are one program. The last line is
the peer's median / ours.
"""

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import httpx

from amanat.exchange.caller import COOKIE, form_word
from bundle_import import border
from hiring import hired
from serving import served
from wire import free_port

STREAMS, TIMES, WANTED = 500, 20, 1.0
TOLD = b"event: sent"
SAID = b"id: 1\nevent: sent\ndata: " + b"x" * 120 + b"\n\n"
Reader = asyncio.StreamReader
Stream = tuple[Reader, asyncio.StreamWriter]


async def opened(port: int, heads: list[bytes]) -> list[Stream]:
    """Open a connection for each head, and wait until each is answered."""
    found = []
    for head in heads:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        await reader.readuntil(b"\n\n")
        found.append((reader, writer))
    return found


async def told(streams: list[Stream], tell: Callable[[], Awaitable[object]]) -> float:
    """Seconds until something that is told has come on every stream."""
    begun = time.perf_counter()
    await asyncio.gather(tell(), *(reader.readuntil(TOLD) for reader, _ in streams))
    return time.perf_counter() - begun


async def ours(port: int, cookies: list[str]) -> list[float]:
    """Seconds that each of our events took; the last cookie is that of who sends."""
    *listening, sender = cookies
    lines = "GET /api/v1/events HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {COOKIE}="
    heads = [("\r\n".join(lines) + f"{cookie}\r\n\r\n").encode() for cookie in listening]
    record = {"kind": "intelligence.report", "compact": "pk-af", "to": ["af"], "body": {"text": "three lorries"}}
    headers = {"cookie": f"{COOKIE}={sender}", "x-amanat-form": form_word(sender)}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False) as http:

        async def send() -> None:
            (await http.post("/api/v1/records", json=record)).raise_for_status()

        streams = await opened(port, heads)
        return [await told(streams, send) for _ in range(TIMES)]


def _bare(port: int) -> None:
    writers: list[asyncio.StreamWriter] = []

    async def take(reader: Reader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"here\n\n")
        if await reader.readexactly(1) == b"+":
            writers.append(writer)
            return
        for each in writers:
            each.write(SAID)

    async def run() -> None:
        async with await asyncio.start_server(take, "127.0.0.1", port, backlog=STREAMS) as server:
            await server.serve_forever()

    asyncio.run(run())


async def bare(port: int) -> list[float]:
    """Seconds that each of the bare server's took."""

    async def ask() -> None:
        await opened(port, [b"!"])

    streams = await opened(port, [b"+"] * STREAMS)
    return [await told(streams, ask) for _ in range(TIMES)]


def main() -> None:
    """Measure both; say whether all were told in time."""
    port = free_port()
    process = multiprocessing.get_context("fork").Process(target=_bare, args=(port,), daemon=True)
    process.start()
    time.sleep(0.5)
    floor = asyncio.run(bare(port))
    process.terminate()
    with tempfile.TemporaryDirectory() as place, border(Path(place)) as parties:
        cookies = hired(parties["pk"], ["duty"] * (STREAMS + 1))
        port = free_port()
        with served(parties["pk"], port):
            took = asyncio.run(ours(port, cookies))
    verdict = "in time" if max(took) <= WANTED else f"late: {WANTED} s are wanted"
    print(
        f"{STREAMS} streams: all told within {median(took) * 1e3:.0f} ms at the median, {max(took) * 1e3:.0f} at most "
        f"({verdict}); bare {median(floor) * 1e3:.0f} ms"
    )
    print(f"ratio bare_streams_vs_live_streams {median(floor) / median(took):.2f}")


if __name__ == "__main__":
    main()
