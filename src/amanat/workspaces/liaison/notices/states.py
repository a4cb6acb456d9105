"""States by their names, as officers type and read them; bodies have their codes (ISO 3166-1 alpha-2).

Law: a name is CLDR's in any of the four languages, or the code itself. It says nothing of whom a party recognises.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from babel import Locale

from amanat.party.errors import Invalid
from amanat.party.lexicon import Language
from amanat.workspaces.liaison.gazetteer import sought

_LOCALES: Final[Mapping[Language, str]] = MappingProxyType({"en": "en_GB", "fa-AF": "fa_AF", "ps": "ps", "ur": "ur"})
_BETWEEN: Final = re.compile("[,;،؛]")
_NONE: Final = frozenset(("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"))
"""What CLDR names by two letters, and is no state."""


def named(code: str, language: Language) -> str:
    """Return what a state is called in a language; its code where it has no name."""
    return _names(language).get(code, code)


def typed(codes: Iterable[str]) -> str:
    """Return what is typed for some states, so that `read` returns them."""
    return ", ".join(named(each, "en") for each in codes)


def read(text: str) -> list[str]:
    """Return the codes of the states that were typed, with commas between, sorted. Raises `Invalid`."""
    return sorted({_code(each.strip()) for each in _BETWEEN.split(text) if each.strip()})


def _code(text: str) -> str:
    found = _codes().get(sought(text))
    if found is None:
        raise Invalid(
            "liaison.notice-state",
            f"{text[:48]!r} is the name of no state.",
            "Type names as they are usually written, with commas between, like Pakistan, China.",
        )
    return found


@cache
def _names(language: Language) -> Mapping[str, str]:
    territories = Locale.parse(_LOCALES[language]).territories
    return {code: name for code, name in territories.items() if re.fullmatch("[A-Z]{2}", code) and code not in _NONE}


@cache
def _codes() -> Mapping[str, str]:
    """Return the code of each name, and of each code."""
    found = {sought(name): code for language in _LOCALES for code, name in _names(language).items()}
    return found | {sought(code): code for code in _names("en")}
