"""The list of drafts: who wrote what, when, and why it was given back; and what an officer handed in."""

from typing import Any, Final

from litestar import Request, Response

from amanat.console.shell import inside
from amanat.exchange import drafts as keeping
from amanat.exchange import held
from amanat.exchange.cursor import ById
from amanat.exchange.means import look
from amanat.exchange.route import Here, Who, reads

PAGE: Final = 25


@reads("/drafts", "record.compose")
def drafts(
    request: Request[Any, Any, Any],
    means: Here,
    caller: Who,
    cursor: ById = "",
) -> Response[str]:
    """List drafts, those begun last first."""
    with look(means) as turn:
        found = keeping.page(turn, cursor, PAGE)
        waiting = held.own(turn, caller.actor, PAGE + 1)
    given = {
        "here": "drafts",
        "found": found,
        "first": not cursor,
        "waiting": waiting[:PAGE],
        "more": waiting[PAGE:],
        "kept_for": keeping.KEPT_FOR,
    }
    return inside(request, means, caller, "drafts.html", given)


ROUTES: Final[list[Any]] = [drafts]
"""The list."""
