"""Rules of warnings: which of a matter's records stands, and whether it is to come, in force, over or cancelled.

Law: pure, over a set of records: whatever order they came in, two sides that hold the same say the same. Only who began
a matter changes it; what is dated before it counts for nothing, nor does what comes after it was cancelled.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.rules import SKEW
from amanat.workspaces.liaison.warnings.kinds import Cancelled, Warned

Phase = Literal["coming", "in-force", "over", "cancelled"]

PHASES: Final[tuple[Phase, ...]] = ("in-force", "coming", "over", "cancelled")


@dataclass(frozen=True, slots=True)
class Told:
    """A record of a matter: who said what when, under which compact, by its id over all its texts."""

    key: Named
    at: datetime
    post: str
    compact: str
    exercise: bool
    body: Warned | Cancelled
    expires: datetime | None = None
    withdrawn: bool = False

    @property
    def place(self) -> tuple[datetime, str]:
        """Where it stands among those of its matter, which are all of one party."""
        return self.at, self.key.id


@dataclass(frozen=True, slots=True)
class Matter:
    """A warning, what took its place one after another, and what cancelled it, if anything did."""

    root: Told
    changes: tuple[Told, ...]
    cancel: Told | None

    @property
    def messages(self) -> tuple[Told, ...]:
        """All that was told in it, in order."""
        return (self.root, *self.changes, *((self.cancel,) if self.cancel else ()))

    @property
    def last(self) -> Told:
        """The warning that stands, or stood when it was cancelled."""
        return self.changes[-1] if self.changes else self.root

    @property
    def standing(self) -> Warned:
        """What that says."""
        body = self.last.body
        assert isinstance(body, Warned)  # noqa: S101 - as `matter` takes them
        return body


def root_of(told: Told) -> Named:
    """Return the name of the warning that a record's matter began with."""
    body = told.body
    return (body.updates or told.key) if isinstance(body, Warned) else body.cancels


def matter(root: Told, others: Iterable[Told]) -> Matter:
    """Return the matter of a warning of all that was said: what is not its party's to say is left out."""
    its = [each for each in others if each.key != root.key and root_of(each) == root.key and _counts(root, each)]
    cancels = [each for each in its if isinstance(each.body, Cancelled)]
    cancel = min(cancels, key=lambda each: each.place, default=None)
    changes = [each for each in its if isinstance(each.body, Warned) and (cancel is None or each.place < cancel.place)]
    return Matter(root, tuple(sorted(changes, key=lambda each: each.place)), cancel)


def begins(told: Told) -> bool:
    """Whether a record begins a matter."""
    return isinstance(told.body, Warned) and told.body.updates is None


def phase(found: Matter, now: datetime) -> Phase:
    """Return how a matter stands at a time: a window is begun at its first moment, and over at its last.

    A warning that was withdrawn is as one that was cancelled.
    """
    if found.cancel is not None or found.root.withdrawn:
        return "cancelled"
    window = found.standing.window
    if window.until <= now:
        return "over"
    return "in-force" if window.since <= now else "coming"


def _counts(root: Told, other: Told) -> bool:
    alike = (root.key.party, root.compact, root.exercise) == (other.key.party, other.compact, other.exercise)
    return alike and other.at >= root.at - SKEW
