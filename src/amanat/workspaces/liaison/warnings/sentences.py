"""What warnings say to the public: a closed book of sentences in English, Urdu, Pashto and Dari (`sentences.toml`).

Law: a meaning never changes once it stands here, since records carry its code alone. Only English is reviewed: whoever
gives the others out reads them first, as the page says (`REVIEWED`).
"""

import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from functools import cache
from importlib.resources import files
from typing import Final

from amanat.party.lexicon import Language
from amanat.workspaces.liaison.warnings.kinds import Warned

Texts = Mapping[Language, str]
Named = Callable[[str, Language], str]
"""What a place is called in a language, by its key."""

LANGUAGES: Final[tuple[Language, ...]] = ("en", "ur", "ps", "fa-AF")
REVIEWED: Final[frozenset[Language]] = frozenset({"en"})
"""The languages of which a native speaker has read all."""

RIGHT_TO_LEFT: Final[frozenset[Language]] = frozenset({"ur", "ps", "fa-AF"})
_ISOLATED: Final = ("\u2068", "\u2069")  # of the Unicode bidirectional algorithm: what is between stands apart


@cache
def _book() -> Mapping[str, Mapping[str, Texts]]:
    with files(__package__).joinpath("sentences.toml").open("rb") as data:
        read = tomllib.load(data)
    return {
        group: {
            code: {language: texts[language.replace("-", "_")] for language in LANGUAGES} for code, texts in of.items()
        }
        for group, of in read.items()
    }


def event(danger: str) -> Texts:
    """Return what a danger is called, as short as a list needs it."""
    return _book()["event"][danger]


def instruction(code: str) -> Texts:
    """Return what one is to do."""
    return _book()["instruction"][code]


def cancelled(language: Language) -> str:
    """Return what is said of a warning that holds no more."""
    return _book()["besides"]["cancelled"][language]


def exercise(language: Language) -> str:
    """Return what stands before all that is no danger."""
    return _book()["besides"]["exercise"][language]


def headline(body: Warned, named: Named, language: Language) -> str:
    """Return what a warning says first: what the danger is, and near which place."""
    return _book()["headline"][body.danger][language].format(place=_apart(named(body.near, language), language))


def when(body: Warned, zone: tzinfo, language: Language) -> str:
    """Return from when until when a warning holds, on the clock of whom it warns."""
    since, until = (_apart(_moment(each, zone), language) for each in (body.window.since, body.window.until))
    return _book()["besides"]["when"][language].format(since=since, until=until)


def instructions(body: Warned, language: Language) -> tuple[str, ...]:
    """Return what one is to do, a sentence each."""
    return tuple(instruction(each)[language] for each in body.instructions)


def _moment(at: datetime, zone: tzinfo) -> str:
    here = at.astimezone(zone)
    offset = f"{here:%z}"
    return f"{here:%Y-%m-%d %H:%M} (UTC{offset[:3]}:{offset[3:]})"


def _apart(value: str, language: Language) -> str:
    """Return what is filled in, set apart where the sentence runs the other way."""
    return value.join(_ISOLATED) if language in RIGHT_TO_LEFT else value
