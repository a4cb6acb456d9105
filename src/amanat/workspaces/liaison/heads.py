"""What the page of every matter says at its head besides how it stands: until when it is kept, where it is on a map.

Law: what belongs to a matter expires with the record that began it, whoever said it: what ends sooner than its kind is
to be kept is marked, for the other side's record ends ours with it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.store import listing
from amanat.workspaces.liaison.ground.features import Layer
from amanat.workspaces.liaison.kinds import Named


@dataclass(frozen=True, slots=True)
class Head:
    """Until when a matter is kept, None for what has no end, and whether that is `sooner` than its kind usually is.

    `on_map` is the address of the map on which it is shown, "" for what is on none.
    """

    until: datetime | None
    sooner: bool
    on_map: str


def of(turn: Turn, root: Named, on_map: str = "") -> Head:
    """Return what the head of a matter's page says; `root` is the record that began it."""
    row = listing.one(turn.tx, root.party, root.id)
    if row is None or row.expires is None:
        return Head(None, sooner=False, on_map=on_map)
    until, at = datetime.fromisoformat(row.expires), datetime.fromisoformat(row.at)
    compact = turn.known.compacts.get(row.compact)
    agreed = compact.terms.kinds.get(row.kind.partition("/")[0]) if compact else None
    sooner = agreed is not None and until < at.replace(microsecond=0) + timedelta(days=agreed.handling.expires_days)
    return Head(until, sooner, on_map)


def on_map(turn: Turn, layer: Layer, key: Named, during: tuple[datetime, datetime | None]) -> str:
    """Return the address of the map on which something is there in a stretch of time, and is looked at first."""
    since, until = during
    now = since <= turn.now and (until is None or turn.now < until)
    day = {} if now else {"day": f"{since.astimezone(own_zone(turn)):%Y-%m-%d}"}
    return "/liaison/map?" + urlencode({**day, layer: "on", "focus": f"{key.party}:{key.id}:0"}, safe=":")
