"""What of notices waits for an officer: to acknowledge, explain, judge and meet, to answer an invitation, and to talk.

Law: follows from the records alone, and ends with them: what is acknowledged, explained, answered, over or ended waits
no more. What one side may give without bound waits in bounded number, what begins first first. Each page asks for it:
what it asks by is built once, which takes longer than to ask.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Integer, Row, Select, and_, bindparam, exists, or_, select, tuple_

from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.store.tables import COMPACT, RECORD
from amanat.workspaces.liaison import dealings, links, views
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import besides, giving, rules, stories, titles
from amanat.workspaces.liaison.notices.kinds import NOTICE as KIND
from amanat.workspaces.liaison.notices.rules import Given, Question, Story
from amanat.workspaces.liaison.notices.tables import NOTICE, STEP
from amanat.workspaces.liaison.notices.views import activity

MOST_WAITING: Final = 50
"""Of what waits of one sort, that of which the notices begin first: the page of notices has them all."""
AT_ONCE: Final = 50
MOST_LOOKED: Final = 1_000
"""Notices that are looked at for what waits of one sort; those of which nothing waits are mostly left out before."""
MOST_HELD: Final = 10
"""Plans of ours, those that begin first, that are held against what was told of later each time somebody looks."""
AHEAD: Final = timedelta(days=14)
"""How far ahead plans of ours may begin that are held against what was told of later."""
OPEN_FOR: Final = timedelta(days=31)
"""How long a question, or an invitation, waits here after it was said: beyond that it is late for good."""

_LATER: Final = NOTICE.alias("later")


def waits(turn: Turn, actor: Actor) -> int:
    """Return how much waits of what the other side is owed a word on."""
    return sum(1 for _ in _owed(turn, actor))


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield what waits of notices."""
    yield from _owed(turn, actor)
    if may(actor, "record.send"):
        yield from _conflicts(turn)


