"""What has to do with an incident by place and time alone: derived when it is shown, and marked so.

Law: it writes nothing and claims nothing: that something was near is no word of either side.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from amanat.exchange.means import Turn
from amanat.workspaces.liaison import calls, views
from amanat.workspaces.liaison.incidents.matters import Matter

AROUND: Final = timedelta(hours=2)
"""So long before and after the incident a call counts as one about that time."""
MOST: Final = 20
"""Of each side on each hotline, the last ones."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A record near the incident: its kind's name, whose it is, when, and where it is shown."""

    kind: str
    party: str
    id: str
    at: datetime
    path: str
    title: str


def beside(turn: Turn, matter: Matter) -> tuple[Beside, ...]:
    """Return all that was near an incident, the earliest first."""
    return tuple(sorted(_near(turn, matter), key=lambda each: (each.at, each.party, each.id)))


def _near(turn: Turn, matter: Matter) -> Iterator[Beside]:
    """Yield what was near, from each part of liaison that knows of such: hotlines."""
    yield from _calls(turn, matter)


def _calls(turn: Turn, matter: Matter) -> Iterator[Beside]:
    sector, times = matter.facts.root.body.sector, [each.body.when for each in matter.facts.opened]
    before = min(each.time - timedelta(minutes=each.minutes) for each in times) - AROUND
    after = max(each.time + timedelta(minutes=each.minutes) for each in times) + AROUND
    for line in calls.lines(turn):
        if line.compact.terms.id != matter.terms.id or sector not in (None, line.code):
            continue
        for party in (turn.means.party, line.other):
            for row in views.last_calls(turn.tx, line.code, party, (before, after), MOST, ~views.CALL.c.test):
                at = datetime.fromisoformat(row.at)
                path = f"/liaison/call?party={row.party}&id={row.id}"
                yield Beside("liaison.call", row.party, row.id, at, path, line.terms.title)
