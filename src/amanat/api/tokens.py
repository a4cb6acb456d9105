"""An officer's own tokens: made and revoked in a session, never by a token."""

from typing import Any

import msgspec
from litestar import Request
from litestar.params import FromPath, JSONBody

from amanat.exchange import own_tokens
from amanat.exchange.route import Area, By, Here, does, reads
from amanat.officer.tokens import Token, Wanted
from amanat.party.types import Time


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A token to be, and its officer's password. Without `scope` it may read, but nothing of persons.

    It ends at `expires`, within 366 days; in 90 days where that is left out.
    """

    name: str
    password: str
    scope: tuple[str, ...] = ()
    expires: Time | None = None


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A new token; `token` is shown here, once, and kept nowhere."""

    token: str
    kept: Token


@reads("/", "token.own")
def list_tokens(means: Here, actor: By) -> tuple[Token, ...]:
    """List one's own tokens, newest first."""
    return own_tokens.listed(means, actor)


@does("POST", "/", "token.own", "token.new", status_code=201)
def make_token(request: Request[Any, Any, Any], means: Here, actor: By, data: JSONBody[NewToken]) -> Made:
    """Make a token for a program, for some of what its officer may: by the password, as a token outlives a session."""
    wanted = Wanted(data.name, frozenset(data.scope), data.expires)
    token, shown = own_tokens.make(request, means, actor, data.password, wanted)
    return Made(token=shown, kept=token)


@does("DELETE", "/{number:int}", "token.own", "token.revoke")
def revoke_token(means: Here, actor: By, number: FromPath[int]) -> Token:
    """Let one of one's own tokens open nothing more."""
    return own_tokens.revoke(means, actor, number)


ROUTES: list[Any] = [Area("/tokens", route_handlers=[list_tokens, make_token, revoke_token], tags=["tokens"])]