def _owed(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    if not may(actor, "record.send") or not dealings.dealings(turn, giving.STEP_KIND):
        return
    yield from islice(_to_acknowledge(turn), MOST_WAITING)
    yield from islice(_to_explain(turn), MOST_WAITING)
    yield from islice(_to_judge(turn), MOST_WAITING)
    yield from islice(_to_meet_about_ours(turn), MOST_WAITING)
    yield from islice(_to_answer(turn), MOST_WAITING)


def _to_acknowledge(turn: Turn) -> Iterator[Waiting]:
    for story in _soonest(turn, _unacknowledged()):
        if rules.acknowledged(story) is None and rules.stands(story, turn.now) and story.other == turn.means.party:
            yield _waiting(turn, story, "acknowledge", story.given.at, _acknowledge_by(turn, story))


def _to_explain(turn: Turn) -> Iterator[Waiting]:
    for story in _soonest(turn, _said("asked", ours=True)):
        for question in rules.questions(story):
            if question.answered is None and question.asked.at > turn.now - OPEN_FOR:
                yield _waiting(turn, story, "explain", question.asked.at, question.due)


def _to_judge(turn: Turn) -> Iterator[Waiting]:
    """Yield what was explained to us and of which we did not say whether it is enough, or said that it is not."""
    for story in _soonest(turn, _said("explained", ours=False)):
        for question in _of_late(turn, story) if story.other == turn.means.party else ():
            if question.answered is not None and question.judged is None:
                yield _waiting(turn, story, "judge", question.answered, None)
            else:
                yield from _to_meet(turn, story, question)


def _to_meet_about_ours(turn: Turn) -> Iterator[Waiting]:
    for story in _soonest(turn, _said("judged", ours=True)):
        for question in _of_late(turn, story):
            yield from _to_meet(turn, story, question)


def _to_meet(turn: Turn, story: Story, question: Question) -> Iterator[Waiting]:
    """Yield that one is to meet about what was not explained enough, until somebody proposes to."""
    said = question.judged if question.lacking else None
    if said is not None and not links.meets(turn, story.given.key, said.at):
        yield _waiting(turn, story, "meet", said.at, question.meet)


def _of_late(turn: Turn, story: Story) -> Iterator[Question]:
    return (each for each in rules.questions(story) if each.asked.at > turn.now - OPEN_FOR)


def _to_answer(turn: Turn) -> Iterator[Waiting]:
    own = turn.means.party
    for story in _soonest(turn, _said("invited", ours=False)):
        for offer in rules.offers(story, turn.now):
            if offer.state == "offered" and story.other == own:
                yield _waiting(turn, story, "visit", offer.offered.at, max(offer.offered.body.times))  # type: ignore[union-attr]


@cache
def _unacknowledged() -> Select[Any]:
    """Return what asks for notices of the other side that stand `now`, and that nobody of our `own` acknowledged."""
    own: BindParameter[str] = bindparam("own")
    it = NOTICE.c
    of = (STEP.c.of_party == it.party, STEP.c.of_id == it.id)
    ours = exists().where(*of, _counts(STEP, own), STEP.c.type == "acknowledged")
    ended = exists().where(*of, _counts(STEP, it.party), STEP.c.ends)
    its = (_LATER.c.changes_party == it.party, _LATER.c.changes_id == it.id)
    later = tuple_(_LATER.c.at, _LATER.c.id) > tuple_(it.at, it.id)
    changed = exists().where(*its, later, _counts(_LATER, it.party))
    return _sorted(it.party != own, it.until > bindparam("now"), ~ours, ~ended, ~changed)


def _counts(table: Any, by: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a table, or one by another name; a column
    """Whether what a party said of a notice counts, as `rules` have it; under whatever text of its compact."""
    it, texts, its = NOTICE.c, COMPACT.alias(), COMPACT.alias()
    same = exists().where(texts.c.digest == it.compact, its.c.digest == table.c.compact, its.c.id == texts.c.id)
    counts = (table.c.party == by, table.c.exercise == it.exercise, table.c.at >= it.counts)
    return and_(*counts, or_(table.c.compact == it.compact, same), ~_withdrawn(table))


def _withdrawn(table: Any) -> ColumnElement[bool]:  # noqa: ANN401 - as above
    its = (RECORD.c.party == table.c.party, RECORD.c.id == table.c.id)
    return exists().where(*its, RECORD.c.state == "withdrawn")


@cache
def _said(type_: str, *, ours: bool) -> Select[Any]:
    """Return what asks for notices, ours or others', of which another said something of that type `since` a time."""
    own: BindParameter[str] = bindparam("own")
    step = STEP.c
    of = (step.type == type_, step.at > bindparam("since"), step.party != own)
    said = select(step.of_party, step.of_id).where(*of)
    its = NOTICE.c.party == own if ours else NOTICE.c.party != own
    return _sorted(its, tuple_(NOTICE.c.party, NOTICE.c.id).in_(said))


def _sorted(*narrowed: ColumnElement[bool]) -> Select[Any]:
    """Return what asks for such notices that were not withdrawn, what begins first first, `most` from a `begin` on."""
    it = NOTICE.c
    query = NOTICE.select().where(*narrowed, ~_withdrawn(NOTICE)).order_by(it.since, it.party, it.id)
    return query.limit(bindparam("most", type_=Integer)).offset(bindparam("begin", type_=Integer))


def _soonest(turn: Turn, query: Select[Any]) -> Iterator[Story]:
    """Yield notices, what begins first first, as many as are asked for."""
    asked = {
        "own": turn.means.party,
        "now": views.spell(turn.now),
        "since": views.spell(turn.now - OPEN_FOR),
        "most": AT_ONCE,
    }
    for begin in range(0, MOST_LOOKED, AT_ONCE):
        rows = list(turn.tx.execute(query, asked | {"begin": begin}))
        yield from stories.of(turn, rows)
        if len(rows) < AT_ONCE:
            return


def _acknowledge_by(turn: Turn, story: Story) -> datetime | None:
    """Return by when a notice is to be acknowledged: as the compact says of its kind."""
    dealing = dealings.under(turn, giving.STEP_KIND, story.given.compact)
    agreed = dealing.compact.terms.kinds.get(giving.KIND) if dealing else None
    return story.given.at + agreed.read_within if agreed else None


def _conflicts(turn: Turn) -> Iterator[Waiting]:
    """Yield plans of ours that are in conflict with what came here of the other side after them."""
    it, own = NOTICE.c, turn.means.party
    soon = (it.party == own, it.until > views.spell(turn.now), it.since < views.spell(turn.now + AHEAD))
    query = NOTICE.select().where(*soon).order_by(it.since, it.id).limit(MOST_HELD)
    known = {each.id: each for each in dealings.dealings(turn, giving.KIND)}
    ours = [
        (story, activity(own, story.given.key.id, story.given.body, exercise=story.given.exercise))
        for story in stories.of(turn, turn.tx.execute(query))
        if story.given.compact in known and rules.stands(story, turn.now)
    ]
    there = besides.stands(turn, *(planned for _, planned in ours))
    for story, planned in ours:
        given = story.given
        met = giving.met(turn, known[given.compact], planned, there).met
        in_conflict = [each.by for each in met if each.verdict.level == "conflict"]
        later = [row for key in in_conflict for row in _told_after(turn, key, given)]
        if later:
            first = min(datetime.fromisoformat(row.at) for row in later)
            yield _waiting(turn, story, "conflict", first, given.body.window.since)


def _told_after(turn: Turn, key: Named, ours: Given) -> list[Row[Any]]:
    """Return a record, if it came here after ours: by our own log, whatever time it says of itself.

    Two texts of a compact have a log each: across them the times count that the records say.
    """
    own = RECORD.alias()
    alike = own.c.compact == RECORD.c.compact
    sooner = or_(alike & (own.c.log_index > RECORD.c.log_index), ~alike & (own.c.at >= RECORD.c.at))
    before = exists().where(own.c.party == ours.key.party, own.c.id == ours.key.id, sooner)
    its = (RECORD.c.party == key.party, RECORD.c.id == key.id)
    return list(turn.tx.execute(select(RECORD.c.at).where(*its, ~before)))


def _waiting(turn: Turn, story: Story, code: str, since: datetime, due: datetime | None) -> Waiting:
    given, own = story.given, turn.means.party
    return Waiting(
        what="workspace",
        matter=f"liaison.notice-{code}",
        since=since,
        due=due,
        party=given.key.party,
        id=given.key.id,
        kind=KIND.label,
        peer=story.other if story.author == own else story.author,
        title=titles.of_notice(given.body),
        path=f"/liaison/notice?party={given.key.party}&id={given.key.id}",
        exercise=given.exercise,
    )
