"""An officer's own tokens: made with the password typed once more, listed, and revoked."""

from typing import Any

from litestar import Request

from amanat.exchange import signing_in
from amanat.exchange.acting import acting
from amanat.exchange.means import Means, look
from amanat.officer import account, tokens
from amanat.officer.may import Actor
from amanat.officer.tokens import Token, Wanted
from amanat.party.errors import Invalid


def listed(means: Means, actor: Actor) -> tuple[Token, ...]:
    """Return one's own tokens, newest first."""
    with look(means) as turn:
        return tuple(tokens.tokens(turn.tx, actor.officer))


def make(request: Request[Any, Any, Any], means: Means, actor: Actor, typed: str, wanted: Wanted) -> tuple[Token, str]:
    """Make a token; return it, and the text that its program shows, which is kept nowhere.

    Without a scope it may read, but nothing of persons. Raises `Refused` for a wrong password or a scope beyond what
    the officer may, `Invalid` for a name or an end that cannot be, or `TooMuch`.
    """
    with signing_in.proven(request, actor, typed, "token.new") as act:
        owner = account.officer(act.turn.tx, actor.officer)
        asked = Wanted(wanted.name, wanted.scope or tokens.reading(owner.roles), wanted.expires)
        token, shown = tokens.new(act.turn.tx, owner, asked, means.random(tokens.SECRET_BYTES), act.turn.now)
        act.on(f"token:{token.id}")
    return token, shown


def revoke(means: Means, actor: Actor, number: int) -> Token:
    """Let one of one's own tokens open nothing more. Raises `Invalid` for one that is not one's own."""
    with acting(means, actor, "token.revoke", f"token:{number}"[:200]) as act:
        mine = {each.id for each in tokens.tokens(act.turn.tx, actor.officer)}
        if number not in mine:
            raise Invalid("token.unknown", f"There is no token {number} of this officer.", "List them.")
        return tokens.revoke(act.turn.tx, number, act.turn.now)
