"""The application that a node serves: its routes, its limits, and how errors look (RFC 9457).

Law: denied by default (`exchange.route.guard`), no other site's page may read an answer (no CORS), and what a browser
may do with one is the least that it can do.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import MutableScopeHeaders, State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, Reference, SecurityScheme
from litestar.types import Message, Scope

from amanat.api import (
    audit,
    compacts,
    drafts,
    events,
    files,
    held,
    kinds,
    logs,
    metrics,
    officers,
    parties,
    peers,
    proofs,
    recalls,
    records,
    session,
    tlog,
    tokens,
    waiting,
)
from amanat.api.metrics import Watched
from amanat.exchange import journal, peer_api, problem
from amanat.exchange.broadcast import Broadcast
from amanat.exchange.caller import COOKIE, Gate
from amanat.exchange.export import Press
from amanat.exchange.keeping import Keeping
from amanat.exchange.lines import Lines
from amanat.exchange.peer_api import Reception
from amanat.exchange.peer_auth import Nonces
from amanat.exchange.problem import TooMuch
from amanat.exchange.rates import Rate
from amanat.exchange.route import OPEN, Area, Asking, actor_of, caller_of, guard, parts_of, typed_in
from amanat.exchange.tending import Tend, Tending
from amanat.log.malformed import Malformed
from amanat.party.errors import Fault, Invalid, Problem

API_BYTES: Final = 1024 * 1024
"""How large a request may be that names no limit of its own, as a file that is handed in does."""

AREAS: Final = (
    records,
    drafts,
    held,
    recalls,
    files,
    compacts,
    kinds,
    parties,
    logs,
    peers,
    officers,
    tokens,
    session,
    audit,
    events,
    waiting,
    proofs,
)

HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
TLS_HEADERS: Final = HEADERS | {"strict-transport-security": "max-age=31536000"}


Lost = Callable[[Request[Any, Any, Any], HTTPException], Response[Any] | None]


@dataclass(frozen=True, slots=True)
class Served:
    """What a node serves besides its peers: the console's pages, what prints, and its figures where `watched` is given.

    `tls` says that it is reached by TLS, `logs` that strangers may read logs and have theirs countersigned; `uploads`
    is a folder on whose disk files lie while they come in, the system's for temporary files where none is named.
    `lost` answers a browser at an address that nobody answers, or None where a program asks; `tends` are asked each
    second what the node is to say by itself.
    """

    pages: Sequence[Any]
    press: Press
    lost: Lost | None = None
    tls: bool = False
    watched: Watched | None = None
    logs: bool = False
    uploads: Path | None = None
    tends: Sequence[Tend] = ()


def create(reception: Reception, lines: Lines, keeping: Keeping, served: Served) -> Litestar:
    """Return the application of a node."""
    means, seconds = reception.means, lines.seconds
    broadcast = Broadcast(means)
    figures = metrics.ROUTES if served.watched else ()
    told = tlog.routes(means, seconds) if served.logs else ()
    gate = Gate(means, Rate(200, 50, seconds), Rate(10, 1 / 6, seconds), Rate(200, 5, seconds))
    tending = Tending(means, served.tends, broadcast.posts, lines.standing)
    lines.keyed += (gate.use, tending.use)
    return Litestar(
        route_handlers=[peer_api.nonce, peer_api.exchange, _api(), *figures, *told, *served.pages],
        dependencies=_given(reception, lines, served),
        guards=[guard],
        request_class=Asking,
        exception_handlers={
            Problem: _problem,
            Malformed: _problem,
            HTTPException: _http(served.lost),
            Exception: _unforeseen,
        },
        before_send=[_over_tls if served.tls else _over_http],
        state=State(
            {
                "gate": gate,
                "challenges": Nonces(means.random, seconds),
                "lines": lines,
                "broadcast": broadcast,
                "tls": served.tls,
                "uploads": served.uploads,
            }
        ),
        lifespan=[_at_work(lines, keeping, tending, broadcast)],
        openapi_config=_described(means.party),
        logging_config=None,
        request_max_body_size=API_BYTES,
    )


def _given(reception: Reception, lines: Lines, served: Served) -> dict[str, Provide]:
    """What a handler may ask for by the name of a parameter."""
    return {
        "reception": Provide(lambda: reception, sync_to_thread=False),
        "means": Provide(lambda: reception.means, sync_to_thread=False),
        "watched": Provide(lambda: served.watched, sync_to_thread=False),
        "lines": Provide(lambda: lines, sync_to_thread=False),
        "press": Provide(lambda: served.press, sync_to_thread=False),
        "actor": Provide(actor_of, sync_to_thread=False),
        "caller": Provide(caller_of, sync_to_thread=False),
        "coming": Provide(parts_of, sync_to_thread=False),
        "typed": Provide(typed_in),
    }


def _at_work(
    lines: Lines, keeping: Keeping, tending: Tending, broadcast: Broadcast
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """What goes on by itself while the node is served, whoever asks."""

    @asynccontextmanager
    async def at_work(_app: Litestar) -> AsyncIterator[None]:
        lines.begin()
        tending.begin()  # before it is noted anew that the node is served
        keeping.begin()
        try:
            async with broadcast.running():
                yield
        finally:
            tending.end()
            keeping.end()
            lines.end()

    return at_work


@cache
def _api() -> Router:
    return Area("/api/v1", route_handlers=[route for area in AREAS for route in area.ROUTES])


def _described(party: str) -> OpenAPIConfig:
    """What /api says of the API (OpenAPI 3.1), for programs; no page, which would fetch scripts from elsewhere."""
    schemes: dict[str, SecurityScheme | Reference] = {
        "token": SecurityScheme(type="http", scheme="bearer", description="A token: `amanat_NUMBER_…`."),
        "session": SecurityScheme(type="apiKey", security_scheme_in="cookie", name=COOKIE, description="A session."),
    }
    return OpenAPIConfig(
        title=f"Amanat, the node of {party}",
        version="1",
        description="Records that neither side can later deny, alter or quietly drop. See docs/api.md.",
        openapi_router=Router("/api", route_handlers=[], opt={"permission": OPEN}, include_in_schema=False),
        render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"])],
        components=Components(security_schemes=schemes),
        security=[{"token": []}, {"session": []}],
        use_handler_docstrings=True,
    )


def _problem(_request: Request[Any, Any, Any], error: Problem | Malformed) -> Response[Any]:
    return _response(error, problem.status_of(error))


def _http(lost: Lost | None) -> Callable[[Request[Any, Any, Any], HTTPException], Response[Any]]:
    def answer(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        return (lost and lost(request, error)) or _unanswered(error)

    return answer


def _unanswered(error: HTTPException) -> Response[Any]:
    """What the framework refuses: bytes that are no request of ours, or a path that nobody answers."""
    says = error.detail or problem.TITLES.get(error.status_code, "Not answered")
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        says = "; ".join(f"{each.get('key', 'body')}: {each.get('message', '')}" for each in error.extra)[:400] or says
    mend = "See /api for what this node answers."
    if error.status_code >= 500:  # noqa: PLR2004
        return _response(Fault("http", says, mend), error.status_code)
    return _response(Invalid("http", says, mend), error.status_code)


def _unforeseen(_request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Our own mistake: it is told to who runs the node, and of what it was nothing to who asked."""
    journal.unforeseen(error)
    return _response(problem.mistake(), 500)


def _response(error: Problem | Malformed, status: int) -> Response[Any]:
    headers = {"Retry-After": "5"} if isinstance(error, TooMuch) else {}
    return Response(problem.details(error, status), status_code=status, media_type=problem.MEDIA_TYPE, headers=headers)


async def _over_http(message: Message, scope: Scope) -> None:
    _set(message, scope, HEADERS)


async def _over_tls(message: Message, scope: Scope) -> None:
    _set(message, scope, TLS_HEADERS)


def _set(message: Message, scope: Scope, headers: dict[str, str]) -> None:
    if scope["type"] == ScopeType.HTTP and message["type"] == "http.response.start":
        given = MutableScopeHeaders.from_message(message)
        for name, value in headers.items():
            given.setdefault(name, value)
