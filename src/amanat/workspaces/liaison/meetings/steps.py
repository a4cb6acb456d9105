"""What is known of a meeting: its proposal, and all that followed, as a set of steps in one order.

Law: pure. The order is the same whatever order the steps came in: their own times, but nothing before what it names.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from heapq import merge
from typing import Any

from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings.kinds import Proposed, Signature
from amanat.workspaces.liaison.rules import SKEW

Place = tuple[datetime, int, Named]
"""Where a step stands among others: its own time, but never before what it names; how many steps it comes after by what
they name; and its record, which puts in order all else that is of one second."""


@dataclass(frozen=True, slots=True)
class Step:
    """One record of a meeting: whose, at which post, when, and what it says; `files` go with it.

    `withdrawn` is the time of its withdrawal by who sent it.
    """

    key: Named
    post: str
    at: datetime
    body: Any
    files: int = 0
    withdrawn: datetime | None = None

    @property
    def named(self) -> Named | None:
        """The step that it answers or changes, besides the proposal."""
        found: Named | None = getattr(self.body, "of", None) or getattr(self.body, "after", None)
        return found


@dataclass(frozen=True)
class Facts:
    """All that is known of a meeting: its proposal, the two sides, and every step that was not taken back.

    `digests` are those of the minutes among the steps, by their record; `unsigned` are minutes under which a side took
    its signature back. `more` says that a side made more steps than are read; `mediated`, that the compact has
    mediation.
    """

    proposal: Step
    members: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    digests: tuple[tuple[Named, str], ...] = ()
    compact: str = ""
    exercise: bool = False
    expires: datetime | None = None
    more: bool = False
    mediated: bool = True
    unsigned: frozenset[Named] = frozenset()

    @property
    def key(self) -> Named:
        """The record that proposed it."""
        return self.proposal.key

    @property
    def body(self) -> Proposed:
        """What was proposed."""
        body: Proposed = self.proposal.body
        return body

    def other(self, party: str) -> str:
        """Return the side that a side meets."""
        return next(each for each in self.members if each != party)

    @cached_property
    def counted(self) -> tuple[Step, ...]:
        """The steps that count, each once, in the order of their own times."""
        return tuple(sorted(self._here.values(), key=self.place))

    @cached_property
    def _here(self) -> dict[Named, Step]:
        """The steps that are not dated before the meeting was proposed."""
        return {each.key: each for each in self.steps if each.at >= self.proposal.at - SKEW}

    @cached_property
    def _places(self) -> dict[Named, Place]:
        found = {self.key: (self.proposal.at, 0, self.key)}
        for step in sorted(self._here.values(), key=lambda each: (each.at, each.key)):
            chain = dict[Named, Step]()
            while step.key not in found and step.key not in chain:
                chain[step.key] = step
                step = self._here.get(step.named or self.key, self.proposal)  # noqa: PLW2901 - the one it comes after
            before = found.get(step.key, found[self.key])  # what names one another in a circle comes after the proposal
            for each in reversed(chain.values()):
                found[each.key] = before = max(each.at, before[0]), before[1] + 1, each.key
        return found

    def place(self, step: Step) -> Place:
        """Return where a step stands among others: whatever the clocks say, after what it names."""
        return self._places[step.key]

    @cached_property
    def _sorted(self) -> dict[tuple[str, type], list[Step]]:
        found = defaultdict[tuple[str, type], list[Step]](list)
        for each in self.counted:
            found[each.key.party, type(each.body)].append(each)
        return dict(found)

    @cached_property
    def signatures(self) -> dict[tuple[str, Named, str], Step]:
        """The first signature of each side under each text: whose, the record of the text, and its digest."""
        signed = (each for party in self.members for each in reversed(list(self.by(party, Signature))))
        return {(each.key.party, each.body.of, each.body.digest): each for each in signed}

    def by(self, party: str, *types: type) -> Iterator[Step]:
        """Yield what a side did of some types, in order."""
        those = [self._sorted.get((party, each), []) for each in types]
        yield from those[0] if len(those) == 1 else merge(*those, key=self.place)
