"""An officer's own tokens: made and revoked in a session, never by a token."""

from datetime import date, datetime
from typing import Any

import msgspec
from litestar import Router
from litestar.params import FromPath, JSONBody

from amanat.exchange.acting import acting
from amanat.exchange.means import look
from amanat.exchange.route import By, Here, does, reads
from amanat.officer import account, tokens
from amanat.officer.tokens import Token, Wanted
from amanat.party.errors import Invalid
from amanat.party.types import Time


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a token; never what is shown."""

    number: int
    name: str
    scope: tuple[str, ...]
    created: datetime
    expires: datetime | None
    used: date | None
    revoked: datetime | None


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A token to be. Without `scope` it may read all that its officer may."""

    name: str
    scope: tuple[str, ...] = ()
    expires: Time | None = None


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A new token; `token` is shown here, once, and kept nowhere."""

    token: str
    kept: Kept


@reads("/", "token.own")
def list_tokens(means: Here, actor: By) -> tuple[Kept, ...]:
    """List one's own tokens, newest first."""
    with look(means) as turn:
        return tuple(_kept(each) for each in tokens.tokens(turn.tx, actor.officer))


@does("POST", "/", "token.own", "token.new", status_code=201)
def make_token(means: Here, actor: By, data: JSONBody[NewToken]) -> Made:
    """Make a token for a program, for some of what its officer may."""
    with acting(means, actor, "token.new") as act:
        owner = account.officer(act.turn.tx, actor.officer)
        scope = frozenset(data.scope) or tokens.reading(owner.roles)
        wanted = Wanted(data.name, scope, data.expires)
        token, shown = tokens.new(act.turn.tx, owner, wanted, means.random(tokens.SECRET_BYTES), act.turn.now)
        act.on(f"token:{token.id}")
    return Made(token=shown, kept=_kept(token))


@does("DELETE", "/{number:int}", "token.own", "token.revoke")
def revoke_token(means: Here, actor: By, number: FromPath[int]) -> Kept:
    """Let one of one's own tokens open nothing more."""
    with acting(means, actor, "token.revoke", f"token:{number}"[:200]) as act:
        mine = {each.id for each in tokens.tokens(act.turn.tx, actor.officer)}
        if number not in mine:
            raise Invalid("token.unknown", f"There is no token {number} of this officer.", "List them.")
        return _kept(tokens.revoke(act.turn.tx, number, act.turn.now))


def _kept(token: Token) -> Kept:
    return Kept(
        number=token.id,
        name=token.name,
        scope=token.scope,
        created=token.created,
        expires=token.expires,
        used=token.used,
        revoked=token.revoked,
    )


ROUTES: list[Any] = [Router("/tokens", route_handlers=[list_tokens, make_token, revoke_token], tags=["tokens"])]
