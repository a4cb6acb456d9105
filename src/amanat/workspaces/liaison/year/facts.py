"""What each matter comes to in the figures of a year: a notice, a sealed one, an event, a meeting, a track, a row each.

Law: pure, and by the rules of each part alone: nothing is judged here that its own page judges otherwise. What is dated
at `until` or after it counts for nothing, so that both sides count the same, whatever came to one of them since.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from amanat.compact.form import Planned
from amanat.workspaces.liaison.clarifications import rules as clarifications
from amanat.workspaces.liaison.clarifications.rules import Clarification
from amanat.workspaces.liaison.incidents import rules as incidents
from amanat.workspaces.liaison.incidents.matters import Matter
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings import rules as meetings
from amanat.workspaces.liaison.meetings.steps import Facts as Meeting
from amanat.workspaces.liaison.notices import rules as notices
from amanat.workspaces.liaison.notices.kinds import type_of
from amanat.workspaces.liaison.notices.rules import Given, Question, Visit
from amanat.workspaces.liaison.notices.rules import Story as Notice
from amanat.workspaces.liaison.sealed import rules as sealed
from amanat.workspaces.liaison.sealed.rules import Story as Sealed
from amanat.workspaces.liaison.tracks import rules as tracks
from amanat.workspaces.liaison.tracks.counted import Track, Type

NONE: Final = timedelta()
BY_CALL: Final = timedelta(hours=24)
"""So long after something happened a call that was opened counts as a contact about it."""
BY_MEETING: Final = timedelta(hours=48)
"""Within which a flag meeting is to be held after an incident."""

InTime = Literal["in-time", "late", "not-asked"]
Answer = Literal["in-time", "late", "missed", "waits"]
Judged = Literal["enough", "not-enough", "not-judged"]
Duty = Literal["in-time", "late", "overdue", "open"]


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice: whether it was told in time, how each question about it was answered, how each visit stands.

    `against` is how many limits it went against; `judged` has a word for each question that was answered: whether that
    was enough for who asked.

    `ended` is when it stood no more, `moved` when it was changed or called off; None where it was not. One that was
    `withdrawn` is held against no other.
    """

    key: Named
    type: Planned
    at: datetime
    told: InTime
    answers: tuple[Answer, ...] = ()
    judged: tuple[Judged, ...] = ()
    sector: str = ""
    against: int = 0
    visits: tuple[Visit, ...] = ()
    ended: datetime | None = None
    moved: datetime | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Clarified:
    """What was asked of a `party` about what was seen without notice, and how it was answered."""

    party: str
    at: datetime
    answer: Answer


@dataclass(frozen=True, slots=True)
class UnderSeal:
    """A sealed notice, and how it stands."""

    party: str
    at: datetime
    state: sealed.State


