"""The console's pages, for officers who have signed in: what waits, records, and what is one's own.

Law: a page shows what the API would show the same officer, by the same functions. It needs no script, and what officers
and other parties wrote is escaped wherever it stands.
"""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Request, Response, Router
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from amanat.console import (
    acts,
    administration,
    agreed,
    approvals,
    compose,
    draft,
    draft_import,
    drafts,
    handed_in,
    logs,
    now,
    own_factor,
    own_language,
    own_password,
    own_roles,
    own_sessions,
    own_tokens,
    parties,
    passkeys,
    problems,
    record,
    records,
    rings,
    sign_in,
    withdrawal,
    workspaces,
)
from amanat.console.built import built, static_file
from amanat.exchange.route import OPEN, Area, does
from amanat.log.malformed import Malformed
from amanat.party.errors import Problem

AREAS: Final = (
    now,
    records,
    record,
    withdrawal,
    sign_in,
    own_password,
    own_roles,
    own_language,
    agreed,
    logs,
    parties,
    administration,
    own_tokens,
    acts,
    compose,
    drafts,
    draft,
    draft_import,
    approvals,
    handed_in,
    own_sessions,
    own_factor,
    passkeys,
    rings,
)


@does("GET", "/static/{name:str}", OPEN, None)
def static(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
    """Give a file that pages are made of."""
    return static_file(name, request.headers.get("accept-encoding", ""))


def routes(more: Sequence[Any] = ()) -> list[Router]:
    """Return all pages, and what routes the demo has `more`.

    Raises `Fault` when their scripts and styles were not built: at the start, not on each page.
    """
    built()
    handlers = [static, *(route for area in AREAS for route in area.ROUTES), *workspaces.routes(), *more]
    shows: dict[int | type[Exception], Any] = {
        Problem: problems.problem,
        Malformed: problems.problem,
        HTTPException: problems.unanswered,
        Exception: problems.unforeseen,
    }
    return [Area("/", route_handlers=handlers, exception_handlers=shows, include_in_schema=False)]
