"""The list of records: what came in and what was sent, narrowed down by words and by what is known of each."""

from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.params import QueryParameter

from amanat.console.shell import inside
from amanat.exchange import shown
from amanat.exchange.means import Means, look
from amanat.exchange.route import Here, Who, reads
from amanat.store.listing import Search
from amanat.workspaces import find

PAGE: Final = 50

Box = Literal["all", "in", "out", "unread"]
State = Literal["", "current", "superseded", "withdrawn", "destroyed"]
_Word = Annotated[str, QueryParameter(max_length=80)]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed down to, as its address says it; "" is everything."""

    box: Box = "all"
    text: str = ""
    workspace: str = ""
    kind: str = ""
    party: str = ""
    state: State = ""

    def address(self, **changes: str) -> str:
        """Return where the list is shown so narrowed down, with these changes."""
        said = msgspec.to_builtins(self) | changes
        narrowed = {name: value for name, value in said.items() if value and (name, value) != ("box", "all")}
        return "/records" + (f"?{urlencode(narrowed)}" if narrowed else "")


@reads("/records", "record.read")
def records(
    request: Request[Any, Any, Any],
    means: Here,
    caller: Who,
    box: Annotated[Box, QueryParameter()] = "all",
    text: Annotated[str, QueryParameter(max_length=200)] = "",
    workspace: _Word = "",
    kind: _Word = "",
    party: _Word = "",
    standing: Annotated[State, QueryParameter(name="state")] = "",
    cursor: Annotated[str, QueryParameter(max_length=200)] = "",
) -> Response[str]:
    """List records, newest first."""
    filters = Filters(box=box, text=text, workspace=workspace, kind=kind, party=party, state=standing)
    search = Search(
        own=None if box == "unread" else shown.BOXES[box],
        text=text,
        kind=kind,
        workspace=workspace,
        party=party,
        state=standing,
        unread=True if box == "unread" else None,
        limit=PAGE,
    )
    found = shown.page(means, caller.actor, search, cursor)
    here = workspace or "records"
    given = {"here": here, "found": found, "filters": filters, "first": not cursor, **_choices(means, workspace)}
    return inside(request, means, caller, "records.html", given)


def _choices(means: Means, workspace: str) -> dict[str, Any]:
    """Return what may be chosen from: kinds by name, and every party there is."""
    with look(means) as turn:
        parties = sorted(turn.known.manifests)
    kinds = sorted({kind.name for kind in means.kinds if kind.name.startswith(workspace)})
    return {"parties": parties, "kinds": kinds, "workspaces": [each.name for each in find()]}


ROUTES: Final[list[Any]] = [records]
"""The list."""
