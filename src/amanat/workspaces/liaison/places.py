"""Places as officers type them."""

from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.workspaces.liaison.kinds import Spot


def read(_turn: Turn, text: str, country: str | None) -> Spot:
    """Return the place that was typed. Raises `Invalid`."""
    try:
        lat, lon = (round(float(part), 5) for part in text.split(","))
    except ValueError as error:
        raise Invalid("liaison.place", f"{text[:40]!r} is no place.", "Type 33.9, 70.1.") from error
    return Spot(lat, lon, 100, country)
