"""What is counted of a compact over a stretch of time, read from the tables of all parts: a handful of queries a batch.

Law: only records are read, never receipts, and nothing that had expired: both sides hold the same. What stands of a
matter is asked as at `until`, by the records' own times, and never by when one came: a withdrawal, too, counts from its
own time, so that both sides say the same though one of them had it later. Whoever dates one back is believed here; the
page of a sealed notice says when it came. Of each side so much of each sort counts, the first of it in its own order;
how much more there is, is counted and said.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, Table, and_, func, or_, select

from amanat.compact.terms import Terms
from amanat.exchange.means import Turn, texts
from amanat.workspaces.liaison import opened, views
from amanat.workspaces.liaison.clarifications import held as clarifications
from amanat.workspaces.liaison.clarifications.rules import Clarification
from amanat.workspaces.liaison.clarifications.views import CLARIFICATION
from amanat.workspaces.liaison.ground.spines import Ball, Spine
from amanat.workspaces.liaison.incidents import matters
from amanat.workspaces.liaison.incidents.views import INCIDENT
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings import known as meetings
from amanat.workspaces.liaison.meetings.views import LINK, MEETING
from amanat.workspaces.liaison.notices import stories as notices
from amanat.workspaces.liaison.notices.activities import ACTIVITY
from amanat.workspaces.liaison.notices.rules import Story as Notice
from amanat.workspaces.liaison.notices.tables import NOTICE
from amanat.workspaces.liaison.quality import Period
from amanat.workspaces.liaison.rules import AHEAD, SKEW
from amanat.workspaces.liaison.sealed import stories as sealed
from amanat.workspaces.liaison.sealed.tables import SEALED
from amanat.workspaces.liaison.tracks import held as tracks
from amanat.workspaces.liaison.tracks.views import TRACK
from amanat.workspaces.liaison.year import facts
from amanat.workspaces.liaison.year.conflicts import Placed, conflicts
from amanat.workspaces.liaison.year.facts import BY_CALL, Contact, Happened, Met, Noticed
from amanat.workspaces.liaison.year.figures import Rows

BATCH: Final = 500
"""Matters of which all is read at once."""
MOST: Final[Mapping[str, int]] = {
    NOTICE.name: 10_000,
    SEALED.name: 2_000,
    INCIDENT.name: 2_000,
    MEETING.name: 1_000,
    TRACK.name: 2_000,
    CLARIFICATION.name: 2_000,
    views.CALL.name: 10_000,
}
"""Of one side in a year, by the table: who has more is told that it is not counted."""

_spine: Final = msgspec.msgpack.Decoder(Spine)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted: what began `within`, of a compact in any version of its text, exercises alone or none."""

    compact: str
    members: tuple[str, ...]
    texts: Mapping[str, Terms]
    within: Period
    exercise: bool
    until: datetime
    more: Counter[str] = field(default_factory=Counter)


def asked(turn: Turn, compact: str, within: Period, until: datetime, *, exercise: bool) -> Asked:
    """Return what is asked of a compact that this node knows, as records stood at `until`."""
    latest = turn.known.compacts[compact].terms
    every = {each.digest: each for each in (*texts(turn.tx, compact), latest)}
    return Asked(compact, tuple(sorted(latest.members)), every, within, exercise, until)


def rows(turn: Turn, what: Asked) -> Rows:
    """Return all that is counted."""
    noticed = [facts.noticed(each, what.until) for each in _each(turn, what, NOTICE, _unacknowledged)]
    met = _met(turn, what)
    found = conflicts(_placed(turn, what, noticed), what.texts)
    return Rows(
        noticed=tuple(noticed),
        sealed=tuple(facts.under_seal(each.story, what.until) for each in _each(turn, what, SEALED, _by_date)),
        happened=tuple(_happened(turn, what)),
        met=tuple(met),
        tracked=tuple(facts.tracked(each, what.until) for each in _each(turn, what, TRACK, tracks.of)),
        clarified=tuple(facts.clarified(each, what.until) for each in _each(turn, what, CLARIFICATION, _asked_still)),
        conflicts=found.conflicts,
        more={party: what.more[party] for party in what.members if what.more[party]},
        cut=found.cut,
    )


def _each(turn: Turn, what: Asked, table: Table, of: Callable[[Turn, Sequence[Row[Any]]], list[Any]]) -> Iterator[Any]:
    """Yield what was known of each matter that counts, read batch by batch."""
    found, then = _counted(turn, what, table), replace(turn, now=what.until - AHEAD)
    for begin in range(0, len(found), BATCH):
        yield from of(then, found[begin : begin + BATCH])


def _by_date(turn: Turn, those: Sequence[Row[Any]]) -> list[sealed.Known]:
    return sealed.of(turn, those, by_date=True)


def _unacknowledged(turn: Turn, those: Sequence[Row[Any]]) -> list[Notice]:
    """Return notices with all steps but the word that they came, of which there is one for each and no figure."""
    return notices.of(turn, those, "acknowledged")


def _asked_still(turn: Turn, those: Sequence[Row[Any]]) -> list[Clarification]:
    """Return requests that were not withdrawn: by asking and taking back nobody makes another miss an answer."""
    return [each for each in clarifications.of(turn, those) if each.root.withdrawn is None]


