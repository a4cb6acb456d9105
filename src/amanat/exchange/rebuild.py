"""Making views anew from the records, where their version has changed: all in one transaction, or not at all.

The same `apply` does it as on arrival. What was destroyed leaves no row, so making views anew also proves deletion.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import MetaData

from amanat.exchange.means import Means, begin
from amanat.record.record import read
from amanat.store import views

Views = Mapping[str, tuple[MetaData, int]]
"""Tables and version by the workspace's name, which begins the name of each table and of each of its kinds."""

Watch = Callable[[Iterator[Any], int], Iterator[Any]]
"""Passes on the items that it is given, of which there are so many, and may show somebody how far it has come."""


def rebuild(means: Means, found: Views, watch: Watch) -> int:
    """Make those views anew whose version is not the one that stands here; return how many records were applied.

    Raises `Invalid` when a record that is kept is no more what its kind says: a kind changed and its version did not.
    """
    with begin(means) as turn:
        stale = views.outdated(turn.tx, {name: version for name, (_, version) in found.items()})
        for name in stale:
            views.make(turn.tx, name, *found[name])
        if not stale:
            return 0
        count, kept = views.sources(turn.tx, stale)
        for data in watch(kept, count):
            record = read(data, means.kinds)
            record.kind.apply(turn.tx, record)
        return count
