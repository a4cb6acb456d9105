"""What an officer does in the story by a form of a page, and what a party's node then says of it.

Law: a form goes the way of every form: it is read as its fields have it, judged whole, and sent or refused.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

import msgspec

from amanat.demo.cast import Actor
from amanat.demo.nodes import eventually
from amanat.demo.trial import POSTS
from amanat.exchange import doing
from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn, look
from amanat.officer.may import at_machine
from amanat.workspaces.liaison import WORKSPACE

T = TypeVar("T")
Key = tuple[str, str]
"""What names a record: its party, and its id."""

_DEEDS = {each.name: each for each in WORKSPACE.deeds}


def press(actor: Actor, deed: str, about: Key | None = None, /, *, post: str = "", **typed: str) -> Key:
    """Fill in a form and press its button, at the duty officer's post or another; return the first record it sent.

    `about` is the matter whose page the form stands on. Where nothing was sent it is returned, else two empty words.
    """
    does, by = _DEEDS[deed], at_machine(post or POSTS[actor.code])
    named = dict(zip(("party", "id"), about, strict=True)) if about else {}
    fields = msgspec.convert(named | typed, does.fields)
    _, sent = doing.do(actor.means, by, does.act, lambda turn: does.does(turn, by, fields))
    return sent[0].record.key if sent else about or ("", "")


def typed_time(actor: Actor, **later: int) -> str:
    """Return a time so much later, as an officer of that party types it: in the own zone."""
    with look(actor.means) as turn:
        return f"{(turn.now + timedelta(**later)).astimezone(own_zone(turn)):%Y-%m-%d %H:%M}"


def name(key: Key) -> str:
    """Return how a form names a record."""
    return ":".join(key)


def seen(actor: Actor, says: Callable[[Turn], T]) -> T:
    """Return what a party's node says."""
    with look(actor.means) as turn:
        return says(turn)


def alike(actors: Iterable[Actor], says: Callable[[Turn], object], wanted: object) -> bool:
    """Wait until all these nodes say this; return whether they came to."""
    return eventually(lambda: all(seen(each, says) == wanted for each in actors))
