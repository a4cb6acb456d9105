"""What the layers below say in English, put into a language: errors, steps of a record's way, rules of handling.

Law: those layers know nothing of languages and make whole English sentences. Each catalogue says of a sentence where
it comes from, with a name in braces for what is filled in; a sentence is recognised by that, its words are
translated, and what was filled in stands as it stood. What is not recognised is shown in English as it is
(docs/decisions/0041-errors-are-recognised-by-their-pattern.md).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from markupsafe import Markup, escape

from amanat.console.beside import Both
from amanat.console.languages import Catalogue, catalogue
from amanat.console.words import FILLED, WORDS
from amanat.log.malformed import Malformed
from amanat.party.errors import Problem
from amanat.party.lexicon import Language

ANY: Final = "error *"
"""The place of sentences that are built for whoever hands in the code."""

_HOLE: Final = re.compile(r"(\{\{|\}\}|\{[a-z_][a-z0-9_]*\})")
_CODES: Final = re.compile(r"[a-z0-9./:-]+(?:, [a-z0-9./:-]+)* (?:and|or) [a-z0-9./:-]+")
_JOIN: Final = re.compile(r" (and|or) ")
_DEEPEST: Final = 4


def says(error: Problem | Malformed, code: Language) -> Both:
    """Return what an error says, in a language."""
    return sentence(f"error {error.code}", error.says, code)


def mend(error: Problem | Malformed, code: Language) -> Both:
    """Return what to do about an error, in a language."""
    return sentence(f"error {error.code}", error.mend, code)


def sentence(place: str, english: str, code: Language) -> Both:
    """Return a sentence that was made at a place ("error store.busy", "step", "handling"), in a language."""
    said = None if code == "en" else _put(catalogue(code), code, place, english, 0)
    if said is None:
        apart = Markup("<bdi>{}</bdi>").format(english)
        return Both(apart, apart, reviewed=True)
    words, reviewed = said
    return Both(words, escape(english), reviewed)


def _put(held: Catalogue, code: Language, place: str, english: str, deep: int) -> tuple[Markup, bool] | None:
    """Return the words of a sentence, and whether they were reviewed; None for one that is not recognised."""
    for message, known in _patterns(code, place):
        match = known.fullmatch(english)
        if match:
            translated = held.said(message)
            reviewed = message not in held.unreviewed
            filled = {name: _filled(held, code, name, value, deep) for name, value in match.groupdict().items()}
            return filled_in(translated, filled), reviewed
    return None


def filled_in(translated: str, filled: Mapping[str, Markup]) -> Markup:
    """Return a sentence with what stands in its holes."""
    return Markup().join(_with(translated, filled))


def _with(translated: str, filled: Mapping[str, Markup]) -> Iterator[Markup]:
    for piece in _HOLE.split(translated):
        if piece in {"{{", "}}"}:
            yield escape(piece[0])
        elif _HOLE.fullmatch(piece):
            yield filled[piece[1:-1]]
        else:
            yield escape(piece)


def _filled(held: Catalogue, code: Language, name: str, value: str, deep: int) -> Markup:
    """Return what was filled in, apart from what stands around it; words of closed sets and parts are translated."""
    if name in FILLED and value in WORDS[FILLED[name]]:
        return Markup("<bdi>{}</bdi>").format(held.said(WORDS[FILLED[name]][value]))
    part = _put(held, code, "part", value, deep + 1) if deep < _DEEPEST else None
    if part is None and _CODES.fullmatch(value):
        value = _JOIN.sub(lambda match: f" {held.said(match[1])} ", value)
    return Markup("<bdi>{}</bdi>").format(value if part is None else part[0])


@cache
def _patterns(code: Language, place: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the messages of a place with how to recognise them, those with most words of their own first."""
    held = catalogue(code).places
    messages = (*held.get(place, ()), *(held.get(ANY, ()) if place.startswith("error ") else ()))
    return tuple((message, pattern(message)) for message in in_order(messages))


def in_order(messages: Iterable[str]) -> list[str]:
    """Return messages in the order in which they are tried: those with most words of their own first."""
    return sorted(dict.fromkeys(messages), key=lambda message: -len(_HOLE.sub("", message)))


def pattern(message: str) -> re.Pattern[str]:
    """Return how a message is recognised, with what is filled in by its name."""
    seen: set[str] = set()
    made = ""
    for piece in _HOLE.split(message):
        if piece in {"{{", "}}"}:
            made += re.escape(piece[0])
        elif _HOLE.fullmatch(piece):
            name = piece[1:-1]
            made += f"(?P={name})" if name in seen else f"(?P<{name}>.*?)"
            seen.add(name)
        else:
            made += re.escape(piece)
    return re.compile(made, re.DOTALL)
