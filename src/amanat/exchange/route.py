"""What every route for officers has: the permission it needs, the act it is where it is one, and how it may refuse.

Law: denied by default. `guard` stands before every route of the application; one that names no permission and is not
`OPEN` answers nobody.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Any, Final

import msgspec
from anyio import to_thread
from litestar import Request, Router, delete, get, post, put
from litestar.connection import ASGIConnection
from litestar.di import Dependency
from litestar.enums import RequestEncodingType
from litestar.exceptions import MethodNotAllowedException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import BodyKwarg, SkipValidationMarker

from amanat.exchange.caller import BY_ITSELF, COOKIE, WORD, Caller, Gate, Shown
from amanat.exchange.export import Press
from amanat.exchange.lines import Lines
from amanat.exchange.means import Means
from amanat.exchange.parts import Fields, Parts, not_whole, parts
from amanat.exchange.problem import MEDIA_TYPE, TITLES, TooMuch
from amanat.exchange.rates import counted
from amanat.officer.may import Act, Actor
from amanat.party import canonical
from amanat.party.errors import Fault, Invalid
from amanat.party.types import quoted

OPEN: Final = "open"
"""What stands in place of a permission where anybody may ask: sign-in, health, peers, who sign, and static files."""

SAFE: Final = frozenset(("GET", "HEAD"))

BODY_SECONDS: Final = 60.0
BYTES_PER_SECOND: Final = 4096
"""How long a body may take to come: so many seconds, and as many more as it takes at half of 64 kbit/s."""

Here = Annotated[Means, Dependency(), SkipValidationMarker()]
By = Annotated[Actor, Dependency(), SkipValidationMarker()]
Who = Annotated[Caller, Dependency(), SkipValidationMarker()]
Standing = Annotated[Lines, Dependency(), SkipValidationMarker()]
Printing = Annotated[Press, Dependency(), SkipValidationMarker()]
Coming = Annotated[Parts, Dependency(), SkipValidationMarker()]
Typed = Annotated[Fields, Dependency(), SkipValidationMarker()]


Made = Callable[[Callable[..., Any]], HTTPRouteHandler]


class ProblemDetails(msgspec.Struct, frozen=True):
    """A refusal (RFC 9457). `code` is one of docs/errors.md; `mend` says what to do, `by` which rule said no."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    mend: str
    by: str | msgspec.UnsetType = msgspec.UNSET


_ANSWERED: Final = (400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 428, 429, 500, 503)
PROBLEMS: Final[Mapping[int, ResponseSpec]] = MappingProxyType(
    {
        status: ResponseSpec(ProblemDetails, generate_examples=False, description=TITLES[status], media_type=MEDIA_TYPE)
        for status in _ANSWERED
    }
)

_METHODS: Final = MappingProxyType({"GET": get, "POST": post, "PUT": put, "DELETE": delete})


def named(component: str) -> BodyKwarg:
    """Return what names a type among the components of /api; one made of another has no plain name by itself."""
    return BodyKwarg(schema_component_key=component)


def reads(path: str, permission: str, **more: Any) -> Made:  # noqa: ANN401 - as litestar takes them
    """Make a route that changes nothing but what is noted of it.

    `renews=True` says of a list on a page that what the page asks by itself is no new look at the persons in it;
    whoever looked at a list, or a whole record, saw as much. A page that shows a whole record never says so.
    `repeats=True` says that its address may say one thing several times.
    """
    return does("GET", path, permission, None, **more)


def does(method: str, path: str, permission: str, act: Act | None, **more: Any) -> Made:  # noqa: ANN401 - as reads
    """Make a route that is an act, or None where it needs no row of its own in the audit log."""
    given = {"status_code": 200, "sync_to_thread": True, "responses": dict(PROBLEMS)} | more
    made: Made = _METHODS[method](path, opt={"permission": permission, "act": act}, **given)
    return made


def takes(path: str, permission: str, act: Act | None, **more: Any) -> Made:  # noqa: ANN401 - as reads
    """Make an act's route to which a page sends a form in parts, its word first: one with files, or of any length."""
    given = {"status_code": 200, "responses": dict(PROBLEMS), "request_max_body_size": None} | more
    made: Made = _METHODS["POST"](path, opt={"permission": permission, "act": act, "parts": True}, **given)
    return made


