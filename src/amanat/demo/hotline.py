"""The hotline in the story: a morning test call, then a question about works near the line, and its answer.

Law: what an officer does here is done by the deeds that the pages do; times, posts and phrases are an exercise.
"""

from collections.abc import Callable
from datetime import timedelta

from rich.console import Console

from amanat.demo.cast import Actor, Cast
from amanat.demo.nodes import eventually
from amanat.demo.screen import check, fact, heading
from amanat.demo.trial import POSTS
from amanat.exchange import doing
from amanat.exchange.drafting import drafted
from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn, begin, look
from amanat.exchange.send import send_in
from amanat.officer.may import Act, at_machine
from amanat.officer.may import Actor as Officer
from amanat.party.errors import Fault
from amanat.record.record import Post
from amanat.workspace import Sent
from amanat.workspaces.liaison import calls, composing, deeds, phrasebook, rules
from amanat.workspaces.liaison.deeds import Opening, Ringing, Saying
from amanat.workspaces.liaison.rules import Facts

HOTLINE = "kurram"
WORKS_AT = "33.86, 70.05"
"""An invented trench near the line (exercise)."""


def hotline(cast: Cast, console: Console) -> bool:
    """Play the chapter; return whether all it claims held."""
    heading(console, "5", "The hotline: a test call, and a question about works")
    pk, af = cast["pk"], cast["af"]
    holds = _test_call(pk, af, console)
    return holds & _question(pk, af, console)


def _test_call(pk: Actor, af: Actor, console: Console) -> bool:
    """Let pk's node ring as it does at the agreed hours, and af's duty officer answer."""
    with begin(pk.means) as turn:
        asked = composing.ring(turn, composing.require_line(turn, HOTLINE), "routine", test=True, exercise=True)
        (rung,) = send_in(turn, [drafted(turn, asked)], Post("pk", "node"))
    key = rung.record.key
    fact(console, "pk's node rings, as it does at agreed hours.")
    rang = eventually(lambda: _call(af, key) is not None)
    time = _here(af)
    answer = phrasebook.TEST_ANSWERED
    _do(af, "record.send", lambda turn, by: deeds.say(turn, by, Saying(*key, phrase=answer, slot0=time)))
    told = eventually(lambda: _state(pk, key) == "answered")
    facts = _require(pk, key)
    answered = rules.answered(facts)
    seconds = (answered - facts.rung.at).total_seconds() if answered else 0.0
    return check(
        console, f"An officer of af answers; both count the same {seconds:.0f} s.", holds=rang and told
    ) & check(console, "Rung, delivered, opened, answered: each is somebody's signature.", holds=facts.delivered)


def _question(pk: Actor, af: Actor, console: Console) -> bool:
    """Let pk ask about works, and af open, answer, and be understood."""
    rung = _do(pk, "record.send", lambda turn, by: deeds.ring(turn, by, Ringing(HOTLINE, "priority", "on")))
    eventually(lambda: _call(af, rung) is not None)
    _do(af, "record.acknowledge", lambda turn, by: deeds.open_call(turn, by, Opening(*rung)))
    eventually(lambda: _state(pk, rung) == "opened")
    _say(pk, rung, "works.explain", WORKS_AT, "trench", console=console)
    eventually(lambda: len(_require(af, rung).uttered) == 1)
    until = _here(af, days=2)
    _say(af, rung, "works.explained", WORKS_AT, until, "trench", console=console)
    eventually(lambda: len(_require(pk, rung).uttered) == 2)  # noqa: PLR2004 - question and answer
    _say(pk, rung, "talk.received", console=console)
    same = eventually(lambda: len(_require(af, rung).uttered) == 3)  # noqa: PLR2004 - and that it was received
    said = [[each.key for each in rules.in_order(_require(side, rung).uttered)] for side in (pk, af)]
    return check(console, "Both hold the same conversation, in the same order.", holds=same and said[0] == said[1])


def _here(actor: Actor, days: int = 0) -> str:
    """Return a time so many days on, as an officer of that party types it: in the own zone."""
    with look(actor.means) as turn:
        return f"{(turn.now + timedelta(days=days)).astimezone(own_zone(turn)):%Y-%m-%d %H:%M}"


def _say(actor: Actor, call: tuple[str, str], phrase: str, *values: str, console: Console) -> None:
    slots = {f"slot{number}": value for number, value in enumerate(values)}
    _do(actor, "record.send", lambda turn, by: deeds.say(turn, by, Saying(*call, phrase=phrase, **slots)))
    entry = phrasebook.entry(phrase)
    fact(console, f"{actor.code}: {phrasebook.plain(entry, 'en') if entry else phrase}")


def _do(actor: Actor, act: Act, does: Callable[[Turn, Officer], Sent]) -> tuple[str, str]:
    """Do a deed as the duty officer; return the name of what was sent, if anything was."""
    by = at_machine(POSTS[actor.code])
    _, done = doing.do(actor.means, by, act, lambda turn: does(turn, by))
    return done[0].record.key if done else ("", "")


def _call(actor: Actor, key: tuple[str, str]) -> Facts | None:
    with look(actor.means) as turn:
        return calls.one(turn, *key)


def _require(actor: Actor, key: tuple[str, str]) -> Facts:
    found = _call(actor, key)
    if found is None:
        raise Fault("demo.call", f"The call {key[1]} is not at {actor.code}.", "Read node.log of both.")
    return found


def _state(actor: Actor, key: tuple[str, str]) -> str:
    found = _call(actor, key)
    return "" if found is None else rules.state(found, actor.means.now())
