"""Signing in and out, one's own password, and who one is."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath, JSONBody

from amanat import node
from amanat.exchange import signing_in
from amanat.exchange.acting import acting
from amanat.exchange.caller import form_word
from amanat.exchange.means import look
from amanat.exchange.route import OPEN, PROBLEMS, Area, By, Here, Who, does, reads
from amanat.officer import sessions


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer types; `code` is what the second factor shows, or a recovery code."""

    name: str
    password: str
    code: str = ""


class OwnPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password that is used now, and the one that is to replace it."""

    old: str
    new: str


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the officer of a session types once more: the password, or a code of the second factor."""

    typed: str


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A session that began; changes ask for `form` in the header `X-Amanat-Form`. It is "" once the session is over."""

    form: str


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: an officer by number, at a post, with what may be done now, by password (console) or token (api)."""

    officer: int
    post: str
    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    channel: str


@post(
    "/",
    status_code=201,
    sync_to_thread=True,
    opt={"permission": OPEN},
    responses=dict(PROBLEMS),
    request_max_body_size=signing_in.MAX_BYTES,
)
def sign_in(request: Request[Any, Any, Any], data: JSONBody[Credentials]) -> Response[Begun]:
    """Sign in by password and code. Wrong names, passwords and codes are answered alike."""
    signing_in.require_json(request)
    cookie = signing_in.sign_in(request, data.name, data.password, data.code)
    return Response(Begun(form=form_word(cookie)), status_code=201, cookies=[signing_in.cookie(request, cookie)])


@reads("/", "compact.read")
def who_am_i(actor: By) -> Me:
    """Say who asks, and what that officer may."""
    return Me(
        officer=actor.officer,
        post=actor.post,
        roles=actor.roles,
        permissions=tuple(sorted(actor.permissions)),
        channel=actor.channel,
    )


@does("DELETE", "/", "password.own", None)
def sign_out(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[Begun]:
    """Sign out."""
    signing_in.sign_out(caller.cookie, means)
    return Response(Begun(form=""), cookies=[signing_in.cookie(request, "")])


@does("PUT", "/password", "password.own", "password.own")
def change_password(request: Request[Any, Any, Any], actor: By, data: JSONBody[OwnPassword]) -> Response[Begun]:
    """Change one's own password. All one's sessions and tokens end; this one goes on as a new one."""
    cookie = signing_in.change_password(request, actor, data.old, data.new, node.COST)
    return Response(Begun(form=form_word(cookie)), cookies=[signing_in.cookie(request, cookie)])


@does("POST", "/proof", "password.own", "session.prove", status_code=204)
def prove(request: Request[Any, Any, Any], actor: By, data: JSONBody[Proof]) -> None:
    """Say who one is once more, which a record that names a person asks for: `session.proof`. It holds 5 minutes."""
    signing_in.prove(request, actor, data.typed)


@reads("/all", "password.own")
def list_sessions(means: Here, actor: By) -> tuple[sessions.Session, ...]:
    """List one's own open sessions, the newest first."""
    with look(means) as turn:
        return tuple(sessions.of(turn.tx, actor.officer, turn.now))


@does("DELETE", "/all/{id_:str}", "password.own", "session.end", status_code=204)
def end_session(means: Here, actor: By, id_: FromPath[str]) -> None:
    """End one of one's own sessions, such as one that was left open elsewhere."""
    with acting(means, actor, "session.end", f"session:{id_}") as act:
        sessions.end_one(act.turn.tx, actor.officer, id_)


ROUTES: list[Any] = [
    Area(
        "/session",
        route_handlers=[sign_in, who_am_i, sign_out, change_password, prove, list_sessions, end_session],
        tags=["session"],
    )
]
