"""The meetings of this party as a calendar that others' programs read.

Law: says of a meeting where and when it is, at which level and with whom; what it is about stays here.
"""

from collections.abc import Iterator
from typing import Final

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspace import File
from amanat.workspaces.liaison import icalendar, places
from amanat.workspaces.liaison.icalendar import Event, Status
from amanat.workspaces.liaison.meetings import known, rules
from amanat.workspaces.liaison.meetings.kinds import Agreed
from amanat.workspaces.liaison.meetings.steps import Facts
from amanat.workspaces.liaison.meetings.words import WORDS

NAME: Final = "Flag meetings"


def gives(turn: Turn, _actor: Actor, _query: object) -> bytes:
    """Return the meetings that are agreed, were held, or were called off after they were agreed."""
    found = (event for facts in known.recent(turn) for event in _events(turn, facts))
    return icalendar.written(NAME, found)


def _events(turn: Turn, facts: Facts) -> Iterator[Event]:
    agreed = rules.agreed(facts)
    if agreed is None:
        return
    minutes, off = rules.joint(facts), rules.cancelled(facts)
    gone = off is not None and minutes is None
    status: Status = "CANCELLED" if gone else "CONFIRMED"
    choices = [each for party in facts.members for each in facts.by(party, Agreed)]
    changes = [*choices, *([off] if off is not None else [])]
    own, where = turn.means.party, agreed.when.at
    shown = places.shown(where, places.known(turn), "en")
    level = WORDS["meeting_level"][facts.body.level]
    other = facts.other(own) if own in facts.members else " and ".join(facts.members)
    yield Event(
        uid=icalendar.uid(facts.key.party, facts.key.id),
        stamp=max(each.at for each in changes),
        begins=minutes.body.began if minutes else agreed.when.begins,
        ends=minutes.body.ended if minutes else agreed.ends,
        summary=f"{'EXERCISE: ' if facts.exercise else ''}Flag meeting with {other}: {level}",
        status=status,
        sequence=len(changes) - 1,
        location=f"{shown.name} {shown.degrees}".strip(),
        at=(where.lat, where.lon),
        free=gone,
    )


MEETINGS: Final = File("meetings.ics", "record.read", icalendar.MEDIA, gives)
