"""What a node says of its hotlines by itself: calls that climb, test calls, whose desk is attended, and outages.

Law: each is asked anew every second of what is kept, and said once: what is kept afterwards says that it was. A clock
that runs while the node is down has run out when it comes up.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Final

from sqlalchemy import and_, select

from amanat.exchange.drafting import Asked
from amanat.exchange.means import Turn
from amanat.exchange.tending import Attending
from amanat.store.tables import EVENT
from amanat.workspaces.liaison import calls, composing, rules, views
from amanat.workspaces.liaison.calls import Line
from amanat.workspaces.liaison.kinds import LONGEST_OUTAGE, Cause, Desk, Escalated, Outage

SHORTEST: Final = timedelta(minutes=1)
"""An outage shorter than this is none: a node that is brought up to date, a line that is dialled anew."""


def tend(turn: Turn, attending: Attending) -> Iterator[Asked]:
    """Yield what this node is to say now."""
    lines = calls.lines(turn)
    if lines:
        yield from _climbing(turn)
        for each in lines:
            yield from _test(turn, each)
            yield from _desk(turn, each, attending)
        for each in {each.other: each for each in reversed(lines)}.values():
            yield from _outages(turn, each, attending)


def _climbing(turn: Turn) -> Iterator[Asked]:
    for facts in calls.recent(turn):
        due = rules.climbs(facts, turn.means.party, turn.now)
        line = calls.line(turn, facts.rung.hotline)
        if due is not None and line is not None:
            body = Escalated(call=facts.rung.key, rank=due[0], due=due[1])
            yield composing.said(turn, line, "liaison.sign", body, facts=facts)


def _test(turn: Turn, line: Line) -> Iterator[Asked]:
    """Ring at an agreed hour, the ends of the hotline in turn; what was missed for longer is not."""
    agreed = line.compact.terms.calling
    for number, clock in enumerate(agreed.tests if agreed else ()):
        caller = sorted(line.terms.posts)[number % 2]
        at = datetime.combine(turn.now.date(), time.fromisoformat(clock), UTC)
        within = timedelta(seconds=agreed.test_answer_seconds) if agreed else timedelta()
        if caller == turn.means.party and at <= turn.now < at + within and not _tested(turn, line, at):
            yield composing.ring(turn, line, "routine", test=True)


def _tested(turn: Turn, line: Line, at: datetime) -> bool:
    call = views.CALL.c
    of = and_(call.party == turn.means.party, call.hotline == line.code, call.test.is_(True))
    return bool(views.rows(turn.tx, views.CALL, of, call.at >= views.spell(at), limit=1))


def _desk(turn: Turn, line: Line, attending: Attending) -> Iterator[Asked]:
    """Say when the desk came to be attended, or is so no more: of the lowest rank that is rung at this hour."""
    rung = calls.hotline_now(turn, line.code)
    own = turn.means.party
    attended = rung is not None and rung.posts[own][0] in attending.posts
    desk = views.DESK.c
    newest = select(desk.attended).where(desk.party == own, desk.hotline == line.code)
    before = turn.tx.execute(newest.order_by(desk.at.desc(), desk.id.desc()).limit(1)).scalar_one_or_none()
    if attended != bool(before) or before is None:
        yield composing.said(turn, line, "liaison.sign", Desk(hotline=line.code, attended=attended))


def _outages(turn: Turn, line: Line, attending: Attending) -> Iterator[Asked]:
    alive, began = attending.alive, attending.began.replace(microsecond=0)
    if alive is not None:
        yield from _outage(turn, line, "node", alive.replace(microsecond=0), began)
    standing = attending.lines.get(line.other)
    if standing is not None and standing.state == "up":
        down = _last_down(turn, line.other)
        if down is not None:
            yield from _outage(turn, line, "link", *down)


def _outage(turn: Turn, line: Line, cause: Cause, since: datetime, until: datetime) -> Iterator[Asked]:
    """Say that an outage was, once; one that overlaps with the last of ours is part of it."""
    outage = views.OUTAGE.c
    known = and_(
        outage.party == turn.means.party,
        outage.recipient == line.other,
        outage.cause == cause,
        outage.until >= views.spell(until),
    )
    since = max(since, until - LONGEST_OUTAGE)
    if until - since >= SHORTEST and not views.rows(turn.tx, views.OUTAGE, known, limit=1):
        yield composing.said(turn, line, "liaison.sign", Outage(cause=cause, since=since, until=until))


def _last_down(turn: Turn, peer: str) -> tuple[datetime, datetime] | None:
    """Return since when and until when a peer last did not answer, as live events tell it; None where it always did."""
    told = select(EVENT.c.at, EVENT.c.detail).where(EVENT.c.type == "line", EVENT.c.party == peer)
    newest = turn.tx.execute(told.order_by(EVENT.c.number.desc()).limit(2)).all()
    if len(newest) < 2 or newest[0].detail != "up" or newest[1].detail != "down":  # noqa: PLR2004 - a pair
        return None
    return datetime.fromisoformat(newest[1].at), datetime.fromisoformat(newest[0].at)
