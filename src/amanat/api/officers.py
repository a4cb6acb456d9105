"""Officers' accounts: who works here, made and changed by an administrator; nothing of a password is ever shown."""

from typing import Any

import msgspec
from litestar import Request, Router
from litestar.params import FromPath, JSONBody

from amanat import node
from amanat.exchange import signing_in
from amanat.exchange.acting import acting
from amanat.exchange.means import Means, look
from amanat.exchange.route import By, Here, does, reads
from amanat.officer import account, factor, passkey, password, sessions
from amanat.officer.account import Appointment, Officer
from amanat.officer.may import Role


class NewOfficer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An officer to be, with a first password."""

    sign_in: str
    name: str
    post: str
    roles: tuple[Role, ...]
    password: str


class Placed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The post and roles that replace those before."""

    post: str
    roles: tuple[Role, ...]


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password of who asks."""

    password: str


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A password to be."""

    password: str


@reads("/", "officer.manage")
def list_officers(means: Here) -> tuple[Officer, ...]:
    """List all officers there ever were."""
    with look(means) as turn:
        return tuple(account.officers(turn.tx))


@does("POST", "/", "officer.manage", "officer.add", status_code=201)
def add_officer(means: Here, actor: By, data: JSONBody[NewOfficer]) -> Officer:
    """Give an officer an account, whose first password is to be changed at the first sign-in."""
    kept = kept_of(data.password, data.sign_in, means)
    with acting(means, actor, "officer.add", _subject(data.sign_in)) as act:
        who = Appointment(data.sign_in, data.name, data.post, data.roles)
        return account.add(act.turn.tx, who, kept, act.turn.now)


@does("PUT", "/{sign_in:str}", "officer.manage", "officer.assign")
def place_officer(means: Here, actor: By, sign_in: FromPath[str], data: JSONBody[Placed]) -> Officer:
    """Give an officer another post and other roles, at once, in open sessions and for tokens too."""
    with acting(means, actor, "officer.assign", _subject(sign_in)) as act:
        held = account.named(act.turn.tx, sign_in)
        return account.assign(act.turn.tx, held.id, data.post, data.roles)


@does("PUT", "/{sign_in:str}/password", "officer.manage", "officer.password")
def set_password(means: Here, actor: By, sign_in: FromPath[str], data: JSONBody[NewPassword]) -> Officer:
    """Set an officer's password anew, to be changed at the next sign-in; sessions and tokens end, a lock is lifted."""
    kept = kept_of(data.password, sign_in, means)
    with acting(means, actor, "officer.password", _subject(sign_in)) as act:
        tx, now = act.turn.tx, act.turn.now
        return account.set_password(tx, account.named(tx, sign_in).id, kept, now, given=True)


@does("POST", "/{sign_in:str}/disable", "officer.manage", "officer.disable")
def disable_officer(means: Here, actor: By, sign_in: FromPath[str]) -> Officer:
    """Let an officer in no more: sessions end at once, tokens for good."""
    with acting(means, actor, "officer.disable", _subject(sign_in)) as act:
        return account.disable(act.turn.tx, account.named(act.turn.tx, sign_in).id, act.turn.now)


@does("POST", "/{sign_in:str}/enable", "officer.manage", "officer.enable")
def enable_officer(means: Here, actor: By, sign_in: FromPath[str]) -> Officer:
    """Let an officer in again, with the same password and no token."""
    with acting(means, actor, "officer.enable", _subject(sign_in)) as act:
        return account.enable(act.turn.tx, account.named(act.turn.tx, sign_in).id)


@does("POST", "/{sign_in:str}/unlock", "officer.manage", "officer.unlock")
def unlock_officer(means: Here, actor: By, sign_in: FromPath[str]) -> Officer:
    """Lift the lock that wrong passwords brought."""
    with acting(means, actor, "officer.unlock", _subject(sign_in)) as act:
        return account.unlock(act.turn.tx, account.named(act.turn.tx, sign_in).id)


@does("POST", "/{sign_in:str}/sessions/end", "officer.manage", "officer.sessions")
def end_sessions(means: Here, actor: By, sign_in: FromPath[str]) -> Officer:
    """End all of an officer's sessions; who it is can sign in again."""
    with acting(means, actor, "officer.sessions", _subject(sign_in)) as act:
        held = account.named(act.turn.tx, sign_in)
        sessions.end_all(act.turn.tx, held.id)
        return held


@does("POST", "/{sign_in:str}/factor/reset", "officer.manage", "officer.factor")
def reset_factor(request: Request[Any, Any, Any], actor: By, sign_in: FromPath[str], data: JSONBody[Proof]) -> Officer:
    """Take an officer's second factor away, by one's own password: sessions end, the next sign-in sets up another."""
    with signing_in.proven(request, actor, data.password, "officer.factor") as act:
        act.on(_subject(sign_in))
        held = account.named(act.turn.tx, sign_in)
        factor.remove(act.turn.tx, held.id)
        passkey.remove_all(act.turn.tx, held.id)
        sessions.end_all(act.turn.tx, held.id)
        return held


def kept_of(typed: str, sign_in: str, means: Means) -> str:
    """Return what is kept of a new password. Raises `Invalid` when it breaks a rule."""
    return password.hashed(typed, sign_in, means.random(password.SALT_BYTES), node.COST)


def _subject(sign_in: str) -> str:
    return f"officer:{sign_in}"[:200]


ROUTES: list[Any] = [
    Router(
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
