"""Where an officer is signed in: the open sessions, each ended by a button; and the page that asks once more who it is.

Law: an end is asked for by a form of this session's own pages; the session one sits at is ended by signing out.
"""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect

from amanat.console.done import on_to
from amanat.console.going import own
from amanat.console.shell import inside
from amanat.exchange import signing_in
from amanat.exchange.acting import acting
from amanat.exchange.caller import Caller
from amanat.exchange.means import Means, look
from amanat.exchange.problem import TooMuch
from amanat.exchange.route import Here, Who, does, reads
from amanat.officer import sessions
from amanat.party.errors import Refused


class Typed(msgspec.Struct, frozen=True):
    """What an officer typed to say who it is, where the officer was going, and the word of the page."""

    typed: str
    next: str = ""
    form: str = ""


@reads("/sessions", "password.own")
def show(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
    """Show where one is signed in."""
    with look(means) as turn:
        found = sessions.of(turn.tx, caller.actor.officer, turn.now)
    given = {
        "here": "sessions",
        "sessions": found,
        "this": sessions.id_of(caller.cookie),
        "longest": sessions.LONGEST,
        "idle": sessions.IDLE,
    }
    return inside(request, means, caller, "sessions.html", given)


@does("POST", "/sessions/{id_:str}/end", "password.own", "session.end")
def end(means: Here, caller: Who, id_: FromPath[str]) -> Redirect:
    """End one session."""
    with acting(means, caller.actor, "session.end", f"session:{id_}") as act:
        sessions.end_one(act.turn.tx, caller.actor.officer, id_)
    return on_to(caller.cookie, "/sessions", "session-ended")


@does("POST", "/sessions/end", "password.own", "session.end")
def end_others(means: Here, caller: Who) -> Redirect:
    """End all sessions but this one."""
    with acting(means, caller.actor, "session.end") as act:
        act.on(*(f"session:{each}" for each in sessions.end_all(act.turn.tx, caller.actor.officer, caller.cookie)))
    return on_to(caller.cookie, "/sessions", "sessions-ended")


@reads("/prove", "password.own")
def ask(
    request: Request[Any, Any, Any], means: Here, caller: Who, next_: Annotated[str, QueryParameter(name="next")] = ""
) -> Response[str]:
    """Ask once more who it is."""
    return _form(request, means, caller, next_, None)


@does("POST", "/prove", "password.own", "session.prove")
def prove(request: Request[Any, Any, Any], means: Here, caller: Who, data: URLEncodedBody[Typed]) -> Response[Any]:
    """Lead back to where one was going, or ask anew with what is wrong."""
    try:
        signing_in.prove(request, caller.actor, data.typed)
    except (Refused, TooMuch) as problem:
        return _form(request, means, caller, data.next, problem)
    return Redirect(own(data.next), status_code=303)


def _form(
    request: Request[Any, Any, Any], means: Means, caller: Caller, next_: str, problem: Refused | TooMuch | None
) -> Response[str]:
    given = {
        "here": "prove",
        "next": own(next_),
        "idle": sessions.IDLE,
    }
    return inside(request, means, caller, "prove.html", given, problem)


ROUTES: Final[list[Any]] = [show, end, end_others, ask, prove]
"""The sessions, and the question who it is."""
