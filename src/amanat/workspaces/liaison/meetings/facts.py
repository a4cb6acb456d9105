"""What the floors have to know of a meeting's records.

Law: a meeting names nobody and says where no group stands: its places are those of an event. A sheet signed in ink
counts as naming a person, for no machine looks into it (floor 2).
"""

from amanat.record.kind import NO_FACTS, Facts
from amanat.record.record import UNSEEN
from amanat.workspaces.liaison.meetings.kinds import Meeting, Scan


def of(body: Meeting) -> Facts:
    """Return the facts of a record of a meeting."""
    return Facts(person=UNSEEN) if isinstance(body, Scan) else NO_FACTS
