"""What a plan is held against besides notices: meetings, hand-overs, passages, measures and dangers that stand.

Law: an own plan is a question, and writes nothing. What is of one side is held against the other's plans alone, and
what both agreed to against those of both; each under its own compact, and marked alike.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from amanat.compact.terms import Terms
from amanat.exchange.means import Turn
from amanat.workspaces.liaison.ground.features import Asking
from amanat.workspaces.liaison.ground.kept import Kept, whole
from amanat.workspaces.liaison.ground.shapes import GROUND, LONGEST_WINDOW, Window
from amanat.workspaces.liaison.ground.spines import at_least, spine
from amanat.workspaces.liaison.measures import shown as measures
from amanat.workspaces.liaison.meetings import shown as meetings
from amanat.workspaces.liaison.notices.deconfliction import DAY, FARTHEST, Activity, Plan, reach
from amanat.workspaces.liaison.tracks import shown as tracks
from amanat.workspaces.liaison.warnings import shown as warnings

MARGIN: Final = 2 * DAY
"""A compact's longest time apart, and how far another time is looked for."""


@dataclass(frozen=True, slots=True)
class Besides(Activity):
    """One of them as an activity of no party, or of whose it is; `kept` says what it is."""

    kept: Kept


def stands(turn: Turn, *planned: Plan) -> tuple[Kept, ...]:
    """Return what is there when some of these are planned, or as long before or after as a rule or a proposal asks."""
    if not planned:
        return ()
    asking = Asking(min(_span(each)[0] for each in planned), max(_span(each)[1] for each in planned))
    parts = (meetings.kept, tracks.kept, measures.kept, warnings.kept)
    return tuple(each for kept in parts for each in kept(turn, asking))


def held(terms: Terms, planned: Activity, those: Collection[Kept]) -> Iterator[Besides]:
    """Yield those that a rule may hold against a plan, where it is or as far off as another route is looked for."""
    most, _ = reach(terms, planned.type)
    for each in those:
        alike = each.compact == terms.id and each.exercise == planned.exercise
        window = _window(planned, each)
        if not alike or each.whose == planned.party or window is None:
            continue
        ground = spine(each.shape)
        if at_least(planned.ground.ball, ground.ball) <= most + FARTHEST:
            yield Besides(each.whose, each.key.id, each.type, GROUND, window, each.exercise, ground, each)


def _span(planned: Plan) -> tuple[datetime, datetime]:
    return planned.window.since - MARGIN, planned.window.until + MARGIN


def _window(planned: Plan, kept: Kept) -> Window | None:
    """Return when it is there, as far as that is asked: what has no end is there all the while."""
    begins, ends = _span(planned)
    since, until = whole(max(begins, kept.since), min(ends, kept.until or ends))
    return Window(since, min(until, since + LONGEST_WINDOW)) if since < ends and until > begins else None
