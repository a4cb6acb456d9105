"""The bodies of clarification, with examples: what was seen, what the other side answers, and how the asker judges it.

Law: no field takes free words; what is not in a list is said as free words about the matter. A request can be of no aid
(floor 13): its types are not among those that are asked about. No body permits or forbids anything.
"""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec

from amanat.party.types import Code
from amanat.record.kind import Kind
from amanat.workspaces.liaison.ground.shapes import Point, Position, Shape, Window
from amanat.workspaces.liaison.kinds import Named

Sight = Literal["building", "troops", "vehicles", "arms", "aircraft", "drones", "firing", "blasts", "other"]
"""What was seen, as it looked."""
Type = Literal["works", "flight", "drone", "exercise", "movement", "patrol", "blasting", "firing", "clearance"]
"""As which planned activity it would have been told of (`compact.form.Planned`), aid left out."""
Word = Literal["ours", "noticed", "not-ours", "cannot-say"]
Why = Literal["no-purpose", "differs", "in-part", "goes-on"]
"""Why an answer is not enough: no purpose is said, it differs from what was seen, it is of a part, it goes on."""
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)")]
Purpose = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+(-[a-z]+)*$(?!\n)", max_length=24)]


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="seen"):
    """Something unusual of the other side's, of which no notice is known: what, where, and from when until when.

    `country` is on whose ground it was; `sector` a hotline of the compact, whose posts see to it.
    """

    sight: Sight
    shape: Shape
    window: Window
    country: Country
    activity: Type | None = None
    sector: Code | None = None


class Answered(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="answered"
):
    """The other side's answer: it is theirs, for a `purpose` that notices have; it was in a `notice`; or neither."""

    clarification: Named
    word: Word
    purpose: Purpose | None = None
    notice: Named | None = None


class Judged(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="judged"):
    """Whether an `answer` is enough to the side that asked, and where it is not, why."""

    clarification: Named
    answer: Named
    enough: bool
    why: Why | None = None


Body = Seen | Answered | Judged

_KEY: Final = Named("pk", "01936e1a-7a00-7000-8000-000000000031")
_ANSWER: Final = Named("af", "01936e1a-7a00-7000-8000-000000000032")
_NOTICE: Final = Named("af", "01936e1a-7a00-7000-8000-000000000011")
_HOUR: Final = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

CLARIFICATION: Final = Kind(
    "liaison.clarification",
    1,
    Body,
    "stands",
    "What one side saw that nobody gave notice of: asked about, answered by the other, judged by who asked.",
    (
        Seen(
            sight="building",
            activity="works",
            shape=Point(Position(34.12, 71.1), 1500),
            window=Window(_HOUR, _HOUR.replace(hour=10)),
            country="AF",
            sector="torkham",
        ),
        Seen(
            sight="other",
            shape=Point(Position(34.1, 71.1), 20_000),
            window=Window(_HOUR, _HOUR.replace(hour=9)),
            country="AF",
        ),
        Answered(clarification=_KEY, word="ours", purpose="repair"),
        Answered(clarification=_KEY, word="noticed", notice=_NOTICE),
        Answered(clarification=_KEY, word="not-ours"),
        Answered(clarification=_KEY, word="cannot-say"),
        Judged(clarification=_KEY, answer=_ANSWER, enough=True),
        Judged(clarification=_KEY, answer=_ANSWER, enough=False, why="goes-on"),
    ),
    written=False,
    told="members",
)
