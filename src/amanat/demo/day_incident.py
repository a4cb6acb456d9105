"""Shots at dusk, in the story: two accounts, the ladder, a cut line, a flag meeting, and a statement that both sign.

Law: as of the day; each says what it saw, nothing is merged, and only what both signed is joint.
"""

from collections.abc import Callable
from typing import Any

from amanat.demo import day as days
from amanat.demo.cast import Actor
from amanat.demo.day import EXERCISE, SHOTS_AT, Day
from amanat.demo.forms import Key, alike, name, press, seen, typed_time
from amanat.demo.screen import check, fact, heading
from amanat.demo.sticks import both_ways
from amanat.exchange.means import Turn
from amanat.workspaces.liaison.incidents import matters, stating
from amanat.workspaces.liaison.incidents.matters import Matter
from amanat.workspaces.liaison.meetings import known
from amanat.workspaces.liaison.meetings import rules as meetings
from amanat.workspaces.liaison.meetings.steps import Facts

AT = f"{SHOTS_AT} ±500 m"
SHOTS = {"type": "shots", "place": AT, "time": "now", "minutes": "10", "sector": "kurram"} | EXERCISE
FIRED = {"sort0": "happened", "did0": "fired", "who0": "theirs", "place0": AT, "arms0": "small-arms"}
HURT = {"sort1": "harmed", "who1": "ours", "civilians1": "yes", "wounded1": "1/2/4"}
AT_ONCE = ("cease", "hold", "inform")
POST = "torkham/duty"


def dusk(day: Day) -> bool:
    """Play the incident from the first shots to the closing; return whether all it claims held."""
    heading(day.console, "7", "Shots at dusk, talked down: two accounts, the ladder, a cut line, a meeting")
    under_seal = days.seal(day)
    incident, holds = _told(day)
    holds &= _accounts(day, incident)
    holds &= days.warning(day)
    holds &= _steps(day, incident, AT_ONCE)
    meeting, held = _cut(day, incident)
    holds &= held
    holds &= _minutes(day, incident, meeting)
    holds &= _statement(day, incident)
    holds &= days.unsealed(day, under_seal)
    for side in day.sides:
        press(side, "incident-close", incident)
    closed = _both(day, incident, lambda matter: matter.standing.state == "closed")
    return holds & check(day.console, "Both signed that it is over: closed at both nodes.", holds=closed)


def _told(day: Day) -> tuple[Key, bool]:
    """Let both tell of the shots, and both say that it is one event."""
    pk, af = day.sides
    first, second = press(pk, "incident-open", **SHOTS), press(af, "incident-open", **SHOTS)
    fact(day.console, "Shots near the works. Each side tells of them by itself, and each says: the same event.")
    holds = _both(day, first, lambda _: True) and _both(day, second, lambda _: True)
    press(pk, "incident-same", first, name=name(second))
    press(af, "incident-same", second, name=name(first))
    holds &= _both(day, first, lambda matter: {each.key.party for each in matter.facts.opened} == {"pk", "af"})
    return first, check(day.console, "One incident, with one clock on both sides.", holds=holds)


def _accounts(day: Day, incident: Key) -> bool:
    """Let both give their account, and answer each other's statements."""
    pk, af = day.sides
    press(pk, "account-send", incident, **FIRED, count0="20", **HURT)
    press(af, "account-send", incident, **FIRED, count0="12")
    fact(day.console, "Two accounts: by each the other fired; by pk two civilians of its own are hurt.")
    holds = _both(day, incident, lambda matter: len(matter.findings) == 3)  # noqa: PLR2004 - two of pk, one of af
    for side in day.sides:
        for each in seen(side, lambda turn: matters.require(turn, *incident)).findings:
            if each.party != side.code:
                stance = "agrees" if type(each.statement).__name__ == "Harmed" else "disputes"
                press(side, "incident-answer", incident, of=each.party, statement=each.digest, stance=stance)
    holds &= _both(day, incident, lambda matter: _verdicts(matter) == ["agreed", "disputed", "disputed"])
    told = "Agreed: who was hurt. Disputed: who fired. Both nodes keep both, and merge nothing."
    return check(day.console, told, holds=holds)


def _verdicts(matter: Matter) -> list[str]:
    return sorted(each.verdict for each in matter.findings)


def _steps(day: Day, incident: Key, steps: tuple[str, ...]) -> bool:
    """Let both sign that they did these steps of the ladder."""
    for side in day.sides:
        for step in steps:
            press(side, "incident-done", incident, step=step, time="now")
    return _done(day, incident, *steps)


def _done(day: Day, incident: Key, *steps: str) -> bool:
    """See that both nodes say of these steps that both sides did them."""

    def did(matter: Matter) -> bool:
        return {each.step.name for each in matter.dues if each.done} >= set(steps)

    titles = {each.step.name: f"{each.step.clause} {each.step.act}" for each in _matter(day.sides[0], incident).dues}
    told = f"Done by both, at both nodes: {', '.join(titles[each] for each in steps)}."
    return check(day.console, told, holds=_both(day, incident, did))


