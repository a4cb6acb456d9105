"""The hotlines of this party: who sits at either end, how the last test went, which calls are open, and how one rings.

Law: whether a desk is attended is what the node there signed last; nobody here guesses it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from amanat.compact.form import Hotline
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspace import Page
from amanat.workspaces.liaison import calls, opened, ringing, rules, views
from amanat.workspaces.liaison.calls import Line
from amanat.workspaces.liaison.kinds import Urgency
from amanat.workspaces.liaison.rules import Facts

URGENCIES: Final = ("flash", "immediate", "priority", "routine")

TESTS_BACK: Final = timedelta(days=7)
"""How far back the last test call is looked for: there are two a day."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a node said last of a desk, and since when it is so."""

    attended: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Test:
    """The last test call: when it rang, when an officer answered it, and by when one was to."""

    call: Facts
    by: str
    at: datetime
    answered: datetime | None
    due: datetime
    path: str


@dataclass(frozen=True, slots=True)
class Open:
    """A call that is an open matter: its state, the rank rung next and when, how much waits to be opened here.

    `rings` says that it rings for this officer's post now.
    """

    facts: Facts
    state: str
    ours: bool
    following: tuple[int, datetime] | None
    unread: int
    rings: bool
    path: str


@dataclass(frozen=True, slots=True)
class Row:
    """A hotline as the desk shows it; `rung` is the one whose posts are rung at this hour.

    `not_rung` are calls of a side that are too many to ring, by party.
    """

    code: str
    title: str
    other: str
    ranks: tuple[tuple[str, str], ...]
    rung: str
    theirs: Desk | None
    ours: Desk | None
    test: Test | None
    open: tuple[Open, ...]
    not_rung: Mapping[str, int]
    at_post: bool
    seconds: Mapping[Urgency, int]


def context(turn: Turn, actor: Actor, _query: object) -> Mapping[str, Any]:
    """Return the hotlines, those with an open call first, and what of them waits for this officer."""
    found = calls.recent(turn)
    tests = calls.recent(turn, turn.now - TESTS_BACK, tests=True)
    mine = {each.code for each in calls.at_post(turn, actor)}
    rows = [_row(turn, actor, line, found, tests, at_post=line.code in mine) for line in calls.lines(turn)]
    rows.sort(key=lambda row: (not any(each.rings for each in row.open), not row.open, not row.at_post))
    return {"rows": rows, "own": turn.means.party, "urgencies": URGENCIES, "may_ring": may(actor, "record.send")}


def _row(  # noqa: PLR0913 - what is asked once for all rows
    turn: Turn, actor: Actor, line: Line, found: Iterable[Facts], tests: Iterable[Facts], *, at_post: bool
) -> Row:
    own, now = turn.means.party, calls.hotline_now(turn, line.code)
    agreed = line.compact.terms.calling
    rung = now or line.terms
    return Row(
        code=line.code,
        title=line.terms.title,
        other=line.other,
        ranks=_counterparts(rung, own, line.other),
        rung="" if rung is line.terms else rung.title,
        theirs=_desk(turn, line, line.other),
        ours=_desk(turn, line, own),
        test=_test(line, tests),
        open=_open(turn, actor, line, found),
        not_rung=calls.not_rung(turn, line),
        at_post=at_post,
        seconds=agreed.acknowledge_seconds if agreed else {},
    )


def _counterparts(hotline: Hotline, own: str, other: str) -> tuple[tuple[str, str], ...]:
    """Return the posts that are one another's counterparts, ours first, "" where a side has none at a rank."""
    ours, theirs = hotline.posts.get(own, ()), hotline.posts.get(other, ())
    most = max(len(ours), len(theirs))
    return tuple(
        (ours[rank] if rank < len(ours) else "", theirs[rank] if rank < len(theirs) else "") for rank in range(most)
    )


def _desk(turn: Turn, line: Line, party: str) -> Desk | None:
    """Return how a party's desk stands by the last word of its node, None where it never said."""
    desk = views.DESK.c
    of = select(desk.attended, desk.at).where(desk.party == party, desk.hotline == line.code)
    newest = turn.tx.execute(of.order_by(desk.at.desc(), desk.id.desc()).limit(1)).first()
    return None if newest is None else Desk(newest.attended, datetime.fromisoformat(newest.at))


def _test(line: Line, tests: Iterable[Facts]) -> Test | None:
    those = [each for each in tests if each.rung.hotline == line.code]
    if not those:
        return None
    last = max(those, key=lambda each: each.rung.at)
    agreed = line.compact.terms.calling
    within = timedelta(seconds=agreed.test_answer_seconds) if agreed else timedelta()
    at = last.rung.at
    return Test(last, last.rung.key.party, at, rules.answered(last), at + within, ringing.path(last))


def _open(turn: Turn, actor: Actor, line: Line, found: Iterable[Facts]) -> tuple[Open, ...]:
    """Return the open calls of a hotline: those that ring for this officer first, then the newest."""
    own = turn.means.party
    those = [each for each in found if each.rung.hotline == line.code and rules.is_open(each, turn.now)]
    shown = [
        Open(
            facts=each,
            state=rules.state(each, turn.now),
            ours=each.rung.key.party == own,
            following=rules.next_rank(each),
            unread=len(opened.unread(turn, each)),
            rings=rules.picked_up(each) is None and actor.post in calls.posts_rung(turn, each),
            path=ringing.path(each),
        )
        for each in those
        if not each.rung.test or rules.answered(each) is None
    ]
    return tuple(sorted(shown, key=lambda each: (not each.rings, not each.unread, -each.facts.rung.at.timestamp())))


PAGE: Final = Page("desk", "record.read", context)
