"""The hotline in the story: test calls at an agreed hour, then a question about works near the line, and its answer.

Law: what an officer does here is done by the deeds that the pages do; times, posts and phrases are an exercise.
"""

from collections.abc import Sequence

from rich.console import Console

from amanat.demo.cast import Actor, Cast
from amanat.demo.forms import press, typed_time
from amanat.demo.nodes import eventually
from amanat.demo.screen import check, fact, heading
from amanat.exchange.means import look
from amanat.party.errors import Fault
from amanat.workspaces.liaison import calls, phrasebook, rules
from amanat.workspaces.liaison.calls import Line
from amanat.workspaces.liaison.rules import Facts

HOTLINE = "kurram"
WORKS_AT = "33.86, 70.05"
"""An invented trench near the line (exercise)."""


def hotline(cast: Cast, console: Console) -> bool:
    """Play the chapter; return whether all it claims held."""
    heading(console, "5", "The hotline: test calls, and a question about works")
    pk, af = cast["pk"], cast["af"]
    holds = _test_calls(cast, console)
    return holds & _question(pk, af, console)


def _test_calls(cast: Cast, console: Console) -> bool:
    """Let a node ring by itself, for an agreed hour has come, and the posts that are rung answer."""
    sides = [cast[code] for code in ("pk", "af")]
    lines = _lines(sides[0])
    rang = eventually(lambda: all(len(_tests(side)) == len(lines) for side in sides))
    rung = [each.rung for each in _tests(sides[0])]
    caller = next(iter({each.key.party for each in rung}), "")
    fact(console, f"The hour is one of those agreed for test calls: {caller}'s node rings by itself.")
    fact(console, f"Hotlines: {', '.join(sorted(line.terms.title for line in lines))}.")
    for each in rung:
        _answer(cast[each.to], (each.key.party, each.key.id))
    answers = [_answers(side, [(each.key.party, each.key.id) for each in rung]) for side in sides]
    seconds = max((took for took in answers[0] if took is not None), default=0.0)
    return check(
        console,
        f"Officers answer each, the last after {seconds:.0f} s; both sides count the same.",
        holds=rang and None not in answers[0] and answers[0] == answers[1],
    )


def _answer(there: Actor, key: tuple[str, str]) -> None:
    """Answer a test call at the post that it rings."""
    with look(there.means) as turn:
        post = min(calls.posts_rung(turn, _require(there, key)))
    press(there, "say", key, post=post, phrase=phrasebook.TEST_ANSWERED, slot0=typed_time(there))


def _lines(actor: Actor) -> tuple[Line, ...]:
    with look(actor.means) as turn:
        return calls.lines(turn)


def _tests(actor: Actor) -> list[Facts]:
    """Return the test calls that a side knows of."""
    with look(actor.means) as turn:
        return [each for each in calls.recent(turn) if each.rung.test]


def _answers(actor: Actor, keys: Sequence[tuple[str, str]]) -> list[float | None]:
    """Return after how many seconds each call was answered, as a side counts them once it heard of it."""

    def took(key: tuple[str, str]) -> float | None:
        facts = _require(actor, key)
        answered = rules.answered(facts)
        return (answered - facts.rung.at).total_seconds() if answered else None

    eventually(lambda: None not in map(took, keys))
    return [took(key) for key in keys]


def _question(pk: Actor, af: Actor, console: Console) -> bool:
    """Let pk ask about works, and af open, answer, and be understood."""
    rung = press(pk, "ring", hotline=HOTLINE, urgency="priority", exercise="on")
    eventually(lambda: _call(af, rung) is not None)
    press(af, "open", rung)
    eventually(lambda: _state(pk, rung) == "opened")
    _say(pk, rung, "works.explain", WORKS_AT, "trench", console=console)
    eventually(lambda: len(_require(af, rung).uttered) == 1)
    until = typed_time(af, days=2)
    _say(af, rung, "works.explained", WORKS_AT, until, "trench", console=console)
    eventually(lambda: len(_require(pk, rung).uttered) == 2)  # noqa: PLR2004 - question and answer
    _say(pk, rung, "talk.received", console=console)
    same = eventually(lambda: len(_require(af, rung).uttered) == 3)  # noqa: PLR2004 - and that it was received
    said = [[each.key for each in rules.in_order(_require(side, rung).uttered)] for side in (pk, af)]
    return check(console, "Both hold the same conversation, in the same order.", holds=same and said[0] == said[1])


def _say(actor: Actor, call: tuple[str, str], phrase: str, *values: str, console: Console) -> None:
    slots = {f"slot{number}": value for number, value in enumerate(values)}
    press(actor, "say", call, phrase=phrase, **slots)
    entry = phrasebook.entry(phrase)
    fact(console, f"{actor.code}: {phrasebook.plain(entry, 'en') if entry else phrase}")


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
