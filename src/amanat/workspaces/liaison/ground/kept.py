"""What parts of liaison know to be somewhere for a time besides notices: what is planned is held against it too.

Law: it follows from each part's own rules over its sets of records, and is read when one asks: it stands in no table,
so that it is in and out of it as soon as a record says so, in whatever order they came.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from amanat.compact.form import Kept as Type
from amanat.workspaces.liaison.ground.shapes import Shape
from amanat.workspaces.liaison.kinds import Named


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Something that was agreed or told of: by the record that began its matter, and by which it came to stand.

    `whose` own plans are not held against it, "" where it is of both sides. Without `until` nobody said when it ends.
    `compact` is an id.
    """

    type: Type
    key: Named
    by: Named
    whose: str
    compact: str
    exercise: bool
    shape: Shape
    since: datetime
    until: datetime | None
    path: str


def whole(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """Return the whole minutes that a stretch of time lies within."""
    begins = since.replace(second=0, microsecond=0)
    ends = until.replace(second=0, microsecond=0)
    ends += timedelta(minutes=1) if ends < until or ends <= begins else timedelta()
    return begins, ends
