"""Officers' accounts: who works here, made and changed by an administrator; nothing of a password is ever shown."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from litestar import Router
from litestar.params import FromPath, JSONBody

from amanat import node
from amanat.exchange.acting import acting
from amanat.exchange.means import Means, look
from amanat.exchange.route import By, Here, does, reads
from amanat.officer import account, password
from amanat.officer.account import Appointment, Officer
from amanat.officer.may import Role


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An officer. Names stay at this node: nothing of them goes to another party."""

    number: int
    sign_in: str
    name: str
    post: str
    roles: tuple[Role, ...]
    active: bool
    created: datetime
    disabled: datetime | None
    locked_until: datetime | None


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


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A password to be."""

    password: str


@reads("/", "officer.manage")
def list_officers(means: Here) -> tuple[Person, ...]:
    """List all officers there ever were."""
    with look(means) as turn:
        return tuple(_person(each) for each in account.officers(turn.tx))


@does("POST", "/", "officer.manage", "officer.add", status_code=201)
def add_officer(means: Here, actor: By, data: JSONBody[NewOfficer]) -> Person:
    """Give an officer an account."""
    kept = kept_of(data.password, data.sign_in, means)
    with acting(means, actor, "officer.add", _subject(data.sign_in)) as act:
        who = Appointment(data.sign_in, data.name, data.post, data.roles)
        return _person(account.add(act.turn.tx, who, kept, act.turn.now))


@does("PUT", "/{sign_in:str}", "officer.manage", "officer.assign")
def place_officer(means: Here, actor: By, sign_in: FromPath[str], data: JSONBody[Placed]) -> Person:
    """Give an officer another post and other roles, at once, in open sessions and for tokens too."""
    with acting(means, actor, "officer.assign", _subject(sign_in)) as act:
        held = account.named(act.turn.tx, sign_in)
        return _person(account.assign(act.turn.tx, held.id, data.post, data.roles))


@does("PUT", "/{sign_in:str}/password", "officer.manage", "officer.password")
def set_password(means: Here, actor: By, sign_in: FromPath[str], data: JSONBody[NewPassword]) -> Person:
    """Set an officer's password anew; it ends the officer's sessions and lifts a lock."""
    kept = kept_of(data.password, sign_in, means)
    with acting(means, actor, "officer.password", _subject(sign_in)) as act:
        return _person(account.set_password(act.turn.tx, account.named(act.turn.tx, sign_in).id, kept))


@does("POST", "/{sign_in:str}/{what:str}", "officer.manage", None)
def change_officer(
    means: Here, actor: By, sign_in: FromPath[str], what: FromPath[Literal["disable", "enable", "unlock"]]
) -> Person:
    """Let an officer in no more (tokens end for good), in again, or lift the lock that wrong passwords brought."""
    act_: Literal["officer.disable", "officer.enable", "officer.unlock"] = f"officer.{what}"  # type: ignore[assignment]
    with acting(means, actor, act_, _subject(sign_in)) as act:
        tx, held = act.turn.tx, account.named(act.turn.tx, sign_in)
        if what == "disable":
            return _person(account.disable(tx, held.id, act.turn.now))
        return _person(account.enable(tx, held.id) if what == "enable" else account.unlock(tx, held.id))


def kept_of(typed: str, sign_in: str, means: Means) -> str:
    """Return what is kept of a new password. Raises `Invalid` when it breaks a rule."""
    return password.hashed(typed, sign_in, means.random(password.SALT_BYTES), node.COST)


def _subject(sign_in: str) -> str:
    return f"officer:{sign_in}"[:200]


def _person(officer: Officer) -> Person:
    return Person(
        number=officer.id,
        sign_in=officer.sign_in,
        name=officer.name,
        post=officer.post,
        roles=officer.roles,
        active=officer.active,
        created=officer.created,
        disabled=officer.disabled,
        locked_until=officer.locked_until,
    )


ROUTES: list[Any] = [
    Router(
        "/officers",
        route_handlers=[list_officers, add_officer, place_officer, set_password, change_officer],
        tags=["officers"],
    )
]
