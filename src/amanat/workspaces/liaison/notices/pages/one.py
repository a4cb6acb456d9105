"""One notice: all that it says, the way it went, what it comes too near to, and what an officer does about it now.

Law: both sides and an observer are shown the same state of it; what is offered to be done is what a deed would take.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspace import Page
from amanat.workspaces.liaison import administered, calls, came, dealings, free_words, heads, links, places
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.ground.shapes import Corridor, Point, Shape
from amanat.workspaces.liaison.kinds import DECIMALS, Named
from amanat.workspaces.liaison.notices import besides, explaining, forms, giving, rules, shown, states, stories
from amanat.workspaces.liaison.notices.giving import Meets
from amanat.workspaces.liaison.notices.kinds import type_of
from amanat.workspaces.liaison.notices.pages import listed
from amanat.workspaces.liaison.notices.rules import Story
from amanat.workspaces.liaison.notices.views import activity


class Query(msgspec.Struct, frozen=True):
    """Which notice."""

    party: str
    id: str


DANGERS: Final[Mapping[str, str]] = {"blasting": "blasting", "firing": "firing-practice", "clearance": "clearance"}
"""Type of what is planned → what the public is warned of by it."""


@dataclass(frozen=True, slots=True)
class Went:
    """One thing that happened to a notice: what, by which post, when; `counts` is false where it changes nothing."""

    what: str
    key: Named
    post: str
    at: datetime
    body: Any
    counts: bool
    withdrawn: bool


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return what the page of a notice shows; hardly anything where it is not here."""
    story = stories.one(turn, query.party, query.id)
    if story is None:
        return {"story": None, "query": query}
    given, own = story.given, turn.means.party
    may_act = may(actor, "record.send") and own in (story.author, story.other)
    return {
        "story": story,
        "query": query,
        "own": own,
        "type": type_of(given.body),
        "shown": listed.of(turn, story),
        "stands": rules.stands(story, turn.now),
        "told_by": rules.told_by(given),
        "humanitarian": rules.humanitarian(given.body),
        "questions": rules.questions(story),
        "offers": rules.offers(story, turn.now),
        "acknowledged": rules.acknowledged(story),
        "passed": rules.passed(story),
        "lacks": rules.lacks(given.terms, given.body),
        "changed_by": rules.changed_by(story),
        "went": tuple(_went(story)),
        "state_named": states.named,
        "came": came.later(turn, (given, *story.steps)),
        "meets": _meets(turn, story),
        "fields": _fields(story),
        "hotlines": calls.titles(turn),
        "ours": may_act and own == story.author,
        "theirs": may_act and own == story.other,
        "warn": _warn(turn, story) if may_act and own == story.author else "",
        "clock": f"{turn.now.astimezone(own_zone(turn)):%H:%M}",
        "ended": rules.ended(story),
        "left": rules.built(story, turn.now) and rules.gone(story) is None,
        "ABOUT": explaining.ABOUT,
        "SAYS": explaining.WORDS,
        "about_input": explaining.about,
        "part_input": explaining.part,
        "purposes": explaining.purposes(type_of(given.body)),
        "drawn_as": drawn.typed(given.body.shape),
        "words": free_words.said_about(turn, actor, given.key),
        "links": links.naming(turn, given.key),
        "head": heads.of(turn, given.key, _on_map(turn, story)),
        "words_besides": free_words.about_steps(turn, actor, *(each.key for each in story.steps)),
        **_places(turn, story),
    }


def persons(turn: Turn, _actor: Actor, query: Query) -> Iterator[tuple[str, str]]:
    """Yield whom the page tells of by the free words about a notice and its steps."""
    story = stories.one(turn, query.party, query.id)
    if story is not None:
        yield from free_words.persons_of(turn, story.given.key, *(each.key for each in story.steps))


