"""Files that go with records: handed in before their record is sent, listed, and downloaded whole."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final
from urllib.parse import quote

import msgspec
from anyio import CapacityLimiter, WouldBlock, to_thread
from litestar import Request, Router
from litestar.params import FromPath
from litestar.response import Stream

from amanat.exchange import shown
from amanat.exchange.acting import acting, releasing
from amanat.exchange.attachments import named, read_out, stage
from amanat.exchange.means import Means, look
from amanat.exchange.problem import TooMuch
from amanat.exchange.route import By, Here, does, reads
from amanat.exchange.shown import File
from amanat.node import unwatched
from amanat.party.errors import Invalid
from amanat.record.attachment import MAX_ATTACHMENT_BYTES, media_type
from amanat.seal.chunks import address
from amanat.store import attachments
from amanat.store.spool import Spool

MAX_BYTES: Final = MAX_ATTACHMENT_BYTES
"""How large a file may be that is handed in; what goes with one record is bounded by its clause besides."""

PIECE: Final = 1024 * 1024
"""Bytes that are held in memory before they go to the disk."""

COMING: Final = CapacityLimiter(8)
"""Files that come in at once; each may take `MAX_BYTES` of the disk."""

AT_ONCE: Final = CapacityLimiter(2)
"""Files that are sealed at once."""


class Staged(msgspec.Struct, frozen=True):
    """A file that waits for a record to name it by its address; for a day at most."""

    address: str
    name: str
    media_type: str
    size: int
    sha256: str


@does("POST", "/{name:str}", "record.compose", None, status_code=201, sync_to_thread=None, request_max_body_size=None)
async def hand_in(request: Request[Any, Any, Any], means: Here, name: FromPath[str]) -> Staged:
    """Hand in a file, its bytes as the body, for a draft to name. What is too large is refused before it came."""
    media_type(name)
    _require_small(int(request.headers.get("content-length", "0")))
    try:
        COMING.acquire_nowait()
    except WouldBlock as error:
        raise TooMuch("attachment.busy", "Too many files come in at once.", "Try again in a minute.") from error
    try:
        with Spool(request.app.state.uploads, means.random) as spool:
            await _take_in(request.stream(), spool)
            return await to_thread.run_sync(_stage, name, spool, means, limiter=AT_ONCE)
    finally:
        COMING.release()


@reads("/{party:str}/{id_:str}", "record.read")
def list_files(means: Here, actor: By, party: FromPath[str], id_: FromPath[str]) -> tuple[File, ...]:
    """List the files of a record, and how much of each is here. Their names are a look at it."""
    return shown.whole(means, actor, party, id_).attachments


@does(
    "GET", "/{party:str}/{id_:str}/{name:str}", "record.export", "record.export", media_type="application/octet-stream"
)
def download(means: Here, actor: By, party: FromPath[str], id_: FromPath[str], name: FromPath[str]) -> Stream:
    """Download a file, whole and as its record signs it. Opening it is at your own risk."""
    with look(means) as turn:
        row = shown.row_of(turn, party, id_)
        record = shown.read_row(turn, row)
        here = named(attachments.of(turn.tx, (party, id_)), name)
    shown.note_look(means, actor, [record] if record else [])
    for _ in read_out(here, means):  # read to its end before the first byte is given: what is shown is shown whole
        pass
    with acting(means, actor, "record.export", f"{party}:{id_}") as act:
        releasing(act.turn, actor, [record] if record else [])
    size = str(here.attachment.size)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}", "Content-Length": size}
    return Stream(_pieces(here, means), media_type="application/octet-stream", headers=headers)


async def _take_in(pieces: AsyncIterator[bytes], spool: Spool) -> None:
    """Write a body to the disk as it comes, a `PIECE` in memory at the most."""
    waiting = bytearray()
    async for piece in pieces:
        waiting += piece
        if len(waiting) >= PIECE:
            await to_thread.run_sync(spool.write, bytes(waiting))
            waiting.clear()
            _require_small(spool.size)
    _require_small(spool.size + len(waiting))
    await to_thread.run_sync(spool.write, bytes(waiting))


def _require_small(size: int) -> None:
    if size > MAX_BYTES:
        raise Invalid(
            "attachment.body",
            f"The file has {size} bytes or more; {MAX_BYTES} are the most that one may have.",
            "Split it, or write it smaller.",
        )


def _stage(name: str, spool: Spool, means: Means) -> Staged:
    made = stage(name, spool, means, unwatched)
    where = address(made, means.party).hex()
    return Staged(where, made.name, made.media_type, made.size, made.sha256)


def _pieces(here: attachments.Here, means: Means) -> Iterator[bytes]:
    yield from read_out(here, means)


ROUTES: list[Any] = [
    Router("/files", route_handlers=[hand_in, list_files, download], tags=["files"]),
]
