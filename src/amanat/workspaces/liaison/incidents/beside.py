"""What has to do with an incident by place and time alone: derived when it is shown, and marked so.

Law: it writes nothing and claims nothing: that something was near is no word of either side.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from amanat.exchange.means import Turn
from amanat.workspaces.liaison import calls, views
from amanat.workspaces.liaison.ground.features import around
from amanat.workspaces.liaison.ground.shapes import Point
from amanat.workspaces.liaison.ground.spines import metres_between, spine
from amanat.workspaces.liaison.incidents.matters import Matter
from amanat.workspaces.liaison.incidents.told import Begun
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import activities, rules, stories, titles
from amanat.workspaces.liaison.notices.kinds import NOTICE, Notice
from amanat.workspaces.liaison.notices.rules import Story
from amanat.workspaces.liaison.sealed import rules as sealed_rules
from amanat.workspaces.liaison.sealed import stories as sealed_stories
from amanat.workspaces.liaison.sealed.kinds import SEALED, Unsealed
from amanat.workspaces.liaison.sealed.near import AROUND as WHILE
from amanat.workspaces.liaison.sealed.near import WITHIN
from amanat.workspaces.liaison.sealed.stories import Known

AROUND: Final = timedelta(hours=2)
"""So long before and after the incident a call counts as one about that time."""
MOST: Final = 20
"""Calls of each side on each hotline, the last ones; and notices of each side, those nearest to it."""
MOST_READ: Final = 60
"""Notices of each side, those nearest to it, of which it is asked whether they stood then."""

Opened = Mapping[tuple[str, str], Mapping[Named, Unsealed]]
"""Sealed notice → what opens it → what that says."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A record near the incident: its kind's name, whose it is, when, where it is shown, and what it is called.

    Of a notice, sealed before or not, how many metres its shape is from the place that was told, and how it stands: a
    list of the words and a code in it.
    """

    kind: str
    party: str
    id: str
    at: datetime
    path: str
    title: str
    metres: float | None = None
    state: tuple[str, str] | None = None


def beside(turn: Turn, matter: Matter) -> tuple[Beside, ...]:
    """Return all that was near an incident, the earliest first."""
    return tuple(sorted(_near(turn, matter), key=lambda each: (each.at, each.party, each.id)))


def _near(turn: Turn, matter: Matter) -> Iterator[Beside]:
    """Yield what was near, from each part of liaison that knows of such: hotlines, and planned activities."""
    yield from _calls(turn, matter)
    yield from _notices(turn, matter)


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


def _notices(turn: Turn, matter: Matter) -> Iterator[Beside]:
    """Yield what both sides planned, at work near any place and time that was told of it, each notice once."""
    found = dict[tuple[str, str], Beside]()
    for begun in matter.facts.opened:
        for each in _at_work(turn, matter, begun):
            before = found.get((each.party, each.id))
            if before is None or (each.metres or 0) < (before.metres or 0):
                found[each.party, each.id] = each
    for party in matter.facts.members:
        its = (each for each in found.values() if each.party == party)
        yield from sorted(its, key=_nearest)[:MOST]


def _at_work(turn: Turn, matter: Matter, begun: Begun) -> Iterator[Beside]:
    place, when = around(begun.body.place), begun.body.when
    if place is None:
        return
    least, most = (when.time + sign * timedelta(minutes=when.minutes) for sign in (-1, 1))
    during = (least - WHILE, most + WHILE)
    keys = activities.about(turn.tx, spine(place), WITHIN, during, exercise=begun.exercise)
    yield from _opened(turn, matter, begun, place, sealed_stories.opened_by(turn, keys))
    away = {row: metres_between(stories.body_of(row).shape, place) for row in stories.rows_of(turn, keys)}
    near = [row for row, metres in away.items() if metres <= WITHIN]
    for party in matter.facts.members:
        its = sorted((row for row in near if row.party == party), key=lambda row: (away[row], row.id))[:MOST_READ]
        for row, story in zip(its, stories.of(turn, its), strict=True):
            gone = (rules.ended(story), rules.changed_by(story))
            stood = not story.given.withdrawn and all(each is None or each.at > least for each in gone)
            if stood and story.given.compact == matter.terms.id:
                yield _beside(turn, story, away[row])


def _opened(turn: Turn, matter: Matter, begun: Begun, place: Point, opened: Opened) -> Iterator[Beside]:
    """Yield the sealed notices that openings tell of something there then by; not those that were called off before."""
    away = {
        key: min(metres_between(each.notice.shape, place) for each in those.values()) for key, those in opened.items()
    }
    least = begun.body.when.time - timedelta(minutes=begun.body.when.minutes)
    for party in matter.facts.members:
        near = sorted((metres, key) for key, metres in away.items() if key[0] == party and metres <= WITHIN)
        rows = sealed_stories.rows_of(turn, [key for _, key in near[:MOST_READ]])
        for known in sealed_stories.of(turn, rows):
            told, those = known.story.told, opened[known.row.party, known.row.id]
            stood = told.withdrawn is None or told.withdrawn > least
            alike = told.exercise == begun.exercise and sealed_stories.compact_of(turn, known) == matter.terms.id
            by = next((each.key for each in known.story.shown if each.fits and each.key in those), None)
            if by is not None and stood and alike:
                yield _sealed(turn, known, those[by].notice, metres_between(those[by].notice.shape, place))


def _sealed(turn: Turn, known: Known, notice: Notice, metres: float) -> Beside:
    key, state = known.story.told.key, ("sealed state", sealed_rules.state(known.story, turn.now))
    path, since = f"/liaison/sealed?party={key.party}&id={key.id}", notice.window.since
    return Beside(SEALED.name, key.party, key.id, since, path, titles.of_notice(notice), metres, state)


def _beside(turn: Turn, story: Story, metres: float) -> Beside:
    given = story.given
    path = f"/liaison/notice?party={given.key.party}&id={given.key.id}"
    since, title = given.body.window.since, titles.of_notice(given.body)
    state = ("notice state", rules.state(story, turn.now))
    return Beside(NOTICE.name, given.key.party, given.key.id, since, path, title, metres, state)


def _nearest(each: Beside) -> tuple[float, str]:
    return each.metres or 0, each.id
