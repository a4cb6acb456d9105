"""How a notice stands, of the set of its records: acknowledged, asked about, explained, changed, ended, late.

Law: pure, and the same in whatever order records came. Only the party that gave a notice changes, ends and explains it
and invites; only the other member acknowledges, asks, judges what was explained and comes. What is dated clearly before
a notice, is of another compact or marked otherwise, or was withdrawn, counts for nothing. Nothing here permits or
refuses an activity.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from amanat.compact import limits as near_the_line
from amanat.compact.limits import Limit
from amanat.compact.notification import COUNTED, Notification, is_due, lead
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices.forces import Movement
from amanat.workspaces.liaison.notices.kinds import HUMANITARIAN, Drone, Flight, Notice, Works, type_of
from amanat.workspaces.liaison.notices.steps import (
    Acknowledged,
    Ended,
    Explained,
    Invited,
    Judged,
    Questioned,
    Step,
    Visited,
    Visiting,
)
from amanat.workspaces.liaison.rules import SKEW

State = Literal[
    "given", "acknowledged", "asked", "overdue", "explained", "over", "done", "called-off", "changed", "withdrawn"
]
Visit = Literal["offered", "accepted", "declined", "passed", "took-place", "did-not", "disputed"]

URGENT: Final = frozenset(("medical", "search", "relief", "disaster"))
"""Purposes for which a flight, a drone or a movement is told of at short notice."""
MOST_STEPS: Final = 200
"""By one party on one notice, the earliest of them: what is said beyond that is a record, and changes nothing."""


@dataclass(frozen=True, slots=True)
class Given:
    """A notice as it was given, under which compact (by its id, whatever version).

    `terms` is what the version that it was given under says of its type, None if nothing; `against` are its limits that
    the notice goes against.
    """

    key: Named
    post: str
    at: datetime
    body: Notice
    compact: str
    exercise: bool
    withdrawn: bool
    terms: Notification | None
    against: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Stepped:
    """A step as it was said: whose, when, under which compact and marking."""

    key: Named
    post: str
    at: datetime
    body: Step
    compact: str
    exercise: bool
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of a notice: `other` is the other member, `changes` are notices that say they change it.

    `meets_within` is the time in which the sides meet where an explanation is not enough; None by a compact without.
    """

    given: Given
    other: str
    steps: tuple[Stepped, ...] = ()
    changes: tuple[Given, ...] = ()
    meets_within: timedelta | None = None

    @property
    def author(self) -> str:
        """The party that gave it."""
        return self.given.key.party


@dataclass(frozen=True, slots=True)
class Question:
    """An explanation that was asked: by when it is due (None without a limit), when all of it was answered, by what.

    `judged` is the last word of who asked on whether that is enough: it stands whatever is explained after it. Where it
    is not, the sides meet by `meet`, None where the compact has no such step.
    """

    asked: Stepped
    due: datetime | None
    answered: datetime | None
    answers: tuple[Stepped, ...]
    judged: Stepped | None = None
    meet: datetime | None = None

    @property
    def lacking(self) -> bool:
        """Whether who asked said that what was explained is not enough."""
        return self.judged is not None and not self.judged.body.enough  # type: ignore[union-attr]

    def late(self, now: datetime) -> bool:
        """Whether it was not answered in time."""
        return self.due is not None and (self.answered or now) > self.due


@dataclass(frozen=True, slots=True)
class Offer:
    """A visit that was offered, how it stands, the answer that counts, and each side's word on whether it was.

    It took place, did not, or is disputed by the words of both: by one's alone it stays accepted.
    """

    offered: Stepped
    state: Visit
    answer: Stepped | None
    words: tuple[Stepped, ...]


def state(story: Story, now: datetime) -> State:
    """Return how a notice stands; what was withdrawn, changed or ended is so first, and a question before the rest."""
    if story.given.withdrawn:
        return "withdrawn"
    if changed_by(story) is not None:
        return "changed"
    how = ended(story)
    if how is not None:
        return "called-off" if how.body.how == "called-off" else "done"  # type: ignore[union-attr]
    asked = questions(story)
    open_ = [each for each in asked if each.answered is None]
    if open_:
        return "overdue" if any(each.late(now) for each in open_) else "asked"
    if story.given.body.window.until <= now:
        return "over"
    return "explained" if asked else "acknowledged" if acknowledged(story) is not None else "given"


