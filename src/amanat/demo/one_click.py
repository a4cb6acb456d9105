"""Signing in at the demo's nodes by one click, as any of their invented officers.

Law: no node has this route but one that is served with `amanat node serve --demo`, which opens by the demo's printed
passphrase and by no other: what anybody may open already is all that a click opens.
"""

from typing import Any, Final

import msgspec
from litestar import Request
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from amanat.console.sign_in import FORM_COOKIE, ONE_CLICK
from amanat.console.sign_in import come_in as led_in
from amanat.exchange import signing_in
from amanat.exchange.acting import acting
from amanat.exchange.caller import require_own
from amanat.exchange.means import look
from amanat.exchange.route import OPEN, Here, does
from amanat.officer import account, sessions
from amanat.officer.may import Actor


class Clicked(msgspec.Struct, frozen=True):
    """Where the officer was going, and the word of the page with the buttons."""

    next: str = ""
    form: str = ""


@does("POST", "/sign-in/as/{sign_in:str}", OPEN, None, name=ONE_CLICK, request_max_body_size=signing_in.MAX_BYTES)
def come_in(
    request: Request[Any, Any, Any], means: Here, sign_in: FromPath[str], data: URLEncodedBody[Clicked]
) -> Redirect:
    """Begin a session of an officer, noted as a sign-in. Raises `Refused` for one who is disabled."""
    require_own(data.form, request.cookies.get(FORM_COOKIE, ""))
    with look(means) as turn:
        officer = account.named(turn.tx, sign_in)
    who = Actor(officer.id, officer.post, officer.roles, frozenset(), "console")
    with acting(means, who, "sign-in", "by:one-click") as act:
        if not officer.active:
            raise account.not_let_in()
        secret = means.random(sessions.SECRET_BYTES)
        cookie = sessions.start(act.turn.tx, officer, secret, act.turn.now, signing_in.begun(request, "one-click"))
    return led_in(request, cookie, data.next)


ROUTES: Final[list[Any]] = [come_in]
"""The one route."""
