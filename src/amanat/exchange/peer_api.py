"""Answering peers: a bundle in, a bundle out, the same taking in and giving as by stick (docs/protocol/peer-api.md).

Deny by default: nothing of a body is read before its head showed a nonce of ours and the signature of a record key of a
party known here; so strangers cost no memory. One exchange of a peer at a time, one body being read, and one answer.
"""

import asyncio
import io
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from itertools import chain
from typing import Annotated, Any

from anyio import to_thread
from litestar import Request, Response, get, post
from litestar.di import Dependency
from litestar.params import Parameter, SkipValidationMarker

from amanat.exchange import bundle, problem
from amanat.exchange.at_pace import AtPace, Going
from amanat.exchange.bundle import Item, in_order
from amanat.exchange.means import Means, Turn, manifests
from amanat.exchange.outbox import MOST_ANSWERS, Share, answer, deliver
from amanat.exchange.pace import MOST
from amanat.exchange.peer_auth import (
    NONCE_HEADER,
    PARTY_HEADER,
    Message,
    Nonces,
    claimed_nonce,
    plain,
    require_body,
    require_signed,
)
from amanat.exchange.peer_client import MAX_BYTES, MEDIA_TYPE, NONCE_PATH, PATH, clock, require_few
from amanat.exchange.problem import TooMuch
from amanat.exchange.receive import Report, take_in
from amanat.exchange.route import OPEN, too_slow
from amanat.party.errors import Invalid, Problem, Refused
from amanat.store import marks, turns


@dataclass(slots=True)
class Reception:
    """Where peers ask. `heard` is told who did and by how much that clock is ahead, `told` what was brought."""

    means: Means
    nonces: Nonces
    heard: Callable[[str, timedelta | None], None]
    told: Callable[[Report], None]
    busy: dict[str, threading.Lock] = field(default_factory=dict)
    bodies: dict[str, asyncio.Future[bytes]] = field(default_factory=dict)
    going: Going = field(default_factory=dict)

    def exchange(self, party: str, message: Message, body: bytes, *, pull: bool) -> bytes:
        """Take in the bundle that a party brought and return ours. Raises `Refused`, `Invalid` or `TooMuch`."""
        require_body(message, body)
        lock = self.busy.setdefault(party, threading.Lock())
        if not lock.acquire(blocking=False):
            raise TooMuch("peer.busy", f"Another exchange of {party} is at work.", "Wait for its answer, then go on.")
        try:
            said = clock(message.headers.get("date", ""))
            self.heard(party, None if said is None else said - self.means.now())
            self._require_own_history()
            given = list[Item]()
            report = self._take_in(party, body, given)
            return self._give(party, given, _share(report, pull=pull, answers=_left(given)))
        finally:
            lock.release()

    def caller(self, message: Message) -> str:
        """Return which party signed the request's head, and use its nonce up. Raises `Refused`."""
        party = message.headers.get(PARTY_HEADER, "")
        with turns.reading(self.means.engine) as tx:
            manifest = manifests(tx).get(party)
        if manifest is None or party == self.means.party:
            raise Refused(
                "peer.stranger",
                f"No party {party[:16]!r} was met by this node face to face.",
                "Exchange manifests and compare fingerprints first.",
                by="who may ask",
            )
        nonce = require_signed(message, manifest, self.means.party)
        if not self.nonces.take(nonce):
            raise _nonce_needed()
        return party

    def _require_own_history(self) -> None:
        """Refuse all, so that the peer waits and is told why: what it brings could not be answered now."""
        with turns.reading(self.means.engine) as tx:
            marks.require_own_history(tx)

    def _take_in(self, party: str, body: bytes, given: list[Item]) -> Report:
        """Take in what was brought; what of it was answered at once stands in `given`."""
        stick = io.BytesIO(body)
        require_few(bundle.verify(stick))
        stick.seek(0)
        if bundle.parties(stick) != (party, self.means.party):
            raise Invalid(
                "bundle.recipient",
                f"The bundle is not from {party} for {self.means.party}.",
                "Bring it to those it names; nothing of it was taken in.",
            )

        def answering(turn: Turn) -> None:
            given.extend(answer(turn, party, _left(given)))

        report = take_in(party, bundle.read(stick), self.means, answering)
        self.told(report)
        return report

    def _give(self, party: str, given: list[Item], share: Share | None) -> bytes:
        written = io.BytesIO()
        if share is None:
            bundle.write(written, self.means.party, party, in_order(given))
        else:
            with deliver(party, self.means, share) as due:
                items = chain(in_order([*given, *due.items]), due.chunks)
                bundle.write(written, self.means.party, party, items)
        return written.getvalue()


