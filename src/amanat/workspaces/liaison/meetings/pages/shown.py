"""What pages of meetings show alike: places by our own name and the grid, linked records by their kind, countries.

Law: a page shows of a linked record its kind and no more; what it says is read on its own page.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.party.lexicon import Language
from amanat.store import listing
from amanat.workspaces.liaison import administered, places
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.matters import PAGES


def context(turn: Turn, actor: Actor, linked: Iterable[Named | None] = ()) -> Mapping[str, Any]:
    """Return what the macros of meetings need; `linked` are records that the page names."""
    names = places.known(turn)
    keys = sorted({(each.party, each.id) for each in linked if each is not None})
    found = {(row.party, row.id): row.kind.partition("/")[0] for row in listing.named(turn.tx, keys)} if keys else {}

    def place_shown(spot: Spot, language: Language) -> places.Shown:
        return places.shown(spot, names, language)

    def places_offered(language: Language) -> tuple[places.Offered, ...]:
        return places.offered(names, language)

    def kind_of(key: Named) -> str:
        return found.get((key.party, key.id), "")

    def page_of(key: Named) -> str:
        page = PAGES.get(kind_of(key))
        return f"{page}?party={key.party}&id={key.id}" if page else f"/record/{key.party}/{key.id}"

    def place_typed(spot: Spot, language: Language) -> str:
        return places.typed(spot, names, language)

    return {
        "own": turn.means.party,
        "may_send": may(actor, "record.send"),
        "may_compose": may(actor, "record.compose"),
        "place_shown": place_shown,
        "places_offered": places_offered,
        "place_typed": place_typed,
        "kind_of": kind_of,
        "page_of": page_of,
        **administered.context(turn),
    }
