"""What the officer who is signed in may do here: the page that every role may see."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response

from amanat.console.rendering import page, signed_in
from amanat.console.words import WORDS
from amanat.exchange.route import Here, Who, reads


def routes(handlers: Mapping[type[Exception], Any]) -> list[Any]:
    """Return the route, whose errors these handlers show."""
    return [reads("/roles", "compact.read", include_in_schema=False, exception_handlers=dict(handlers))(show)]


def show(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
    """Show the officer's roles, and all that they permit."""
    does = [permission for permission in WORDS["permission"] if permission in caller.actor.permissions]
    given = {"here": "roles", "roles": caller.actor.roles, "does": does}
    return page(request, "roles.html", signed_in(means, caller) | given)
