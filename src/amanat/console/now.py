"""The first page: what waits for this officer, how long it has waited, and what follows if nobody acts."""

from typing import Any, Final

from litestar import Request, Response

from amanat.console.shell import inside
from amanat.exchange.route import Here, Standing, Who, reads
from amanat.exchange.waiting import waiting
from amanat.workspaces import find


@reads("/", "compact.read", renews=True)
def now(request: Request[Any, Any, Any], means: Here, lines: Standing, caller: Who) -> Response[str]:
    """Show what waits, first what will be late first."""
    matters = waiting(means, caller.actor, lines.standing(), {each.name: each.now for each in find() if each.now})
    given = {"here": "now", "matters": matters, "icons": {each.name: each.icon for each in find()}}
    return inside(request, means, caller, "now.html", given)


ROUTES: Final[list[Any]] = [now]
"""The first page."""
