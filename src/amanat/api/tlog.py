"""Logs for readers written elsewhere, as C2SP has them: tlog-tiles at /log, tlog-witness and tlog-mirror at /witness.

Law: strangers ask here, so what one costs is bounded before anything is read: how often an address may ask, how many
bodies come at once, how large each is and how long it takes. Nothing of it is there unless the party decided so.
"""

import gzip
import io
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from anyio import to_thread
from litestar import Request, Response, Router, get, post
from litestar.di import Dependency, Provide
from litestar.params import FromPath, SkipValidationMarker

from amanat.exchange import evidence, problem, witness
from amanat.exchange.history import Forked
from amanat.exchange.means import Means, begin, look
from amanat.exchange.mirror import add_entries
from amanat.exchange.peer_api import read_body
from amanat.exchange.problem import TooMuch
from amanat.exchange.publish import CHECKPOINT, Served, named, serve
from amanat.exchange.rates import Rate, counted
from amanat.exchange.route import OPEN
from amanat.log.malformed import Malformed
from amanat.log.mirror import Standing
from amanat.log.witness import (
    MAX_REQUEST,
    UNPROCESSABLE,
    Conflict,
    WitnessRefused,
    claimed,
    parse_add_checkpoint,
)
from amanat.party.errors import Invalid, Problem

MAX_UPLOAD: Final = 512 * 1024
"""Bytes in an add-entries body, unpacked: 32 packages of 256 digests with 63 hashes each are 345 KiB."""
BODIES, BODIES_OF_ONE = 32, 4
"""Bodies that come at once, of all and of one address; with them at most 32 MiB are held for strangers."""

LINES: Final = "text/plain; charset=utf-8"
FOR_EVER, NEVER = "public, max-age=31536000, immutable", "no-store"


@dataclass(slots=True)
class Strangers:
    """Who asks without saying who it is, by address, and how often: for what stands still, and for what is written."""

    means: Means
    files: Rate
    writes: Rate
    bodies: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def bringing(self, address: str) -> Iterator[None]:
        """Count a body that comes from an address while it does. Raises `TooMuch`."""
        if self.bodies.total() >= BODIES or self.bodies[address] >= BODIES_OF_ONE:
            raise TooMuch("rate.bodies", "Too many requests are being read already.", "Come again in a second.")
        self.bodies[address] += 1
        try:
            yield
        finally:
            self.bodies[address] -= 1
            self.bodies += Counter()  # which forgets whoever brings nothing now

    def file(self, hash_: str, path: str) -> Served:
        """Return a file of the log of that hash. Raises `Invalid`. A checkpoint that is shown is noted as shown."""
        with (begin if path == CHECKPOINT else look)(self.means) as turn:
            origin = named(turn, hash_)
            found = None if origin is None else serve(turn, origin, path)
        if found is None:
            raise Invalid(
                "log.missing",
                "No such file of a log is served here.",
                "Read the checkpoint first: it says how many entries there are, and so which tiles.",
            )
        return found

    def checkpoint(self, body: bytes) -> bytes | Conflict:
        """Answer add-checkpoint; of a log with two histories both notes are kept. Raises `WitnessRefused`, `Forked`."""
        try:
            with begin(self.means) as turn:
                return witness.add_checkpoint(turn, body)
        except Forked as forked:
            origin = claimed(parse_add_checkpoint(body))[1].origin
            with begin(self.means) as turn:
                evidence.keep(turn, "checkpoint", body, witness.log_of(turn, origin)[0], forked)
            raise

    def entries(self, body: bytes) -> bytes | Standing:
        """Answer add-entries. Raises `WitnessRefused`."""
        with begin(self.means) as turn:
            answer = add_entries(turn, io.BytesIO(body).read)
        if isinstance(answer, Standing) and answer.status == UNPROCESSABLE:
            raise WitnessRefused(
                UNPROCESSABLE, "mirror.first", "No checkpoint of that log came yet.", "Ask for add-checkpoint first."
            )
        return answer


Here = Annotated[Strangers, Dependency(), SkipValidationMarker()]
Asked = Request[Any, Any, Any]


