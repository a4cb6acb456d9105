"""What a node tells those who keep it running: its figures, and whether it lives.

Law: figures go to whoever shows the token, or without one to this machine alone; the answers about life tell nothing
else, and so go to all.
"""

import hmac
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.di import Dependency
from litestar.params import SkipValidationMarker

from amanat.api.serving import Connected
from amanat.exchange.lines import Lines
from amanat.exchange.means import look
from amanat.exchange.meters import Meters
from amanat.exchange.route import OPEN
from amanat.party.errors import Invalid, Refused
from amanat.settings import Settings
from amanat.store import marks

MEDIA_TYPE: Final = "text/plain; version=0.0.4"  # and the answer says its charset
MIN_TOKEN: Final = 16  # characters
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip")


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched, and the token that whoever asks must show; empty for this machine alone."""

    meters: Meters
    lines: Lines
    token: str


def watched(made: Connected, settings: Settings) -> Watched:
    """Read the token. Raises `Invalid` when its file is missing or holds too short a one."""
    token = ""
    if settings.metrics_token_file:
        path = Path(settings.metrics_token_file)
        token = path.read_text("utf-8").split("\n", 1)[0].strip() if path.is_file() else ""
        if len(token) < MIN_TOKEN:
            raise Invalid(
                "metrics.token",
                f"The first line of {path} is no token of {MIN_TOKEN} characters or more.",
                "Write one there: `openssl rand -hex 32`.",
            )
    return Watched(made.meters, made.lines, token)


_ANYBODY: Final = {"permission": OPEN}  # nobody has signed in; `_require_watcher` asks more
Here = Annotated[Watched, Dependency(), SkipValidationMarker()]


@get("/metrics", opt=_ANYBODY, include_in_schema=False, sync_to_thread=True)
def figures(request: Request[Any, Any, Any], watched: Here) -> Response[bytes]:
    """Return all figures as Prometheus reads them."""
    _require_watcher(request, watched.token)
    return Response(watched.meters.exposition(watched.lines.standing().items), media_type=MEDIA_TYPE)


@get("/health/live", opt=_ANYBODY, include_in_schema=False, status_code=204)
async def live() -> None:
    """Answer: that is all there is to know."""


@get("/health/ready", opt=_ANYBODY, include_in_schema=False, sync_to_thread=True)
def ready(watched: Here) -> Response[bytes]:
    """Answer 204 when records can be accepted, else 503; why not, the node's own people can see."""
    with look(watched.meters.means) as turn:
        held = marks.at(turn.tx, "restored") is not None
    return Response(b"", status_code=503 if held else 204, media_type="text/plain")


ROUTES = (figures, live, ready)


def _require_watcher(request: Request[Any, Any, Any], token: str) -> None:
    if token:
        shown = request.headers.get("authorization", "").removeprefix("Bearer ")
        allowed = hmac.compare_digest(shown.encode(), token.encode())
    else:
        host = request.client.host if request.client else ""
        allowed = _is_here(host) and not any(name in request.headers for name in _FORWARDED)
    if not allowed:
        raise Refused(
            "metrics.closed",
            "These figures are for those who run this node.",
            "Ask from its own machine, or show the token of metrics_token_file.",
            by="who may watch",
        )


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
