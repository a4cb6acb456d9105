"""Passkeys on pages: made and removed by their officer, and signed in by; only where a browser lets a site have them.

Law: a site has passkeys by its domain, over TLS; an address of numbers has none, nor has plain HTTP but on this very
machine (`localhost`). Where there are none, there is no button, and the routes say that there is nothing.
"""

from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from amanat.console import sign_in
from amanat.console.done import on_to
from amanat.console.shell import inside
from amanat.console.sign_in import FORM_COOKIE
from amanat.console.site import site_of
from amanat.exchange import signing_in
from amanat.exchange.acting import acting
from amanat.exchange.caller import Caller, require_own
from amanat.exchange.means import Means, look
from amanat.exchange.problem import TooMuch
from amanat.exchange.route import OPEN, Here, Who, does, reads
from amanat.officer import account, passkey
from amanat.officer.passkey import Site
from amanat.party.errors import Invalid, Refused


class Made(msgspec.Struct, frozen=True):
    """A new passkey: what its officer calls it, the device's answer, and the password once more."""

    name: str = ""
    answer: str = ""
    password: str = ""
    form: str = ""


class Answered(msgspec.Struct, frozen=True):
    """A device's answer to who signs in, where one was going, and the word of the page."""

    answer: str = ""
    next: str = ""
    form: str = ""


def _site(request: Request[Any, Any, Any]) -> Site:
    site = site_of(request)
    if site is None:
        raise Invalid(
            "passkey.missing",
            "At this address a browser has no passkeys.",
            "Reach the node by its domain name, over TLS.",
        )
    return site


@reads("/sign-in/passkey", OPEN)
def ask_who(request: Request[Any, Any, Any]) -> Response[str]:
    """Say what a browser is to ask its device."""
    return Response(
        passkey.asks_who(_site(request), request.app.state.challenges.give()), media_type="application/json"
    )


@does("POST", "/sign-in/passkey", OPEN, None, request_max_body_size=signing_in.MAX_BYTES)
def come_in(request: Request[Any, Any, Any], means: Here, data: URLEncodedBody[Answered]) -> Response[Any]:
    """Sign in by a passkey, or show the sign-in page with what is wrong."""
    site, take = _site(request), request.app.state.challenges.take
    try:
        require_own(data.form, request.cookies.get(FORM_COOKIE, ""))
        cookie = signing_in.by_passkey(request, site, data.answer, take)
    except (Refused, TooMuch) as problem:
        return sign_in.form(request, means, sign_in.Typed(next=data.next), problem)
    return sign_in.come_in(request, cookie, data.next)


@reads("/passkeys", "passkey.own")
def show(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
    """Show one's passkeys."""
    return _page(request, means, caller, None)


@reads("/passkeys/new", "passkey.own")
def ask_to_make(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
    """Say what a browser is to ask its device for a new one."""
    site, challenge = _site(request), request.app.state.challenges.give()
    with look(means) as turn:
        officer = account.officer(turn.tx, caller.actor.officer)
        asked = passkey.asks_to_register(turn.tx, officer, site, means.party, challenge)
    return Response(asked, media_type="application/json")


@does("POST", "/passkeys", "passkey.own", "passkey.new")
def make(request: Request[Any, Any, Any], means: Here, caller: Who, data: URLEncodedBody[Made]) -> Response[Any]:
    """Keep a new passkey, or show the page with what is wrong."""
    site, take = _site(request), request.app.state.challenges.take
    try:
        with signing_in.proven(request, caller.actor, data.password, "passkey.new") as act:
            officer = account.officer(act.turn.tx, caller.actor.officer)
            made = passkey.register(act.turn.tx, officer, site, data.name, data.answer, take, act.turn.now)
            act.on(f"passkey:{made}")
    except (Invalid, Refused, TooMuch) as problem:
        return _page(request, means, caller, problem)
    return on_to(caller.cookie, "/passkeys", "passkey-made")


@does("POST", "/passkeys/{id_:str}/remove", "passkey.own", "passkey.remove")
def remove(means: Here, caller: Who, id_: FromPath[str]) -> Redirect:
    """Let a passkey in no more."""
    with acting(means, caller.actor, "passkey.remove", f"passkey:{id_}") as act:
        passkey.remove(act.turn.tx, caller.actor.officer, id_)
    return on_to(caller.cookie, "/passkeys", "passkey-removed")


def _page(
    request: Request[Any, Any, Any], means: Means, caller: Caller, problem: Invalid | Refused | TooMuch | None
) -> Response[str]:
    with look(means) as turn:
        found = passkey.of(turn.tx, caller.actor.officer)
    given = {
        "here": "passkeys",
        "passkeys": found,
        "possible": site_of(request) is not None,
    }
    return inside(request, means, caller, "passkeys.html", given, problem)


ROUTES: Final[list[Any]] = [ask_who, come_in, show, ask_to_make, make, remove]
"""Signing in by one, and one's own."""
