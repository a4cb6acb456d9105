"""The form by which a meeting is proposed.

Law: it offers what the compact and the turns of the chair give; the deed judges what was typed.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspace import Page
from amanat.workspaces.liaison.dealings import dealings
from amanat.workspaces.liaison.meetings import deeds, known, typed
from amanat.workspaces.liaison.meetings.kinds import MEETING, MOST_ALTERNATIVES
from amanat.workspaces.liaison.meetings.pages import shown


class Query(msgspec.Struct, frozen=True):
    """Which record the meeting is to be about ("PARTY:ID"), if any."""

    of: str = ""


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return what the form offers."""
    found = dealings(turn, MEETING.name)
    observers = sorted({each for dealing in found for each in dealing.compact.terms.observers})
    guests = (*deeds.ROLES, *(f"observer:{each}" for each in observers), *(f"mediator:{each}" for each in observers))
    return {
        **shown.context(turn, actor),
        "query": query,
        "dealings": found,
        "levels": deeds.LEVELS,
        "topics": deeds.TOPICS,
        "ground_rules": deeds.RULES,
        "guest_choices": tuple(each for each in guests if each != "observer" or not observers),
        "rows_of_guests": deeds.ROWS_OF_GUESTS,
        "whens": MOST_ALTERNATIVES,
        "items": deeds.ROWS_OF_AGENDA,
        "most_people": typed.MOST_PEOPLE,
        "written": typed.LANGUAGES,
        "in_turn": {level: known.chairs_next(turn, found[0], level) for level in deeds.LEVELS} if found else {},
    }


PAGE: Final = Page("propose-meeting", "record.send", context, query=Query)