def _left(given: Sequence[Item]) -> int:
    """How many answers may still be given in this exchange."""
    return max(MOST_ANSWERS - len(given), 0)


def _share(report: Report, *, pull: bool, answers: int) -> Share | None:
    """What an answer carries beside what was answered at once: all that is due for who asks for it.

    None where there can be nothing: envelopes alone came, and were answered as they were taken in.
    """
    if not pull and report.items.keys() == {"envelope"}:
        return None
    gossip = pull or report.items["checkpoint"] > 0
    return Share(pull, pull, answers, pull, pull, gossip, most=MOST, at_once=True)


def _nonce_needed() -> Refused:
    return Refused(
        "peer.nonce",
        "The request is not signed under a nonce that this node gave lately, or the nonce was used.",
        f"Sign it under the nonce in the header {NONCE_HEADER}, which comes with this answer.",
        by="who may ask",
    )


Here = Annotated[Reception, Dependency(), SkipValidationMarker()]


@get(NONCE_PATH, status_code=204, include_in_schema=False, opt={"permission": OPEN})
async def nonce(reception: Here) -> Response[None]:
    """Give a nonce to sign a request under."""
    return Response(None, status_code=204, headers=_headers(reception))


@post(
    PATH,
    status_code=200,
    include_in_schema=False,
    opt={"permission": OPEN},
    request_max_body_size=2 * MAX_BYTES,  # the limit is ours
)
async def exchange(
    request: Request[Any, Any, Any],
    reception: Here,
    pull: Annotated[bool, Parameter()] = False,  # noqa: FBT002
) -> Response[bytes]:
    """One exchange: the body is a bundle for us, the answer one for the caller."""
    if not reception.nonces.knows(claimed_nonce(request.headers)):
        return _answer_problem(reception, _nonce_needed(), 401)
    try:
        message = Message("POST", f"http://node{PATH}{_asked(request)}", plain(request.headers.multi_items()))
        party = await to_thread.run_sync(reception.caller, message)
        body = await _body_of(party, request, reception)
        answer = await to_thread.run_sync(partial(reception.exchange, party, message, body, pull=pull))
    except Problem as error:
        return _answer_problem(reception, error, problem.status_of(error))
    return AtPace(answer, party, reception.going, _headers(reception), MEDIA_TYPE)


async def _body_of(party: str, request: Request[Any, Any, Any], reception: Reception) -> bytes:
    """Read the body of a party's request; one of it that still comes is given up, as its line broke most likely."""
    before = reception.bodies.pop(party, None)
    if before is not None:
        before.cancel()
    mine = reception.bodies[party] = asyncio.ensure_future(read_body(request, MAX_BYTES))
    try:
        return await mine
    except asyncio.CancelledError as error:
        if not mine.cancelled():
            raise
        raise too_slow() from error
    finally:
        if reception.bodies.get(party) is mine:
            del reception.bodies[party]


async def read_body(request: Request[Any, Any, Any], most: int, packed: Collection[str] = ()) -> bytes:
    """Read a body of at most so many bytes, packed in one of these ways or not at all; it is returned as it came.

    Raises `Invalid`, or `TooMuch` for one that comes slower than it may.
    """
    if request.headers.get("content-encoding", "") not in ("", *packed):
        raise Invalid("peer.size", "The body is packed, which nobody unpacks here.", "Bring it as it is.")
    read = bytearray()
    async for piece in request.stream():
        read += piece
        if len(read) > most:
            raise Invalid("peer.size", f"The body has over {most} bytes.", "Bring less at once.")
    return bytes(read)


def _asked(request: Request[Any, Any, Any]) -> str:
    """Return the query as it came, which is signed with the path."""
    query = request.scope["query_string"].decode("latin-1")
    return f"?{query}" if query else ""


def _headers(reception: Reception) -> dict[str, str]:
    """The next nonce, and what our clock says."""
    return {NONCE_HEADER: reception.nonces.give(), "Date": format_datetime(reception.means.now(), usegmt=True)}


def _answer_problem(reception: Reception, error: Problem, status: int) -> Response[Any]:
    headers: Mapping[str, str] = _headers(reception) | ({"Retry-After": "1"} if status in (408, 429) else {})
    return Response(problem.details(error, status), status_code=status, media_type=problem.MEDIA_TYPE, headers=headers)
