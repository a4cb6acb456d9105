"""Who administers which ground by the compacts here, for pages that name it and for forms in which one chooses it."""

from collections.abc import Iterable, Mapping
from typing import Any

from amanat.exchange.means import Turn


def context(turn: Turn, parties: Iterable[str] | None = None) -> Mapping[str, Any]:
    """Return what the macros of `administered.html` need.

    `administrators` has the party of each country. `countries` are to choose from, of these `parties` or of every
    member: each with its party, and whether that administers no other, so that its name says enough.
    """
    of = None if parties is None else set(parties)
    grounds = {
        (country, party, len(member.administers) == 1)
        for each in turn.known.compacts.values()
        for party, member in each.terms.members.items()
        for country in member.administers
    }
    return {
        "administrators": {country: party for country, party, _ in sorted(grounds)},
        "countries": sorted(each for each in grounds if of is None or each[1] in of),
    }
