"""One matter that waits for an officer: what is to be done, about what, and by when."""

from datetime import datetime
from typing import Literal

import msgspec

What = Literal[
    "read", "withdrawn", "approve", "held", "mend", "recall", "again", "line", "paused", "clock", "workspace"
]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One matter: what is to be done, about which record or draft (`party`, `id`), since when, and by when.

    `due` is when something follows if nobody acts: the sender sees that nobody read it, a draft is destroyed, a record
    expires unsent; None where nothing does. `peer` is the party for whom, or on whom, it waits. `title` is None where
    there is none, or where the caller may not look at a person's data; `says` is a reason somebody gave. What waits in
    a workspace has a code for what is to be done (`matter`: "WORKSPACE.CODE"), and the `path` where one does it.
    """

    what: What
    since: datetime
    due: datetime | None = None
    party: str = ""
    id: str = ""
    kind: str = ""
    title: str | None = None
    exercise: bool = False
    names_person: bool = False
    peer: str = ""
    says: str = ""
    matter: str = ""
    path: str = ""
