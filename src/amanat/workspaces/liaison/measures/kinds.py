"""The bodies of parallel measures, with examples: what each side says of its own part, and of nothing else.

Law: no body has a field that names who acts: it is its author, on ground that its author administers. Nothing here can
state, order or confirm anything for the other side, and no shape is so small that it could be aimed at (floor 6).
"""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec

from amanat.party.types import Digest
from amanat.record.kind import Kind
from amanat.record.record import PostName
from amanat.workspaces.liaison.ground.shapes import Area, Point, Position, Shape, Window
from amanat.workspaces.liaison.kinds import Named

Purpose = Literal["search", "return", "quiet", "closing", "convoy", "clearing", "medical", "recovery", "works"]
"""Search for missing, return to positions, quiet hours, closing a passage, an aid convoy, clearing ordnance, …"""
Action = Literal[
    "search",
    "return",
    "stand-still",
    "no-fire",
    "no-flights",
    "close",
    "open",
    "escort",
    "clear",
    "receive",
    "stop-works",
]
Confirmed = Literal["clear", "started", "holds", "stopped"]
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)")]

MOST_CLEAR: Final = 8


class OwnPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What the author's side does, where on the soil it administers, which areas it keeps clear, who speaks for it."""

    action: Action
    country: Country
    area: Shape
    clear: Annotated[tuple[Shape, ...], msgspec.Meta(max_length=MOST_CLEAR)] = ()
    contact: PostName


class Proposed(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="proposed"
):
    """A measure: what for, when, to which incident or matter it belongs, and the author's own part of it."""

    purpose: Purpose
    window: Window
    part: OwnPart
    linked: Named | None = None


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="part"):
    """The author's own part of a measure, new or changed: the last counts, and what was agreed before no more."""

    measure: Named
    part: OwnPart


class Declined(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="declined"):
    """The author's side takes no part in the measure, or no more."""

    measure: Named


class Agreed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="agreed"):
    """The author's side agrees to both parts as they stand: the SHA-256 of them (`rules.digest`)."""

    measure: Named
    digest: Digest


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="said"):
    """What the author's side has done of its own part: its areas are clear, it started, holds, or stopped.

    The first two are of what was agreed, by its `digest`; a hold and a stop are of nothing that anyone has to agree to.
    """

    measure: Named
    did: Confirmed
    digest: Digest | None = None


Body = Proposed | Part | Declined | Agreed | Said

_KEY: Final = Named("pk", "01936e1a-7a00-7000-8000-000000000021")
_HOUR: Final = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
_PART: Final = OwnPart(
    action="search",
    country="PK",
    area=Point(Position(34.0, 71.2), 3000),
    clear=(Area((Position(34.0, 71.1), Position(34.05, 71.1), Position(34.05, 71.15))),),
    contact="torkham/duty",
)

MEASURE: Final = Kind(
    "liaison.measure",
    1,
    Body,
    "stands",
    "What one side does on its own soil beside the other: proposed, agreed by both, confirmed step by step.",
    (
        Proposed(purpose="search", window=Window(_HOUR, _HOUR.replace(hour=10)), part=_PART),
        Part(measure=_KEY, part=_PART),
        Agreed(measure=_KEY, digest="0" * 64),
        Said(measure=_KEY, did="started", digest="0" * 64),
        Said(measure=_KEY, did="holds"),
        Declined(measure=_KEY),
    ),
    written=False,
    told="members",
)
