"""One's own tokens on a page: made with the password typed once more, shown once, revoked.

Law: it does what the API does, by `exchange.own_tokens`. A token's text stands in the answer that made it and nowhere
else: that page is kept by no browser, and showing it anew makes no second one.
"""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from amanat.console import days
from amanat.console.done import on_to
from amanat.console.shell import inside
from amanat.console.words import WORDS
from amanat.exchange import own_tokens
from amanat.exchange.caller import Caller
from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Means, look
from amanat.exchange.problem import TooMuch
from amanat.exchange.route import Here, Who, does, reads
from amanat.officer.may import NEVER_BY_TOKEN
from amanat.officer.tokens import LASTS, LONGEST, Wanted
from amanat.party.errors import Invalid, Refused

_Line = Annotated[str, msgspec.Meta(max_length=400)]
_FIELDS: Final = {
    "session.wrong": "password",
    "token.scope": "scope",
    "token.unscoped": "scope",
    "form.day": "expires",
    "token.past": "expires",
    "token.long": "expires",
}


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed of a token to be; its last day as "2026-01-31", or nothing."""

    name: _Line = ""
    scope: Annotated[list[str], msgspec.Meta(max_length=32)] | str = ""
    expires: _Line = ""
    password: _Line = ""
    form: str = ""

    def chosen(self) -> frozenset[str]:
        """Return what it is to be for."""
        return frozenset(filter(None, [self.scope] if isinstance(self.scope, str) else self.scope))


@reads("/tokens", "token.own")
def listed(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
    """List one's own tokens, and show the form of a new one."""
    return _page(request, means, caller, Typed())


@does("POST", "/tokens", "token.own", "token.new")
def make(request: Request[Any, Any, Any], means: Here, caller: Who, data: URLEncodedBody[Typed]) -> Response[str]:
    """Make a token and show it this once, or show the form anew with what is wrong."""
    with look(means) as turn:
        zone = own_zone(turn)
    try:
        wanted = Wanted(data.name.strip(), data.chosen(), days.begins(data.expires, zone, 1))
        _, shown = own_tokens.make(request, means, caller.actor, data.password, wanted)
    except (Invalid, Refused, TooMuch) as problem:
        return _page(request, means, caller, data, problem=problem)
    return _page(request, means, caller, Typed(), made=shown)


@does("POST", "/tokens/{number:int}/revoke", "token.own", "token.revoke")
def revoke(means: Here, caller: Who, number: FromPath[int]) -> Redirect:
    """Let one of one's own tokens open nothing more."""
    own_tokens.revoke(means, caller.actor, number)
    return on_to(caller.cookie, "/tokens", "token-revoked")


def _page(
    request: Request[Any, Any, Any],
    means: Means,
    caller: Caller,
    typed: Typed,
    *,
    problem: Invalid | Refused | TooMuch | None = None,
    made: str = "",
) -> Response[str]:
    given = {
        "here": "tokens",
        "tokens": own_tokens.listed(means, caller.actor),
        "typed": typed,
        "chosen": typed.chosen(),
        "may_be": [each for each in WORDS["permission"] if each in caller.actor.permissions - NEVER_BY_TOKEN],
        "lasts": LASTS.days,
        "longest": LONGEST.days,
        "made": made,
        "sent": "",
        "field": "" if problem is None else _FIELDS.get(problem.code, "name"),
    }
    return inside(request, means, caller, "tokens.html", given, problem)


ROUTES: Final[list[Any]] = [listed, make, revoke]
"""The list with its form, a new one, and revoking."""
