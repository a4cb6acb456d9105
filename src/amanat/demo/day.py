"""The day at the line, in the story: works explained, a sight asked about, a patrol moved, a seal, a crosser asked.

Law: what an officer does here is done by the forms of the pages. All of it is an exercise, and nobody in it is real.
The observer's node is down the whole day: it sees nothing of it as it happens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from rich.console import Console

from amanat.demo.cast import Actor, Cast
from amanat.demo.forms import Key, alike, name, press, seen, typed_time
from amanat.demo.nodes import Nodes
from amanat.demo.screen import check, fact, heading
from amanat.demo.trial import POSTS
from amanat.exchange.means import Turn
from amanat.node import write_file
from amanat.officer.may import at_machine
from amanat.party.errors import Refused
from amanat.workspaces.liaison.clarifications import held as requests
from amanat.workspaces.liaison.clarifications import rules as clarifications
from amanat.workspaces.liaison.notices import forms, stories
from amanat.workspaces.liaison.notices import rules as notices
from amanat.workspaces.liaison.notices.pages import plan
from amanat.workspaces.liaison.sealed import rules as sealed
from amanat.workspaces.liaison.sealed import stories as under_seal
from amanat.workspaces.liaison.tracks import held
from amanat.workspaces.liaison.tracks import rules as tracks
from amanat.workspaces.liaison.warnings import files

WORKS = {"type": "works", "works": "trench", "purpose": "water", "country": "PK", "shape": "point", "metres": "200"}
WORKS_AT = "34.10000, 71.10000"
SIGHT = {"sight": "vehicles", "country": "PK", "shape": "point", "metres": "1000"}
PATROL = {"type": "patrol", "size": "section", "on": "foot", "purpose": "routine", "country": "AF"}
PATROL_AT = "34.10200, 71.09900"
SHOTS_AT = "34.12000, 71.09000"
ASKED = {"alone": "yes", "fears": "no", "language": "ps", "asked_at": "now"}
EXERCISE = {"exercise": "on"}


@dataclass(frozen=True, slots=True)
class Day:
    """Who plays the day, where its files are left, and where it is told."""

    cast: Cast
    nodes: Nodes
    folder: Path
    console: Console

    @property
    def sides(self) -> tuple[Actor, Actor]:
        """The two states, pk first."""
        return self.cast["pk"], self.cast["af"]


def morning(day: Day) -> bool:
    """Play the day until dusk, and the crosser; return whether all it claims held."""
    heading(day.console, "6", "The day at the line: works, a sight, a patrol, a seal, a crosser")
    day.nodes.stop("obs")
    fact(day.console, "The observer's node is down all day: nothing of it is seen there as it happens.")
    holds = _works(day)
    holds &= _seen(day)
    holds &= _patrol(day)
    return holds & _crosser(day)


def _works(day: Day) -> bool:
    """Give notice of works, question it, and answer."""
    pk, af = day.sides
    window = {"since": typed_time(pk, days=20), "until": typed_time(pk, days=20, hours=8)}
    works = press(pk, "give-notice", **WORKS, **window, places=WORKS_AT, **EXERCISE)
    fact(day.console, "pk gives notice of a trench for water near the line, in twenty days.")
    holds = _notice(day, works, "given")
    press(af, "acknowledge-notice", works)
    press(af, "ask-notice", works, about_purpose="on", about_duration="on")
    fact(day.console, "af acknowledges, which approves nothing, and asks what for and how long.")
    holds &= _notice(day, works, "asked")
    question = seen(pk, lambda turn: notices.questions(stories.one(turn, *works))[0].asked.key)  # type: ignore[arg-type]
    says = {"purpose_word": "as-noticed", "duration_word": "as-noticed", "duration_until": window["until"]}
    press(pk, "explain-notice", works, question=f"{question.party}:{question.id}", **says)
    holds &= _notice(day, works, "explained")
    press(af, "judge-notice", works, question=f"{question.party}:{question.id}", enough="yes")

    def enough(turn: Turn) -> bool:
        story = stories.one(turn, *works)
        return story is not None and any(each.judged and not each.lacking for each in notices.questions(story))

    told = "Questioned, explained in time, and enough for af: both nodes say so."
    return check(day.console, told, holds=holds & alike(day.sides, enough, wanted=True))


def _seen(day: Day) -> bool:
    """Ask about lorries that nobody gave notice of, and have an answer that is enough."""
    pk, af = day.sides
    window = {"since": typed_time(af, hours=-2), "until": typed_time(af, hours=-1)}
    asked = press(af, "clarification-ask", **SIGHT, **window, places=SHOTS_AT, **EXERCISE)
    fact(day.console, "af saw lorries that no notice told of, and asks: nobody is accused by that.")
    _request(day, asked, "asked")
    answer = press(pk, "clarification-act", asked, act="answered", word="ours", purpose="repair")
    _request(day, asked, "answered")
    press(af, "clarification-act", asked, act="judged", answer=name(answer), enough="yes")
    told = "Theirs, for repair; enough for af: both nodes say so."
    return check(day.console, told, holds=_request(day, asked, "enough"))


def _request(day: Day, key: Key, state: str) -> bool:
    """Wait until both nodes say this of a request for clarification."""

    def says(turn: Turn) -> object:
        found = requests.one(turn, *key)
        return found and clarifications.standing(found, turn.now).state

    return alike(day.sides, says, state)


def _notice(day: Day, key: Key, state: str) -> bool:
    """Wait until both nodes say this of a notice."""

    def says(turn: Turn) -> object:
        story = stories.one(turn, *key)
        return story and notices.state(story, turn.now)

    return alike(day.sides, says, state)


def _patrol(day: Day) -> bool:
    """Hold a patrol against what was told of, move it by what the node proposes, and give notice of it."""
    _, af = day.sides
    window = {"since": typed_time(af, days=20, hours=1), "until": typed_time(af, days=20, hours=3)}
    planned = PATROL | window | {"shape": "point", "places": PATROL_AT, "metres": "200"} | EXERCISE
    met = _held_against(af, planned)
    rules = ", ".join(each.verdict.clause for each in met["preview"].met)
    fact(day.console, f"af plans a patrol: in conflict with those works, by clause {rules}.")
    moved = next(each for each in met["offered"] if each.what in ("later", "earlier", "route"))
    fact(day.console, "One press moves it as its node proposes; its exact plan stays at home (floor 6).")
    proposed = dict(parse_qsl(urlsplit(moved.path).query))
    clear = _held_against(af, proposed)["preview"].level
    patrol = press(af, "give-notice", **{each: text for each, text in proposed.items() if each != "check"}, coarse="on")
    told = "In conflict, then clear, and told of to no better than 10 km."
    holds = met["preview"].level == "conflict" and clear == "clear" and _notice(day, patrol, "given")
    return check(day.console, told, holds=holds)


def _held_against(actor: Actor, typed: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what the page of planning shows of what was typed."""
    query = msgspec.convert({**typed, "check": "on"}, forms.Typed)
    return seen(actor, lambda turn: plan.context(turn, at_machine(POSTS[actor.code]), query))


