"""What slots are shown by and typed with: places by our own name for them, countries of the compact, parts of a phrase.

Law: nothing here decides what stands in a slot; `slots.read` reads what was typed.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from amanat.exchange.lexica import own_lexicon
from amanat.exchange.means import Turn
from amanat.party.lexicon import Language, Lexicon, name
from amanat.workspaces.liaison.calls import Line
from amanat.workspaces.liaison.kinds import Spot
from amanat.workspaces.liaison.phrasebook import Entry


def context(turn: Turn, line: Line) -> Mapping[str, Any]:
    """Return what the macros of slots need."""
    members = line.compact.terms.members
    return {
        "place_name": partial(place_name, own_lexicon(turn)),
        "place_point": point,
        "countries": sorted(country for party in line.terms.posts for country in members[party].administers),
        "slot_number": slot_number,
    }


def place_name(lexicon: Lexicon | None, spot: Spot, language: Language) -> str:
    """Return our own name for a place, "" where the record names none: without a lexicon, the neutral key's words."""
    if spot.name is None:
        return ""
    said = spot.name if lexicon is None else name(lexicon, spot.name, language)
    return said if said != spot.name else spot.name.removeprefix("place.").replace("-", " ").title()


def point(spot: Spot) -> str:
    """Return where a place lies, WGS 84, as one types it: "33.9, 70.1"."""
    return f"{spot.lat:g}, {spot.lon:g}" if _short(spot) else f"{spot.lat:.5f}, {spot.lon:.5f}"


def _short(spot: Spot) -> bool:
    """Whether six digits say all of it."""
    return float(f"{spot.lat:g}") == spot.lat and float(f"{spot.lon:g}") == spot.lon


def slot_number(entry: Entry, slot: str) -> int:
    """Return the place of a slot among those of its phrase, by which its field is named."""
    return list(entry.slots).index(slot)
