"""What officers did, searched by the auditor; that somebody searched is noted too."""

from datetime import datetime

import msgspec

from amanat.exchange.acting import acting
from amanat.exchange.means import Means
from amanat.officer import account, audit
from amanat.officer.audit import Outcome, Search
from amanat.officer.may import Act, Actor, Channel


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One act: who did it at which post and by which channel, on what, and whether it was done or refused."""

    number: int
    at: datetime
    officer: int
    sign_in: str | None
    post: str
    act: Act
    subject: str
    outcome: Outcome
    channel: Channel


def search(means: Means, actor: Actor, wanted: Search) -> tuple[Row, ...]:
    """Return a page of acts, newest first. Raises `Refused`."""
    with acting(means, actor, "audit.read") as at_work:
        tx = at_work.turn.tx
        found = audit.search(tx, wanted)
        names = account.sign_ins(tx)
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