def _cut(day: Day, incident: Key) -> tuple[Key, bool]:
    """Cut the line; what is signed and proposed meanwhile goes by stick, both ways."""
    pk, af = day.sides
    day.nodes.stop("pk")
    fact(day.console, "The line is cut. Both return to their positions; pk proposes a flag meeting, by stick:")
    for side in day.sides:
        press(side, "incident-done", incident, step="return", time="now")
    meeting = press(pk, "send-proposal", **_proposal(pk, incident))
    holds = both_ways(day.cast, day.folder, day.console)
    press(af, "agree-meeting", meeting, of=name(meeting), choice="0", ours_post0=POST, ours_number0="3")
    holds &= both_ways(day.cast, day.folder, day.console)
    holds &= _done(day, incident, "return")
    holds &= alike(day.sides, _meeting(meeting), "agreed")
    day.nodes.start("pk")
    return meeting, check(day.console, "af agreed by stick to place and time: both say so.", holds=holds)


def _proposal(actor: Actor, incident: Key) -> dict[str, str]:
    """Return what is typed to propose a meeting tomorrow about the incident."""
    people = {"ours_post0": POST, "ours_number0": "2", "theirs_post0": POST, "theirs_number0": "3"}
    when = {"place0": SHOTS_AT, "country0": "AF", "begins0": typed_time(actor, days=1), "minutes": "60"}
    about = {"level": "sector", "topic0": "fire", "topic1": "works", "linked": name(incident)}
    return people | when | about | {"works2": "on", "works3": "on"} | EXERCISE


def _minutes(day: Day, incident: Key, meeting: Key) -> bool:
    """Write the minutes of the meeting, and let both sign them with a number of their own registry."""
    pk, _ = day.sides
    fact(day.console, "An exercise does not wait for tomorrow: they meet at once, as the minutes say.")
    took = {"began": typed_time(pk, minutes=-2), "ended": typed_time(pk, minutes=-1)}
    where = {"place": SHOTS_AT, "country": "AF", "chair": "af", "ours_post0": POST, "ours_number0": "2"}
    items = {"topic0": "fire", "outcome0": "agreed", "topic1": "works", "outcome1": "postponed"}
    task = {"what0": "joint-visit", "whose0": "both", "by0": typed_time(pk, days=7)}
    minutes = press(pk, "propose-minutes", meeting, **took, **where, **items, **task)
    for side, number in zip(day.sides, ("TKM/7-26", "NGR/41-5"), strict=True):
        alike([side], lambda turn: bool(_versions(turn, meeting)), wanted=True)
        (version,) = seen(side, lambda turn: _versions(turn, meeting))
        press(side, "sign-minutes", meeting, of=name(minutes), digest=version.digest, number=number)
    holds = alike(day.sides, _meeting(meeting), "held")
    holds = check(day.console, "Minutes signed by both, each with its own registry's number.", holds=holds)
    return holds & _steps(day, incident, ("meeting",))


def _statement(day: Day, incident: Key) -> bool:
    """Propose a joint statement of the book's sentences, and sign exactly that."""
    pk, af = day.sides
    said = {"joint.ceased": (typed_time(pk),), "joint.met": (SHOTS_AT, typed_time(pk)), "joint.differ-began": ()}
    typed = dict[str, str]()
    for row in reversed(stating.rows()):  # a sentence that may stand several times stands in its first row
        if row.entry.id in said:
            typed |= {f"use{row.number}": "on"}
            typed |= {f"slot{row.first + gap}": text for gap, text in enumerate(said.pop(row.entry.id))}
    text = press(pk, "statement-propose", incident, **typed)
    holds = _both(day, incident, lambda matter: bool(matter.versions))
    (version,) = _matter(af, incident).versions
    press(af, "statement-sign", incident, text=name(text), digest=version.digest)
    holds &= _both(day, incident, lambda matter: set(matter.versions[0].signed) == {"pk", "af"})
    return check(day.console, "One joint statement, in four languages, signed by both.", holds=holds)


# --- what a node says -------------------------------------------------------------------------------------------------


def _matter(actor: Actor, incident: Key) -> Matter:
    return seen(actor, lambda turn: matters.require(turn, *incident))


def _both(day: Day, incident: Key, holds: Callable[[Matter], bool]) -> bool:
    """Wait until this holds of the incident at both nodes."""

    def says(turn: Turn) -> bool:
        found = matters.one(turn, *incident)
        return found is not None and holds(found)

    return alike(day.sides, says, wanted=True)


def _facts(turn: Turn, meeting: Key) -> Facts | None:
    return known.one(turn, *meeting)


def _versions(turn: Turn, meeting: Key) -> tuple[Any, ...]:
    facts = _facts(turn, meeting)
    return tuple(meetings.versions(facts)) if facts else ()


def _meeting(meeting: Key) -> Callable[[Turn], object]:
    def says(turn: Turn) -> object:
        facts = _facts(turn, meeting)
        return facts and meetings.state(facts, turn.now)

    return says
