"""Officers' accounts: who works here, made and changed by an administrator; nothing of a password is ever shown.

Law: what would outlive the session of whoever does it (an account, other roles, another's password, a second factor
taken away) is done by the administrator's own password, typed once more: a session that was stolen makes itself no
other way in.
"""

from functools import partial
from typing import Any

import msgspec
from litestar import Request
from litestar.params import FromPath, JSONBody

from amanat import node
from amanat.exchange import signing_in, staffing
from amanat.exchange.route import Area, By, Here, does, reads
from amanat.officer.account import Appointment, Officer
from amanat.officer.may import Actor, Role


class NewOfficer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An officer to be, with a first password; and the administrator's own."""

    sign_in: str
    name: str
    post: str
    roles: tuple[Role, ...]
    password: str
    own_password: str


class Placed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The post and roles that replace those before; and the administrator's own password."""

    post: str
    roles: tuple[Role, ...]
    own_password: str


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A password to be, and the administrator's own."""

    password: str
    own_password: str


class OnceMore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The administrator's own password, typed once more."""

    own_password: str


@reads("/", "officer.manage")
def list_officers(means: Here) -> tuple[Officer, ...]:
    """List all officers there ever were."""
    return staffing.officers(means)


@does("POST", "/", "officer.manage", "officer.add", status_code=201)
def add_officer(request: Request[Any, Any, Any], means: Here, actor: By, data: JSONBody[NewOfficer]) -> Officer:
    """Give an officer an account, whose first password is to be changed at the first sign-in."""
    who = Appointment(data.sign_in, data.name, data.post, data.roles)
    with signing_in.asked_again(request, actor, data.own_password) as proven:
        return staffing.add(proven, means, who, data.password, node.COST)


@does("PUT", "/{sign_in:str}", "officer.manage", "officer.assign")
def place_officer(
    request: Request[Any, Any, Any], actor: By, sign_in: FromPath[str], data: JSONBody[Placed]
) -> Officer:
    """Give an officer another post and other roles, at once, in open sessions and for tokens too."""
    return staffing.place(_proven(request, actor, data), sign_in, data.post, data.roles)


@does("PUT", "/{sign_in:str}/password", "officer.manage", "officer.password")
def set_password(
    request: Request[Any, Any, Any], means: Here, actor: By, sign_in: FromPath[str], data: JSONBody[NewPassword]
) -> Officer:
    """Set an officer's password anew, to be changed at the next sign-in; sessions and tokens end, a lock is lifted."""
    with signing_in.asked_again(request, actor, data.own_password) as proven:
        return staffing.set_password(proven, means, sign_in, data.password, node.COST)


@does("POST", "/{sign_in:str}/disable", "officer.manage", "officer.disable")
def disable_officer(means: Here, actor: By, sign_in: FromPath[str]) -> Officer:
    """Let an officer in no more: sessions end at once, tokens for good."""
    return staffing.disable(means, actor, sign_in)


@does("POST", "/{sign_in:str}/enable", "officer.manage", "officer.enable")
def enable_officer(
    request: Request[Any, Any, Any], actor: By, sign_in: FromPath[str], data: JSONBody[OnceMore]
) -> Officer:
    """Let an officer in again, with the same password and no token."""
    return staffing.enable(_proven(request, actor, data), sign_in)


@does("POST", "/{sign_in:str}/unlock", "officer.manage", "officer.unlock")
def unlock_officer(means: Here, actor: By, sign_in: FromPath[str]) -> Officer:
    """Lift the lock that wrong passwords brought."""
    return staffing.unlock(means, actor, sign_in)


@does("POST", "/{sign_in:str}/sessions/end", "officer.manage", "officer.sessions")
def end_sessions(
    request: Request[Any, Any, Any], actor: By, sign_in: FromPath[str], data: JSONBody[OnceMore]
) -> Officer:
    """End all of an officer's sessions; who it is can sign in again."""
    return staffing.end_sessions(_proven(request, actor, data), sign_in)


@does("POST", "/{sign_in:str}/factor/reset", "officer.manage", "officer.factor")
def reset_factor(
    request: Request[Any, Any, Any], actor: By, sign_in: FromPath[str], data: JSONBody[OnceMore]
) -> Officer:
    """Take an officer's second factor and passkeys away: sessions end, and the next sign-in sets up another."""
    return staffing.reset_factor(_proven(request, actor, data), sign_in)


def _proven(request: Request[Any, Any, Any], actor: Actor, data: Placed | OnceMore) -> staffing.Proven:
    return partial(signing_in.proven, request, actor, data.own_password)


ROUTES: list[Any] = [
    Area(
        "/officers",
        route_handlers=[
            list_officers,
            add_officer,
            place_officer,
            set_password,
            disable_officer,
            enable_officer,
            unlock_officer,
            end_sessions,
            reset_factor,
        ],
        tags=["officers"],
    )
]
