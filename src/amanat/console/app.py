"""The console's pages: the inbox, one record, one's own roles, password and language, for an officer who has signed in.

Law: a page shows what the API would show the same officer, by the same functions. It needs no script, and what officers
and other parties wrote is escaped wherever it stands. To show a record opens it for nobody: a button does.
"""

from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
from litestar import Request, Response, Router
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from amanat.console import own_language, own_password, own_roles, sign_in
from amanat.console.built import built, static_file
from amanat.console.rendering import page, problem_page, signed_in
from amanat.exchange import shown
from amanat.exchange.problem import status_of
from amanat.exchange.route import OPEN, Here, Who, does, reads
from amanat.log.malformed import Malformed
from amanat.officer.may import may
from amanat.party.errors import Problem
from amanat.record.handling import Handling, describe
from amanat.store.listing import Search

PAGE: Final = 50


def _problem(request: Request[Any, Any, Any], error: Problem | Malformed) -> Response[Any]:
    """Show what is wrong as a page; who is to sign in, or to choose a password, is led to where one does so."""
    status = status_of(error)
    if status == 401:  # noqa: PLR2004
        return Redirect("/sign-in", status_code=303)
    if error.code == "password.given":
        return Redirect("/password", status_code=303)
    return problem_page(request, error, status)


HANDLERS: Final = {Problem: _problem, Malformed: _problem}


@reads("/", "compact.read", include_in_schema=False, exception_handlers=HANDLERS)
def home(caller: Who) -> Redirect:
    """Lead to the inbox who reads records, all others to what they may do."""
    return Redirect("/inbox" if may(caller.actor, "record.read") else "/roles", status_code=303)


@reads("/inbox", "record.read", include_in_schema=False, exception_handlers=HANDLERS)
def inbox(
    request: Request[Any, Any, Any],
    means: Here,
    caller: Who,
    box: Annotated[str, QueryParameter(pattern="^(in|out|all)$")] = "in",
    text: Annotated[str, QueryParameter(max_length=200)] = "",
    cursor: Annotated[str, QueryParameter(max_length=200)] = "",
) -> Response[str]:
    """List records, newest first."""
    found = shown.page(means, caller.actor, Search(own=shown.BOXES[box], text=text, limit=PAGE), cursor)
    return page(request, "inbox.html", signed_in(means, caller) | {"page": found, "box": box, "text": text})


@reads("/record/{party:str}/{id_:str}", "record.read", include_in_schema=False, exception_handlers=HANDLERS)
def record(
    request: Request[Any, Any, Any], means: Here, caller: Who, party: FromPath[str], id_: FromPath[str]
) -> Response[str]:
    """Show one record and its way. Nobody is told that it was looked at."""
    whole = shown.whole(means, caller.actor, party, id_)
    given = {
        "whole": whole,
        "unread": shown.waits_to_be_read(whole, caller.actor, means.party),
        "steps": shown.way(means, party, id_),
        "handling": [] if whole.record is None else describe(msgspec.convert(whole.record["handling"], Handling)),
        "body": "" if whole.record is None else msgspec.json.format(msgspec.json.encode(whole.record["body"])).decode(),
    }
    return page(request, "record.html", signed_in(means, caller) | given)


@does(
    "POST",
    "/record/{party:str}/{id_:str}/opened",
    "record.acknowledge",
    "record.acknowledge",
    include_in_schema=False,
    exception_handlers=HANDLERS,
)
def press_read(means: Here, caller: Who, party: FromPath[str], id_: FromPath[str]) -> Redirect:
    """Sign that an officer at this post read it."""
    shown.press_read(means, caller.actor, party, id_)
    return Redirect(f"/record/{quote(party, safe='')}/{quote(id_, safe='')}", status_code=303)


@does("GET", "/static/{name:str}", OPEN, None, include_in_schema=False, exception_handlers=HANDLERS)
def static(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
    """Give a file that pages are made of."""
    return static_file(name, request.headers.get("accept-encoding", ""))


def routes() -> list[Router]:
    """Return all pages. Raises `Fault` when their scripts and styles were not built: at the start, not on each page."""
    built()
    own = [each for area in (sign_in, own_password, own_roles, own_language) for each in area.routes(HANDLERS)]
    return [Router("/", route_handlers=[home, inbox, record, press_read, static, *own])]
