"""What an officer does at once after a meeting: write minutes, sign them, tell of tasks done, judge the others'.

Law: minutes are one text that both sign. Who proposes them says who of its own side was there, and repeats of the other
what that side said itself.
"""

from collections.abc import Iterator
from typing import Any, Final, get_args

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.workspace import Deed, Sent
from amanat.workspaces.liaison import slots
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings import known, rules, typed
from amanat.workspaces.liaison.meetings.deeds import TOPICS, require_side, say
from amanat.workspaces.liaison.meetings.kinds import (
    MOST_ITEMS,
    MOST_TASKS,
    Done,
    Judged,
    Minutes,
    Outcome,
    People,
    Result,
    Signature,
    Task,
    What,
)
from amanat.workspaces.liaison.meetings.rules import Owed, Version
from amanat.workspaces.liaison.meetings.steps import Facts

OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
WHATS: Final[tuple[What, ...]] = get_args(What)
BOTH: Final = "both"
MINUTES: Final = "/liaison/minutes?party={}&id={}"

_TASK: Final = ("what", "whose", "by", "task_of", "task_place", "task_country")

Writing: Final = typed.form(
    "Writing",
    *("party", "id", "after", "began", "ended", "place", "country", "chair"),
    ours=(typed.MOST_PEOPLE, ("ours_post", "ours_number")),
    items=(MOST_ITEMS, ("topic", "of", "outcome")),
    tasks=(MOST_TASKS, _TASK),
)


class Signing(msgspec.Struct, frozen=True):
    """Which version ("PARTY:ID") of a meeting's minutes is signed, the digest that was read, and its number here."""

    party: str
    id: str
    of: str
    digest: str
    number: str = ""


class Doing(msgspec.Struct, frozen=True):
    """Which task of a meeting was done."""

    party: str
    id: str
    task: int


class Judging(msgspec.Struct, frozen=True):
    """Whether a task that the other side told done ("PARTY:ID") is: "yes" or "no"."""

    party: str
    id: str
    of: str
    agrees: str


def write(turn: Turn, _actor: Actor, given: Any) -> Sent:  # noqa: ANN401 - of `Writing`
    """Propose the text of the minutes, or a changed one, for both to sign."""
    facts = require_side(turn, known.require(turn, typed.text(given, "party"), typed.text(given, "id")))
    own, after = turn.means.party, _version(facts, typed.text(given, "after"))
    ours = tuple(typed.people(given, own, "ours_"))
    if not ours:
        raise Invalid("liaison.meeting-nobody", "Nobody of your side was there.", "Say which posts were, and how many.")
    body = {
        "type": "minutes",
        "meeting": facts.key,
        "began": typed.time(turn, typed.text(given, "began"), "began"),
        "ended": typed.time(turn, typed.text(given, "ended"), "ended"),
        "held_at": typed.spot(turn, {name: typed.text(given, name) for name in ("place", "country")}),
        "chair": typed.text(given, "chair"),
        "people": sorted((*ours, *theirs(facts, facts.other(own), after))),
        "items": list(_results(given)),
        "decisions": list(_tasks(turn, facts, given)),
        **({"after": after.step.key} if after else {}),
    }
    made = typed.read(body, Minutes)
    _require_sound(turn, facts, made)
    asked = say(turn, facts, made, after.step.key if after else None)
    return Sent((asked,), then=MINUTES.format(facts.key.party, facts.key.id))


def theirs(facts: Facts, other: str, after: Version | None) -> tuple[People, ...]:
    """Return who of the other side was there: as it wrote itself last in minutes, else whom it said to send."""
    said = [each.body.people for each in rules.versions(facts) if each.step.key.party == other]
    if not said and after is not None:
        said = [after.body.people]
    those = said[-1] if said else rules.people(facts, other)
    return tuple(each for each in those if each.party == other)


def sign(turn: Turn, _actor: Actor, given: Signing) -> Sent:
    """Sign the minutes as they were read, the last text of their side."""
    facts = require_side(turn, known.require(turn, given.party, given.id))
    version = _version(facts, given.of)
    if version is None or version.digest != given.digest or rules.replaced(facts, version):
        raise Invalid("liaison.minutes-other", "Those are not the minutes that were read.", "Read them again.")
    if rules.signature(facts, version, turn.means.party) is not None:
        raise Invalid("liaison.minutes-signed", "This side signed these minutes.", "Nothing is left to do.")
    number = given.number.strip().upper()
    if not number:
        raise Invalid("liaison.minutes-number", "The registry number is empty.", "Give it one of your own registry.")
    body = {
        "type": "signed",
        "meeting": facts.key,
        "of": version.step.key,
        "digest": version.digest,
        "number": number,
    }
    asked = say(turn, facts, typed.read(body, Signature), version.step.key)
    return Sent((asked,), then=MINUTES.format(facts.key.party, facts.key.id))