def seal(day: Day) -> Key:
    """Seal a notice of works that are under way; its node opens it at its time, or when something happens there."""
    pk, _ = day.sides
    window = {"since": typed_time(pk, minutes=-5), "until": typed_time(pk, hours=6)}
    opens = typed_time(pk, seconds=75)  # whole minutes are typed: this is a quarter of a minute from now, or more
    key = press(pk, "seal-notice", **WORKS, **window, places=SHOTS_AT, opens=opens, **EXERCISE)
    fact(day.console, "pk seals a notice of other works: for now af holds a salted digest of it alone.")
    return key


def unsealed(day: Day, key: Key) -> bool:
    """See that the sealed notice was opened by its node, and fits what was told."""

    def says(turn: Turn) -> bool:
        found = under_seal.one(turn, *key)
        return found is not None and sealed.state(found.story, turn.now) in ("in-time", "on-incident")

    told = "pk's node opened by itself what was sealed; it fits the digest that af held."
    return check(day.console, told, holds=alike(day.sides, says, wanted=True))


def warning(day: Day) -> bool:
    """Warn the public, and leave the warning as a file that a broadcaster takes as it is."""
    _, af = day.sides
    shape = {"shape": "point", "places": SHOTS_AT, "metres": "4000"}
    typed = shape | {"event": "shelling", "near": "Torkham (AF)", "since": "now", "until": typed_time(af, hours=6)}
    key = press(af, "warn-public", **typed, keep_away="on", shelter="on", **EXERCISE)
    alert = seen(af, lambda turn: files.xml(turn, at_machine(POSTS["af"]), files.Message(*key)))
    path = day.folder / "warning.xml"
    write_file(path, alert)
    told = f"af warns its public; as CAP 1.2 in {path.parent.name}/{path.name}, marked exercise."
    return check(day.console, told, holds=b"<status>Exercise</status>" in alert)


def _crosser(day: Day) -> bool:
    """Ask a crosser first, alone and in their language, and only then hand back."""
    pk, af = day.sides
    asked = ASKED | {"asked_at": typed_time(af, minutes=-20)}
    offer = {"type": "offered", "who": "adult", "count": "1", "near": SHOTS_AT} | asked | EXERCISE
    fact(day.console, "A herder (invented) crossed to af by mistake. Not asked alone, nobody is offered:")
    holds = check(day.console, _refused(af, offer | {"alone": "no"}) or "it was sent", holds=not _any_track(af))
    track = press(af, "track-open", **offer)
    fact(day.console, "Asked alone, in Pashto, without fear: offered, a place agreed, asked again, handed back.")
    holds &= _track(day, track, "open")
    window = {"since": typed_time(pk), "until": typed_time(pk, hours=2)}
    proposed = press(pk, "track-step", track, step="proposed", place="Torkham (AF)", **window)
    _waits(af, track, "agreed")
    press(af, "track-step", track, step="agreed", of=name(proposed))
    press(af, "track-step", track, step="handed", count="1", **ASKED)
    _waits(pk, track, "received")
    press(pk, "track-step", track, step="received", count="1")
    _track(day, track, "done")
    for side in day.sides:
        press(side, "track-step", track, step="closed")
    told = "Handed over by one, received by the other, closed by both; nobody is named."
    return check(day.console, told, holds=holds & _track(day, track, "closed"))


def _refused(actor: Actor, offer: Mapping[str, str]) -> str:
    """Try to offer somebody who was not asked so; return by what it was refused, "" where it was sent."""
    try:
        press(actor, "track-open", **offer)
    except Refused as problem:
        return f"Refused by {problem.by}, and nothing was sent."
    return ""


def _any_track(actor: Actor) -> bool:
    return bool(seen(actor, held.recent))


def _track(day: Day, key: Key, state: str) -> bool:
    """Wait until both nodes say this of a track."""

    def says(turn: Turn) -> object:
        track = held.one(turn, *key)
        return track and tracks.standing(track, turn.now).state

    return alike(day.sides, says, state)


def _waits(actor: Actor, key: Key, step: str) -> bool:
    """Wait until this step of a track is to be made next, as a party's node says."""

    def says(turn: Turn) -> bool:
        track = held.one(turn, *key)
        return track is not None and step in {each.code for each in tracks.standing(track, turn.now).waits}

    return alike([actor], says, wanted=True)
