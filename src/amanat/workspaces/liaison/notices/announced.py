"""What every notice of something planned has, whatever its type."""

from typing import Annotated

import msgspec

from amanat.party.types import Code
from amanat.workspaces.liaison.ground.shapes import GROUND, Heights, Shape, Window
from amanat.workspaces.liaison.kinds import Named

Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)")]
Count = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
Several = Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class Announced(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What every notice has: where, how high above ground, when, and who administers that ground by the sender's word.

    `line_metres` is how far from the line it is, as the sender's side reports the line; `sector` is a hotline of the
    compact, whose posts see to it; `changes` is the notice of the same party in whose place this one stands.
    """

    shape: Shape
    window: Window
    country: Country
    heights: Heights = GROUND
    line_metres: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None
    sector: Code | None = None
    changes: Named | None = None
