"""How long from send on one node until the receiving officer's stream on the other tells of it? 200 messages in turn.

Ours: two served nodes, a process each, with lines to one another on loopback; a record is posted at pk by the API and
counts once the stream of an officer at af (`/api/v1/events`) names it: sealed, logged at both, durable. The peer: two
federated Matrix homeservers (`homeservers.py`), a text put by the client API on the one and told by a long `/sync` on
the other; neither is encrypted nor answered for. One program asks both, a message of each in turn; then, of each, 400
at once, and of ours 50 a second for `--minutes` (1, unless said otherwise). What came after one that its sender's own
stream named later is out of order. It needs pip and a registry, from which it installs the peer for this run. The last
line is ours / peer at the median: here less is better.
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median, quantiles

import httpx
import msgspec

from homeservers import Room, federated, installed
from message import OFFICERS, Desk, Desks, desks, message

SINGLE, WARM, PAUSE = 200, 10, 0.05
BURST, A_SECOND, PATIENCE, WANTED = 400, 50, 60.0, 0.25
FILTER = '{"room": {"timeline": {"limit": 5000}}}'
Say = Callable[[], Awaitable[str]]


@dataclass
class Heard:
    """What a reader was told of: when first, and all in the order in which it came."""

    at: dict[str, float] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, name: str) -> None:
        """Note that this message was told of now."""
        self.at.setdefault(name, time.perf_counter())
        self.order.append(name)
        self.more.set()

    async def all_of(self, names: Sequence[str]) -> None:
        """Wait until all of these were told of, and no longer than patience lasts."""
        until = time.perf_counter() + PATIENCE
        while not self.at.keys() >= set(names) and time.perf_counter() < until:
            self.more.clear()
            await asyncio.wait([asyncio.ensure_future(self.more.wait())], timeout=1)


@dataclass(frozen=True)
class Side:
    """How one of the two says something, and what its reader heard."""

    say: Say
    heard: Heard


async def follow(http: httpx.AsyncClient, desk: Desk, type_: str, heard: Heard) -> None:
    """Hear of all events of this type by a node's stream, for as long as one listens."""
    async with http.stream("GET", f"{desk.url}/api/v1/events", headers=desk.headers(), timeout=None) as told:
        of_type = False
        async for line in told.aiter_lines():
            if line.startswith("event: "):
                of_type = line == f"event: {type_}"
            elif of_type and line.startswith("data: "):
                heard.hear(msgspec.json.decode(line[6:])["id"])


async def sync(http: httpx.AsyncClient, room: Room, heard: Heard) -> None:
    """Hear of all texts in a room by long polls, for as long as one listens."""
    url, asked = f"{room.reader.url}/_matrix/client/v3/sync", {"filter": FILTER}
    while True:
        answer = await http.get(url, params=asked, headers=room.reader.headers, timeout=None)
        told = answer.raise_for_status().json()
        here = told.get("rooms", {}).get("join", {}).get(room.id, {}).get("timeline", {}).get("events", ())
        for event in here:
            if event["type"] == "m.room.message":
                heard.hear(event["event_id"])
        asked = {"filter": FILTER, "timeout": "30000", "since": told["next_batch"]}


def ours(clients: Sequence[httpx.AsyncClient], desk: Desk) -> Say:
    """What posts the next record, each officer in turn, and returns its id."""
    numbers = count(1)

    async def say() -> str:
        number = next(numbers)
        http = clients[number % len(clients)]
        sent = await http.post(f"{desk.url}/api/v1/records", json=message(desk, number), headers=desk.headers(number))
        return str(sent.raise_for_status().json()["id"])

    return say


def theirs(clients: Sequence[httpx.AsyncClient], room: Room) -> Say:
    """What puts the next text into the room, by each client in turn, and returns its id."""
    numbers, path = count(1), f"{room.writer.url}/_matrix/client/v3/rooms/{room.id}/send/m.room.message"

    async def say() -> str:
        text = {"msgtype": "m.text", "body": "Cease fire at once at Torkham."}
        number = next(numbers)
        sent = await clients[number % len(clients)].put(f"{path}/{number}", json=text, headers=room.writer.headers)
        return str(sent.raise_for_status().json()["event_id"])

    return say


