"""What the floors have to know of a meeting's records.

Law: a meeting names nobody, and its places are those of an event; but where a side is to withdraw to its own positions,
a group stands (floor 6). A sheet signed in ink counts as naming a person, for no machine looks into it (floor 2).
"""

from amanat.record.kind import NO_FACTS, Facts, Place
from amanat.record.record import UNSEEN
from amanat.workspaces.liaison.facts import known_to
from amanat.workspaces.liaison.meetings.kinds import Meeting, Minutes, Scan


def of(body: Meeting) -> Facts:
    """Return the facts of a record of a meeting."""
    if isinstance(body, Minutes):
        spots = [each.at for each in body.decisions if each.what == "withdraw-to-own-positions"]
        return Facts(places=tuple(Place(each.country, known_to(each)) for each in spots if each is not None))
    return Facts(person=UNSEEN) if isinstance(body, Scan) else NO_FACTS
