"""When records of another party came here, where that was clearly later than they are dated: by others' clocks alone.

Law: what a record says of its own time counts for both sides alike. When it came only this side knows, by the order of
its own log and by what witnesses countersigned of it, and a page says it beside.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from amanat.exchange import times
from amanat.exchange.means import Turn
from amanat.log.bounds import Bound
from amanat.store import listing
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.rules import SKEW

MOST: Final = 40
"""Records of a matter of which it is looked for, those dated last: countersignatures are verified for each."""


class Dated(Protocol):
    """A record, and its own time."""

    @property
    def key(self) -> Named:
        """What names it."""

    @property
    def at(self) -> datetime:
        """When it was told, by its own word."""


@dataclass(frozen=True, slots=True)
class Came:
    """Later than `since`, and no later than `until`; None where no witness says so."""

    since: datetime
    until: datetime | None


def later(turn: Turn, those: Iterable[Dated]) -> Mapping[Named, Came]:
    """Return when these came here, of those that came later than dated by more than clocks may differ."""
    theirs = sorted((each for each in those if each.key.party != turn.means.party), key=lambda each: each.at)[-MOST:]
    dated = {(each.key.party, each.key.id): each.at for each in theirs}
    found = dict[Named, Came]()
    for row in listing.named(turn.tx, list(dated)) if dated else ():
        within = times.logged(turn, row.compact, row.log_index)
        since, until = moment(within.not_before), moment(within.not_after)
        if since is not None and since - dated[row.party, row.id] > SKEW:
            found[Named(row.party, row.id)] = Came(since, until)
    return found


def moment(bound: Bound | None) -> datetime | None:
    """Return the time that witnesses gave; None where none did."""
    return None if bound is None else times.moment(bound.time)
