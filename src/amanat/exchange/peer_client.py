"""Asking a peer's node: one exchange is one request, a bundle there and a bundle back (docs/protocol/peer-api.md).

Whoever answers may be anybody: nothing of an answer is unpacked, followed or believed before it proves itself, and no
more of it is read than one may have.
"""

import io
import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext
from typing import Any, BinaryIO, Final

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
MAX_ITEMS: Final = 16_384
"""The most items in either: each that does not hold takes two transactions, and a row of the evidence."""
TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)
"""Seconds of silence after which a line is given up; how long all of an exchange may take is `Line`'s affair."""
_NONE: Mapping[str, str] = {}
_BUSY = (408, 425, 429, 500, 502, 503, 504)
_MOST_SAID = 64 * 1024  # bytes of a problem document, of which so many letters are shown:
_MOST_SHOWN = 400


def client(verify: SSLContext, timeout: httpx.Timeout = TIMEOUT) -> httpx.Client:
    """Return what asks peers: it follows no redirection, keeps no cookie, and asks no proxy of the environment."""
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    headers = {"Accept-Encoding": "identity"}
    return httpx.Client(
        verify=verify, timeout=timeout, headers=headers, cookies=no_cookies, follow_redirects=False, trust_env=False
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: its status, its fields by name, and its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Wire:
    """A connection to one peer's node: who we are there, and the nonce that it gave last."""

    http: httpx.Client
    url: str
    own: str
    peer: str
    key: Ed25519PrivateKey
    nonce: str = ""
    _socket: socket.socket | None = field(default=None, init=False)

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
        if answer.status == httpx.codes.UNAUTHORIZED:  # the nonce was too old: another came with the answer
            answer = self._post(url, body, now)
        if answer.status != httpx.codes.OK:
            raise _refused(self.peer, answer)
        back = io.BytesIO(answer.body)
        require_few(bundle.verify(back))
        back.seek(0)
        if bundle.parties(back) != (self.peer, self.own):
            raise Invalid("peer.other", f"{self.url} answers as another party.", "See to the peer's address.")
        return back, clock(answer.headers.get("date", ""))

    def cut(self) -> None:
        """Break the exchange at hand off, from another thread: it fails as when the line breaks."""
        at_hand = self._socket
        if at_hand is not None:
            try:
                at_hand.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it is broken already

    def _post(self, url: str, body: bytes, now: datetime) -> Answer:
        signed = peer_auth.sign(url, body, (self.own, self.peer), self.key, self.nonce)
        headers = {**signed, "Content-Type": MEDIA_TYPE, "Date": format_datetime(now, usegmt=True)}
        return self._ask("POST", url, body, headers)

    def _ask(self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] = _NONE) -> Answer:
        """Ask, read the answer up to `MAX_BYTES`, and keep the nonce that came with it. Raises `Unreachable`."""
        nonce, self.nonce = self.nonce, ""  # after a failure nobody knows whether it was used up: another is asked for
        try:
            asked = {"trace": self._watch}
            with self.http.stream(method, url, content=body, headers=headers, extensions=asked) as answer:
                read = self._read(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(
                "peer.unreachable",
                f"{self.peer} does not answer at {self.url}: {_shown(str(error)) or type(error).__name__}.",
                "Nothing is lost: it is tried again by itself. See to the line, or carry a bundle.",
            ) from error
        given = answer.headers.get(peer_auth.NONCE_HEADER, "")
        self.nonce = given if peer_auth.is_nonce(given) else nonce
        return Answer(answer.status_code, dict(answer.headers), read)

    def _read(self, answer: httpx.Response) -> bytes:
        """Read a body as it came: nobody was asked to pack it, and what is packed may be larger than it looks."""
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Invalid("peer.size", f"{self.peer} packs its answer, which it was not asked to.", "Ask it why.")
        read = bytearray()
        for piece in answer.iter_raw():
            read += piece
            if len(read) > MAX_BYTES:
                raise Invalid("peer.size", f"{self.peer} answers with over {MAX_BYTES} bytes.", "Ask it why.")
        return bytes(read)

    def _watch(self, event: str, told: Mapping[str, Any]) -> None:
        """Note on which socket we ask, so that another thread can break it off."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = told["return_value"].get_extra_info("socket")


def require_few(items: int) -> None:
    """Raise `Invalid` for a bundle of more items than one may bring over the wire."""
    if items > MAX_ITEMS:
        raise Invalid("peer.size", f"The bundle has {items} items; {MAX_ITEMS} are the most.", "Bring less at once.")


def clock(date: str) -> datetime | None:
    """Return what a `Date` field says (RFC 9110, 6.6.1), or None when that is no time."""
    try:
        said = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    return said if said.tzinfo is not None else said.replace(tzinfo=UTC)


def _refused(peer: str, answer: Answer) -> Exception:
    says = f"{peer} answered {answer.status}: {_detail(answer)}"
    if answer.status in _BUSY:
        return Unreachable("peer.busy", says, "Nothing is lost: it is tried again by itself.")
    return Invalid("peer.refused", says, "See what the peer's node says; compare manifests and addresses.")


def _detail(answer: Answer) -> str:
    try:
        said = json.loads(answer.body[:_MOST_SAID])
    except (ValueError, RecursionError):
        return "no reason given."
    detail = said.get("detail") if isinstance(said, dict) else None
    return _shown(detail) if isinstance(detail, str) else "no reason given."


def _shown(said: str) -> str:
    """What a peer says, as it may stand on an officer's screen: short, and nothing that a terminal would obey."""
    return "".join(each if each.isprintable() else " " for each in said[:_MOST_SHOWN])
