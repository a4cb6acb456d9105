"""What the officer who is signed in may do here: the page that every role may see."""

from typing import Any, Final

from litestar import Request, Response

from amanat.console.shell import inside
from amanat.console.words import WORDS
from amanat.exchange.route import Here, Who, reads


@reads("/roles", "compact.read")
def show(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
    """Show the officer's roles, and all that they permit."""
    does = [permission for permission in WORDS["permission"] if permission in caller.actor.permissions]
    given = {"here": "roles", "roles": caller.actor.roles, "does": does}
    return inside(request, means, caller, "roles.html", given)


ROUTES: Final[list[Any]] = [show]
"""The page."""
