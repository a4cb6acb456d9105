"""What records are called on lists and pages, in the officer's language.

Law: a kind makes a title once, in English (`Kind.title`). One that is a sentence of its workspace's is recognised by
its pattern, as errors are (`said.py`), and said anew, with codes and moments in it; any other stands as it was
written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from markupsafe import Markup, escape

from amanat.console.beside import Both
from amanat.console.languages import catalogue
from amanat.console.moments import Moments
from amanat.console.said import filled_in, in_order, pattern
from amanat.console.words import words
from amanat.exchange.means import Turn
from amanat.party.lexicon import Language, name
from amanat.workspace import Book
from amanat.workspaces import find

_APART: Final = Markup("<bdi>{}</bdi>")
_ELSE: Final = Markup("…")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_KEY: Final = re.compile(r"[a-z]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence that a title may be: how it is recognised, its English, and what it is in a language."""

    known: re.Pattern[str]
    english: str
    own: str
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Titles:
    """How a page calls records: in a language, with moments as it writes them and hotlines as compacts call them."""

    moments: Moments
    hotlines: Mapping[str, str]

    def __call__(self, kind: str, title: str) -> Both:
        """Return what a record of a kind is called, of which the list says `title`."""
        of, language = kind.partition("/")[0], self.moments.language
        for each in _sentences(of, language):
            match = each.known.fullmatch(title)
            if match:
                filled = {hole: self._filled(of, hole, value) for hole, value in match.groupdict().items()}
                own = filled_in(each.own, {hole: _APART.format(both.words) for hole, both in filled.items()})
                english = filled_in(each.english, {hole: both.english for hole, both in filled.items()})
                return Both(own, english, each.reviewed and all(both.reviewed for both in filled.values()))
        return Both(_APART.format(title), _ELSE, reviewed=True)

    def _filled(self, kind: str, hole: str, value: str) -> Both:
        """Return what stands in a hole: another sentence, a moment, a name, a word of a closed list, or as it is."""
        if hole == "phrase":
            return self(kind, value)
        if _MOMENT.fullmatch(value):
            return self.moments.moment(value)
        if _DAY.fullmatch(value):
            return self.moments.day(value)
        if hole == "hotline":
            value = self.hotlines.get(value, value)
        language = self.moments.language
        return Both(escape(self._called(hole, value, language)), escape(self._called(hole, value, "en")), reviewed=True)

    def _called(self, hole: str, value: str, language: Language) -> str:
        if _KEY.fullmatch(value):
            own = name(self.moments.lexicon, value, language) if self.moments.lexicon else value
            named = (book.named(value) for book in _books())
            return own if own != value else next((each for each in named if each), value)
        return catalogue(language).said(words(hole).get(value, value))


def titles(turn: Turn, moments: Moments) -> Titles:
    """Return how a page calls records."""
    of = (compact.terms.hotlines.items() for compact in turn.known.compacts.values())
    return Titles(moments, {code: hotline.title for each in of for code, hotline in each})


def _books() -> tuple[Book, ...]:
    return tuple(each.book for each in find() if each.book is not None)


@cache
def _sentences(kind: str, language: Language) -> tuple[_Sentence, ...]:
    """Return the sentences that titles of a kind may be, in the order in which they are tried."""
    held = catalogue(language)
    found = {
        english: (held.said(english), english not in held.unreviewed)
        for code, english in words("title").items()
        if code.partition(" ")[0] == kind
    }
    for book in _books():
        if book.kind == kind:
            found |= {each["en"]: (each[language], language in book.reviewed) for each in book.sentences()}
    return tuple(_Sentence(pattern(each), each, *found[each]) for each in in_order(found))
