"""The console's pages, for officers who have signed in: what waits, records, and what is one's own.

Law: a page shows what the API would show the same officer, by the same functions. It needs no script, and what officers
and other parties wrote is escaped wherever it stands.
"""

from typing import Any, Final

from litestar import Request, Response, Router
from litestar.params import FromPath
from litestar.response import Redirect

from amanat.console import now, own_language, own_password, own_roles, record, records, sign_in
from amanat.console.built import built, static_file
from amanat.console.going import asked_for, by_way_of
from amanat.console.rendering import problem_page
from amanat.exchange import journal
from amanat.exchange.problem import mistake, status_of
from amanat.exchange.route import OPEN, does
from amanat.log.malformed import Malformed
from amanat.party.errors import Problem

AREAS: Final = (now, records, record, sign_in, own_password, own_roles, own_language)


def _problem(request: Request[Any, Any, Any], error: Problem | Malformed) -> Response[Any]:
    """Show what is wrong as a page; who is to sign in, or to choose a password, is led to where one does so."""
    status = status_of(error)
    if status == 401:  # noqa: PLR2004
        return Redirect(by_way_of("/sign-in", asked_for(request)), status_code=303)
    if error.code == "password.given":
        return Redirect("/password", status_code=303)
    return problem_page(request, error, status)


def _unforeseen(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Show our own mistake: of what it was, whoever runs the node is told, and nobody else."""
    journal.unforeseen(error)
    return problem_page(request, mistake(), 500)


@does("GET", "/static/{name:str}", OPEN, None)
def static(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
    """Give a file that pages are made of."""
    return static_file(name, request.headers.get("accept-encoding", ""))


def routes() -> list[Router]:
    """Return all pages. Raises `Fault` when their scripts and styles were not built: at the start, not on each page."""
    built()
    handlers = [static, *(route for area in AREAS for route in area.ROUTES)]
    shows: dict[int | type[Exception], Any] = {Problem: _problem, Malformed: _problem, Exception: _unforeseen}
    return [Router("/", route_handlers=handlers, exception_handlers=shows, include_in_schema=False)]
