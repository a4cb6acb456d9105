"""Live events: told as they are committed, gone on from the last that one knows, and cheap for many who listen."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import delete

from amanat.api import events
from amanat.exchange import broadcast, live, watches
from amanat.exchange.broadcast import Broadcast
from amanat.exchange.means import begin
from amanat.exchange.problem import TooMuch
from amanat.officer import account, sessions, tokens
from amanat.party.errors import Fault
from amanat.store.tables import EVENT
from api.cast import API, Desk, person
from border import Border
from officer.cast import SPOKEN, acting_as
from side import Side
from wire import eventually

Told = tuple[int, str, str]


@contextmanager
def listening(desk: Desk, headers: dict[str, str], **query: int) -> Iterator[Iterator[str]]:
    """Listen to a node, line by line; `: from N` came already."""
    with desk.http.stream("GET", f"{API}/events", headers=headers, params=query) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.iter_lines()
        assert next(lines).startswith(": from ")
        yield lines


def told(lines: Iterator[str], count: int) -> list[Told]:
    """The next events: number, type and data; without the word that the stream lives."""
    found, number, type_ = list[Told](), 0, ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "id":
            number = int(value)
        elif name == "event":
            type_ = value
        elif name == "data" and type_ != "here":
            found.append((number, type_, value))
            if len(found) == count:
                break
    return found


def test_what_is_committed_is_told_at_once(pk: Desk) -> None:
    with listening(pk, pk.token("duty")) as lines:
        sent, held = pk.send(), pk.send(**person())
        (_, first, data), (_, second, other) = told(lines, 2)
    assert (first, second) == ("sent", "held")
    assert sent["id"] in data
    assert held["id"] in other


def test_a_stream_goes_on_from_the_last_event_that_one_was_told_of(pk: Desk) -> None:
    headers = pk.token("duty")
    with listening(pk, headers) as lines:
        pk.send()
        ((number, _, _),) = told(lines, 1)
    missed = [pk.send()["id"] for _ in range(3)]
    with listening(pk, headers | {"last-event-id": str(number)}) as lines:
        after = pk.send()["id"]
        found = told(lines, 4)
    assert [each for each, _, _ in found] == [number + 1, number + 2, number + 3, number + 4]
    assert all(id_ in data for id_, (_, _, data) in zip([*missed, after], found, strict=True))


def test_a_page_goes_on_from_when_it_was_made_and_a_stream_that_broke_from_where_it_broke(pk: Desk) -> None:
    """A browser names where it broke by the header, and asks the same address as before."""
    headers = pk.token("duty")
    with listening(pk, headers) as lines:
        pk.send()
        ((made, _, _),) = told(lines, 1)
    first, second = (pk.send()["id"] for _ in range(2))
    with listening(pk, headers, after=made) as lines:
        ((number, _, data), (_, _, other)) = told(lines, 2)
    assert (first in data, second in other) == (True, True)
    with listening(pk, headers | {"last-event-id": str(number)}, after=made) as lines:
        ((_, _, data),) = told(lines, 1)
    assert second in data


@pytest.mark.parametrize("last", ["1", "9007199254740992"])
def test_who_was_told_of_what_is_not_kept_any_more_loads_the_page_anew(pk: Desk, last: str) -> None:
    pk.send()
    with begin(pk.side.means) as turn:
        turn.tx.execute(delete(EVENT).where(EVENT.c.number < live.newest(turn.tx)))
    with listening(pk, pk.token("duty") | {"last-event-id": last}) as lines:
        pk.send()
        assert [type_ for _, type_, _ in told(lines, 2)] == ["reload", "sent"]


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 30])
def test_what_is_no_number_is_refused(pk: Desk, last: str) -> None:
    answer = pk.http.get(f"{API}/events", headers=pk.token("duty") | {"last-event-id": last})
    assert answer.status_code == 400


def test_each_is_told_of_what_that_officer_may_read(met: Border, pk: Desk) -> None:
    with listening(pk, pk.token("administrator")) as lines:
        pk.send()
        met.af.word(1, "the line")
        met.carry("af", "pk")
        ((_, type_, data),) = told(lines, 1)
    assert (type_, '"party":"af"' in data) == ("papers", True)


def test_what_comes_in_is_told(met: Border, pk: Desk) -> None:
    with listening(pk, pk.token("duty")) as lines:
        met.af.send("pk")
        met.carry("af", "pk")
        ((_, type_, data),) = told(lines, 1)
    assert (type_, '"party":"af"' in data) == ("accepted", True)


def test_a_quiet_stream_says_that_it_lives_and_ends_with_its_token(pk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    headers, number = pk.new_token("duty")
    with listening(pk, headers) as lines:
        assert [next(lines) for _ in range(8)].count("event: here") == 2
        with begin(pk.side.means) as turn:
            tokens.revoke(turn.tx, number, turn.now)
        assert set(lines) <= {"", "event: here", "data: {}"}


def test_the_stream_of_a_session_that_rests_says_so_and_tells_no_more_than_the_session_may(
    met: Border, pk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on through the night of whoever has the watch, and is whole again once somebody says who it is."""
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    duty = acting_as(pk.officer("duty"))
    headers = pk.session("duty")
    with begin(pk.side.means) as turn:
        watches.take(turn, duty)
    with listening(pk, headers) as lines:
        assert [next(lines) for _ in range(3)][1:] == ["", "event: here"]
        assert next(lines) == "data: {}"
        met.clock.forward(seconds=int(sessions.IDLE.total_seconds()))
        assert next(line for line in lines if "rests" in line) == 'data: {"rests":true}'
        unnamed = pk.send()  # that something came is told, for it may ring; of what it was, nothing
        told = list[str]()
        while (
            "event: sent" not in told and len(told) < 10_000
        ):  # beats go on until it is told, however busy the machine is
            told.append(next(lines))
        told += [next(lines) for _ in range(8)]
        assert {each for each in told if each.startswith("event")} == {"event: here", "event: sent"}
        assert unnamed["id"] not in "".join(told)
        answer = pk.http.get(f"{API}/records", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "session.rests")
        proof = pk.http.post(f"{API}/session/proof", headers=headers, json={"typed": SPOKEN})
        assert proof.status_code == 204
        assert next(line for line in lines if line.startswith("data: {}"))
        sent = pk.send()
        assert next(line for line in lines if sent["id"] in line)


