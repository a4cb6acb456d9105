"""Matters of every part between the same three parties, for tests of what the parts show of one another. All invented."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from amanat.record.record import Record
from amanat.workspaces.liaison.tests import notices_cast
from amanat.workspaces.liaison.tests.beside_cast import Beside, beside
from amanat.workspaces.liaison.tests.incidents_cast import Event
from amanat.workspaces.liaison.tests.meetings_cast import Meetings
from amanat.workspaces.liaison.tests.notices_cast import Notices
from amanat.workspaces.liaison.tests.sealed_cast import Sealing
from amanat.workspaces.liaison.tests.warnings_cast import warn
from border import Border


@dataclass
class All:
    """The parts as their own tests speak of them, over one border."""

    beside: Beside
    notices: Notices
    sealed: Sealing
    incidents: Event
    meetings: Meetings

    def carry(self) -> None:
        """Let everybody have what the others said."""
        self.beside.border.clock.forward(seconds=1)
        self.beside.carry()

    def one_of_each(self) -> dict[str, Record]:
        """A matter of each part, all told of by pk, by the name of its page."""
        found = {
            "notice": self.notices.give("pk", notices_cast.WORKS),
            "sealed": self.sealed.seal("pk"),
            "incident": self.incidents.open("pk"),
            "track": self.beside.open("pk", "ordnance", **ORDNANCE),
            "clarification": self.beside.ask("pk"),
            "measure": self.beside.propose("pk"),
            "meeting": self.meetings.propose("pk"),
            "warning": warn(self.beside),
        }
        self.carry()
        return found


ORDNANCE = {"ordnance": "shell", "place": "34.1, 71.1", "metres": "300", "marked": "yes", "here": "yes"}


@contextmanager
def all_of_it(folder: Path) -> Iterator[All]:
    """Let the three meet, at half past six."""
    with beside(folder) as made:
        yield over(made.border)


def over(border: Border) -> All:
    """Let the parts be spoken of over a border."""
    made = Beside(border)
    return All(made, Notices(made), Sealing(border), Event(border), Meetings(border))
