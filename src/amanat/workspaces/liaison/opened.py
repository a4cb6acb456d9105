"""What of a call its officers have still to open: the call of the other side, and all that was said there."""

from amanat.exchange.means import Turn
from amanat.store import listing
from amanat.workspaces.liaison.rules import Facts


def unread(turn: Turn, facts: Facts) -> tuple[tuple[str, str], ...]:
    """Return the records of the other side in a call that wait to be read here, by (party, id), the call first."""
    own = turn.means.party
    keys = [facts.rung.key, *(each.key for each in facts.uttered)]
    theirs = [(each.party, each.id) for each in keys if each.party != own]
    waiting = {(row.party, row.id) for row in listing.named(turn.tx, theirs) if row.read_by is not None}
    return tuple(key for key in theirs if key in waiting)
