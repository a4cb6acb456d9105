"""What a browser is shown when something is wrong: a page, with all that stands around the pages of a session.

Law: an error says the same to a browser as to a program. A page that needs the database is made apart from the loop
that serves everybody else.
"""

from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from anyio import to_thread
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.types import ASGIApp, Receive, Scope, Send

from amanat.console.going import FIRST, asked_for, by_way_of, own
from amanat.console.rendering import page
from amanat.console.shell import inside
from amanat.exchange import journal
from amanat.exchange.caller import COOKIE, Caller
from amanat.exchange.means import Means, look
from amanat.exchange.problem import TITLES, mistake, status_of
from amanat.log.malformed import Malformed
from amanat.officer import sessions
from amanat.party.errors import Invalid, Problem, Refused

OUR_OWN: Final = 500
"""From here on the node itself is at fault, and a page that asks its database may be more than it can do."""

NOT_SIGNED_IN: Final = 401
UNPROVEN: Final = "session.proof"
"""What is answered to who has to say first who it is: no page shows it, for it leads on to where one does so."""
RESTS: Final = "session.rests"
"""What is answered at a desk that rests; it leads on to where one wakes it, and from there back."""

_GONE: Final = ".unknown"
"""How the code ends of what is told of something that is not there: a form sent twice finds it gone."""
_NOT_FOR_THEM: Final = frozenset(("officer.forbidden", "officer.scope"))
_LISTS: Final = MappingProxyType({"record": "/records", "draft": "/drafts"})
"""First part of a page's address → the list of such pages, where that is called otherwise."""

_MACHINES: Final = ("/api", "/peer/", "/log/", "/witness/", "/health/", "/metrics")


def problem(request: Request[Any, Any, Any], error: Problem | Malformed) -> Response[Any]:
    """Show what is wrong as a page; who is to sign in, or to choose a password, is led to where one does so."""
    status = status_of(error)
    if status == NOT_SIGNED_IN:
        page_asked = asked_for(request) if request.method == "GET" else _shown_at(request)
        return Redirect(by_way_of("/sign-in", page_asked), status_code=303)
    if error.code == "password.given":
        return Redirect("/password", status_code=303)
    if error.code == "factor.missing":
        return Redirect("/second-factor", status_code=303)
    if error.code in {UNPROVEN, RESTS}:
        return Redirect(by_way_of("/prove", _shown_at(request)), status_code=303)
    return _Page(error, status)


def unforeseen(_request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Show our own mistake: of what it was, whoever runs the node is told, and nobody else."""
    journal.unforeseen(error)
    return _Page(mistake(), OUR_OWN)


def unanswered(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Show what the framework refuses: an address that nobody answers, or one that a page cannot read."""
    if error.status_code >= OUR_OWN:
        return unforeseen(request, error)
    return _Page(_in_words(error.status_code), error.status_code)


def lost(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any] | None:
    """Show a person what no page answers; None where a program asks, by its address or by what it accepts."""
    if "text/html" not in request.headers.get("accept", "") or request.url.path.startswith(_MACHINES):
        return None
    return unanswered(request, error)


def _shown_at(request: Request[Any, Any, Any]) -> str:
    """Return the page on which one pressed for it: at its own address where a page is shown there, else the next above.

    What is given and not shown, such as a file, is an act even where it is asked for by an address.
    """
    pages = {route.path_format: _shows(route) for route in request.app.routes}
    template, path = request.scope["path_template"], request.url.path
    while template and not pages.get(template, False):
        template, path = template.rpartition("/")[0], path.rpartition("/")[0]
    query = request.scope["query_string"].decode("ascii", "replace") if request.method == "GET" else ""
    return own(quote(path or FIRST) + (f"?{query}" if query else ""))


def _way_back(request: Request[Any, Any, Any], code: str) -> str:
    """Return where one goes on: the page that one pressed on, or the list of what is gone; "" for nowhere."""
    if not request.scope.get("path_template", ""):
        return ""
    gone, query = code.endswith(_GONE), request.scope["query_string"]
    if request.method == "GET" and not gone:
        return own(quote(request.url.path)) if query and code not in _NOT_FOR_THEM else ""
    path = _shown_at(request).partition("?")[0]
    if not gone:
        return path
    place = path.split("/")[1]
    listed = _LISTS.get(place, f"/{place}")
    return listed if any(route.path_format == listed for route in request.app.routes) else ""


def _shows(route: Any) -> bool:  # noqa: ANN401 - a route of HTTP, or of the framework's other kinds
    return any("GET" in each.http_methods and each.opt.get("act") is None for each in route.route_handlers)


def _in_words(status: int) -> Invalid:
    """Say it as a person would: where the framework found it is of use to programs alone."""
    match status:
        case 404:
            return Invalid("page.unknown", "There is no page at this address.", "Go on from the first page.")
        case 405:
            return Invalid("page.method", "This address answers no form like that.", "Go on from the first page.")
        case 413:
            return Invalid("page.size", "That is more than the page takes.", "Send less at once.")
        case _:
            return Invalid("page.form", "The address or the form holds what this page cannot read.", "Begin anew.")


class _Page(Response[str]):
    """A page that is made when it is sent, in a thread, for it asks the database who is signed in."""

    def __init__(self, error: Problem | Malformed, status: int) -> None:
        super().__init__("", status_code=status)
        self.error = error

    def to_asgi_response(self, app: Any, request: Request[Any, Any, Any], **more: Any) -> ASGIApp:  # type: ignore[override]  # noqa: ANN401 - as the framework calls it
        """Return what makes the page, and then answers with it."""
        status = self.status_code or OUR_OWN

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            made = await to_thread.run_sync(_made, request, self.error, status)
            await made.to_asgi_response(app, request, **more)(scope, receive, send)

        return answer


def _made(request: Request[Any, Any, Any], error: Problem | Malformed, status: int) -> Response[str]:
    title = str(status) if status in TITLES else ""
    means: Means = request.app.state.gate.means
    caller = _caller(request, means) if status < OUR_OWN else None
    given = {"title": title, "here": "", "way_back": "" if caller is None else _way_back(request, error.code)}
    if caller is None:
        return page(request, "problem.html", given, error, status)
    return inside(request, means, caller, "problem_inside.html", given, error, status)


def _caller(request: Request[Any, Any, Any], means: Means) -> Caller | None:
    """Return who is signed in, also where no route asked; None where nobody is, or a program asks."""
    state = request.scope["state"]
    cookie = request.cookies.get(COOKIE, "")
    if "caller" not in state and cookie:
        with look(means) as turn:
            try:
                state["caller"] = Caller(sessions.actor(turn.tx, cookie, turn.now), cookie)
            except Refused:  # it is over: then the page is shown as to anybody
                return None
    caller: Caller | None = state.get("caller")
    return caller if caller is not None and caller.cookie else None