class Area(Router):
    """Routes under a path, which each application makes anew of handlers that are all applications'.

    So what a handler asks for is read of it once, and not once for each application.
    """

    def __init__(self, path: str, *, route_handlers: Sequence[Any], **more: Any) -> None:  # noqa: ANN401 - as a Router
        """Take what a `Router` takes."""
        super().__init__(path, route_handlers=route_handlers, **more)
        self.made_of = path, route_handlers, more

    def __deepcopy__(self, _memo: dict[int, Any]) -> "Area":
        path, handlers, more = self.made_of
        for each in handlers:
            if isinstance(each, BaseRouteHandler):
                _ = each.parsed_fn_signature  # which it keeps, and each copy of it
        return Area(path, route_handlers=handlers, **more)


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let pass who may. Raises `Refused`, `TooMuch`, or `Fault` for a route of which nobody said who may.

    Nothing is read of what a stranger brings: a form is, for its word, once its session was recognised.
    """
    if connection.scope.get("method") == "OPTIONS":  # the framework's own answer, of which nobody has use
        raise MethodNotAllowedException
    permission = handler.opt.get("permission")
    if permission == OPEN:
        return
    if not isinstance(permission, str):
        raise Fault("route.permission", "Nobody said who may ask for this.", "Report this; nothing was done.")
    gate: Gate = connection.app.state.gate
    headers, changes = connection.headers, connection.scope.get("method") not in SAFE
    cookie = connection.cookies.get(COOKIE, "")
    address = counted(connection.client.host if connection.client else "")
    renews = BY_ITSELF in headers and bool(handler.opt.get("renews"))
    by_itself = BY_ITSELF in headers or bool(handler.opt.get("by_itself"))
    shown = Shown(headers.get("authorization", ""), cookie, headers.get(WORD, ""), changes, address, by_itself, renews)
    if changes and cookie and not shown.word:
        await to_thread.run_sync(gate.recognise, shown)
        if isinstance(connection, Request) and handler.opt.get("parts"):
            word = await parts_of(connection).word()
        else:
            word = await form_field(connection, "form")
        shown = replace(shown, word=word)
    caller = await to_thread.run_sync(gate.pass_, shown, permission, handler.opt.get("act"))
    if not handler.opt.get("repeats"):
        require_once(name for name, _ in connection.query_params.multi_items())
    connection.state.caller = caller


def require_once(names: Iterable[str]) -> None:
    """Raise `Invalid` for an address that says something twice: of two values, one would be passed over unseen.

    The names are gone through once: an address may have many thousands, and nobody else is served meanwhile.
    """
    twice = next((name for name, times in Counter(names).items() if times > 1), None)
    if twice is not None:
        raise Invalid("page.twice", f"The address says {quoted(twice)} twice.", "Say it once.")


async def form_field(connection: ASGIConnection[Any, Any, Any, Any], name: str) -> str:
    """Return a field of a page's form; "" when it has none, or is no form: one has an end where the route sets one."""
    is_form = connection.headers.get("content-type", "").startswith(RequestEncodingType.URL_ENCODED)
    if (
        not isinstance(connection, Request)
        or not is_form
        or not connection.route_handler.resolve_request_max_body_size()
    ):
        return ""
    found = (await connection.form()).get(name)
    return found if isinstance(found, str) else ""


def parts_of(request: Request[Any, Any, Any]) -> Parts:
    """Return the form that comes in parts, as far as it was not read yet. Raises `Invalid` for a body that is none."""
    if "parts" not in request.state:
        request.state.parts = parts(request.headers.get("content-type", ""), request.stream())
    coming: Parts | None = request.state.parts
    if coming is None:
        raise not_whole()
    return coming


async def typed_in(request: Request[Any, Any, Any]) -> Fields:
    """Return all fields of a form that comes in parts. Raises `Invalid`."""
    return await parts_of(request).fields()


class Asking(Request[Any, Any, Any]):
    """A request, whose body comes no slower than it may, and whose JSON is bounded in depth before it is parsed."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the body as it comes. Raises `TooMuch` when it does not come in time."""
        begun, read, pieces = asyncio.get_running_loop().time(), 0, super().stream()
        while True:
            try:
                async with asyncio.timeout_at(begun + BODY_SECONDS + read / BYTES_PER_SECOND):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise too_slow() from error
            read += len(piece)
            yield piece

    async def json(self) -> Any:  # noqa: ANN401 - JSON has no type of ours
        """Return the body as JSON. Raises `Invalid`."""
        canonical.check_text(await self.body(), "request")
        return await super().json()


def too_slow() -> TooMuch:
    """Return what answers a body that came slower than it may."""
    return TooMuch("peer.slow", "The body did not come in time.", "Bring less at once.")


def caller_of(request: Request[Any, Any, Any]) -> Caller:
    """Return who asks, as the guard recognised it."""
    caller: Caller = request.state.caller
    return caller


def actor_of(request: Request[Any, Any, Any]) -> Actor:
    """Return the officer who asks."""
    return caller_of(request).actor
