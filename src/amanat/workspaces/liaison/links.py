"""Which matters of other parts name a record as what they belong to or are about, and how each of them stands.

Law: read when it is shown, of what is here, and bounded of each side. That one names another is its author's word.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from amanat.exchange.means import Turn
from amanat.workspaces.liaison import matter_rows, matters
from amanat.workspaces.liaison.incidents import matters as incidents
from amanat.workspaces.liaison.incidents import rules as incident_rules
from amanat.workspaces.liaison.incidents import titles as incident_titles
from amanat.workspaces.liaison.incidents import views as incident_views
from amanat.workspaces.liaison.incidents.kinds import INCIDENT
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.matters import Matter
from amanat.workspaces.liaison.measures import held as measures
from amanat.workspaces.liaison.measures import rules as measure_rules
from amanat.workspaces.liaison.measures import views as measure_views
from amanat.workspaces.liaison.measures.kinds import MEASURE
from amanat.workspaces.liaison.measures.words import title as measure_title
from amanat.workspaces.liaison.meetings import known as meetings
from amanat.workspaces.liaison.meetings import rules as meeting_rules
from amanat.workspaces.liaison.meetings import titles as meeting_titles
from amanat.workspaces.liaison.meetings import views as meeting_views
from amanat.workspaces.liaison.meetings.kinds import MEETING
from amanat.workspaces.liaison.sealed import rules as sealed_rules
from amanat.workspaces.liaison.sealed import stories as sealed
from amanat.workspaces.liaison.sealed.facts import step_title
from amanat.workspaces.liaison.sealed.kinds import SEALED
from amanat.workspaces.liaison.tracks import held as tracks
from amanat.workspaces.liaison.tracks import rules as track_rules
from amanat.workspaces.liaison.tracks import views as track_views
from amanat.workspaces.liaison.tracks.kinds import TRACK
from amanat.workspaces.liaison.tracks.words import title as track_title

TO_COME: Final = frozenset(("proposed", "crossed", "agreed", "under-way"))
"""How a meeting stands that is still to be held."""
MET: Final = frozenset(("over", "held"))
"""How one stands that was."""
MOST: Final = 20
"""Of each party and sort, those that named it last; of meetings, of all."""


@dataclass(frozen=True, slots=True)
class Link:
    """A matter that names a record: its kind's label, title, how it stands (a list of the words and a code in it).

    `by` says by whose word they belong together. `since` is when it is or was: of a meeting where both agreed on that.
    """

    kind: str
    key: Named
    by: str
    title: str
    state: tuple[str, str]
    since: datetime | None
    exercise: bool

    @property
    def path(self) -> str:
        """Where it is shown."""
        return f"{matters.PAGES[self.kind.partition('/')[0]]}?party={self.key.party}&id={self.key.id}"


def naming(turn: Turn, *keys: Named) -> tuple[Link, ...]:
    """Return what names one of these records: incidents, sealed notices, measures, tracks, meetings, in this order."""
    asks = (_incidents, _sealed, _measures, _tracks, meetings_about)
    return tuple(link for ask in asks for link in ask(turn, keys))


def meets(turn: Turn, key: Named, since: datetime) -> bool:
    """Return whether a meeting about a record is to come, or was held since a time."""
    return any(
        code in TO_COME or (code in MET and each.since is not None and each.since >= since)
        for each in meetings_about(turn, (key,))
        for code in [each.state[1]]
    )


def belongs(turn: Turn, linked: Named | None) -> Matter | Named | None:
    """Return the matter that something says it belongs to; its name alone where it is no matter that is here."""
    return None if linked is None else matters.matter(turn, linked.party, linked.id) or linked


def _incidents(turn: Turn, keys: tuple[Named, ...]) -> Iterator[Link]:
    found = incident_views.naming(turn.tx, [(each.party, each.id) for each in keys], MOST)
    for matter in incidents.of(turn, found) if found else ():
        root, state = matter.facts.root, ("incident state", matter.standing.state)
        word = next((each for each in incident_rules.linked(matter.told) if each.body.record in keys), None)
        if word is not None and word.key.party in matter.facts.members:
            title = incident_titles.of_incident(root.body)
            at = root.body.when.time
            yield Link(INCIDENT.label, root.key, word.key.party, title, state, at, root.exercise)


def _sealed(turn: Turn, keys: tuple[Named, ...]) -> Iterator[Link]:
    """Yield the sealed notices that were opened on an incident near what they say, once for each that opened it."""
    found = sealed.on_incidents(turn, [(each.party, each.id) for each in keys], MOST)
    for known in sealed.of(turn, sealed.rows_of(turn, found)):
        told, state = known.story.told, ("sealed state", sealed_rules.state(known.story, turn.now))
        by = {each.key.party: each for each in reversed(known.story.shown) if each.fits and each.incident in keys}
        for party, shown in sorted(by.items()):
            body = known.bodies[shown.key]
            yield Link(SEALED.label, told.key, party, step_title(body), state, body.notice.window.since, told.exercise)


def _measures(turn: Turn, keys: tuple[Named, ...]) -> Iterator[Link]:
    rows = matter_rows.naming(turn.tx, measure_views.MEASURE, [(each.party, each.id) for each in keys], MOST)
    for each in measures.of(turn, rows):
        root, state = each.root, ("measure state", measure_rules.standing(each, turn.now).state)
        title, since = measure_title(root.body), each.window.since
        yield Link(MEASURE.label, root.key, root.party, title, state, since, each.exercise)


def _tracks(turn: Turn, keys: tuple[Named, ...]) -> Iterator[Link]:
    rows = matter_rows.naming(turn.tx, track_views.TRACK, [(each.party, each.id) for each in keys], MOST)
    for each in tracks.of(turn, rows):
        root, state = each.root, ("track state", track_rules.standing(each, turn.now).state)
        yield Link(TRACK.label, root.key, root.party, track_title(root.body), state, root.at, each.exercise)


def meetings_about(turn: Turn, keys: tuple[Named, ...]) -> Iterator[Link]:
    """Yield the meetings that are about one of these records."""
    named = (found for key in keys for found in meeting_views.linked_to(turn.tx, key.party, key.id, MOST))
    for party, id_ in dict.fromkeys(named):
        facts = meetings.one(turn, party, id_)
        if facts is not None and facts.key not in keys:
            held = meeting_rules.held_for(facts, turn.now)
            title, state = meeting_titles.of(facts.body), ("meeting_state", held.state)
            yield Link(MEETING.label, facts.key, party, title, state, held.since, facts.exercise)
