"""Officers' accounts on pages: who works here, a new one, another post or roles, a password, letting in and out.

Law: it does what the API does, by `exchange.staffing`. What is wrong stands beside its field; what ends something says
what follows, and asks a second time.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from amanat import node
from amanat.console.done import Done, on_to
from amanat.console.shell import inside
from amanat.exchange import signing_in, staffing
from amanat.exchange.caller import Caller
from amanat.exchange.means import Means
from amanat.exchange.problem import TooMuch
from amanat.exchange.route import Here, Who, does, reads
from amanat.officer.account import Appointment
from amanat.officer.may import PERMISSIONS, ROLES, Role
from amanat.party.errors import Invalid, Refused

Wrong = Invalid | Refused | TooMuch

_FIELDS: Final = {
    "officer.taken": "sign_in",
    "officer.roles": "roles",
    "officer.apart": "roles",
    "officer.last-administrator": "roles",
}
_Line = Annotated[str, msgspec.Meta(max_length=400)]


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed of an officer, and the word of the page; a browser sends one role as a text, several as a list."""

    sign_in: _Line = ""
    name: _Line = ""
    post: _Line = ""
    roles: Annotated[list[str], msgspec.Meta(max_length=16)] | str = ""
    password: _Line = ""
    own_password: _Line = ""
    form: str = ""

    def held(self) -> tuple[Role, ...]:
        """Return the roles that were chosen; one that is none was not."""
        chosen = [self.roles] if isinstance(self.roles, str) else self.roles
        return tuple(role for role in ROLES if role in chosen)