@dataclass(frozen=True, slots=True)
class Contact:
    """A call on a hotline that the other side opened: rung when, opened when."""

    hotline: str
    rung: datetime
    opened: datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """An event: `reached` is the farthest step of the ladder that both sides signed, "" for none.

    `contact` and `ceased` are how long after it happened; None where that was not, or is not told.
    """

    keys: frozenset[Named]
    type: str
    sector: str
    at: datetime
    when: datetime
    state: incidents.State
    reached: str = ""
    contact: timedelta | None = None
    ceased: timedelta | None = None
    agreed: int = 0
    disputed: int = 0
    alone: int = 0
    stated: bool = False


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting: how it stands, when it was held by the minutes of both, of what, and what became of each task."""

    at: datetime
    state: meetings.State
    held: datetime | None = None
    about: frozenset[Named] = frozenset()
    tasks: tuple[tuple[str, Duty], ...] = ()


@dataclass(frozen=True, slots=True)
class Tracked:
    """A track: `took` is how long until its last step, None where it has not come so far; `received` how many came."""

    type: Type
    at: datetime
    state: tracks.State
    took: timedelta | None = None
    received: int = 0


def noticed(story: Notice, until: datetime) -> Noticed:
    """Return what a notice comes to."""
    if story.steps or story.changes:
        story = replace(
            story,
            steps=tuple(each for each in story.steps if each.at < until),
            changes=tuple(each for each in story.changes if each.at < until),
        )
    given, end, changed = story.given, notices.ended(story), _changed(story)
    over = [each for each in (end.at if end else None, changed) if each is not None]
    called_off = end is not None and end.body.how == "called-off"  # type: ignore[union-attr]
    off = [each for each in (end.at if end and called_off else None, changed) if each is not None]
    due, by = notices.asked_for(given.terms, given.body), notices.told_by(given)
    return Noticed(
        key=given.key,
        type=type_of(given.body),
        at=given.at,
        told="not-asked" if not due else "late" if by is not None and given.at > by else "in-time",
        answers=tuple(_answer(each, until) for each in notices.questions(story)),
        judged=tuple(_judged(each) for each in notices.questions(story) if each.answered is not None),
        against=len(given.against),
        sector=given.body.sector or "",
        visits=tuple(each.state for each in notices.offers(story, until)),
        ended=min(over, default=None),
        moved=min(off, default=None),
        withdrawn=given.withdrawn,
    )


def _changed(story: Notice) -> datetime | None:
    """Return when a notice was first changed; None where it was not."""
    alone: Iterable[Given | None] = (notices.changed_by(replace(story, changes=(each,))) for each in story.changes)
    return min((each.at for each in alone if each is not None), default=None)


def _answer(question: Question, until: datetime) -> Answer:
    if question.answered is not None:
        return "late" if question.late(until) else "in-time"
    return "missed" if question.late(until) else "waits"


def _judged(question: Question) -> Judged:
    return "not-judged" if question.judged is None else "not-enough" if question.lacking else "enough"


def clarified(found: Clarification, until: datetime) -> Clarified:
    """Return what a request for clarification comes to; it stands with the side that was asked."""
    found = replace(found, said=frozenset(each for each in found.said if each.at < until))
    stands = clarifications.standing(found, until)
    known: tuple[Answer, Answer] = ("in-time", "late") if stands.answered is not None else ("waits", "missed")
    return Clarified(found.other, found.root.at, known[stands.late])


def under_seal(story: Sealed, until: datetime) -> UnderSeal:
    """Return what a sealed notice comes to."""
    told, shown = story.told, tuple(each for each in story.shown if each.at < until)
    if told.withdrawn is not None and told.withdrawn >= until:
        told = replace(told, withdrawn=None)
    return UnderSeal(told.key.party, told.at, sealed.state(replace(story, told=told, shown=shown), until))


def happened(matter: Matter, calls: Iterable[Contact]) -> Happened:
    """Return what an event comes to, of what was told of it before a time, and of the calls that were opened."""
    root, body = matter.facts.root, matter.facts.root.body
    verdicts = [each.verdict for each in matter.findings]
    return Happened(
        keys=frozenset(each.key for each in matter.facts.opened),
        type=body.type,
        sector=body.sector or "",
        at=root.at,
        when=body.when.time,
        state=matter.standing.state,
        reached=next((each.step.name for each in reversed(matter.dues) if each.done is not None), ""),
        contact=_contact(matter, calls),
        ceased=_ceased(matter),
        agreed=verdicts.count("agreed"),
        disputed=verdicts.count("disputed"),
        alone=verdicts.count("alone"),
        stated=incidents.agreed(matter.facts, matter.versions) is not None,
    )


def _contact(matter: Matter, calls: Iterable[Contact]) -> timedelta | None:
    """Return how long after it happened the other side than that which told of it was first reached.

    By its first word about the event, or by a call about that time, of whichever side, that the other opened.
    """
    root = matter.facts.root
    when, sector = root.body.when.time, root.body.sector
    other = matter.facts.other(root.key.party)
    said = [each.at for each in matter.facts.opened if each.key.party == other]
    said += [each.at for each in matter.told if each.key.party == other]
    rung = [each.opened for each in calls if sector in (None, each.hotline) and NONE <= each.rung - when <= BY_CALL]
    return _after(when, min([*said, *rung], default=None))


def _ceased(matter: Matter) -> timedelta | None:
    """Return how long after it happened both had ceased: the later of the two times that each side signed."""
    times = [
        max(each.body.time for each in due.signed.values())
        for due in matter.dues
        if due.step.act == "cease" and due.done is not None
    ]
    return _after(matter.facts.root.body.when.time, min(times, default=None))


def _after(when: datetime, then: datetime | None) -> timedelta | None:
    return None if then is None else max(NONE, then - when)


def met(facts: Meeting, about: Iterable[Named], until: datetime) -> Met:
    """Return what a meeting comes to, which is about these records."""
    facts = replace(facts, steps=tuple(each for each in facts.steps if each.at < until))
    minutes = meetings.joint(facts)
    return Met(
        at=facts.proposal.at,
        state=meetings.state(facts, until),
        held=minutes.body.began if minutes else None,
        about=frozenset(about),
        tasks=tuple((each.party, _duty(each, until)) for each in meetings.tasks(facts, until)),
    )


def _duty(owed: meetings.Owed, until: datetime) -> Duty:
    """Return how a task stands: one that the other side says is not done, is still to be done."""
    if owed.done is not None and owed.state != "disputed":
        return "in-time" if owed.done.at <= owed.task.by else "late"
    return "overdue" if until > owed.task.by else "open"


def tracked(track: Track, until: datetime) -> Tracked:
    """Return what a track comes to."""
    track = replace(track, said=frozenset(each for each in track.said if each.at < until))
    standing = tracks.standing(track, until)
    made = [each for row in standing.rows for each in row if each.said is not None]
    last = max((each.said.at for each in made if each.said), default=track.root.at)
    came = next((each.said for each in made if each.code == "received"), None)
    return Tracked(
        type=track.type,
        at=track.root.at,
        state=standing.state,
        took=max(NONE, last - track.root.at) if tracks.finished(standing.rows) else None,
        received=int(getattr(came.body, "count", 0)) if came else 0,
    )
