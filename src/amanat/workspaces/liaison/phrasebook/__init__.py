"""The phrasebook: what can be said on a hotline without an interpreter, by id, in four languages.

Law: an id never changes what it means (`frozen.txt`, and a test), since what was signed under it was signed with that
meaning. Texts of a language that no native speaker has reviewed stand beside the English.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal, cast, get_args

from stdnum.iso7064 import mod_11_10

from amanat.party.folding import folded
from amanat.party.lexicon import Language

SlotType = Literal[
    "place.event",
    "place.group",
    "time",
    "count",
    "minutes",
    "metres",
    "size",
    "direction",
    "arms",
    "works",
    "phone",
]
PLACES: Final = frozenset(("place.event", "place.group"))
NUMBERS: Final = frozenset(("count", "minutes", "metres"))
READ_BACK: Final = PLACES | NUMBERS | {"time"}
"""What of a dangerous phrase is to be read back: place, time and numbers."""

LISTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "size": ("team", "section", "platoon", "company", "battalion", "brigade", "larger"),
        "direction": (
            "north",
            "north-east",
            "east",
            "south-east",
            "south",
            "south-west",
            "west",
            "north-west",
        ),
        "arms": ("small-arms", "machine-gun", "mortar", "rocket", "artillery", "tank", "drone", "aircraft"),
        "works": ("post", "gate", "fence", "bunker", "trench", "road", "wall", "clearing"),
    }
)
"""Slot type → the codes that may stand there."""

REVIEWED: Final[frozenset[Language]] = frozenset(("en",))
"""Languages of which a native speaker has read every phrase."""

ENDS: Final = "talk.end"
TEST: Final = "talk.test"
TEST_ANSWERED: Final = "talk.test-answered"
WITHDRAWS: Final = "talk.withdraw"

_LANGUAGES: Final[Mapping[Language, str]] = MappingProxyType({"en": "en", "fa-AF": "fa_AF", "ps": "ps", "ur": "ur"})
_HOLE: Final = re.compile(r"(\{[a-z_0-9]+\})")


@dataclass(frozen=True, slots=True)
class Entry:
    """A phrase: `number` is what one says on the telephone, `slots` its places by name and type, in reading order.

    A `danger` is a phrase whose place, time and numbers its receiver types again. `answers` are the usual ones.
    """

    id: str
    number: int
    urgency: str
    danger: bool
    slots: Mapping[str, SlotType]
    answers: tuple[str, ...]
    texts: Mapping[Language, str]

    @property
    def group(self) -> str:
        """The heading that it stands under."""
        return self.id.partition(".")[0]

    @property
    def card(self) -> str:
        """Its number with a check digit (ISO/IEC 7064, MOD 11,10), as a printed card has it: "101-1"."""
        return f"{self.number}-{mod_11_10.calc_check_digit(str(self.number))}"

    @property
    def read_back(self) -> tuple[str, ...]:
        """The slots that its receiver types again; none where it is no danger."""
        return tuple(name for name, type_ in self.slots.items() if self.danger and type_ in READ_BACK)


@dataclass(frozen=True, slots=True)
class Book:
    """All phrases by id in the order of the book, and what its groups are called."""

    entries: Mapping[str, Entry]
    groups: Mapping[str, Mapping[Language, str]]


@cache
def edition() -> str:
    """Return what tells this text of the book from any other: the beginning of its SHA-256, in hex."""
    return hashlib.sha256(_source()).hexdigest()[:16]


@cache
def book() -> Book:
    """Read the phrasebook."""
    read = tomllib.loads(_source().decode())
    groups = {group: _texts(table) for group, table in read.items()}
    phrases = {
        f"{group}.{key}": table
        for group, within in read.items()
        for key, table in within.items()
        if isinstance(table, dict)
    }
    return Book({id_: _entry(id_, table) for id_, table in phrases.items()}, groups)


def entry(id_: str) -> Entry | None:
    """Return a phrase by its id, None where this book has none."""
    return book().entries.get(id_)


def by_card(typed: str) -> Entry | None:
    """Return the phrase of a card's number, None where the check digit does not fit, or there is none such."""
    digits = "".join(str(int(each)) for each in typed if each.isdecimal())
    if not mod_11_10.is_valid(digits):
        return None
    return next((each for each in book().entries.values() if each.number == int(digits[:-1])), None)


def pieces(each: Entry, language: Language) -> Iterator[tuple[str, bool]]:
    """Yield the text of a phrase in pieces, each with whether it is the name of a slot."""
    for piece in _HOLE.split(each.texts[language]):
        if piece:
            yield (piece[1:-1], True) if _HOLE.fullmatch(piece) else (piece, False)


def plain(each: Entry, language: Language) -> str:
    """Return the text of a phrase with an ellipsis for each slot, as a list shows it."""
    return _HOLE.sub("…", each.texts[language])


def find(words: str) -> list[Entry]:
    """Return the phrases that hold each of these words, in any one of the languages, or in their number or id.

    First those in which a word stands at the beginning of one; all of them for no words.
    """
    sought = folded(words).split()
    ranked = [(rank, each) for each in book().entries.values() if (rank := _rank(each, sought)) is not None]
    return [each for _, each in sorted(ranked, key=lambda pair: pair[0])]


def meaning(each: Entry) -> str:
    """Return the SHA-256, in hex, of what a phrase means: English text, slots, and whether it is a danger."""
    slots = " ".join(f"{name}:{type_}" for name, type_ in sorted(each.slots.items()))
    said = "\n".join((each.id, str(each.number), str(each.danger), slots, each.texts["en"]))
    return hashlib.sha256(said.encode()).hexdigest()


def _rank(each: Entry, sought: Iterable[str]) -> int | None:
    """Return 0 where each word begins one of a text, 1 where it is within one, None where a word is in none."""
    best: int | None = None
    for text in (*searched(each.id).values(), f"{each.number} {each.card} {each.id} {each.id.replace('.', ' ')}"):
        if all(word in text for word in sought):
            rank = int(not all(f" {word}" in f" {text}" for word in sought))
            best = rank if best is None else min(best, rank)
    return best


@cache
def searched(id_: str) -> Mapping[Language, str]:
    """Return the texts of a phrase, folded, without its slots: in which words are looked for."""
    return {language: folded(_HOLE.sub(" ", text)) for language, text in book().entries[id_].texts.items()}


def _source() -> bytes:
    return files(__package__).joinpath("phrases.toml").read_bytes()


def _entry(id_: str, table: Mapping[str, object]) -> Entry:
    types = cast("Mapping[str, SlotType]", table["slots"])
    texts = _texts(table)
    unknown = set(types.values()) - set(get_args(SlotType))
    if unknown:
        msg = f"{id_} has slots of types that there are not: {unknown}"
        raise ValueError(msg)
    order = [name for name, is_slot in _split(texts["en"]) if is_slot]
    return Entry(
        id_,
        cast("int", table["number"]),
        cast("str", table["urgency"]),
        cast("bool", table["danger"]),
        MappingProxyType({name: types[name] for name in order}),
        tuple(cast("list[str]", table["answers"])),
        texts,
    )


def _split(text: str) -> Iterator[tuple[str, bool]]:
    for piece in _HOLE.split(text):
        yield (piece[1:-1], True) if _HOLE.fullmatch(piece) else (piece, False)


def _texts(table: Mapping[str, object]) -> Mapping[Language, str]:
    return MappingProxyType({language: cast("str", table[key]) for language, key in _LANGUAGES.items()})
