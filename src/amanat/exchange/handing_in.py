"""Files that are handed in for a record to name: taken in as they come, and sealed.

Law: so many come in at once and no more, each on the disk encrypted (`store.spool`), a `PIECE` in memory at the most.
"""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Final

from anyio import CapacityLimiter, WouldBlock, to_thread

from amanat.exchange.attachments import stage
from amanat.exchange.means import Means
from amanat.exchange.problem import TooMuch
from amanat.exchange.rebuild import Watch
from amanat.party.errors import Invalid
from amanat.record.attachment import MAX_ATTACHMENT_BYTES, Attachment, media_type
from amanat.store.spool import Spool

MAX_BYTES: Final = MAX_ATTACHMENT_BYTES
"""How large a file may be that is handed in; what goes with one record is bounded by its clause besides."""

PIECE: Final = 1024 * 1024
"""Bytes that are held in memory before they go to the disk."""

COMING: Final = CapacityLimiter(8)
"""Files that come in at once; each may take `MAX_BYTES` of the disk."""

AT_ONCE: Final = CapacityLimiter(2)
"""Files that are sealed at once."""


async def hand_in(
    name: str, pieces: AsyncIterator[bytes], folder: Path | None, means: Means, watch: Watch
) -> Attachment:
    """Take in a file by way of a folder's disk and seal it for a record to name. Raises `Invalid` or `TooMuch`."""
    media_type(name)
    try:
        COMING.acquire_nowait()
    except WouldBlock as error:
        raise TooMuch("attachment.busy", "Too many files come in at once.", "Try again in a minute.") from error
    try:
        with Spool(folder, means.random) as spool:
            await _take_in(pieces, spool)
            return await to_thread.run_sync(partial(stage, name, spool, means, watch), limiter=AT_ONCE)
    finally:
        COMING.release()


def require_small(size: int) -> None:
    """Refuse a file that is too large, of which so many bytes are known. Raises `Invalid`."""
    if size > MAX_BYTES:
        raise Invalid(
            "attachment.body",
            f"The file has {size} bytes or more; {MAX_BYTES} are the most that one may have.",
            "Split it, or write it smaller.",
        )


async def _take_in(pieces: AsyncIterator[bytes], spool: Spool) -> None:
    """Write a body to the disk as it comes."""
    waiting = bytearray()
    async for piece in pieces:
        waiting += piece
        if len(waiting) >= PIECE:
            await to_thread.run_sync(spool.write, bytes(waiting))
            waiting.clear()
            require_small(spool.size)
    require_small(spool.size + len(waiting))
    await to_thread.run_sync(spool.write, bytes(waiting))