def _went(story: Story) -> Iterator[Went]:
    """Yield all that was said of it, in the order of its own time."""
    counting = {each.key for each in _counting(story)}
    said = [
        Went(
            str(each.body.__struct_config__.tag),
            each.key,
            each.post,
            each.at,
            each.body,
            each.key in counting,
            each.withdrawn,
        )
        for each in story.steps
    ]
    changed = rules.changed_by(story)
    said += [
        Went("changed", each.key, each.post, each.at, None, changed is not None, each.withdrawn)
        for each in story.changes
    ]
    yield from sorted(said, key=lambda each: (each.at, each.key))


def _counting(story: Story) -> Iterator[Any]:
    """Yield the steps that make it stand as it does, or say what was said of it."""
    ends = (rules.acknowledged(story), *rules.passed(story), rules.ended(story), rules.gone(story))
    yield from (each for each in ends if each is not None)
    for question in rules.questions(story):
        yield from (question.asked, *question.answers, *([question.judged] if question.judged else []))
    for offer in rules.offers(story, story.given.at):
        yield from (offer.offered, *([offer.answer] if offer.answer else []), *offer.words)


def _meets(turn: Turn, story: Story) -> Meets:
    """Return what of the other side's it comes too near to; nothing where it does not stand any more."""
    given = story.given
    dealing = dealings.under(turn, giving.KIND, given.compact)
    if dealing is None or not rules.stands(story, turn.now):
        return Meets((), cut=False)
    planned = activity(given.key.party, given.key.id, given.body, exercise=given.exercise)
    return giving.met(turn, dealing, planned, besides.stands(turn, planned))


def _on_map(turn: Turn, story: Story) -> str:
    """Return where a notice is on the map; "" of one that is on none, for it does not stand, or is over by its word."""
    given, window = story.given, story.given.body.window
    built = rules.built(story, turn.now)
    if rules.state(story, turn.now) in shown.GONE or (rules.ended(story) is not None and not built):
        return ""
    return heads.on_map(turn, shown.layer_of(given.body), given.key, (window.since, None if built else window.until))


def _warn(turn: Turn, story: Story) -> str:
    """Return where the public is warned of what a notice tells of, filled in; "" where it is no danger, or is over."""
    body = story.given.body
    danger = DANGERS.get(type_of(body))
    if danger is None or not rules.stands(story, turn.now):
        return ""
    times = {"since": body.window.since, "until": body.window.until}
    told = {name: drawn.typed_time(turn, at) for name, at in times.items()}
    exercise = {"exercise": "on"} if story.given.exercise else {}
    return "/liaison/warn?" + urlencode({"event": danger, **drawn.typed(body.shape), **told, **exercise})


def _fields(story: Story) -> tuple[tuple[forms.Field, Any], ...]:
    """Return the fields of its type of which it says something."""
    body = story.given.body
    held = ((each, getattr(body, each.name)) for each in forms.fields(type_of(body)))
    return tuple((each, value) for each, value in held if value not in (None, (), 0) or each.required)


def positions(shape: Shape) -> tuple[str, ...]:
    """Return the places of a shape, with the digits that each was given with."""
    along = (shape.at,) if isinstance(shape, Point) else shape.along if isinstance(shape, Corridor) else shape.ring
    return tuple(f"{_spelt(at.lat)}, {_spelt(at.lon)}" for at in along)


def _spelt(degrees: float) -> str:
    """Return degrees with as many decimals as they have, and one at least."""
    whole, _, rest = f"{degrees:.{DECIMALS}f}".partition(".")
    return f"{whole}.{rest.rstrip('0') or '0'}"


def _places(turn: Turn, story: Story) -> Mapping[str, Any]:
    names = places.known(turn)
    return {
        **administered.context(turn),
        "positions": positions(story.given.body.shape),
        "place_shown": lambda spot, language: places.shown(spot, names, language),
        "places_offered": lambda language: places.offered(names, language),
    }


PAGE: Final = Page("notice", "record.read", context, query=Query, persons=persons)
