"""What officers did, searched by the auditor; that somebody searched is noted too."""

from typing import Annotated, Any

from litestar.params import FromQuery, QueryParameter

from amanat.exchange import acts
from amanat.exchange.acts import Row
from amanat.exchange.route import Area, By, Here, does
from amanat.officer.audit import Outcome, Search
from amanat.officer.may import Act
from amanat.party.types import Time


@does("GET", "/", "audit.read", "audit.read")
def search_audit(
    means: Here,
    actor: By,
    officer: Annotated[int | None, QueryParameter(ge=0, le=2**53, description="By number.")] = None,
    subject: Annotated[
        str, QueryParameter(max_length=200, description="Just this: af:ID, officer:m.khan, token:7.")
    ] = "",
    act: FromQuery[Act | None] = None,
    since: FromQuery[Time | None] = None,
    until: FromQuery[Time | None] = None,
    before: Annotated[
        int | None, QueryParameter(ge=0, le=2**53, description="The last number of the page before.")
    ] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    outcome: FromQuery[Outcome | None] = None,
) -> tuple[Row, ...]:
    """Search what officers did, newest first."""
    return acts.search(means, actor, Search(officer, subject, act, since, until, before, limit, outcome))


ROUTES: list[Any] = [Area("/audit", route_handlers=[search_audit], tags=["audit"])]