def tell_done(turn: Turn, _actor: Actor, given: Doing) -> Sent:
    """Tell that a task of one's own is done."""
    facts = require_side(turn, known.require(turn, given.party, given.id))
    minutes, owed = rules.joint(facts), _owed(turn, facts, given.task)
    if minutes is None or owed is None or not rules.left(owed):
        raise Invalid("liaison.task", "There is no such task of your side to be done.", "Load the page anew.")
    body = Done(meeting=facts.key, of=minutes.step.key, task=given.task)
    return Sent((say(turn, facts, body, minutes.step.key),), then=known.path(facts))


def judge(turn: Turn, _actor: Actor, given: Judging) -> Sent:
    """Say of a task that the other side told done that it is, or that it is not."""
    facts = require_side(turn, known.require(turn, given.party, given.id))
    own = turn.means.party
    told = (each.done for each in rules.tasks(facts, turn.now) if each.party != own and each.state == "done")
    done = next((each for each in told if each is not None and named(each.key) == given.of), None)
    if done is None:
        raise Invalid("liaison.task-done", "The other side told of no such task done.", "Load the page anew.")
    body = Judged(meeting=facts.key, of=done.key, agrees=given.agrees == "yes")
    return Sent((say(turn, facts, body, done.key),), then=known.path(facts))


def named(key: Named) -> str:
    """Return how a form names a record."""
    return f"{key.party}:{key.id}"


def _owed(turn: Turn, facts: Facts, number: int) -> Owed | None:
    those = (each for each in rules.tasks(facts, turn.now) if each.party == turn.means.party)
    return next((each for each in those if each.number == number), None)


def _version(facts: Facts, name: str) -> Version | None:
    """Return a version of the minutes by its record, None where none is named. Raises `Invalid`."""
    if not name:
        return None
    found = next((each for each in rules.versions(facts) if named(each.step.key) == name), None)
    if found is None:
        raise Invalid("liaison.minutes-unknown", "Those minutes are not here.", "Load the page anew.")
    return found


def _results(given: msgspec.Struct) -> Iterator[Result]:
    for n, row in typed.rows(given, MOST_ITEMS, "topic", "of", "outcome"):
        topic = slots.one_of(row["topic"], TOPICS, f"topic, row {n + 1}")
        outcome = slots.one_of(row["outcome"], OUTCOMES, f"outcome, row {n + 1}")
        yield Result(topic, outcome, typed.record(row["of"]))


def _tasks(turn: Turn, facts: Facts, given: msgspec.Struct) -> Iterator[Task]:
    for n, row in typed.rows(given, MOST_TASKS, *_TASK):
        what: What = slots.one_of(row["what"], WHATS, f"what, row {n + 1}")
        whose = slots.one_of(row["whose"], (*facts.members, BOTH), f"whose, row {n + 1}")
        place = {"place": row["task_place"], "country": row["task_country"]}
        yield Task(
            what=what,
            whose=facts.members if whose == BOTH else (whose,),
            by=typed.time(turn, row["by"], f"by, row {n + 1}"),
            of=typed.record(row["task_of"]),
            at=typed.spot(turn, place) if row["task_place"] else None,
        )


def _require_sound(turn: Turn, facts: Facts, made: Minutes) -> None:
    if rules.cancelled(facts) is not None:
        raise Invalid("liaison.meeting-closed", "The meeting was held, or was called off.", "Propose another.")
    if made.ended > turn.now:
        raise Invalid("liaison.minutes-early", "The meeting is not over by then.", "Write minutes once it is.")
    if made.chair not in facts.members:
        raise Invalid("liaison.meeting-chair", "The chair is neither side's.", "Choose one of the two.")
    if any(each.by <= made.ended for each in made.decisions):
        raise Invalid("liaison.task-by", "A task is due before the meeting ended.", "Give it a later time.")
    own = [each for each in rules.versions(facts) if each.step.key.party == turn.means.party]
    if len(own) >= rules.MOST_VERSIONS:
        raise Invalid(
            "liaison.minutes-many",
            f"This side proposed minutes {rules.MOST_VERSIONS} times, and more are not read.",
            "Sign one of them, or speak by the hotline.",
        )


DEEDS: Final = (
    Deed("propose-minutes", "write-minutes", "record.send", Writing, write),
    Deed("sign-minutes", "minutes", "record.send", Signing, sign),
    Deed("task-done", "meeting", "record.send", Doing, tell_done),
    Deed("judge-task", "meeting", "record.send", Judging, judge),
)
