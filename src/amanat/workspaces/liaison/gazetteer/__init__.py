"""The places that officers name: where they are by the bundled file, what they are called by the party's own lexicon.

Law: a key is in signed records, so that it is never given to another place. Whose side of the line a place is on is
said by the file, and drawn from nothing.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from amanat.party.folding import folded
from amanat.party.lexicon import Language

PREFIX: Final = "place."
MOST_FOUND: Final = 12

Names = Mapping[str, Mapping[Language, str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A place: its `key` as a lexicon has it, WGS 84 degrees, known to within `metres`, and who administers it."""

    key: str
    lat: float
    lon: float
    metres: int
    country: str
    crossing: bool
    name: str


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The places of one party: `entries` by key, `own` names of its lexicon, and keys by every name as searched for."""

    entries: Mapping[str, Entry]
    own: Names = field(default_factory=dict)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def gazetteer(names: Names) -> Gazetteer:
    """Return the bundled places under the names that a party's lexicon gives them, beside those of the file."""
    entries = bundled()
    own = {key: names[key] for key in entries if key in names}
    keys: dict[str, tuple[str, ...]] = {}
    for key, entry in entries.items():
        every = (entry.name, key.removeprefix(PREFIX), _with_country(entry.name, entry), *own.get(key, {}).values())
        for each in sorted({sought(name) for name in every}):
            keys[each] = (*keys.get(each, ()), key)
    return Gazetteer(entries, own, keys)


@cache
def bundled() -> Mapping[str, Entry]:
    """Return the places of the file, by key."""
    with files(__name__).joinpath("places.csv").open(encoding="utf-8") as lines:
        rows = [
            Entry(
                key=PREFIX + row["key"],
                lat=float(row["lat"]),
                lon=float(row["lon"]),
                metres=int(row["metres"]),
                country=row["country"],
                crossing=row["what"] == "crossing",
                name=row["name"],
            )
            for row in csv.DictReader(lines)
        ]
    return {row.key: row for row in rows}


def named(key: str, names: Gazetteer, language: Language) -> str:
    """Return what the party calls a place in a language: by its lexicon, else by the file; "" for a key of neither."""
    own = names.own.get(key, {})
    entry = names.entries.get(key)
    return own.get(language) or own.get("en") or (entry.name if entry else "")


def choice(key: str, names: Gazetteer, language: Language) -> str:
    """Return what names one place and no other where it is typed: its name, that with its country, or its key."""
    name = named(key, names, language)
    entry = names.entries[key]
    for each in (name, _with_country(name, entry), _with_country(entry.name, entry)):
        if names.keys.get(sought(each)) == (key,):
            return each
    return key.removeprefix(PREFIX)


def found(words: str, names: Gazetteer, most: int = MOST_FOUND) -> tuple[str, ...]:
    """Return the keys of places whose names hold these words: those that begin so first, crossings before others."""
    word = sought(words)
    if not word:
        return ()
    ranked = [
        (0 if name == word else 1 if name.startswith(word) else 2, not names.entries[key].crossing, name, key)
        for name, keys in names.keys.items()
        if word in name
        for key in keys
    ]
    return tuple(dict.fromkeys(key for *_, key in sorted(ranked)))[:most]


def crossings(names: Gazetteer) -> tuple[str, ...]:
    """Return the keys of the crossings, which a form offers before anything is typed."""
    return tuple(key for key, entry in names.entries.items() if entry.crossing)


@lru_cache(maxsize=2048)  # a page asks it of every place that has a name
def sought(name: str) -> str:
    """Return a name as it is looked up: its letters and digits, folded, a space between words."""
    kept = "".join(letter if letter.isalnum() or letter in " -" else "" for letter in folded(name))
    return " ".join(kept.replace("-", " ").split())


def _with_country(name: str, entry: Entry) -> str:
    return f"{name} ({entry.country})"
