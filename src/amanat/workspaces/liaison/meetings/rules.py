"""Rules of flag meetings that an officer could recite: what is agreed, what stands in minutes, which tasks are left.

Law: pure, over a set of steps: whatever order records came in, both nodes hold the same set and so say the same. `now`
is an argument, and every deadline follows from the records' own times. What is dated before the meeting was proposed
counts for nothing, and neither side alone undoes what both signed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.meetings.kinds import (
    CONSENTED,
    Agreed,
    Cancelled,
    Countered,
    Declined,
    Done,
    Guest,
    GuestWord,
    Item,
    Judged,
    Minutes,
    People,
    Scan,
    Task,
    When,
)
from amanat.workspaces.liaison.meetings.steps import Facts, Place, Step
from amanat.workspaces.liaison.rules import SKEW

MOST_OFFERS: Final = 8
"""Proposals of places and times of one side for one meeting, the first of them: who has more begins another."""
MOST_VERSIONS: Final = 20
"""Versions of minutes of one side, the first of them."""

State = Literal["proposed", "crossed", "agreed", "under-way", "over", "held", "declined", "cancelled", "lapsed"]
STATES: Final[tuple[State, ...]] = get_args(State)
OPEN: Final = frozenset(("proposed", "crossed"))
TaskState = Literal["open", "overdue", "done", "confirmed", "disputed"]
GuestState = Literal["invited", "to-be-agreed", "objected-to", "comes", "does-not-come"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A place and time that a side offers: the record that offers it, and its number there."""

    of: Named
    choice: int
    when: When
    minutes: int
    offered: Place

    @property
    def ends(self) -> datetime:
        """When a meeting there would be over."""
        return self.when.begins + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Version:
    """A text of the minutes, and the SHA-256 that is signed."""

    step: Step
    body: Minutes
    digest: str


@dataclass(frozen=True, slots=True)
class Owed:
    """A task as one of those whose it is owes it: its number, whose, whether it was told done, and the word on that."""

    number: int
    task: Task
    party: str
    done: Step | None
    judged: Step | None
    state: TaskState


# --- where and when -------------------------------------------------------------------------------------------------


def withdrew(facts: Facts, party: str) -> Place | None:
    """Return when a side declined last; what it offered or agreed to before stands no more."""
    return max(map(facts.place, facts.by(party, Declined)), default=None)


def alternatives(facts: Facts, party: str) -> tuple[Alternative, ...]:
    """Return what a side offers, in order: the first so many, and whatever the other side agreed to."""
    offers = [facts.proposal] if facts.proposal.key.party == party else []
    offers += list(facts.by(party, Countered))
    taken = {each.body.of for each in facts.by(facts.other(party), Agreed)}
    before = withdrew(facts, party)
    return tuple(
        Alternative(each.key, number, when, each.body.minutes, facts.place(each))
        for place, each in enumerate(offers)
        if (place < MOST_OFFERS or each.key in taken) and (before is None or facts.place(each) > before)
        for number, when in enumerate(each.body.alternatives)
    )


def choice(facts: Facts, party: str) -> tuple[Place, Alternative] | None:
    """Return what a side agreed to last, and when: one that is offered, and had not begun by then."""
    offered = {(a.of, a.choice): a for side in facts.members for a in alternatives(facts, side)}
    before = withdrew(facts, party)
    for each in reversed(list(facts.by(party, Agreed))):
        found = offered.get((each.body.of, each.body.choice))
        late = found is None or each.at > found.when.begins + SKEW
        if found is not None and not late and (before is None or facts.place(each) > before):
            return facts.place(each), found
    return None


def agreed(facts: Facts) -> Alternative | None:
    """Return the place and time that both sides stand by, and that at least one of them agreed to; None for none.

    A side stands by what it agreed to last, and by what it offered after that: so an offer to move a meeting leaves it
    where it is until the other side agrees. Of two that both stand by, the one that became so last is it.
    """
    found = list[tuple[Place, Alternative]]()
    choices = {party: choice(facts, party) for party in facts.members}
    for at, chosen in (each for each in choices.values() if each is not None):
        stands = [_stood_by(facts, choices, party, chosen) for party in facts.members]
        if all(each is not None for each in stands):
            found.append((max([at, *(each for each in stands if each is not None)]), chosen))
    return max(found, key=lambda each: (each[0], each[1].of, each[1].choice))[1] if found else None


def _stood_by(
    facts: Facts, choices: dict[str, tuple[Place, Alternative] | None], party: str, meant: Alternative
) -> Place | None:
    """Return since when a side stands by an alternative; None where it does not."""
    last = choices[party]
    if last is not None and last[1] == meant:
        return last[0]
    offers = (each.offered for each in alternatives(facts, party) if each == meant)
    return max((each for each in offers if last is None or each > last[0]), default=None)


