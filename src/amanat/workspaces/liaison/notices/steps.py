"""The bodies of what follows a notice: acknowledged, asked about, explained, judged, ended, visited; with examples.

Law: a step names its notice, and says nothing that another step has to be read for. No step gives or withholds a
permission: there is none to be had.
"""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec

from amanat.party.errors import Invalid
from amanat.party.types import Time, require_sorted, require_utc
from amanat.record.kind import Kind
from amanat.record.record import PostName
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.notices.announced import Count
from amanat.workspaces.liaison.notices.kinds import PURPOSES

About = Literal["purpose", "size", "duration", "place", "equipment", "direction", "why-late"]
"""What of a notice is asked about; each once."""
Word = Literal["as-noticed", "will-move", "will-stop", "will-change", "not-known", "not-to-be-said"]


class _Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What follows a `notice`."""

    notice: Named


class Acknowledged(_Step, frozen=True, kw_only=True, tag="acknowledged"):
    """The other side has the notice. It approves nothing and permits nothing.

    It may say, then or later, that it passed the notice on to the `unit` at a post of its own, and when: what is known
    of at a headquarters alone protects nobody on the ground.
    """

    unit: PostName | None = None
    passed: Time | None = None

    def __post_init__(self) -> None:
        if self.passed is not None:
            require_utc(self.passed, "passed")
        if (self.unit is None) is not (self.passed is None):
            raise Invalid("liaison.passed", "Who passed it on says to which unit and when.", "Say both, or neither.")


class Questioned(_Step, frozen=True, kw_only=True, tag="asked"):
    """An explanation is asked: of what of the notice."""

    about: Annotated[tuple[About, ...], msgspec.Meta(min_length=1, max_length=7)]

    def __post_init__(self) -> None:
        require_sorted(self.about, "about")


class Explanation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What is said of one thing that was asked: a word, and what it is in numbers, where there are such."""

    about: About
    word: Word
    purpose: Annotated[str, msgspec.Meta(pattern=r"^[a-z]+(-[a-z]+)*$(?!\n)", max_length=24)] | None = None
    until: Time | None = None
    metres: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None
    count: Count | None = None

    def __post_init__(self) -> None:
        if self.until is not None:
            require_utc(self.until, "until")
        if self.purpose is not None and self.purpose not in PURPOSES:
            raise Invalid("liaison.purpose", "This is no purpose that a notice has.", f"One of {', '.join(PURPOSES)}.")


class Explained(_Step, frozen=True, kw_only=True, tag="explained"):
    """An answer to a `question`, thing by thing."""

    question: Named
    says: Annotated[tuple[Explanation, ...], msgspec.Meta(min_length=1, max_length=7)]

    def __post_init__(self) -> None:
        require_sorted(tuple(each.about for each in self.says), "says")


class Judged(_Step, frozen=True, kw_only=True, tag="judged"):
    """The side that asked says whether an explanation (`answer`) is enough for it. It permits nothing."""

    answer: Named
    enough: bool


class Ended(_Step, frozen=True, kw_only=True, tag="ended"):
    """What was planned is done, or was called off; of works that were done, what they built is `gone`."""

    how: Literal["done", "called-off", "gone"]


class Invited(_Step, frozen=True, kw_only=True, tag="invited"):
    """The side that gave the notice offers a visit: at one of these times, where one meets, for so many at most."""

    times: Annotated[tuple[Time, ...], msgspec.Meta(min_length=1, max_length=4)]
    place: Spot
    most: Annotated[int, msgspec.Meta(ge=1, le=50)]

    def __post_init__(self) -> None:
        for time in self.times:
            require_utc(time, "times")
        if list(self.times) != sorted(set(self.times)):
            raise Invalid(
                "liaison.visit-times", "The times of the visit are not in order.", "Give each once, in order."
            )


class Visiting(_Step, frozen=True, kw_only=True, tag="visiting"):
    """The other side's answer to an offer (`visit`): it comes at `time` with `count` persons, or it does not come."""

    visit: Named
    accepts: bool
    time: Time | None = None
    count: Annotated[int, msgspec.Meta(ge=1, le=50)] | None = None

    def __post_init__(self) -> None:
        if self.time is not None:
            require_utc(self.time, "time")
        if self.accepts is not (self.time is not None and self.count is not None):
            raise Invalid(
                "liaison.visiting", "Who comes says when and with how many.", "Say both, or that nobody comes."
            )


class Visited(_Step, frozen=True, kw_only=True, tag="visited"):
    """One side's word that a visit took place, or that it did not."""

    visit: Named
    took_place: bool


Step = Acknowledged | Questioned | Explained | Judged | Ended | Invited | Visiting | Visited

_MORNING: Final = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
_GIVEN: Final = Named("pk", "01936e1a-7a00-7000-8000-000000000011")
_STEP: Final = Named("af", "01936e1a-7a00-7000-8000-000000000012")

STEP: Final = Kind(
    "liaison.notice-step",
    1,
    Step,
    "stands",
    "What follows a notice: acknowledged, asked about, explained, ended, a visit.",
    (
        Acknowledged(notice=_GIVEN),
        Acknowledged(notice=_GIVEN, unit="torkham/company", passed=_MORNING),
        Questioned(notice=_GIVEN, about=("duration", "purpose")),
        Explained(
            notice=_GIVEN,
            question=_STEP,
            says=(
                Explanation(about="duration", word="will-stop", until=_MORNING),
                Explanation(about="purpose", word="as-noticed", purpose="water"),
            ),
        ),
        Judged(notice=_GIVEN, answer=_STEP, enough=False),
        Ended(notice=_GIVEN, how="done"),
        Ended(notice=_GIVEN, how="gone"),
        Invited(notice=_GIVEN, times=(_MORNING,), place=Spot(34.1, 71.1, 1000, "PK", "place.torkham"), most=4),
        Visiting(notice=_GIVEN, visit=_STEP, accepts=True, time=_MORNING, count=3),
        Visited(notice=_GIVEN, visit=_STEP, took_place=True),
    ),
    written=False,
    waits=False,
    told="members",
)
