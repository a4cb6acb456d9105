"""Signing in over the network: rates by address and by name, few passwords tried at once, and the cookie's flags.

Law: the cookie is shown to this site alone (SameSite=Strict), to no script (HttpOnly), and with TLS over TLS only.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from litestar import Request
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType

from amanat.exchange import acting
from amanat.exchange.acting import Acting
from amanat.exchange.browser import called
from amanat.exchange.caller import COOKIE, Gate
from amanat.exchange.means import Means
from amanat.exchange.problem import TooMuch
from amanat.exchange.rates import counted
from amanat.exchange.staffing import Proven
from amanat.officer.may import Act, Actor
from amanat.officer.passkey import Site, Take
from amanat.officer.sessions import LONGEST, Beginning, Begun
from amanat.party.errors import Invalid, Refused
from amanat.party.key_file import Cost

AT_ONCE: Final = threading.BoundedSemaphore(4)
"""Passwords that are tried at once at sign-in: each takes 64 MiB and some tenths of a second."""

OFFICERS: Final = threading.BoundedSemaphore(4)
"""Those that are tried at once in sessions, so that no stranger takes these places."""

MAX_TYPED: Final = 1024
MAX_BYTES: Final = 16 * 1024
"""How large what was typed may be as it comes: that much of a stranger's body is read."""


def sign_in(request: Request[Any, Any, Any], name: str, typed: str, code: str) -> str:
    """Return the cookie of a new session. Raises `Refused`, alike for every reason, or `TooMuch`."""
    gate: Gate = request.app.state.gate
    name = name[:MAX_TYPED].strip().lower()  # as it is looked up: spaces make no other name of it
    gate.signing_in.take(f"address {counted(request.client.host if request.client else '')}")
    gate.signing_in.take(f"name {name[:64]}")
    with _one_of_few(AT_ONCE):
        return acting.sign_in(
            name, typed[:MAX_TYPED], gate.means, code=code[:MAX_TYPED], begun=begun(request, "password")
        )


def by_passkey(request: Request[Any, Any, Any], site: Site, answered: str, take: Take) -> str:
    """Return the cookie of a new session. Raises `Refused`, alike for every reason, or `TooMuch`."""
    gate: Gate = request.app.state.gate
    gate.signing_in.take(f"address {counted(request.client.host if request.client else '')}")
    return acting.sign_in_by_passkey(site, answered, take, gate.means, begun(request, "passkey"))


def change_password(request: Request[Any, Any, Any], actor: Actor, old: str, new: str, cost: Cost) -> str:
    """Change an officer's own password; return the cookie of a new session, the only one that is left. No token is.

    Raises `Refused` for a wrong old password, `Invalid` for a new one that breaks a rule, or `TooMuch`.
    """
    with _at_a_place(request, actor) as means:
        return acting.change_password(actor, old[:MAX_TYPED], new[:MAX_TYPED], means, cost)


def begun(request: Request[Any, Any, Any], by: Beginning) -> Begun:
    """Return how and where somebody signs in, as far as an officer is to know it again."""
    return Begun(by, called(request.headers.get("user-agent", "")), request.client.host if request.client else "")


def prove(request: Request[Any, Any, Any], actor: Actor, typed: str) -> None:
    """Note that password or code was typed at a session. Raises `Refused` for a wrong one, or `TooMuch`."""
    gate, typed = _paced(request, actor), typed[:MAX_TYPED]
    if acting.prove_by_code(gate.means, actor, typed):
        return
    with _one_of_few(OFFICERS):
        acting.prove(gate.means, actor, typed)


@contextmanager
def proven(request: Request[Any, Any, Any], actor: Actor, typed: str, act: Act, *subjects: str) -> Iterator[Acting]:
    """Lend a transaction for one act, for which the officer of a session types the password once more.

    Raises `Refused` for a wrong one, or `TooMuch`.
    """
    with asked_again(request, actor, typed) as ask, ask(act, *subjects) as at_work:
        yield at_work


@contextmanager
def asked_again(request: Request[Any, Any, Any], actor: Actor, typed: str) -> Iterator[Proven]:
    """Lend what `proven` does for an act before which something else takes as long as trying a password, and as much.

    Raises `TooMuch`.
    """
    with _at_a_place(request, actor) as means:
        yield partial(acting.proven, means, actor, typed[:MAX_TYPED])


@contextmanager
def _at_a_place(request: Request[Any, Any, Any], actor: Actor) -> Iterator[Means]:
    gate = _paced(request, actor)
    with _one_of_few(OFFICERS):
        yield gate.means


def _paced(request: Request[Any, Any, Any], actor: Actor) -> Gate:
    gate: Gate = request.app.state.gate
    gate.signing_in.take(f"officer {actor.officer}")
    return gate


@contextmanager
def _one_of_few(places: threading.BoundedSemaphore) -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise TooMuch("sign-in.busy", "Too many are signing in at once.", "Try again in a few seconds.")
    try:
        yield
    finally:
        places.release()


def require_json(request: Request[Any, Any, Any]) -> None:
    """Raise `Invalid` for what does not say that it is JSON: another site's form can hold JSON, and cannot say so."""
    if request.content_type[0] != RequestEncodingType.JSON:
        raise Invalid(
            "sign-in.type",
            "What is to sign in does not say that it is JSON.",
            "Send it as Content-Type: application/json.",
        )


def sign_out(cookie: str, means: Means) -> None:
    """End a session. One that is over, or a token's caller who has none, is signed out already."""
    try:
        acting.sign_out(cookie, means)
    except Refused:
        return


def over_tls(request: Request[Any, Any, Any]) -> bool:
    """Whether a request came over TLS.

    A proxy that holds the certificate says so; whoever says so without one keeps only himself from coming in.
    """
    return bool(request.app.state.tls) or request.headers.get("x-forwarded-proto", "") == "https"


def cookie(request: Request[Any, Any, Any], value: str, key: str = COOKIE) -> Cookie:
    """Return the cookie to set; with no value, that which takes it away."""
    return Cookie(
        key=key,
        value=value,
        path="/",
        httponly=True,
        samesite="strict",
        secure=over_tls(request),
        max_age=int(LONGEST.total_seconds()) if value else 0,
    )
