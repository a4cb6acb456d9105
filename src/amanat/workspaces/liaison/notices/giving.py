"""A notice before it is given: what it says, what it comes too near to, whether it is in time, and what would be clear.

Law: looking writes nothing down, here or there. The exact place of persons is held against what others told of in the
own node alone; what is told of it is made coarser where floor 6 asks for that.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from amanat.compact.floors import PRECISE_METRES
from amanat.compact.limits import Limit
from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.workspaces.liaison import views
from amanat.workspaces.liaison.dealings import Dealing
from amanat.workspaces.liaison.ground.kept import Kept
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import activities, besides, coarse, rules, stories
from amanat.workspaces.liaison.notices.besides import Besides
from amanat.workspaces.liaison.notices.deconfliction import Activity, Level, Proposal, Verdict
from amanat.workspaces.liaison.notices.kinds import Notice, of_people
from amanat.workspaces.liaison.notices.rules import Story
from amanat.workspaces.liaison.notices.views import activity
from amanat.workspaces.liaison.sealed.tables import UNSEALED

KIND = "liaison.notice"
STEP_KIND = "liaison.notice-step"


@dataclass(frozen=True, slots=True)
class Met:
    """What an activity comes too near to: whose, by which clause, how many metres apart, and how long apart in time.

    `gap` is how long is between the two, zero where both are at work at once; `path` is the page of the other, which
    stands by the record `by`. It is there from `since` until `until`, None where nobody said until when.
    """

    other: Activity
    verdict: Verdict
    gap: timedelta
    path: str
    by: Named
    since: datetime
    until: datetime | None


class Meets(NamedTuple):
    """All that an activity was found to come too near to; `cut` where it was not held against all."""

    met: tuple[Met, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What is known of a notice that was not given yet.

    `cut` is whether it was not held against all that was told of near it; `by` is until when it is given in time, None
    where the compact says nothing of its type; `asked_for` whether the compact asks for one at all, and `lacks` the
    fields that it asks for and are empty; `against` the limits that it goes against; `coarse` whether only a coarser
    shape of it may be told.
    """

    body: Notice
    met: tuple[Met, ...]
    cut: bool
    proposals: tuple[Proposal, ...]
    by: datetime | None
    late: bool
    asked_for: bool
    lacks: tuple[str, ...]
    against: tuple[Limit, ...]
    clause: str
    coarse: bool

    @property
    def level(self) -> Level | Literal["unknown"]:
        """The most severe of all; never clear where it was not held against all."""
        return self.met[0].verdict.level if self.met else "unknown" if self.cut else "clear"


def preview(turn: Turn, dealing: Dealing, body: Notice, *, exercise: bool) -> Preview:
    """Return what is known of a notice that is planned. Raises `Invalid`."""
    terms = dealing.compact.terms
    planned = activity(dealing.own, "", body, exercise=exercise)
    there = besides.stands(turn, planned)
    held = tuple(besides.held(terms, planned, there))
    agreed = terms.notification.get(planned.type)
    by = rules.to_be_told(agreed, body) if agreed else None
    due = rules.asked_for(agreed, body)
    meets = met(turn, dealing, planned, there)
    none_met = not meets.met and not meets.cut
    return Preview(
        body=body,
        met=meets.met,
        cut=meets.cut,
        proposals=() if none_met else activities.proposals(turn.tx, terms, planned, body.shape, turn.now, besides=held),
        by=by,
        late=due and by is not None and turn.now > by,
        asked_for=due,
        lacks=rules.lacks(agreed, body),
        against=rules.against(terms.limits, body),
        clause=agreed.clause if agreed else "",
        coarse=must_be_coarse(dealing, body),
    )


def met(turn: Turn, dealing: Dealing, planned: Activity, there: Collection[Kept]) -> Meets:
    """Return what an activity is in conflict with or near, the most severe first, and each matter once.

    That is what others told of, and of what else is `there` (`besides.stands`).
    """
    terms = dealing.compact.terms
    found, cut = activities.against(turn.tx, terms, planned, tuple(besides.held(terms, planned, there)))
    paths = _paths(turn, [(other.party, other.id) for other, _ in found])
    matters = dict[str, Met]()
    for other, verdict in found:
        each = _met(planned, other, verdict, paths)
        matters.setdefault(each.path, each)
    return Meets(tuple(matters.values()), cut)


def _met(planned: Activity, other: Activity, verdict: Verdict, paths: Mapping[tuple[str, str], str]) -> Met:
    gap, during = _gap(planned, other), other.window
    if isinstance(other, Besides):
        kept = other.kept
        return Met(other, verdict, gap, kept.path, kept.by, kept.since, kept.until)
    path, by = paths[other.party, other.id], Named(other.party, other.id)
    return Met(other, verdict, gap, path, by, during.since, during.until)


def _paths(turn: Turn, keys: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
    """Return the page of each of these: of a notice, or of the sealed notice that was opened by it."""
    paths = {(party, id_): f"/liaison/notice?party={party}&id={id_}" for party, id_ in keys}
    for row in views.rows(turn.tx, UNSEALED, UNSEALED.c.id.in_(sorted({id_ for _, id_ in keys}))):
        if (row.party, row.id) in paths:
            paths[row.party, row.id] = f"/liaison/sealed?party={row.of_party}&id={row.of_id}"
    return paths


def must_be_coarse(dealing: Dealing, body: Notice) -> bool:
    """Whether somebody is told of it who does not administer its ground, and it says too well where persons are."""
    if not of_people(body) or coarse.closely(body.shape) >= PRECISE_METRES:
        return False
    members = dealing.compact.terms.members
    administering = {party for party, member in members.items() if body.country in member.administers}
    return bool(set(dealing.audience(KIND)) - administering)


def told(dealing: Dealing, body: Notice) -> Notice:
    """Return a notice as it may be told: its shape made coarser where it must be. Raises `Invalid`."""
    if not must_be_coarse(dealing, body):
        return body
    return msgspec.structs.replace(body, shape=coarse.coarse(body.shape))


def require_changed(turn: Turn, dealing: Dealing, body: Notice, *, exercise: bool) -> Story | None:
    """Return the notice that another is to take the place of, None where it is to take none's. Raises `Invalid`."""
    if body.changes is None:
        return None
    story = stories.one(turn, body.changes.party, body.changes.id)
    if story is None or story.author != dealing.own:
        raise Invalid(
            "liaison.notice-unknown", "The notice to be changed is not one of ours.", "Choose it from the list."
        )
    if not _changeable(story) or story.given.exercise is not exercise or story.given.compact != dealing.id:
        raise Invalid(
            "liaison.notice-changes",
            "That notice was changed, ended or withdrawn before, or is marked otherwise.",
            "Change the newest in its place, as the same exercise or none, or give another notice.",
        )
    return story


def require_related(turn: Turn, body: Notice) -> None:
    """Raise `Invalid` where a notice says that it belongs together with one that is not here."""
    named = {(each.party, each.id) for each in getattr(body, "relates", ())}
    if len(stories.rows_of(turn, named)) < len(named):
        raise Invalid(
            "liaison.notice-related", "A notice that it belongs together with is not here.", "Choose those of the list."
        )


def _changeable(story: Story) -> bool:
    return not story.given.withdrawn and rules.changed_by(story) is None and rules.ended(story) is None


def _gap(one: Activity, other: Activity) -> timedelta:
    gaps = (one.window.since - other.window.until, other.window.since - one.window.until, timedelta())
    return max(gaps)
