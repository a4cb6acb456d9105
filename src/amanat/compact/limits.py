"""[limits.NAME]: what the members agreed not to do near the line, and which of these something planned goes against.

Law: nothing here refuses a notice. One that goes against a limit is marked so at both sides, and is given all the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import msgspec

from amanat.compact.form import Clause, Planned, Source, Title
from amanat.compact.notification import LEVELS, Kilometres, Level, reaches
from amanat.party.errors import Invalid


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """[limits.exercises]: what of some types of activity is not done nearer to the line than so many kilometres.

    Only of what is of a level of command or above, where `from_level` is said, and only of what is armed, where `armed`
    is.
    """

    clause: Clause
    title: Title
    of: Annotated[
        tuple[Planned, ...], msgspec.Meta(min_length=1, description='types of activity, like ["exercise", "firing"]')
    ]
    within_km: Kilometres
    from_level: Annotated[Level, msgspec.Meta(description=", ".join(f'"{each}"' for each in LEVELS))] | None = None
    armed: Annotated[bool, msgspec.Meta(description="true or false")] = False


def against(
    limits: Mapping[str, Limit], of: Planned, level: Level | None, line_metres: int | None, *, armed: bool
) -> tuple[Limit, ...]:
    """Return the limits that something planned goes against, so many metres from the line as its own side reports it.

    Where somebody did not say how far, nothing is said of it: that it is near would be a claim.
    """
    if line_metres is None:
        return ()
    return tuple(
        each
        for each in limits.values()
        if of in each.of
        and line_metres < each.within_km * 1000
        and (each.from_level is None or reaches(each.from_level, level))
        and (armed or not each.armed)
    )


def wrong(source: Source, limits: Mapping[str, Limit], numbers: Sequence[str]) -> Iterator[Invalid]:
    """Name what cannot stand in the limits, in their order; `numbers` are those of all clauses outside the policies."""
    for name, each in limits.items():
        path = ("limits", name)
        if numbers.count(each.clause) > 1:
            yield source.wrong((*path, "clause"), f"clause {each.clause} stands twice", "Number each clause once.")
        if list(each.of) != sorted(set(each.of)):
            yield source.wrong((*path, "of"), "they are out of order", "Name each type once, in the order of letters.")
