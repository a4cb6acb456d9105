"""The bodies of warnings to the public, with examples.

Law: no free words. What a warning says is chosen from a closed book (`sentences`), which has it in each language; where
and when it holds are a shape and a window. An update, and a cancelling, name the warning that began the matter.
"""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec

from amanat.party.errors import Invalid
from amanat.party.types import require_sorted
from amanat.record.kind import Kind
from amanat.workspaces.liaison.ground.shapes import Corridor, Point, Position, Shape, Window
from amanat.workspaces.liaison.kinds import Named

Danger = Literal["shelling", "closure", "blasting", "firing-practice", "ordnance", "clearance", "flood", "landslide"]
Urgent = Literal["immediate", "expected", "future", "past", "unknown"]
Severity = Literal["extreme", "severe", "moderate", "minor", "unknown"]
Certainty = Literal["observed", "likely", "possible", "unlikely", "unknown"]
"""These three are the closed lists of CAP 1.2, section 3.2.2."""
Instruction = Literal[
    "follow",
    "high-ground",
    "keep-away",
    "keep-in",
    "leave",
    "listen",
    "no-touch",
    "other-crossing",
    "report",
    "shelter",
]
PlaceKey = Annotated[str, msgspec.Meta(pattern=r"^place\.[a-z0-9-]+$(?!\n)", max_length=64)]

MOST_INSTRUCTIONS: Final = 5
"""Who hears more than that does none of it."""


class Warned(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="warned"):
    """A danger in a shape during a window; `updates` is the warning that this takes the place of, as its matter began.

    `near` is the key of the place that the public knows it by ("place.torkham"): of a closure, the crossing.
    """

    danger: Danger
    near: PlaceKey
    urgent: Urgent
    severity: Severity
    certainty: Certainty
    shape: Shape
    window: Window
    instructions: Annotated[tuple[Instruction, ...], msgspec.Meta(min_length=1, max_length=MOST_INSTRUCTIONS)]
    updates: Named | None = None

    def __post_init__(self) -> None:
        require_sorted(self.instructions, "instructions")
        if isinstance(self.shape, Point | Corridor) and not self.shape.metres:
            raise Invalid("liaison.warning-narrow", "The warning holds nowhere: it is 0 m wide.", "Give it a width.")


class Cancelled(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="cancelled"):
    """The danger of a warning is over, or there was none: nothing of its matter holds from this record's time on."""

    cancels: Named


Warning_ = Warned | Cancelled

_WARNING: Final = Named("pk", "01936e1a-7a00-7000-8000-000000000018")
_NOON: Final = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
_SHELLING: Final = Warned(
    danger="shelling",
    near="place.torkham",
    urgent="immediate",
    severity="extreme",
    certainty="observed",
    shape=Point(Position(34.12, 71.09), 4000),
    window=Window(_NOON, _NOON.replace(hour=19)),
    instructions=("keep-away", "shelter"),
)

WARNING: Final = Kind(
    "liaison.warning",
    1,
    Warning_,
    "stands",
    "A warning that a party gives to its public, its update, or its cancelling.",
    (
        _SHELLING,
        msgspec.structs.replace(_SHELLING, severity="severe", certainty="likely", updates=_WARNING),
        Cancelled(cancels=_WARNING),
    ),
    written=False,
    told="members",
)
