"""The application that a node serves: its routes, its limits, and how errors look (RFC 9457)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException

from amanat.api import tlog
from amanat.exchange import peer_api, problem
from amanat.exchange.keeping import Keeping
from amanat.exchange.lines import Lines
from amanat.exchange.peer_api import Reception
from amanat.exchange.peer_client import MAX_BYTES
from amanat.log.malformed import Malformed
from amanat.party.errors import Fault, Problem
from amanat.settings import Settings


def create(reception: Reception, lines: Lines, keeping: Keeping, settings: Settings) -> Litestar:
    """Return the application of a node."""
    logs = tlog.routes(reception.means, lines.seconds) if settings.serve_logs else ()

    @asynccontextmanager
    async def living(_app: Litestar) -> AsyncIterator[None]:
        lines.begin()
        keeping.begin()
        try:
            yield
        finally:
            keeping.end()
            lines.end()

    return Litestar(
        route_handlers=[peer_api.nonce, peer_api.exchange, *logs],
        dependencies={"reception": Provide(lambda: reception, sync_to_thread=False)},
        exception_handlers={Problem: _problem, Malformed: _problem, HTTPException: _http},
        lifespan=[living],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=MAX_BYTES,
    )


def _problem(_request: Request[Any, Any, Any], error: Problem | Malformed) -> Response[Any]:
    return _response(error, problem.status_of(error))


def _http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    says = error.detail or problem.TITLES.get(error.status_code, "Not answered")
    return _response(Fault("http", says, "See /api for what this node answers."), error.status_code)


def _response(error: Problem | Malformed, status: int) -> Response[Any]:
    return Response(problem.details(error, status), status_code=status, media_type=problem.MEDIA_TYPE)
