"""What one party told of a matter by one record, as the rules of every part read it.

Law: pure. The order is the same wherever the same records are, whatever order they came in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amanat.workspaces.liaison.kinds import Named


@dataclass(frozen=True, slots=True)
class Told:
    """A record of a matter: at which post, when, what it says, and when its party withdrew it, if it did."""

    key: Named
    post: str
    at: datetime
    body: Any
    withdrawn: datetime | None = None

    @property
    def party(self) -> str:
        """Who tells it."""
        return self.key.party

    @property
    def order(self) -> tuple[datetime, str, str]:
        """By what records are put one after another: their times, then their ids, which have a time in them too."""
        return self.at, self.key.id, self.key.party