def stands(story: Story, now: datetime) -> bool:
    """Whether what it tells of is still planned or under way."""
    gone = story.given.withdrawn or changed_by(story) is not None or ended(story) is not None
    return not gone and story.given.body.window.until > now


def acknowledged(story: Story) -> Stepped | None:
    """Return the first word of the other side that it has the notice, None while it has said none."""
    return next(_of(story, Acknowledged, story.other), None)


def passed(story: Story) -> tuple[Stepped, ...]:
    """Return the other side's words that it passed the notice on to a unit on the ground, the earliest first."""
    return tuple(each for each in _of(story, Acknowledged, story.other) if each.body.unit is not None)  # type: ignore[union-attr]


def ended(story: Story) -> Stepped | None:
    """Return the first word of its author that it is done or called off, None while there is none."""
    return next(_of(story, Ended, story.author), None)


def built(story: Story, now: datetime) -> bool:
    """Whether works are over that leave something standing, by what their notice says; not those called off."""
    body = story.given.body
    leaves = isinstance(body, Works) and body.purpose != "taking-down" and body.becomes not in ("as-before", "removed")
    return leaves and state(story, now) in ("done", "over")


def gone(story: Story) -> Stepped | None:
    """Return the first word of its author that what works built stands no more, None while there is none."""
    return next((each for each in _of(story, Ended, story.author) if each.body.how == "gone"), None)  # type: ignore[union-attr]


def changed_by(story: Story) -> Given | None:
    """Return the last notice of the same party in its place, None where there is none: of two, the later changes."""
    given = story.given
    those = [
        each
        for each in story.changes
        if each.key.party == given.key.party
        and each.key != given.key
        and each.body.changes == given.key
        and (each.compact, each.exercise) == (given.compact, given.exercise)
        and not each.withdrawn
        and (each.at, each.key.id) > (given.at, given.key.id)
    ]
    return max(those, key=lambda each: (each.at, each.key), default=None)


def questions(story: Story) -> tuple[Question, ...]:
    """Return what explanations were asked, the earliest first. Of what informs for the sake of aid none can be."""
    if humanitarian(story.given.body):
        return ()
    return tuple(_question(story, each) for each in _of(story, Questioned, story.other))


def offers(story: Story, now: datetime) -> tuple[Offer, ...]:
    """Return the visits that were offered, the earliest first."""
    if humanitarian(story.given.body):
        return ()
    return tuple(_offer(story, each, now) for each in _of(story, Invited, story.author))


def humanitarian(body: Notice) -> bool:
    """Whether a notice is of aid: it informs, and is asked nothing (floor 13)."""
    return isinstance(body, HUMANITARIAN)


def short_notice(body: Notice) -> bool:
    """Whether a notice is one that is told at short notice for a reason."""
    urgent = isinstance(body, Flight | Drone | Movement) and body.purpose in URGENT
    return urgent or bool(getattr(body, "short_notice", False))


def told_by(given: Given) -> datetime | None:
    """Return by when it was to be told, by the compact; None where the compact says nothing of its type."""
    return None if given.terms is None else to_be_told(given.terms, given.body)


def to_be_told(terms: Notification, body: Notice) -> datetime:
    """Return by when a notice is to be told; of an exercise by alert, so long after its troops are."""
    alerted: datetime | None = getattr(body, "alerted", None)
    if alerted is not None and terms.alert_minutes is not None:
        return alerted + timedelta(minutes=terms.alert_minutes)
    return body.window.since - lead(terms, getattr(body, "level", None), short_notice=short_notice(body))


def late(given: Given) -> bool:
    """Whether a notice was given later than agreed. Whether one was due at all is another question (`asked_for`)."""
    by = told_by(given)
    return by is not None and asked_for(given.terms, given.body) and given.at > by


def asked_for(terms: Notification | None, body: Notice) -> bool:
    """Whether the compact asks for a notice of this: it may be given all the same."""
    if terms is None:
        return False
    counted = {name: getattr(body, name, 0) for name in COUNTED}
    return is_due(terms, getattr(body, "level", None), counted, body.line_metres)


def lacks(terms: Notification | None, body: Notice) -> tuple[str, ...]:
    """Return the fields that the compact asks of a notice such as this, and that it says nothing in."""
    if terms is None or not asked_for(terms, body):
        return ()
    return tuple(each for each in terms.says if getattr(body, each) in (None, ()))


