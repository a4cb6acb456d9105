"""Live events (text/event-stream): what happened, from now on or from the last event that one was told of.

Law: an event names a record and holds nothing of it; each officer is told of what that officer may read of. Who is
signed out, or whose token ends, is told nothing more within a heartbeat.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

import msgspec
from anyio import to_thread
from litestar import Request
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from amanat.exchange.broadcast import Broadcast
from amanat.exchange.broadcast import Stream as Told
from amanat.exchange.caller import COOKIE, Gate, Shown, recognise
from amanat.exchange.live import Event
from amanat.exchange.route import Area, Who, reads
from amanat.officer.may import Actor, may, permitted
from amanat.party.errors import Refused

HEARTBEAT: Final = 15.0
"""Seconds after which a stream says that it lives, and asks whether its officer is still let in."""

NUMBERS: Final = 2**53
"""Up to here a script counts exactly; no node has told of so much."""

HERE: Final = Event(0, "", "", "", "", "")
"""Nothing happened for a heartbeat."""

ALIVE: Final = "event: here\ndata: {}\n\n"
"""Said once in a heartbeat, for a line that died says nothing; at first it says that all that was missed was told."""

RESTS: Final = 'event: here\ndata: {"rests":true}\n\n'
"""Said instead where the session rests: of what happens meanwhile, it is told what rings, and next to nothing else."""

RELOAD: Final = "event: reload\ndata: {}\n\n"
"""Some of what was missed is not kept any more: load the page anew."""

PERMISSION: Final[Mapping[str, str]] = MappingProxyType(
    {
        "papers": "compact.read",
        "line": "peers.read",
        "clock": "peers.read",
        "asked": "peers.read",
        "draft": "record.compose",
    }
)
"""What one has to be permitted to be told of an event of that type; of all others, `PERMISSION_OF_ALL_OTHERS`."""

PERMISSION_OF_ALL_OTHERS: Final = "record.read"

RINGING: Final = frozenset(("accepted", "sent", "answered"))
"""Types of events by which something may begin or cease to ring."""


@reads("/", "compact.read", sync_to_thread=None, media_type="text/event-stream", by_itself=True)
async def stream_events(
    request: Request[Any, Any, Any],
    caller: Who,
    last: Annotated[int | None, HeaderParameter(name="Last-Event-ID", ge=0, le=NUMBERS)] = None,
    after: Annotated[int | None, QueryParameter(ge=0, le=NUMBERS)] = None,
) -> Stream:
    """Stream what happens. Each event has its number as `id`, to go on from by `Last-Event-ID`.

    A browser sends that header only once a stream of its own broke: a new page begins `after` the number that it
    was made at. Where both are given, the header is the later one, and counts.
    """
    known = after if last is None else last
    broadcast: Broadcast = request.app.state.broadcast
    cookie = request.cookies.get(COOKIE, "")
    shown = Shown(request.headers.get("authorization", ""), cookie, "", changes=False, by_itself=True)
    lent = broadcast.stream(caller.actor.officer, caller.actor.post if caller.cookie else "")
    told = await lent.__aenter__()  # entered here, so that too many are refused by an answer; left by the stream
    gate: Gate = request.app.state.gate

    async def written() -> AsyncIterator[str]:
        actor = caller.actor
        try:
            async for piece in _missed(broadcast, told, actor, known):
                yield piece
            async for event in _following(told, HEARTBEAT):
                if event is HERE:
                    actor = (await to_thread.run_sync(recognise, shown, gate.means)).actor
                    yield _alive(actor)
                elif text := as_text(event, actor):
                    yield text
        except Refused:  # signed out, or the token is over: what began as an answer can only end
            return
        finally:
            await lent.__aexit__(None, None, None)

    return Stream(written(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _missed(broadcast: Broadcast, told: Told, actor: Actor, last: int | None) -> AsyncIterator[str]:
    """What happened between the last event that one was told of, and the first that this stream hands on."""
    yield f": from {told.since}\nretry: 2000\n\n"
    missed = await broadcast.between(told.since if last is None else last, told.since)
    if missed is None:
        yield f"id: {told.since}\n{RELOAD}"
    for event in missed or ():
        if text := as_text(event, actor):
            yield text
    yield _alive(actor)


async def _following(told: Told, heartbeat: float) -> AsyncIterator[Event]:
    """Yield what happens, and `HERE` at least once in a heartbeat, until the stream is ended."""
    clock = asyncio.get_running_loop().time
    beat = clock() + heartbeat
    while True:
        try:
            event = await asyncio.wait_for(told.waiting.get(), max(beat - clock(), 0))
        except TimeoutError:
            event = HERE
        if event is None:
            return
        if clock() >= beat:
            beat = clock() + heartbeat
            yield HERE
        if event is not HERE:
            yield event


def _alive(actor: Actor) -> str:
    return RESTS if actor.lacks == "rest" else ALIVE


def as_text(event: Event, actor: Actor) -> str:
    """Return an event as a stream of the actor has it, "" where it has none.

    At rest something may have begun to ring: that something happened is told, and not of what.
    """
    said = {"at": event.at, "party": event.party, "id": event.id, "detail": event.detail}
    if actor.lacks == "rest" and event.type in RINGING and PERMISSION_OF_ALL_OTHERS in permitted(actor.roles):
        said = {"at": event.at}
    elif not may(actor, PERMISSION.get(event.type, PERMISSION_OF_ALL_OTHERS)):
        return ""
    return f"id: {event.number}\nevent: {event.type}\ndata: {msgspec.json.encode(said).decode()}\n\n"


ROUTES: list[Any] = [Area("/events", route_handlers=[stream_events], tags=["events"])]
