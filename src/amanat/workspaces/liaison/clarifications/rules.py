"""Rules of clarification: who answers, until when, who judges, and how a request stands.

Law: pure, over a set of records: two sides that hold the same set say the same, whatever order it came in. Only the
other side answers, and only who asked judges; what anybody else says changes nothing. An answer that was withdrawn is
none, and of an answer that was judged enough no later one takes the place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from amanat.compact.terms import Terms
from amanat.workspaces.liaison.clarifications.kinds import Answered, Judged, Seen, Type
from amanat.workspaces.liaison.rules import SKEW
from amanat.workspaces.liaison.told import Told

State = Literal["asked", "answered", "enough", "not-enough", "withdrawn"]
Act = Literal["answered", "judged"]

MOST_SAID: Final = 20
"""What is read of each side in one request, the first of it."""
USUAL: Final = timedelta(hours=48)
"""Within which one answers and meets where the compact says nothing (Vienna Document 2011, chapter III, ¶16, ¶17)."""


@dataclass(frozen=True, slots=True)
class Clarification:
    """What asked, and the set of what was said of it; `other` is who is asked.

    `within` is how soon an answer is given, and judged; `meets` how soon a meeting is to be held where it is not
    enough; `compact` the id of what it is under; `more` how much each side said beyond this, of those that did.
    """

    root: Told
    other: str
    said: frozenset[Told]
    within: timedelta
    meets: timedelta
    exercise: bool = False
    compact: str = ""
    more: tuple[tuple[str, int], ...] = ()

    @property
    def parties(self) -> tuple[str, str]:
        """The two sides, who asked first."""
        return self.root.party, self.other

    @property
    def seen(self) -> Seen:
        """What was seen."""
        assert isinstance(self.root.body, Seen)  # noqa: S101 - no other body is without a request
        return self.root.body

    @property
    def due(self) -> datetime:
        """Until when an answer is in time."""
        return self.root.at + self.within


@dataclass(frozen=True, slots=True)
class Next:
    """What is waited for: that it is "answered" or "judged", of whom, since when, and until when it is not late."""

    code: Act | Literal["meet"]
    party: str
    since: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a request stands: the answer that counts, its judgement, since when it was answered, what is waited for.

    `late` says that the first answer that stands came after its time, or none did. `meet` is until when a meeting is
    to be held about an answer that is not enough.
    """

    state: State
    answer: Told | None
    verdict: Told | None
    answered: datetime | None
    late: bool
    waits: tuple[Next, ...]
    meet: datetime | None


def within(terms: Terms, activity: Type | None) -> timedelta:
    """Return within what an answer is given: the hours in which a notice of the type would be explained.

    Of no type, or of one without such a limit, the longest of all types; where there is none, 48 hours.
    """
    agreed = terms.notification.get(activity) if activity is not None else None
    if agreed is not None and agreed.explain_hours is not None:
        return timedelta(hours=agreed.explain_hours)
    hours = [each.explain_hours for each in terms.notification.values() if each.explain_hours is not None]
    return timedelta(hours=max(hours)) if hours else USUAL


def standing(of: Clarification, now: datetime) -> Standing:
    """Return how a request stands."""
    answers = [each for each in _heard(of, of.other) if isinstance(each.body, Answered)]
    judged = {each.key: _verdict(of, each) for each in answers}
    enough = next((each for each in answers if _enough(judged[each.key])), None)
    answer = enough or (answers[-1] if answers else None)
    verdict = judged[answer.key] if answer else None
    answered = answers[0].at if answers else None
    state = _state(of, answer, verdict)
    return Standing(
        state=state,
        answer=answer,
        verdict=verdict,
        answered=answered,
        late=(answered or now) > of.due,
        waits=tuple(_waits(of, state, answer)),
        meet=verdict.at + of.meets if state == "not-enough" and verdict is not None else None,
    )


def acts(of: Clarification, now: datetime, own: str) -> tuple[Act, ...]:
    """Return what a party may say of a request now: who is asked answers, again too where it was not enough."""
    state = standing(of, now).state
    if own == of.other:
        return ("answered",) if state in ("asked", "not-enough") else ()
    return ("judged",) if own == of.root.party and state == "answered" else ()


def _heard(of: Clarification, party: str) -> Iterator[Told]:
    """Yield what a side said of this request and did not withdraw, in order."""
    for each in sorted(of.said, key=lambda each: each.order):
        body = each.body
        about = isinstance(body, Answered | Judged) and body.clarification == of.root.key
        if about and each.party == party and each.withdrawn is None and each.at >= of.root.at - SKEW:
            yield each


def _verdict(of: Clarification, answer: Told) -> Told | None:
    """Return the last judgement of an answer by who asked, dated no earlier than what it judges."""
    found: Told | None = None
    for each in _heard(of, of.root.party):
        if isinstance(each.body, Judged) and each.body.answer == answer.key and each.at >= answer.at - SKEW:
            found = each
    return found


def _enough(verdict: Told | None) -> bool:
    return verdict is not None and isinstance(verdict.body, Judged) and verdict.body.enough


def _state(of: Clarification, answer: Told | None, verdict: Told | None) -> State:
    if of.root.withdrawn is not None:
        return "withdrawn"
    if answer is None:
        return "asked"
    if verdict is None:
        return "answered"
    return "enough" if _enough(verdict) else "not-enough"


def _waits(of: Clarification, state: State, answer: Told | None) -> Iterator[Next]:
    if state == "asked":
        yield Next("answered", of.other, of.root.at, of.due)
    if state == "answered" and answer is not None:
        yield Next("judged", of.root.party, answer.at, answer.at + of.within)
