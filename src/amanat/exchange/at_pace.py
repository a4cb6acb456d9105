"""Giving answers to peers who may never read them: piece by piece, no slower than a body may come, one to a peer.

A server holds what it sends until it is read. So an answer that is not is given up in time, and at once when the next
one of that peer is ready: of a peer that opens many connections and reads from none, one answer is in memory.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from litestar import Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Send

PIECE: Final = 64 * 1024
"""Bytes that the server is handed at once; it takes the next when these are on their way."""
BODY_SECONDS: Final = 60.0
BYTES_PER_SECOND: Final = 4096
"""How long a body may take, to come or to go: so many seconds, and as many more as it takes at half of 64 kbit/s."""

Going = dict[str, asyncio.Timeout]
"""The answers that are on their way, by peer."""


class AtPace(Response[bytes]):
    """An answer to a peer that is given at its pace, within bounds."""

    def __init__(self, body: bytes, peer: str, going: Going, headers: Mapping[str, str], media_type: str) -> None:
        """Take what is to be given, to whom, and what is on its way to others."""
        super().__init__(body, headers=dict(headers), media_type=media_type)
        self.peer, self.going = peer, going

    def to_asgi_response(self, *_given: Any, **_named: Any) -> ASGIResponse:  # noqa: ANN401 - as the framework has it
        """Return what the framework sends."""
        return _Sending(self)


class _Sending(ASGIResponse):
    __slots__ = ("going", "peer")

    def __init__(self, answer: AtPace) -> None:
        super().__init__(body=answer.content, headers=answer.headers, media_type=answer.media_type)
        self.peer, self.going = answer.peer, answer.going

    async def send_body(self, send: Send, receive: Receive) -> None:  # noqa: ARG002 - as the framework has it
        """Send piece by piece; return, and so break the connection off, when that takes too long."""
        loop = asyncio.get_running_loop()
        before, begun = self.going.pop(self.peer, None), loop.time()
        if before is not None and not before.expired():
            before.reschedule(begun)
        try:
            async with asyncio.timeout_at(begun + BODY_SECONDS) as limit:
                self.going[self.peer] = limit
                for at in range(0, len(self.body), PIECE):
                    piece = bytes(self.body[at : at + PIECE])
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                    limit.reschedule(begun + BODY_SECONDS + at / BYTES_PER_SECOND)
        except TimeoutError:
            return
        finally:
            if self.going.get(self.peer) is limit:
                del self.going[self.peer]
        await send({"type": "http.response.body", "body": b"", "more_body": False})