def client() -> httpx.AsyncClient:
    """One officer's, who has his part of a burst under way at once; where more wait, that counts too."""
    limits = httpx.Limits(max_connections=2 * BURST // OFFICERS)
    return httpx.AsyncClient(trust_env=False, limits=limits, timeout=httpx.Timeout(PATIENCE, pool=None))


async def one(side: Side) -> float:
    """Seconds from one message's sending until its reader was told."""
    begun = time.perf_counter()
    name = await side.say()
    await side.heard.all_of([name])
    if name not in side.heard.at:
        raise SystemExit("error: a message that was sent alone never came")
    took = side.heard.at[name] - begun
    await asyncio.sleep(PAUSE)
    return took


async def many(side: Side, times: int, every: float) -> dict[str, float]:
    """Send so many at that pace; return when each was sent, once all came or patience ended."""
    begun = time.perf_counter()
    sent = dict[str, float]()

    async def later(number: int) -> None:
        await asyncio.sleep(begun + number * every - time.perf_counter())
        at = time.perf_counter()
        sent[await side.say()] = at

    await asyncio.gather(*(later(number) for number in range(times)))
    await side.heard.all_of(list(sent))
    return sent


def fared(named: str, sent: dict[str, float], heard: Heard, order: Sequence[str] = ()) -> str:
    """What became of many messages, in words; `order` is that in which they were sent, where it is known."""
    came = Counter(heard.order)
    took = [heard.at[name] - at for name, at in sent.items() if name in heard.at]
    lost, doubled = len(sent) - len(took), sum(came[name] > 1 for name in sent)
    said = f"{named}: {len(sent)} sent, {lost} lost, {doubled} doubled"
    if order:
        said += f", {late(order, [name for name in heard.order if name in sent])} out of order"
    return f"{said}; half within {median(took) * 1e3:.0f} ms, 99 of 100 within {p99(took) * 1e3:.0f} ms"


def late(order: Sequence[str], came: Sequence[str]) -> int:
    """How many came after one that was sent later."""
    places, newest, found = {name: place for place, name in enumerate(order)}, -1, 0
    for name in came:
        found += places[name] < newest
        newest = max(newest, places[name])
    return found


def p99(took: Sequence[float]) -> float:
    """Within how many seconds 99 of 100 were."""
    return quantiles(took, n=100)[98]


@asynccontextmanager
async def listened(*following: Awaitable[None]) -> AsyncIterator[None]:
    """Listen to all of these; raise what ended one of them."""
    tasks = [asyncio.ensure_future(each) for each in following]
    await asyncio.sleep(1)  # each has asked
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()


async def measured(nodes: Desks, room: Room, minutes: float) -> None:
    """Send; print figures and the ratio."""
    heard, sent, told = Heard(), Heard(), Heard()
    async with (
        AsyncExitStack() as open_,
        httpx.AsyncClient(trust_env=False) as http,
        listened(
            follow(http, nodes["af"], "accepted", heard),
            follow(http, nodes["pk"], "sent", sent),
            sync(http, room, told),
        ),
    ):
        clients = [await open_.enter_async_context(client()) for _ in range(OFFICERS)]
        mine, peer = Side(ours(clients, nodes["pk"]), heard), Side(theirs(clients, room), told)
        for _ in range(WARM):
            await one(mine), await one(peer)
        pairs = [(await one(mine), await one(peer)) for _ in range(SINGLE)]
        print(fared(f"Matrix, {BURST} at once", await many(peer, BURST, 0), told), flush=True)
        burst = await many(mine, BURST, 0)
        print(fared(f"ours, {BURST} at once", burst, heard, sent.order), flush=True)
        flow = await many(mine, int(minutes * 60 * A_SECOND), 1 / A_SECOND)
        print(fared(f"ours, {A_SECOND} a second for {minutes:g} minutes", flow, heard, sent.order))
    for named, took in zip(("ours", "Matrix"), zip(*pairs, strict=True), strict=True):
        print(
            f"{named}, one by one: half within {median(took) * 1e3:.1f} ms, 99 of 100 within {p99(took) * 1e3:.1f} ms"
        )
    ratio = median(mine for mine, _ in pairs) / median(peer for _, peer in pairs)
    print(f"ratio message_latency_vs_matrix {ratio:.2f} (at most {WANTED} is wanted)")


def main() -> None:
    """Install the peer, serve all four, and measure."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=1.0, help="how long 50 messages a second are sent")
    minutes = asked.parse_args().minutes
    with tempfile.TemporaryDirectory() as place:
        python = installed(Path(place) / "python")
        with desks(Path(place) / "nodes") as nodes, federated(python, Path(place) / "rooms") as room:
            asyncio.run(measured(nodes, room, minutes))


if __name__ == "__main__":
    main()
