"""Asking for an explanation, and giving one, thing by thing: what is chosen and typed on the page of a notice.

Law: a question and its answer are codes and numbers; words about them go on a hotline or as free words.
"""

from typing import Any, Final, get_args

import msgspec

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.workspaces.liaison import slots
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.notices import forms
from amanat.workspaces.liaison.notices.rules import Stepped
from amanat.workspaces.liaison.notices.steps import About, Explanation, Questioned, Word

ABOUT: Final[tuple[About, ...]] = get_args(About)
WORDS: Final[tuple[Word, ...]] = get_args(Word)
PARTS: Final = ("word", "purpose", "until", "metres", "count")
"""What may be said of one thing."""


def about(code: str) -> str:
    """Return the name of the input by which a thing is chosen."""
    return f"about_{code.replace('-', '_')}"


def part(code: str, of: str) -> str:
    """Return the name of the input for one part of what is said of a thing."""
    return f"{code.replace('-', '_')}_{of}"


Asking: Final = msgspec.defstruct(
    "Asking", [("party", str), ("id", str), *((about(each), str, "") for each in ABOUT)], frozen=True
)
"""Which notice is asked about, and what of it ("on")."""

Answer: Final = msgspec.defstruct(
    "Answer",
    [("party", str), ("id", str), ("question", str), *((part(each, of), str, "") for each in ABOUT for of in PARTS)],
    frozen=True,
)
"""Which question of which notice is answered ("PARTY:ID"), and what is said of each thing."""


def purposes(type_: str) -> tuple[str, ...]:
    """Return the purposes that a type of notice has."""
    return next((each.codes for each in forms.fields(type_) if each.name == "purpose"), ())


def read(turn: Turn, asked: Stepped, type_: str, typed: Any) -> tuple[Explanation, ...]:  # noqa: ANN401 - an `Answer`
    """Return what was typed of each thing that was asked. Raises `Invalid` where nothing was said of one."""
    assert isinstance(asked.body, Questioned)  # noqa: S101 - as `rules.questions` has it
    return tuple(_of(turn, each, type_, typed) for each in asked.body.about)


def _of(turn: Turn, code: About, type_: str, typed: Any) -> Explanation:  # noqa: ANN401 - as above
    word, purpose, until, metres, count = (getattr(typed, part(code, of)).strip() for of in PARTS)
    if word not in WORDS:
        raise Invalid("liaison.notice-word", f"Nothing is said of {code}.", "Choose what is so, of each thing asked.")
    if purpose and purpose not in purposes(type_):
        raise Invalid("liaison.notice-purpose", f"{purpose[:24]!r} is no purpose of this.", "Choose one of the list.")
    return Explanation(
        about=code,
        word=word,
        purpose=purpose or None,
        until=slots.time(until, own_zone(turn), turn.now) if until else None,
        metres=drawn.whole(metres, "metres") if metres else None,
        count=drawn.whole(count, "count") if count else None,
    )