def crossed(facts: Facts) -> tuple[Alternative, ...]:
    """Return what each side agreed to last, in the sides' order, where those differ and nothing is agreed."""
    choices = [choice(facts, party) for party in facts.members]
    if agreed(facts) is not None or any(each is None for each in choices):
        return ()
    return tuple(each[1] for each in choices if each is not None)


def standing(facts: Facts, party: str, now: datetime) -> tuple[Alternative, ...]:
    """Return the alternatives of the other side that a side may agree to now: those that have not begun."""
    return tuple(each for each in alternatives(facts, facts.other(party)) if each.when.begins > now)


def cancelled(facts: Facts) -> Step | None:
    """Return the first word of a side that called the meeting off before it was to begin; None where none did.

    Who withdraws its proposal calls it off by that.
    """
    found, root = agreed(facts), facts.proposal
    said = [each for party in facts.members for each in facts.by(party, Cancelled)]
    if root.withdrawn is not None:
        said.append(replace(root, at=max(root.at, root.withdrawn)))
    those = (each for each in said if found is None or each.at < found.when.begins)
    return min(those, key=lambda each: (each.at, each.key), default=None)


def declined(facts: Facts) -> Step | None:
    """Return the last word of a side that declined and said nothing else since; None where none did."""
    last = (max(facts.by(party, Declined, Countered, Agreed), key=facts.place, default=None) for party in facts.members)
    said = [each for each in last if each is not None and isinstance(each.body, Declined)]
    return max(said, key=facts.place, default=None)


def state(facts: Facts, now: datetime) -> State:
    """Return how far a meeting has come."""
    if joint(facts) is not None:
        return "held"
    if cancelled(facts) is not None:
        return "cancelled"
    found = agreed(facts)
    if found is not None:
        return "agreed" if now < found.when.begins else "under-way" if now < found.ends else "over"
    if declined(facts) is not None:
        return "declined"
    ahead = any(each.when.begins > now for party in facts.members for each in alternatives(facts, party))
    return "lapsed" if not ahead else "crossed" if crossed(facts) else "proposed"


def to_answer(facts: Facts, party: str, now: datetime) -> tuple[Alternative, ...]:
    """Return what of the other side waits for a side's answer: what it offers, and neither of which is agreed.

    Of what was agreed, an offer to move it that came after.
    """
    if cancelled(facts) is not None or joint(facts) is not None:
        return ()
    last = max(map(facts.place, facts.by(party, Agreed, Countered, Declined)), default=None)
    offers = standing(facts, party, now)
    if crossed(facts):
        return offers
    return tuple(each for each in offers if last is None or each.offered > last)


# --- what it is about, and who comes --------------------------------------------------------------------------------


def agenda(facts: Facts) -> tuple[Item, ...]:
    """Return the items of the agenda: the proposal's, then those that came with other times, each once."""
    came = (
        item
        for party in facts.members
        for each in list(facts.by(party, Countered))[:MOST_OFFERS]
        for item in each.body.agenda
    )
    return tuple(dict.fromkeys((*facts.body.agenda, *came)))


def people(facts: Facts, party: str) -> tuple[People, ...]:
    """Return whom a side sends: by its own last word, else as the meeting was proposed."""
    said = [each.body.people for each in facts.by(party, Agreed) if each.body.people]
    those = said[-1] if said else facts.body.people
    return tuple(each for each in those if each.party == party)


def guest_state(facts: Facts, guest: Guest) -> GuestState:
    """Return whether a guest comes: by its own word, or of one without a node by that of the side that invited it.

    A side that objects keeps it away. Elders and mediators come once every other side agreed to them too, under a
    compact that has mediation (floor 13).
    """
    words = {each.key.party: each.body.word for each in facts.counted if _of_guest(each, guest)}
    host = facts.proposal.key.party
    if any(words.get(party) == "objected-to" for party in facts.members):
        return "objected-to"
    consented = all(words.get(party) == "agreed-to" for party in facts.members if party != host)
    if guest.role in CONSENTED and not (facts.mediated and consented):
        return "to-be-agreed"
    word = words.get(guest.party or host)
    if word == "comes":
        return "comes"
    return "does-not-come" if word == "does-not-come" else "invited"


def _of_guest(step: Step, guest: Guest) -> bool:
    return isinstance(step.body, GuestWord) and step.body.guest == guest


def chairs_next(members: Iterable[str], held: Iterable[tuple[datetime, str]]) -> str:
    """Return whose turn it is to preside: of the side that did not at the last meeting held, of these (when, chair).

    Before the first it is the side whose code comes first.
    """
    sides = sorted(members)
    last = max((each for each in held if each[1] in sides), default=None)
    return sides[0] if last is None else next(each for each in sides if each != last[1])


