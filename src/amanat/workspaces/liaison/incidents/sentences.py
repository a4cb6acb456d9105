"""The sentences of which joint statements are made, by id, in four languages.

Law: an id never changes what it means (`frozen.txt`, and a test), since what was signed under it was signed with that.
Only the English is reviewed by a native speaker; a page of another language shows it beside.
"""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.party.lexicon import Language
from amanat.workspaces.liaison import facts, phrasebook
from amanat.workspaces.liaison.kinds import Said
from amanat.workspaces.liaison.phrasebook import Entry

_LANGUAGES: Final[Mapping[Language, str]] = MappingProxyType({"en": "en", "fa-AF": "fa_AF", "ps": "ps", "ur": "ur"})


@cache
def book() -> Mapping[str, Entry]:
    """Return all sentences by id, in the order of the book."""
    return MappingProxyType(
        {
            f"joint.{name}": Entry(
                id=f"joint.{name}",
                number=number,
                urgency="routine",
                danger=False,
                slots=MappingProxyType(table["slots"]),
                answers=(),
                texts=MappingProxyType({language: table[key] for language, key in _LANGUAGES.items()}),
            )
            for number, (name, table) in enumerate(_source().items(), 1)
        }
    )


@cache
def times(id_: str) -> int:
    """Return how often a sentence may stand in one text."""
    return int(_source()[id_.partition(".")[2]]["times"])


def entry(id_: str) -> Entry | None:
    """Return a sentence by its id, None where this book has none."""
    return book().get(id_)


def require_fits(said: Iterable[Said]) -> None:
    """Raise `Invalid` where a text has a sentence that the book has not, one too often, or slots that do not fit it."""
    found = tuple(said)
    for each in found:
        known = entry(each.phrase)
        if known is None:
            raise Invalid(
                "liaison.sentence",
                f"The book of joint statements here has no {each.phrase[:80]}.",
                "A newer sentence needs a newer version of Amanat; say it with another.",
            )
        facts.require_slots(known, tuple(known.slots), each.slots)
    for id_, count in Counter(each.phrase for each in found).items():
        if count > times(id_):
            raise Invalid(
                "liaison.sentence-often", f"The sentence {id_} stands too often.", f"At most {times(id_)} of it."
            )


def meaning(each: Entry) -> str:
    """Return the SHA-256, in hex, of what a sentence means."""
    return phrasebook.meaning(each)


def wording(said: Iterable[Said]) -> str:
    """Return the SHA-256, in hex, of how this book words some sentences, in their order, in every language."""
    texts = [dict(known.texts) for each in said if (known := entry(each.phrase)) is not None]
    return hashlib.sha256(canonical.encode(texts)).hexdigest()


@cache
def _source() -> Mapping[str, Mapping[str, Any]]:
    read = tomllib.loads(files(__package__).joinpath("sentences.toml").read_text("utf-8"))
    return MappingProxyType(read["joint"])
