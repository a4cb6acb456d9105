"""By which names, calendars and zones this party is shown the world: its own lexicon, and zones of this machine.

Zones are those of its own copy of the IANA database, else of the one that the package brings.
"""

from datetime import UTC, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from amanat.exchange.means import Turn
from amanat.party.lexicon import Lexicon, read_lexicon
from amanat.store import statements
from amanat.store.tables import LEXICON


def own_lexicon(turn: Turn) -> Lexicon | None:
    """Return by which names, calendars and zones this party is shown the world; None where it issued no lexicon."""
    return lexicon_of(turn, turn.means.party)


def lexicon_of(turn: Turn, party: str) -> Lexicon | None:
    """Return by which names and zones a party speaks to its own; None where no lexicon of it is here."""
    data = statements.latest(turn.tx, LEXICON).get(party)
    return _lexicon(data) if data else None


def own_zone(turn: Turn) -> tzinfo:
    """Return the zone in which officers of this party read times: UTC where its lexicon names none."""
    lexicon = own_lexicon(turn)
    return zone(lexicon.zones.get(turn.means.party, "UTC") if lexicon else "UTC") or UTC


def zone(name: str) -> ZoneInfo | None:
    """Return the zone of that name (IANA), or None where this machine knows none.

    Asked of the list, because a name may open what is no zone, such as the folder America.
    """
    return ZoneInfo(name) if name in _names() else None


@lru_cache(maxsize=4)
def _lexicon(data: bytes) -> Lexicon:
    """It may hold thousands of names, and every page asks for it."""
    return read_lexicon(data)


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())