# --- minutes --------------------------------------------------------------------------------------------------------


def versions(facts: Facts) -> tuple[Version, ...]:
    """Return the texts of the minutes in the order of their own times; one that tells of the future is none.

    Of each side the first so many, and whatever the other side signed: no later text of its own hides that.
    """
    digests = dict(facts.digests)
    found = [
        Version(each, each.body, digests[each.key])
        for party in facts.members
        for number, each in enumerate(facts.by(party, Minutes))
        if each.body.ended <= each.at + SKEW and each.key in digests
        if number < MOST_VERSIONS or (facts.other(party), each.key, digests[each.key]) in facts.signatures
    ]
    return tuple(sorted(found, key=lambda each: facts.place(each.step)))


def signature(facts: Facts, version: Version, party: str) -> Step | None:
    """Return a side's first signature under a version, which names its record and its digest."""
    return facts.signatures.get((party, version.step.key, version.digest))


def joint(facts: Facts) -> Version | None:
    """Return the minutes that both sides signed: of several, the newest by its own time; None while there are none.

    So who signs an old text late puts it in no newer one's place, and nothing that is sent or dated later moves one.
    """
    signed = (each for each in versions(facts) if all(signature(facts, each, party) for party in facts.members))
    return max(signed, key=lambda each: (each.step.at, each.step.key), default=None)


def replaced(facts: Facts, version: Version) -> bool:
    """Whether whoever proposed a text of the minutes proposed another after it: then it is signed no more.

    Nor is one under which a side took its signature back.
    """
    if version.step.key in facts.unsigned:
        return True
    mine = (each for each in versions(facts) if each.step.key.party == version.step.key.party)
    return any(facts.place(each.step) > facts.place(version.step) for each in mine)


def to_sign(facts: Facts, party: str) -> Version | None:
    """Return the newest version of the minutes, where a side has not signed it and nothing newer is joint."""
    newest, both = next(reversed(versions(facts)), None), joint(facts)
    if newest is None or newest == both or signature(facts, newest, party) is not None:
        return None
    if newest.step.key in facts.unsigned:
        return None
    later = both is None or facts.place(newest.step) > facts.place(both.step)
    return newest if later else None


def scans(facts: Facts, version: Version) -> tuple[Step, ...]:
    """Return the sheets signed in ink that sides gave of a version, those with a file."""
    named = (version.step.key, version.digest)
    return tuple(
        each
        for party in facts.members
        for each in facts.by(party, Scan)
        if each.files and (each.body.of, each.body.digest) == named
    )


# --- tasks ----------------------------------------------------------------------------------------------------------


def tasks(facts: Facts, now: datetime) -> tuple[Owed, ...]:
    """Return the tasks of the minutes that both signed, once for each side whose they are."""
    minutes = joint(facts)
    if minutes is None:
        return ()
    return tuple(
        _owed(facts, minutes, number, party, now)
        for number, task in enumerate(minutes.body.decisions)
        for party in task.whose
        if party in facts.members
    )


def _owed(facts: Facts, minutes: Version, number: int, party: str, now: datetime) -> Owed:
    task = minutes.body.decisions[number]
    told = [each for each in facts.by(party, Done) if (each.body.of, each.body.task) == (minutes.step.key, number)]
    done = told[-1] if told else None
    words = [each for each in facts.by(facts.other(party), Judged) if done is not None and each.body.of == done.key]
    judged = words[-1] if words else None
    return Owed(number, task, party, done, judged, _task_state(task, done, judged, now))


def _task_state(task: Task, done: Step | None, judged: Step | None, now: datetime) -> TaskState:
    if done is None:
        return "overdue" if now > task.by else "open"
    if judged is None:
        return "done"
    return "confirmed" if judged.body.agrees else "disputed"


def left(owed: Owed) -> bool:
    """Whether a task is still to be done by whose it is."""
    return owed.state in ("open", "overdue", "disputed")


# --- what others ask ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """How a meeting stands, for what it is linked to: from when until when it is or was, where that is known."""

    key: Named
    state: State
    since: datetime | None
    until: datetime | None
    at: Spot | None


def held_for(facts: Facts, now: datetime) -> Held:
    """Return how a meeting stands: by the minutes of both sides where there are such, else by what is agreed."""
    minutes, found = joint(facts), agreed(facts)
    if minutes is not None:
        return Held(facts.key, "held", minutes.body.began, minutes.body.ended, minutes.body.held_at)
    stands = state(facts, now)
    if found is None:
        return Held(facts.key, stands, None, None, None)
    return Held(facts.key, stands, found.when.begins, found.ends, found.when.at)
