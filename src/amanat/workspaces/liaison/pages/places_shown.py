"""What slots are shown by and typed with: places by our own name and the grid, names to choose from, countries.

Law: nothing here decides what stands in a slot; `slots.read` reads what was typed, and `places` how a place is shown.
"""

from collections.abc import Callable, Mapping
from typing import Any

from amanat.exchange.means import Turn
from amanat.party.lexicon import Language
from amanat.workspaces.liaison import administered, places
from amanat.workspaces.liaison.calls import Line
from amanat.workspaces.liaison.kinds import Spot
from amanat.workspaces.liaison.phrasebook import Entry


def context(turn: Turn, line: Line) -> Mapping[str, Any]:
    """Return what the macros of slots need."""
    return {**named(turn), **administered.context(turn, line.terms.posts), "slot_number": slot_number}


def named(turn: Turn) -> Mapping[str, Callable[..., Any]]:
    """Return what places are shown by, and those that are offered by name."""
    names = places.known(turn)

    def place_shown(spot: Spot, language: Language) -> places.Shown:
        return places.shown(spot, names, language)

    def places_offered(language: Language) -> tuple[places.Offered, ...]:
        return places.offered(names, language)

    return {"place_shown": place_shown, "places_offered": places_offered}


def slot_number(entry: Entry, slot: str) -> int:
    """Return the place of a slot among those of its phrase, by which its field is named."""
    return list(entry.slots).index(slot)
