"""Changing one's own password on a page: the old one is asked for, and all sessions elsewhere and tokens end."""

from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.params import URLEncodedBody

from amanat import node
from amanat.console.done import on_to
from amanat.console.shell import inside
from amanat.exchange import signing_in
from amanat.exchange.caller import Caller
from amanat.exchange.means import Means, look
from amanat.exchange.problem import TooMuch
from amanat.exchange.route import Here, Who, does, reads
from amanat.officer import passkey
from amanat.party.errors import Invalid, Refused


class Typed(msgspec.Struct, frozen=True):
    """What an officer typed: the old password, the new one, and the new one again."""

    old: str = ""
    new: str = ""
    again: str = ""
    form: str = ""


@reads("/password", "password.own")
def show(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
    """Show the form."""
    return _form(request, means, caller, None)


@does("POST", "/password", "password.own", "password.own")
def submit(request: Request[Any, Any, Any], means: Here, caller: Who, data: URLEncodedBody[Typed]) -> Response[Any]:
    """Change the password and go on in a new session, or show the form anew with what is wrong."""
    try:
        _require_typed_twice(data)
        cookie = signing_in.change_password(request, caller.actor, data.old, data.new, node.COST)
    except (Invalid, Refused, TooMuch) as problem:
        return _form(request, means, caller, problem)
    return on_to(cookie, "/", "password-changed", cookies=[signing_in.cookie(request, cookie)])


def _require_typed_twice(data: Typed) -> None:
    if data.new != data.again:
        raise Invalid("password.again", "The new password was typed in two ways.", "Type the same one twice.")


def _form(
    request: Request[Any, Any, Any], means: Means, caller: Caller, problem: Invalid | Refused | TooMuch | None
) -> Response[str]:
    with look(means) as turn:
        passkeys = len(passkey.of(turn.tx, caller.actor.officer))
    given = {
        "here": "password",
        "passkeys": passkeys,
        "given_password": caller.actor.lacks == "password",
    }
    return inside(request, means, caller, "password.html", given, problem)


ROUTES: Final[list[Any]] = [show, submit]
"""The form, and what becomes of it."""
