"""The list of drafts: who wrote what, when, until when it is kept, and why it was given back."""

from typing import Annotated, Any, Final

from litestar import Request, Response
from litestar.params import QueryParameter

from amanat.console.shell import inside
from amanat.exchange import drafts as keeping
from amanat.exchange.means import look
from amanat.exchange.route import Here, Who, reads

PAGE: Final = 25


@reads("/drafts", "record.compose")
def drafts(
    request: Request[Any, Any, Any],
    means: Here,
    caller: Who,
    cursor: Annotated[str, QueryParameter(max_length=80)] = "",
) -> Response[str]:
    """List drafts, those begun last first."""
    with look(means) as turn:
        found = keeping.page(turn, cursor, PAGE)
    given = {"here": "drafts", "found": found, "first": not cursor}
    return inside(request, means, caller, "drafts.html", given)


ROUTES: Final[list[Any]] = [drafts]
"""The list."""
