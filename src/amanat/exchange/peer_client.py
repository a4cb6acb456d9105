"""Asking a peer's node: one exchange is one request, a bundle there and a bundle back (docs/protocol/peer-api.md)."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import BinaryIO, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.exchange import bundle, peer_auth
from amanat.exchange.bundle import Item
from amanat.party.errors import Invalid, Unreachable

PATH: Final = "/peer/v1/exchange"
NONCE_PATH: Final = "/peer/v1/nonce"
MEDIA_TYPE: Final = "application/vnd.amanat.bundle"
MAX_BYTES: Final = 16 * 1024 * 1024
"""The most bytes a request or an answer may have: a share, and what goes beside it."""
TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)
_NONE: Mapping[str, str] = {}
_BUSY = (408, 425, 429, 500, 502, 503, 504)


@dataclass(slots=True)
class Wire:
    """A connection to one peer's node: who we are there, and the nonce that it gave last."""

    http: httpx.Client
    url: str
    own: str
    peer: str
    key: Ed25519PrivateKey
    nonce: str = ""

    def exchange(self, items: Iterable[Item], now: datetime, *, pull: bool) -> tuple[BinaryIO, datetime | None]:
        """Bring items; return the peer's bundle, and what its clock says. `pull` asks for all that is due for us.

        Raises `Unreachable` when the line or the peer's node does not answer, `Invalid` for an answer that is none.
        """
        stick = io.BytesIO()
        bundle.write(stick, self.own, self.peer, items)
        body = stick.getvalue()
        url = f"{self.url}{PATH}{'?pull=true' if pull else ''}"
        if not self.nonce:
            self._ask("GET", f"{self.url}{NONCE_PATH}")
        answer = self._post(url, body, now)
        if answer.status_code == httpx.codes.UNAUTHORIZED:  # the nonce was too old: another came with the answer
            answer = self._post(url, body, now)
        if answer.status_code != httpx.codes.OK:
            raise _refused(self.peer, answer)
        back = io.BytesIO(answer.content)
        bundle.verify(back)
        back.seek(0)
        if bundle.parties(back) != (self.peer, self.own):
            raise Invalid("peer.other", f"{self.url} answers as another party.", "See to the peer's address.")
        return back, clock(answer.headers.get("Date", ""))

    def _post(self, url: str, body: bytes, now: datetime) -> httpx.Response:
        signed = peer_auth.sign(url, body, self.own, self.key, self.nonce)
        headers = {**signed, "Content-Type": MEDIA_TYPE, "Date": format_datetime(now, usegmt=True)}
        return self._ask("POST", url, body, headers)

    def _ask(self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] = _NONE) -> httpx.Response:
        """Ask, read the answer up to `MAX_BYTES`, and keep the nonce that came with it. Raises `Unreachable`."""
        try:
            with self.http.stream(method, url, content=body, headers=headers) as answer:
                read = bytearray()
                for piece in answer.iter_bytes():
                    read += piece
                    if len(read) > MAX_BYTES:
                        raise Invalid("peer.size", f"{self.peer} answers with over {MAX_BYTES} bytes.", "Ask it why.")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(
                "peer.unreachable",
                f"{self.peer} does not answer at {self.url}: {str(error) or type(error).__name__}.",
                "Nothing is lost: it is tried again by itself. See to the line, or carry a bundle.",
            ) from error
        self.nonce = answer.headers.get(peer_auth.NONCE_HEADER, self.nonce)
        return httpx.Response(answer.status_code, headers=_plain(answer.headers), content=bytes(read))


def clock(date: str) -> datetime | None:
    """Return what a `Date` field says (RFC 9110, 6.6.1), or None when that is no time."""
    try:
        said = parsedate_to_datetime(date)
    except ValueError:
        return None
    return said if said.tzinfo is not None else said.replace(tzinfo=UTC)


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a body that was read and decoded already."""
    return {
        name: value for name, value in headers.items() if name.lower() not in ("content-encoding", "content-length")
    }


def _refused(peer: str, answer: httpx.Response) -> Exception:
    says = f"{peer} answered {answer.status_code}: {_detail(answer)}"
    if answer.status_code in _BUSY:
        return Unreachable("peer.busy", says, "Nothing is lost: it is tried again by itself.")
    return Invalid("peer.refused", says, "See what the peer's node says; compare manifests and addresses.")


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])[:400]
    except (ValueError, KeyError, TypeError):
        return "no reason given."
