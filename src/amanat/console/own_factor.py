"""Setting up one's own second factor: a secret for one's device, proven by its first code; then recovery codes, once.

Law: what is kept between the two steps goes to the browser and back, sealed for that session and that hour, so that a
secret which nobody confirmed is kept nowhere, and what is kept opens on no page.
"""

import base64
import io
from typing import Any, Final

import msgspec
import segno
from litestar import Request, Response
from litestar.params import URLEncodedBody
from markupsafe import Markup

from amanat.console.shell import inside
from amanat.exchange import signing_in
from amanat.exchange.caller import Caller
from amanat.exchange.means import Means, look
from amanat.exchange.problem import TooMuch
from amanat.exchange.route import Here, Who, does, reads
from amanat.officer import account, factor, sessions
from amanat.party.errors import Invalid, Refused


class Typed(msgspec.Struct, frozen=True):
    """The secret as it was sealed, the device's code, one of the factor that stands, and the password once more."""

    sealed: str = ""
    code: str = ""
    old: str = ""
    password: str = ""
    form: str = ""


@reads("/second-factor", "factor.own")
def show(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
    """Show how it stands, and a new secret."""
    secret, nonce = means.random(factor.SECRET_BYTES), means.random(factor.NONCE_BYTES)
    return _form(request, means, caller, factor.offered(secret, caller.actor, means.keys.own, nonce, means.now()), None)


@does("POST", "/second-factor", "factor.own", "factor.own")
def submit(request: Request[Any, Any, Any], means: Here, caller: Who, data: URLEncodedBody[Typed]) -> Response[str]:
    """Set it up, end all other sessions and show the recovery codes, or show the form anew with what is wrong."""
    officer = caller.actor.officer
    offered, secret = _given(data.sealed, caller, means)
    kept = factor.sealed(secret, officer, means.keys.own, means.random(factor.NONCE_BYTES))
    codes = factor.recovery_codes(means.random)
    try:
        with signing_in.proven(request, caller.actor, data.password, "factor.own") as act:
            tx, now = act.turn.tx, act.turn.now
            step = factor.confirmed(secret, data.code, now)
            if not factor.judge(tx, officer, data.old, means.keys.own, now).good:
                raise sessions.wrong()
            factor.enrol(tx, officer, kept, step, now)
            factor.set_recovery(tx, officer, codes)
            sessions.end_all(tx, officer, but=caller.cookie)
    except (Invalid, Refused, TooMuch) as problem:
        return _form(request, means, caller, offered, problem)
    return inside(request, means, caller, "recovery.html", {"here": "second-factor", "codes": codes})


def _form(
    request: Request[Any, Any, Any],
    means: Means,
    caller: Caller,
    offered: bytes,
    problem: Invalid | Refused | TooMuch | None,
) -> Response[str]:
    officer = caller.actor.officer
    secret = factor.taken(offered, caller.actor, means.keys.own, means.now())
    with look(means) as turn:
        sign_in = account.officer(turn.tx, officer).sign_in
        standing = factor.standing(turn.tx, officer)
    given = {
        "here": "second-factor",
        "standing": standing,
        "drawn": _drawn(factor.address(secret, sign_in, means.party)),
        "secret": factor.written(secret),
        "sealed": base64.b64encode(offered).decode(),
    }
    return inside(request, means, caller, "second_factor.html", given, problem)


def _drawn(text: str) -> Markup:
    """Return a QR code as SVG: shapes with their colours, and no style."""
    out = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(out, kind="svg", scale=4, xmldecl=False, svgns=False, light="white", svgclass="qr", lineclass=None)
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn by us: numbers and names of shapes


def _given(written: str, caller: Caller, means: Means) -> tuple[bytes, bytes]:
    """Return the secret as it was offered, sealed and open. Raises `Invalid` for one that was not offered to them."""
    try:
        offered = base64.b64decode(written, validate=True)
    except ValueError:
        offered = b""
    return offered, factor.taken(offered, caller.actor, means.keys.own, means.now())


ROUTES: Final[list[Any]] = [show, submit]
"""The form, and what becomes of it."""