def against(limits: Mapping[str, Limit], body: Notice) -> tuple[Limit, ...]:
    """Return the limits of the compact that a notice goes against. It is given all the same: it is no request."""
    armed = bool(getattr(body, "armed", False)) or getattr(body, "craft", "") == "combat"
    return near_the_line.against(limits, type_of(body), getattr(body, "level", None), body.line_metres, armed=armed)


def _of(story: Story, what: type[Step], by: str) -> Iterator[Stepped]:
    """Yield the steps of a type and a party that count, the earliest first."""
    given = story.given
    for each in sorted(story.steps, key=lambda each: (each.at, each.key)):
        said = isinstance(each.body, what) and each.key.party == by and each.body.notice == given.key
        alike = (each.compact, each.exercise) == (given.compact, given.exercise)
        if said and alike and not each.withdrawn and each.at >= given.at - SKEW:
            yield each


def _question(story: Story, asked: Stepped) -> Question:
    assert isinstance(asked.body, Questioned)  # noqa: S101 - as `_of` yields it
    hours = story.given.terms.explain_hours if story.given.terms else None
    due = asked.at + timedelta(hours=hours) if hours is not None else None
    lacking, answers, answered = set(asked.body.about), list[Stepped](), None
    for each in _of(story, Explained, story.author):
        assert isinstance(each.body, Explained)  # noqa: S101 - as above
        if each.body.question == asked.key and each.at >= asked.at - SKEW:
            answers.append(each)
            before, lacking = lacking, lacking - {said.about for said in each.body.says}
            answered = each.at if before and not lacking else answered
    judged = _judged(story, answers) if answered is not None else None
    lacks = judged is not None and not judged.body.enough  # type: ignore[union-attr]
    meet = judged.at + story.meets_within if judged and lacks and story.meets_within else None
    return Question(asked, due, answered, tuple(answers), judged, meet)


def _judged(story: Story, answers: Iterable[Stepped]) -> Stepped | None:
    """Return the last word of who asked on one of these answers: none that is dated before that answer."""
    at = {each.key: each.at for each in answers}
    found: Stepped | None = None
    for each in _of(story, Judged, story.other):
        assert isinstance(each.body, Judged)  # noqa: S101 - as `_of` yields it
        if each.body.answer in at and each.at >= at[each.body.answer] - SKEW:
            found = each
    return found


def _offer(story: Story, offered: Stepped, now: datetime) -> Offer:
    body = offered.body
    assert isinstance(body, Invited)  # noqa: S101 - as `_of` yields it
    answer = _answer(story, offered)
    words = _visited(story, offered, answer)
    said = {each.body.took_place for each in words}  # type: ignore[union-attr]
    if len(words) > 1:
        known: Visit = "disputed" if len(said) > 1 else "took-place" if said == {True} else "did-not"
    elif answer is None:
        known = "passed" if max(body.times) <= now else "offered"
    else:
        known = "accepted" if answer.body.accepts else "declined"  # type: ignore[union-attr]
    return Offer(offered, known, answer, words)


def _answer(story: Story, offered: Stepped) -> Stepped | None:
    """Return the last answer to an offer; once the time that was accepted has come, none takes its place."""
    found: Stepped | None = None
    for each in _of(story, Visiting, story.other):
        time = _time(found)
        if _answers(offered, each) and (time is None or each.at < time):
            found = each
    return found


def _visited(story: Story, offered: Stepped, answer: Stepped | None) -> tuple[Stepped, ...]:
    """Return each side's last word on whether a visit took place, of what was accepted, once its time had come."""
    time = _time(answer)
    if time is None:
        return ()
    both = (*_of(story, Visited, story.author), *_of(story, Visited, story.other))
    those = (each for each in both if each.body.visit == offered.key and each.at >= time)  # type: ignore[union-attr]
    words = {each.key.party: each for each in those}
    return tuple(words[party] for party in sorted(words))


def _time(answer: Stepped | None) -> datetime | None:
    """Return at which time who was invited comes by an answer, None by none or one that declines."""
    return answer.body.time if answer is not None and answer.body.accepts else None  # type: ignore[union-attr]


def _answers(offered: Stepped, said: Stepped) -> bool:
    """Whether an answer is to an offer, and one that the offer has: one of its times, no more than so many."""
    body, offer = said.body, offered.body
    assert isinstance(body, Visiting)  # noqa: S101 - as `_of` yields it
    assert isinstance(offer, Invited)  # noqa: S101 - as above
    fits = not body.accepts or (body.time in offer.times and (body.count or 0) <= offer.most)
    return body.visit == offered.key and fits and said.at >= offered.at - SKEW
