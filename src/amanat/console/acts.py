"""What officers did, searched on a page by the auditor; each look at it is itself a row of it.

Law: it shows what the API shows, by `exchange.acts`, a page at a time from the newest on.
"""

from datetime import tzinfo
from typing import Annotated, Any, Final, get_args
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.params import QueryParameter

from amanat.console import days
from amanat.console.shell import inside
from amanat.exchange import acts, staffing
from amanat.exchange.acts import Row
from amanat.exchange.lexica import own_zone
from amanat.exchange.means import look
from amanat.exchange.route import Here, Who, does
from amanat.officer.audit import Outcome, Search
from amanat.officer.may import Act
from amanat.party.errors import Invalid

PAGE: Final = 50

_Word = Annotated[str, QueryParameter(max_length=200)]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What the search is narrowed down to, as its address says it; "" is everything. Days are whole."""

    officer: str = ""
    act: str = ""
    subject: str = ""
    since: str = ""
    until: str = ""
    outcome: str = ""

    def address(self, **changes: str) -> str:
        """Return where the search is shown so narrowed down, with these changes."""
        narrowed = {name: value for name, value in (msgspec.to_builtins(self) | changes).items() if value}
        return "/audit" + (f"?{urlencode(narrowed)}" if narrowed else "")


@does("GET", "/audit", "audit.read", "audit.read")
def searched(
    request: Request[Any, Any, Any],
    means: Here,
    caller: Who,
    officer: _Word = "",
    act: _Word = "",
    subject: _Word = "",
    since: _Word = "",
    until: _Word = "",
    outcome: _Word = "",
    before: Annotated[int | None, QueryParameter(ge=0, le=2**53)] = None,
) -> Response[str]:
    """Search what officers did, newest first."""
    filters = Filters(officer=officer, act=act, subject=subject, since=since, until=until, outcome=outcome)
    officers, found = staffing.officers(means), tuple[Row, ...]()
    problem: Invalid | None = None
    with look(means) as turn:
        zone = own_zone(turn)
    try:
        wanted = _search(filters, {each.sign_in: each.id for each in officers}, zone, before)
        found = acts.search(means, caller.actor, wanted)
    except Invalid as error:
        problem = error
    given = {
        "here": "audit",
        "filters": filters,
        "found": found,
        "next": str(found[-1].number) if len(found) == PAGE else "",
        "first": before is None,
        "officers": officers,
        "acts": get_args(Act),
        "outcomes": get_args(Outcome),
    }
    return inside(request, means, caller, "audit.html", given, problem)


def _search(filters: Filters, numbers: dict[str, int], zone: tzinfo, before: int | None) -> Search:
    """Return what is looked for. Raises `Invalid` for an officer, act, outcome or day that is none."""
    if filters.officer and filters.officer not in numbers:
        raise Invalid("officer.unknown", f"There is no officer {filters.officer!r}.", "List them.")
    try:
        act = msgspec.convert(filters.act or None, Act | None)
        outcome = msgspec.convert(filters.outcome or None, Outcome | None)
    except msgspec.ValidationError as error:
        raise Invalid("audit.choice", "That is no act or outcome.", "Choose one of those listed.") from error
    since, until = days.between(filters.since, filters.until, zone)
    return Search(
        officer=numbers.get(filters.officer),
        subject=filters.subject,
        act=act,
        since=since,
        until=until,
        before=before,
        limit=PAGE,
        outcome=outcome,
    )


ROUTES: Final[list[Any]] = [searched]
"""The search."""