def _counted(turn: Turn, what: Asked, table: Table, *narrowed: ColumnElement[bool]) -> list[Row[Any]]:
    """Return the rows of a table that count, oldest first, and count what is beyond them."""
    its, most = (*_its(what, table), *narrowed), MOST[table.name]
    number = func.row_number().over(partition_by=(table.c.party,), order_by=(table.c.at, table.c.id))
    ranked = select(table, number.label("number")).where(*its).subquery()
    kept = select(ranked).where(ranked.c.number <= most).order_by(ranked.c.at, ranked.c.party, ranked.c.id)
    found = list(turn.tx.execute(kept))
    if len(found) >= most:
        counts = select(table.c.party, func.count().label("held")).where(*its).group_by(table.c.party)
        what.more.update({row.party: max(0, row.held - most) for row in turn.tx.execute(counts)})
    return found


def _its(what: Asked, table: Table) -> tuple[ColumnElement[bool], ...]:
    """Return what narrows a table down to the two sides' records that count."""
    it = table.c
    return (
        it.at >= views.spell(what.within.since),
        it.at < views.spell(what.within.until),
        it.party.in_(what.members),
        it.compact.in_(sorted(what.texts)),
        it.exercise.is_(what.exercise),
        or_(it.expires.is_(None), it.expires > views.spell(what.until)),
    )


# --- events -----------------------------------------------------------------------------------------------------------


def _happened(turn: Turn, what: Asked) -> Iterator[Happened]:
    """Yield the events that were first told of within the time, each once, whoever told of it besides."""
    seen, near = set[Named](), _Contacts(_contacts(turn, what))
    for matter in _each(turn, what, INCIDENT, _events):
        stands = matter.standing.state != "withdrawn"
        if stands and matter.key not in seen and what.within.since <= matter.facts.root.at < what.within.until:
            yield facts.happened(matter, near.after(matter.facts.root.body.when.time))
        seen.add(matter.key)


def _events(turn: Turn, those: Sequence[Row[Any]]) -> list[matters.Matter]:
    return matters.of(turn, [(row.party, row.id) for row in those])


class _Contacts:
    """The calls that were opened, found by when they were rung."""

    def __init__(self, calls: Iterable[Contact]) -> None:
        self.by_hour = defaultdict[int, list[Contact]](list)
        for each in calls:
            self.by_hour[_hour(each.rung)].append(each)

    def after(self, when: datetime) -> Iterator[Contact]:
        """Yield those that may have been about what happened then."""
        first = _hour(when)
        return (each for hour in range(first, first + BY_CALL // _HOUR + 1) for each in self.by_hour.get(hour, ()))


_HOUR: Final = timedelta(hours=1)


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // 3600


def _contacts(turn: Turn, what: Asked) -> Iterator[Contact]:
    """Yield the calls of about when something happened that the side which was called opened, by its own signature."""
    told = turn.tx.execute(select(INCIDENT.c.happened).where(*_its(what, INCIDENT)).distinct())
    began = {_hour(datetime.fromisoformat(row.happened)) for row in told}
    hours = {each + n for each in began for n in range(BY_CALL // _HOUR + 1)}
    if not hours:
        return
    since, until = (datetime.fromtimestamp(each * 3600, what.until.tzinfo) for each in (min(hours), max(hours) + 1))
    span = replace(what, within=Period(since, min(until, what.until)))
    rung = [
        row
        for row in _counted(turn, span, views.CALL, views.CALL.c.test.is_(False))
        if _hour(datetime.fromisoformat(row.at)) in hours
    ]
    picked_up = opened.openings(turn, [(row.party, row.id) for row in rung])
    for row in rung:
        at = datetime.fromisoformat(row.at)
        those = [each.by.at for each in picked_up.get((row.party, row.id), ()) if each.by.party == row.recipient]
        first = min((max(at, each) for each in those if at - SKEW <= each < what.until), default=None)
        if first is not None:
            yield Contact(row.hotline, at, first)


# --- meetings, and what is held against one another -------------------------------------------------------------------


def _met(turn: Turn, what: Asked) -> Iterator[Met]:
    about = defaultdict[Named, set[Named]](set)
    its = and_(LINK.c.meeting_party == MEETING.c.party, LINK.c.meeting_id == MEETING.c.id)
    linked = select(LINK.c.meeting_party, LINK.c.meeting_id, LINK.c.of_party, LINK.c.of_id).join(MEETING, its)
    before = LINK.c.at < views.spell(what.until), LINK.c.party.in_(what.members)
    for row in turn.tx.execute(linked.where(*_its(what, MEETING), *before)):
        about[Named(row.meeting_party, row.meeting_id)].add(Named(row.of_party, row.of_id))
    for each in _each(turn, what, MEETING, meetings.of):
        yield facts.met(each, about[each.key], what.until)


def _placed(turn: Turn, what: Asked, noticed: Iterable[Noticed]) -> Iterator[Placed]:
    """Yield the notices with where each stands."""
    here = {each.key: each for each in noticed}
    its = and_(ACTIVITY.c.party == NOTICE.c.party, ACTIVITY.c.id == NOTICE.c.id)
    columns = (
        ACTIVITY.c[name] for name in ("party", "id", "compact", "low", "high", "since", "until", *Ball._fields, "spine")
    )
    for row in turn.tx.execute(select(*columns).join(NOTICE, its).where(*_its(what, NOTICE))):
        notice = here.get(Named(row.party, row.id))
        if notice is not None:
            yield Placed(
                notice=notice,
                text=row.compact,
                heights=(row.low, row.high),
                since=datetime.fromisoformat(row.since),
                until=datetime.fromisoformat(row.until),
                ball=Ball(row.x, row.y, row.z, row.metres),
                ground=partial(_spine.decode, row.spine),
            )