def test_a_busy_stream_ends_with_its_officer_too(pk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    analyst = pk.officer("analyst").id
    with listening(pk, pk.token("analyst")) as lines, ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: [pk.send() for _ in range(10)])
        with begin(pk.side.means) as turn:
            account.disable(turn.tx, analyst, turn.now)
        assert len(list(lines)) < 100
    with begin(pk.side.means) as turn:
        account.enable(turn.tx, analyst)


def test_an_officer_has_so_many_streams_and_no_more(pk: Desk) -> None:
    broadcasting: Broadcast = pk.node.app.state.broadcast
    headers = pk.token("approver")
    eventually(lambda: not broadcasting.streams)
    clients = [httpx.Client(base_url=pk.node.url) for _ in range(broadcast.MOST_OF_ONE)]
    asked = [each.stream("GET", f"{API}/events", headers=headers) for each in clients]
    for each in asked:
        assert each.__enter__().status_code == 200
    assert pk.http.get(f"{API}/events", headers=headers).json()["code"] == "events.many"
    for each in asked:
        each.__exit__(None, None, None)
    eventually(lambda: not broadcasting.streams)


def test_a_post_is_attended_while_a_page_there_is_open_and_no_longer_than_a_heartbeat(
    pk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    broadcasting: Broadcast = pk.node.app.state.broadcast
    eventually(lambda: not broadcasting.streams)
    with listening(pk, pk.token("approver")):
        assert (len(broadcasting.streams), broadcasting.posts()) == (1, frozenset())
        with listening(pk, pk.session("duty")), listening(pk, pk.session("approver")):
            assert broadcasting.posts() == {"torkham/duty", "torkham/chief"}
        eventually(lambda: broadcasting.posts() == frozenset(), within=5)
    with listening(pk, pk.session("duty")):
        pk.node.loop.call_soon_threadsafe(broadcasting.end)
        eventually(lambda: broadcasting.posts() == frozenset(), within=5)


def test_who_asks_for_many_streams_at_once_has_no_more_than_one_after_the_other(met: Border) -> None:
    async def run() -> None:
        made = Broadcast(met.obs.means)
        async with made.running():
            lent = [made.stream(1) for _ in range(broadcast.MOST_OF_ONE + 4)]
            asked = (each.__aenter__() for each in lent)
            begun = await asyncio.gather(*asked, return_exceptions=True)
            assert len(made.streams) == broadcast.MOST_OF_ONE
            assert [type(each) for each in begun[broadcast.MOST_OF_ONE :]] == [TooMuch] * 4
            for each in lent[: broadcast.MOST_OF_ONE]:
                await each.__aexit__(None, None, None)

    asyncio.run(run())


# --- many who listen --------------------------------------------------------------------------------------------------


def tell(side: Side, count: int) -> None:
    """Commit so many events in as many transactions."""
    for number in range(count):
        with begin(side.means) as turn:
            live.tell(turn, "line", "af", detail=str(number))


def test_five_hundred_streams_cost_one_reading(met: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is asked once a wake, however many listen; and all are told all, in order."""
    side, asked = met.obs, list[int]()
    reading = live.after

    def counted(*given: object) -> object:
        asked.append(1)
        return reading(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(live, "after", counted)

    async def run() -> float:
        made = Broadcast(side.means)
        async with made.running():
            lent = [made.stream(number) for number in range(500)]
            streams = [await each.__aenter__() for each in lent]
            began = time.monotonic()
            await asyncio.to_thread(tell, side, 20)
            found = [[await each.waiting.get() for _ in range(20)] for each in streams]
            took = time.monotonic() - began
            assert all(each == found[0] for each in found)
            assert [event.detail for event in found[0] if event] == [str(number) for number in range(20)]
            for each in lent:
                await each.__aexit__(None, None, None)
        return took

    asyncio.run(run())
    assert len(asked) <= 21


def test_who_does_not_read_is_ended_and_keeps_nobody_waiting(met: Border) -> None:
    side = met.obs

    async def run() -> None:
        made = Broadcast(side.means)
        async with made.running(), made.stream(1) as slow, made.stream(2) as quick:
            await asyncio.to_thread(tell, side, 1)
            assert await quick.waiting.get() is not None
            while not slow.waiting.full():
                slow.waiting.put_nowait(await slow.waiting.get())
                slow.waiting.put_nowait(None)
            await asyncio.to_thread(tell, side, 1)
            assert await quick.waiting.get() is not None
            assert await slow.waiting.get() is None
            assert slow not in made.streams

    asyncio.run(run())


def test_a_database_that_was_away_for_a_moment_ends_no_events(met: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    side, reading = met.obs, live.after
    away = [Fault("store.away", "The server does not answer.", "See to it.")]
    monkeypatch.setattr(broadcast, "AGAIN_AFTER", 0.05)

    def read(*given: object) -> object:
        if away:
            raise away.pop()
        return reading(*given)  # type: ignore[arg-type]

    async def run() -> None:
        made = Broadcast(side.means)
        async with made.running(), made.stream(1) as stream:
            monkeypatch.setattr(live, "after", read)
            await asyncio.to_thread(tell, side, 1)
            event = await asyncio.wait_for(stream.waiting.get(), 10)
            assert event is not None
            assert event.detail == "0"

    asyncio.run(run())
    assert away == []


def test_a_server_that_ended_is_told_of_no_commit(met: Border) -> None:
    side = met.obs

    made = Broadcast(side.means)

    async def run() -> None:
        async with made.running(), made.stream(1) as stream:
            pass
        await asyncio.to_thread(tell, side, 1)
        assert stream.waiting.empty()

    asyncio.run(run())