@get("/log/{log:str}/{path:path}", sync_to_thread=True, include_in_schema=False)
def file(request: Asked, strangers: Here, log: FromPath[str], path: FromPath[str]) -> Response[bytes]:
    """Give out the checkpoint, a tile or an entry bundle of a log (c2sp.org/tlog-tiles)."""
    path = path.removeprefix("/")
    (strangers.writes if path == CHECKPOINT else strangers.files).take(_address(request))
    found = strangers.file(log, path)
    if not found.immutable:
        return _answer(found.data, LINES)
    headers = {"Cache-Control": FOR_EVER}
    if not path.startswith("tile/entries/"):
        return _answer(found.data, "application/octet-stream", headers=headers)
    headers |= {"Vary": "Accept-Encoding"}
    if "gzip" not in _codings(request.headers.get("accept-encoding", "")):
        return _answer(found.data, "application/octet-stream", headers=headers)
    packed = gzip.compress(found.data, mtime=0)
    return _answer(packed, "application/octet-stream", headers=headers | {"Content-Encoding": "gzip"})


@post("/witness/add-checkpoint", status_code=200, include_in_schema=False, request_max_body_size=2 * MAX_REQUEST)
async def add_checkpoint(request: Asked, strangers: Here) -> Response[bytes]:
    """Take in a log's next checkpoint (c2sp.org/tlog-witness, add-checkpoint)."""
    body = await _body(request, strangers, MAX_REQUEST)
    answer = await to_thread.run_sync(strangers.checkpoint, body)
    if isinstance(answer, Conflict):
        return _answer(answer.encode(), "text/x.tlog.size", 409)
    return _answer(answer, LINES)


@post("/witness/add-entries", status_code=200, include_in_schema=False, request_max_body_size=2 * MAX_UPLOAD)
async def add_entries_(request: Asked, strangers: Here) -> Response[bytes]:
    """Take in entries of a log up to its pending checkpoint (c2sp.org/tlog-mirror, add-entries)."""
    body = await _body(request, strangers, MAX_UPLOAD, "gzip")
    if request.headers.get("content-encoding"):
        body = _unpacked(body)
    answer = await to_thread.run_sync(strangers.entries, body)
    takes = {"Accept-Encoding": "gzip"}
    if isinstance(answer, Standing):
        return _answer(answer.encode(), "text/x.tlog.mirror-info", answer.status, headers=takes)
    return _answer(answer, LINES, headers=takes)


def routes(means: Means, seconds: Callable[[], float]) -> Sequence[Router]:
    """Return the routes for strangers; `seconds` never goes back.

    An address may ask for 1,000 files at once, which reads a log of 100,000 entries, then 100 a second; and 60 times
    for what is written down, then twice a second: 16,384 entries.
    """
    strangers = Strangers(means, Rate(1000, 100, seconds), Rate(60, 2, seconds))
    return [
        Router(
            "/",
            route_handlers=[file, add_checkpoint, add_entries_],
            dependencies={"strangers": Provide(lambda: strangers, sync_to_thread=False)},
            exception_handlers={Problem: _problem, Malformed: _problem},
            opt={"permission": OPEN},
        )
    ]


async def _body(request: Asked, strangers: Strangers, most: int, *packed: str) -> bytes:
    address = _address(request)
    strangers.writes.take(address)
    with strangers.bringing(address):
        return await read_body(request, most, packed)


def _unpacked(data: bytes) -> bytes:
    """Unpack gzip (RFC 1952) up to the limit. What was cut off is as if it were not there. Raises `Invalid`."""
    stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        body = stream.decompress(data, MAX_UPLOAD + 1)
    except zlib.error as error:
        raise Invalid("witness.packed", "The body is no gzip, which it says it is.", "Send it unpacked.") from error
    if len(body) > MAX_UPLOAD:
        raise Invalid("peer.size", f"The body unpacks to over {MAX_UPLOAD} bytes.", "Bring less at once.")
    return body


def _address(request: Asked) -> str:
    return counted(request.client.host if request.client else "")


def _codings(accepted: str) -> set[str]:
    """Return which content codings a reader takes (RFC 9110, 12.5.3)."""
    named_ = (each.replace(" ", "").lower().partition(";q=") for each in accepted.split(","))
    return {coding for coding, _, weight in named_ if weight.strip("0.") or not weight}


def _answer(
    data: bytes, content_type: str, status: int = 200, *, headers: dict[str, str] | None = None
) -> Response[bytes]:
    given = {"Cache-Control": NEVER, "Content-Type": content_type} | (headers or {})
    return Response(data, status_code=status, headers=given)


def _problem(_request: Asked, error: Problem | Malformed) -> Response[Any]:
    match error:
        case WitnessRefused():
            status = error.status
        case Forked():
            status = UNPROCESSABLE
        case _:
            status = problem.status_of(error)
    headers = {"Cache-Control": NEVER, "Accept-Encoding": "gzip"}
    if isinstance(error, TooMuch):
        headers["Retry-After"] = "1"
    return Response(problem.details(error, status), status_code=status, media_type=problem.MEDIA_TYPE, headers=headers)
