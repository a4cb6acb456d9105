"""What a form did, told on the page that follows it: one way for all acts.

Law: an address names what was done by a code of a closed list, with a word that follows from the session's cookie;
whatever else it says there is not shown. A link that somebody else wrote tells nobody that anything was done.
"""

from typing import Any, Final, Literal, get_args

from cryptography.hazmat.primitives.constant_time import bytes_eq
from litestar import Request
from litestar.response import Redirect

from amanat.exchange.caller import form_word

Done = Literal[
    "saved",
    "sent",
    "opened",
    "held",
    "taken-back",
    "discarded",
    "approved",
    "returned",
    "destroyed",
    "filter-kept",
    "filter-forgotten",
    "officer-added",
    "officer-changed",
    "password-changed",
    "session-ended",
    "sessions-ended",
    "token-revoked",
    "passkey-made",
    "passkey-removed",
    "line-changed",
]
ASKED: Final = "done"
"""What the address says it as."""

_DIGITS: Final = 32


def on_to(cookie: str, path: str, done: Done, **more: Any) -> Redirect:  # noqa: ANN401 - as litestar takes it
    """Return what leads a session on to a page, which tells what was done; `more` is what else the answer has."""
    page, at, place = path.partition("#")
    said = f"{'&' if '?' in page else '?'}{ASKED}={_word(cookie, done)}"
    return Redirect(f"{page}{said}{at}{place}", status_code=303, **more)


def done(request: Request[Any, Any, Any], cookie: str) -> str:
    """Return the code of what an address says was done; "" where this session was not led there by what it did."""
    said = request.query_params.get(ASKED, "").encode()
    return next((each for each in get_args(Done) if bytes_eq(_word(cookie, each).encode(), said)), "")


def _word(cookie: str, done: Done) -> str:
    # No cookie has a space in it: a form's own word is another, and no code's word tells of another code's.
    return f"{done}.{form_word(f'{done} {cookie}')[:_DIGITS]}"