@reads("/officers", "officer.manage")
def listed(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
    """List all officers there ever were."""
    given = {"here": "officers", "officers": staffing.officers(means)}
    return inside(request, means, caller, "officers.html", given)


@reads("/officers/new", "officer.manage")
def show_new(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
    """Show the form of a new officer."""
    return _new(request, means, caller, Typed(), None)


@does("POST", "/officers/new", "officer.manage", "officer.add")
def add(request: Request[Any, Any, Any], means: Here, caller: Who, data: URLEncodedBody[Typed]) -> Response[Any]:
    """Make the account, or show the form anew with what is wrong."""
    who = Appointment(data.sign_in.strip(), data.name.strip(), data.post.strip(), data.held())
    try:
        with signing_in.asked_again(request, caller.actor, data.own_password) as proven:
            staffing.add(proven, means, who, data.password, node.COST)
    except (Invalid, Refused, TooMuch) as problem:
        return _new(request, means, caller, data, problem)
    return _back(caller, who.sign_in, "officer-added")


@reads("/officers/{sign_in:str}", "officer.manage")
def one(request: Request[Any, Any, Any], means: Here, caller: Who, sign_in: FromPath[str]) -> Response[str]:
    """Show one officer, and what may be done with the account."""
    return _one(request, means, caller, sign_in, None)


@does("POST", "/officers/{sign_in:str}/place", "officer.manage", "officer.assign")
def place(
    request: Request[Any, Any, Any], means: Here, caller: Who, sign_in: FromPath[str], data: URLEncodedBody[Typed]
) -> Response[Any]:
    """Give another post and other roles."""
    try:
        staffing.place(_proven(request, caller, data), sign_in, data.post.strip(), data.held())
    except (Invalid, Refused, TooMuch) as problem:
        return _one(request, means, caller, sign_in, problem, "place")
    return _back(caller, sign_in)


@does("POST", "/officers/{sign_in:str}/password", "officer.manage", "officer.password")
def set_password(
    request: Request[Any, Any, Any], means: Here, caller: Who, sign_in: FromPath[str], data: URLEncodedBody[Typed]
) -> Response[Any]:
    """Set a password, to be changed at the next sign-in."""
    try:
        with signing_in.asked_again(request, caller.actor, data.own_password) as proven:
            staffing.set_password(proven, means, sign_in, data.password, node.COST)
    except (Invalid, Refused, TooMuch) as problem:
        return _one(request, means, caller, sign_in, problem, "password")
    return _back(caller, sign_in)


@does("POST", "/officers/{sign_in:str}/disable", "officer.manage", "officer.disable")
def disable(request: Request[Any, Any, Any], means: Here, caller: Who, sign_in: FromPath[str]) -> Response[Any]:
    """Let an officer in no more."""
    try:
        staffing.disable(means, caller.actor, sign_in)
    except Refused as problem:
        return _one(request, means, caller, sign_in, problem)
    return _back(caller, sign_in)


@does("POST", "/officers/{sign_in:str}/enable", "officer.manage", "officer.enable")
def enable(
    request: Request[Any, Any, Any], means: Here, caller: Who, sign_in: FromPath[str], data: URLEncodedBody[Typed]
) -> Response[Any]:
    """Let an officer in again."""
    return _done(request, means, caller, sign_in, data, staffing.enable)


@does("POST", "/officers/{sign_in:str}/sessions", "officer.manage", "officer.sessions")
def end_sessions(
    request: Request[Any, Any, Any], means: Here, caller: Who, sign_in: FromPath[str], data: URLEncodedBody[Typed]
) -> Response[Any]:
    """End all of an officer's sessions."""
    return _done(request, means, caller, sign_in, data, staffing.end_sessions, "sessions-ended")


@does("POST", "/officers/{sign_in:str}/factor", "officer.manage", "officer.factor")
def reset_factor(
    request: Request[Any, Any, Any], means: Here, caller: Who, sign_in: FromPath[str], data: URLEncodedBody[Typed]
) -> Response[Any]:
    """Take an officer's second factor and passkeys away."""
    return _done(request, means, caller, sign_in, data, staffing.reset_factor)


@does("POST", "/officers/{sign_in:str}/unlock", "officer.manage", "officer.unlock")
def unlock(means: Here, caller: Who, sign_in: FromPath[str]) -> Redirect:
    """Lift the lock that wrong passwords brought."""
    staffing.unlock(means, caller.actor, sign_in)
    return _back(caller, sign_in)


def _done(
    request: Request[Any, Any, Any],
    means: Means,
    caller: Caller,
    sign_in: str,
    data: Typed,
    does: Callable[[staffing.Proven, str], object],
    done: Done = "officer-changed",
) -> Response[Any]:
    """Do what asks for nothing but the own password; its form is called as the address that it is sent to ends."""
    try:
        does(_proven(request, caller, data), sign_in)
    except (Refused, TooMuch) as problem:
        return _one(request, means, caller, sign_in, problem, request.url.path.rpartition("/")[2])
    return _back(caller, sign_in, done)


def _proven(request: Request[Any, Any, Any], caller: Caller, data: Typed) -> staffing.Proven:
    return partial(signing_in.proven, request, caller.actor, data.own_password)


def _new(
    request: Request[Any, Any, Any], means: Means, caller: Caller, typed: Typed, problem: Wrong | None
) -> Response[str]:
    given = {"here": "officers", "typed": typed, "chosen": typed.held(), "sent": ""} | _about(problem)
    return inside(request, means, caller, "new_officer.html", given, problem)


def _one(
    request: Request[Any, Any, Any],
    means: Means,
    caller: Caller,
    sign_in: str,
    problem: Wrong | None,
    sent: str = "",
) -> Response[str]:
    """Show an officer; `sent` is the form that something was wrong with, which need not stand there by now."""
    held = staffing.officer(means, sign_in)
    given = {"here": "officers", "officer": held, "chosen": held.roles, "sent": sent} | _about(problem)
    if sent not in {"place", "password", "factor", "sessions" if held.active else "enable"}:
        given["field"] = ""
    return inside(request, means, caller, "officer.html", given, problem)


def _about(problem: Wrong | None) -> dict[str, Any]:
    return {
        "roles": {role: [each for each, granted in PERMISSIONS.items() if role in granted] for role in ROLES},
        "field": "" if problem is None else _field(problem),
    }


def _field(problem: Wrong) -> str:
    """Return beside which field an error stands: the reader of a form says where in it what is wrong ("$.post")."""
    if problem.code == "officer.form":
        return next((each for each in ("post", "name") if f"$.{each}" in problem.says), "sign_in")
    if problem.code == "session.wrong":
        return "own_password"
    return "password" if problem.code.startswith("password.") else _FIELDS.get(problem.code, "")


def _back(caller: Caller, sign_in: str, done: Done = "officer-changed") -> Redirect:
    return on_to(caller.cookie, f"/officers/{quote(sign_in, safe='')}", done)


ROUTES: Final[list[Any]] = [
    *(listed, show_new, add, one, place, set_password),
    *(disable, enable, unlock, end_sessions, reset_factor),
]
"""The list, a new one, and what is done with one."""
