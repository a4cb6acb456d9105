"""What officers did, searched by the auditor; that somebody searched is noted too."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Router
from litestar.params import FromQuery, QueryParameter

from amanat.exchange.acting import acting
from amanat.exchange.route import By, Here, does
from amanat.officer import account, audit
from amanat.officer.audit import Search
from amanat.officer.may import Act
from amanat.party.types import Time


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One act: who did it at which post and by which channel, on what, and whether it was done or refused."""

    number: int
    at: datetime
    officer: int
    sign_in: str | None
    post: str
    act: str
    subject: str
    outcome: str
    channel: str


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
) -> tuple[Row, ...]:
    """Search what officers did, newest first."""
    with acting(means, actor, "audit.read") as at_work:
        tx = at_work.turn.tx
        found = audit.search(tx, Search(officer, subject, act, since, until, before, limit))
        names = {each.id: each.sign_in for each in account.officers(tx)}
    return tuple(
        Row(
            number=each.number,
            at=each.at,
            officer=each.officer,
            sign_in=names.get(each.officer),
            post=each.post,
            act=each.act,
            subject=each.subject,
            outcome=each.outcome,
            channel=each.channel,
        )
        for each in found
    )


ROUTES: list[Any] = [Router("/audit", route_handlers=[search_audit], tags=["audit"])]
