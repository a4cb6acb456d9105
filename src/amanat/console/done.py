"""What a form did, told on the page that follows it: one way for all acts.

Law: an address names what was done by a code of a closed list; whatever else it says there is not shown.
"""

from typing import Any, Final, Literal, get_args

from litestar import Request
from litestar.response import Redirect

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


def on_to(path: str, done: Done, **more: Any) -> Redirect:  # noqa: ANN401 - as litestar takes it
    """Return what leads on to a page, which tells what was done; `more` is what else the answer has."""
    return Redirect(f"{path}{'&' if '?' in path else '?'}{ASKED}={done}", status_code=303, **more)


def done(request: Request[Any, Any, Any]) -> str:
    """Return the code of what an address says was done; "" where that is none."""
    said = request.query_params.get(ASKED, "")
    return said if said in get_args(Done) else ""
