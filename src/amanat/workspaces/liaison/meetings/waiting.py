"""What of meetings waits for an officer: times to be agreed, minutes to be signed, tasks that are due, guests' answers.

Law: follows from the records alone, and each matter leads to the page on which it is done.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspaces.liaison.meetings import known, rules, titles
from amanat.workspaces.liaison.meetings.deeds import may_say
from amanat.workspaces.liaison.meetings.kinds import MEETING
from amanat.workspaces.liaison.meetings.rules import Owed
from amanat.workspaces.liaison.meetings.steps import Facts

COMES_WITHIN: Final = timedelta(hours=24)
"""So long before an agreed meeting its officers are told of it."""
DUE_WITHIN: Final = timedelta(days=7)
"""So long before it is due a task is told of."""
MINUTES_WITHIN: Final = timedelta(days=28)
"""So long a meeting waits for minutes; on the list it stands without them ever after."""


def waits(turn: Turn, actor: Actor) -> int:
    """Return how many matters of meetings wait for an officer."""
    return sum(1 for _ in now(turn, actor))


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield what waits of meetings, for who may send records."""
    if not may(actor, "record.send"):
        return
    for facts in known.recent(turn):
        if turn.means.party in facts.members:
            yield from _of_meeting(turn, facts)
            yield from _of_tasks(turn, facts)
        yield from _of_guests(turn, facts)


def _of_meeting(turn: Turn, facts: Facts) -> Iterator[Waiting]:
    own, state = turn.means.party, rules.state(facts, turn.now)
    offers = rules.to_answer(facts, own, turn.now)
    last = max((each.when.begins for each in offers), default=None)
    if state == "crossed":
        yield _matter(turn, facts, "crossed", facts.proposal.at, last)
    elif offers and state != "declined":
        yield _matter(turn, facts, "asked", max(each.offered[0] for each in offers), last)
    found = rules.agreed(facts)
    if state in ("agreed", "under-way") and found is not None and found.when.begins - COMES_WITHIN <= turn.now:
        yield _matter(turn, facts, "coming", found.when.begins - COMES_WITHIN, found.when.begins)
    version = rules.to_sign(facts, own)
    if version is not None and state != "cancelled":
        yield _matter(turn, facts, "sign", version.step.at, None)
    elif state == "over" and found is not None and turn.now < found.ends + MINUTES_WITHIN and not rules.versions(facts):
        yield _matter(turn, facts, "over", found.ends, None)


def _of_tasks(turn: Turn, facts: Facts) -> Iterator[Waiting]:
    minutes = rules.joint(facts)
    for each in rules.tasks(facts, turn.now) if minutes is not None else ():
        ours = each.party == turn.means.party
        if ours and rules.left(each) and each.task.by - DUE_WITHIN <= turn.now:
            yield _task(turn, facts, each, "task", each.task.by)
        if not ours and each.state == "done":
            yield _task(turn, facts, each, "done", None)


def _of_guests(turn: Turn, facts: Facts) -> Iterator[Waiting]:
    """Yield the guests on whom this party has to say a word."""
    own = turn.means.party
    if rules.state(facts, turn.now) not in ("proposed", "crossed", "agreed"):
        return
    last = max(each.when.begins for party in facts.members for each in rules.alternatives(facts, party))
    said = [(rules.guest_state(facts, each), may_say(facts, each, own)) for each in facts.body.guests]
    if any(state == "invited" and "comes" in may for state, may in said):
        yield _matter(turn, facts, "invited", facts.proposal.at, last)
    if any(state == "to-be-agreed" and "agreed-to" in may for state, may in said):
        yield _matter(turn, facts, "welcome", facts.proposal.at, last)


def _matter(turn: Turn, facts: Facts, code: str, since: datetime, due: datetime | None) -> Waiting:
    own, host = turn.means.party, facts.proposal.key.party
    return Waiting(
        what="workspace",
        matter=f"liaison.meeting-{code}",
        since=min(since, turn.now),
        due=due,
        party=host,
        id=facts.key.id,
        kind=MEETING.label,
        title=titles.of(facts.body),
        exercise=facts.exercise,
        peer=facts.other(own) if own in facts.members else host,
        path=f"/liaison/{'minutes' if code == 'sign' else 'meeting'}?party={host}&id={facts.key.id}",
    )


def _task(turn: Turn, facts: Facts, owed: Owed, code: str, due: datetime | None) -> Waiting:
    minutes = rules.joint(facts)
    since = owed.done.at if owed.done is not None else minutes.step.at if minutes is not None else turn.now
    return Waiting(
        what="workspace",
        matter=f"liaison.meeting-{code}",
        since=min(since, turn.now),
        due=due,
        party=facts.key.party,
        id=f"{facts.key.id}-{owed.number}",
        kind=MEETING.label,
        title=titles.of_task(owed.task),
        exercise=facts.exercise,
        peer=facts.other(turn.means.party),
        path=f"{known.path(facts)}#task-{owed.number}-{owed.party}",
    )
