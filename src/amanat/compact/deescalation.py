"""What fits the form of a step by which a clash is talked down, and cannot stand.

Law: a step is judged beside the others of its text; which clause numbers are taken is handed in.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta

from amanat.compact.form import Deescalation, Source
from amanat.party.errors import Invalid


def wrong(
    source: Source, steps: Mapping[str, Deescalation], ranks: Collection[str], numbers: Sequence[str]
) -> Iterator[Invalid]:
    """Name what cannot stand in the steps, in their order; `numbers` are those of all clauses outside the policies."""
    for name, step in steps.items():
        path = ("deescalation", name)
        if numbers.count(step.clause) > 1:
            yield source.wrong((*path, "clause"), f"clause {step.clause} stands twice", "Number each clause once.")
        if sum(each.act == step.act for each in steps.values()) > 1:
            yield source.wrong((*path, "act"), f"two steps ask for {step.act}", "Let one step ask for it.")
        if step.rank >= len(ranks):
            yield source.wrong((*path, "rank"), f"the ladder has no rank {step.rank}", f"It has 0 to {len(ranks) - 1}.")
        if (step.act == "guarantor") != (step.guarantor is not None):
            yield source.wrong(
                (*path, "guarantor"),
                "a step that turns to a guarantor names it, and no other does",
                "Name one where the act is guarantor, and none elsewhere.",
            )


def meets_within(steps: Mapping[str, Deescalation]) -> timedelta | None:
    """Return within what time the two sides meet, by the step that asks for a flag meeting; None without one."""
    return next((timedelta(minutes=each.within_minutes) for each in steps.values() if each.act == "meet"), None)
