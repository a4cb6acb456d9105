"""Signing in and out on a page.

Law: the form comes back with a word that follows from a cookie of its own, so that no other site's page can sign an
officer's browser in as somebody else. All forms of a browser share that cookie, for one may be shown twice, in two
windows or by a browser that reads ahead; the session's cookie is always a new one.
"""

import base64
import re
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from litestar.params import QueryParameter, URLEncodedBody
from litestar.response import Redirect

from amanat.console.going import by_way_of, own
from amanat.console.rendering import page
from amanat.console.site import site_of
from amanat.exchange import signing_in
from amanat.exchange.caller import COOKIE, form_word, require_own
from amanat.exchange.means import Means, look
from amanat.exchange.problem import TooMuch
from amanat.exchange.route import OPEN, Here, Who, does, reads
from amanat.officer import account, sessions
from amanat.officer.account import Officer
from amanat.party.errors import Refused

FORM_COOKIE: Final = "amanat_form"
ONE_CLICK: Final = "one-click"
"""What the demo's route is called by which one signs in without a password; no other node has a route called so."""

_BYTES: Final = 32
_OURS: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class Typed(msgspec.Struct, frozen=True):
    """What an officer typed, where the officer was going, and the word of the page it was typed into."""

    name: str = ""
    password: str = ""
    code: str = ""
    next: str = ""
    form: str = ""


@reads("/sign-in", OPEN)
def show(
    request: Request[Any, Any, Any], means: Here, next_: Annotated[str, QueryParameter(name="next")] = ""
) -> Response[str]:
    """Show the form."""
    return form(request, means, Typed(next=next_), None)


@does("POST", "/sign-in", OPEN, None, request_max_body_size=signing_in.MAX_BYTES)
def submit(request: Request[Any, Any, Any], means: Here, data: URLEncodedBody[Typed]) -> Response[Any]:
    """Sign in, or show the form anew with what is wrong."""
    try:
        require_own(data.form, request.cookies.get(FORM_COOKIE, ""))
        cookie = signing_in.sign_in(request, data.name, data.password, data.code)
    except (Refused, TooMuch) as problem:
        return form(request, means, data, problem)
    return come_in(request, cookie, data.next)


@does("POST", "/sign-out", "password.own", None)
def leave(request: Request[Any, Any, Any], means: Here, caller: Who) -> Redirect:
    """Sign out."""
    signing_in.sign_out(caller.cookie, means)
    return Redirect("/sign-in", status_code=303, cookies=[signing_in.cookie(request, "")])


def come_in(request: Request[Any, Any, Any], cookie: str, going: str) -> Redirect:
    """Lead whoever was let in to where one was going; the cookie of the form has served."""
    gone = signing_in.cookie(request, "", FORM_COOKIE)
    return Redirect(own(going), status_code=303, cookies=[signing_in.cookie(request, cookie), gone])


def form(
    request: Request[Any, Any, Any], means: Means, typed: Typed, problem: Refused | TooMuch | None
) -> Response[str]:
    """Show the form, with the name that was typed, so that a wrong password alone is typed anew."""
    held, going = request.cookies.get(FORM_COOKIE, ""), own(typed.next)
    value = held if _OURS.fullmatch(held) else base64.urlsafe_b64encode(means.random(_BYTES)).decode().rstrip("=")
    given = {
        "party": means.party,
        "word": form_word(value),
        "name": typed.name[: signing_in.MAX_TYPED],
        "next": going,
        "here": by_way_of("/sign-in", going),
        "passkeys": site_of(request) is not None,
        "one_click": _one_click(request, means),
        "over": problem is None and _is_over(request, means),
    }
    return page(request, "sign_in.html", given, problem, cookies=[signing_in.cookie(request, value, FORM_COOKIE)])


def _is_over(request: Request[Any, Any, Any], means: Means) -> bool:
    """Whether the browser still shows a session that has ended: its officer may have been writing, and is told so."""
    cookie = request.cookies.get(COOKIE, "")
    if not cookie:
        return False
    with look(means) as turn:
        try:
            sessions.actor(turn.tx, cookie, turn.now)
        except Refused:
            return True
    return False


def _one_click(request: Request[Any, Any, Any], means: Means) -> list[Officer]:
    """Return as whom one may sign in by one click: as nobody where that has no route."""
    if request.app.get_handler_index_by_name(ONE_CLICK) is None:
        return []
    with look(means) as turn:
        return [each for each in account.officers(turn.tx) if each.active]


ROUTES: Final[list[Any]] = [show, submit, leave]
"""The form, what becomes of it, and signing out."""
