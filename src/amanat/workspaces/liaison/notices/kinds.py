"""The bodies of what is planned near the line and told of in advance, with examples.

Law: no field takes free words: what stands here is a code of a closed list, a number, a time, a place or a record. A
notice tells, and asks for no permission.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, get_args

import msgspec

from amanat.compact.form import Planned
from amanat.compact.notification import Level
from amanat.party.errors import Invalid
from amanat.party.types import Time, require_sorted, require_utc
from amanat.record.kind import Kind
from amanat.record.record import PostName
from amanat.workspaces.liaison.ground.shapes import (
    GROUND,
    Area,
    Corridor,
    Heights,
    Point,
    Position,
    Shape,
    Window,
)
from amanat.workspaces.liaison.kinds import Named

Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)")]
Designation = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{1,3}-[0-9]{1,4}(-[0-9]{1,4})?$(?!\n)")]
"""What an exercise is called by in papers, as a code: "EX-26-4"."""
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]
Count = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
Several = Annotated[int, msgspec.Meta(ge=1, le=10_000)]

Unit = Literal["team", "section", "platoon", "company", "battalion", "brigade", "larger"]
Direction = Literal["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"]
Arms = Literal["small-arms", "machine-gun", "mortar", "rocket", "artillery", "tank", "drone", "aircraft"]
Built = Literal["post", "gate", "fence", "bunker", "trench", "road", "wall", "clearing"]
Machine = Literal["none", "excavator", "bulldozer", "crane", "drill", "lorries"]
Arm = Literal["infantry", "armour", "artillery", "air-defence", "engineers", "aviation", "support"]
PhaseCode = Literal["transfer", "deployment", "concentration", "active", "recovery"]
"""The phases of Vienna Document 2011, chapter V."""
On = Literal["foot", "animals", "vehicles", "railway", "aircraft", "boats"]
Marking = Literal["emblem", "flags", "lights", "numbers", "roofs"]
Cargo = Literal["food", "health", "water", "shelter", "fuel", "staff", "other"]

MOST_FORMATIONS: Final = 24
MOST_PHASES: Final = 8


class Formation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many formations or units of one size and arm."""

    size: Unit
    arm: Arm
    count: Several


class Phase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A phase of an exercise, from when until when."""

    phase: PhaseCode
    since: Time
    until: Time

    def __post_init__(self) -> None:
        require_utc(self.since, "since")
        require_utc(self.until, "until")
        if self.until <= self.since:
            raise Invalid("liaison.phase", "A phase is over before it begins.", "Say the earlier time first.")


class _Planned(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What every notice has: where, how high above ground, when, and who administers that ground by the sender's word.

    `line_metres` is how far from the line it is, as the sender's side reports the line; `changes` is the notice of the
    same party in whose place this one stands.
    """

    shape: Shape
    window: Window
    country: Country
    heights: Heights = GROUND
    line_metres: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None
    changes: Named | None = None


class Works(_Planned, frozen=True, kw_only=True, tag="works"):
    """Works near the line: what is built or taken down, for what, by how many with what, and what it then is."""

    works: Built
    purpose: Literal["new", "repair", "taking-down", "water", "crossing", "civilian", "protection"]
    machinery: Annotated[tuple[Machine, ...], msgspec.Meta(max_length=6)] = ()
    workers: Count | None = None
    becomes: Literal["as-before", "manned", "unmanned", "removed", "civilian"] | None = None

    def __post_init__(self) -> None:
        require_sorted(self.machinery, "machinery")


class Flight(_Planned, frozen=True, kw_only=True, tag="flight"):
    """Flights of crewed aircraft."""

    craft: Literal["aeroplane", "helicopter", "transport", "combat", "balloon"]
    count: Several
    armed: bool
    purpose: Literal["transport", "training", "survey", "medical", "search", "reconnaissance", "relief"]


class Drone(_Planned, frozen=True, kw_only=True, tag="drone"):
    """Flights of drones."""

    craft: Literal["small", "tactical", "large"]
    count: Several
    armed: bool
    purpose: Literal["training", "survey", "search", "reconnaissance", "relief", "delivery"]


class _Forces(_Planned, frozen=True, kw_only=True):
    """How strong a force is, as Vienna Document 2011 counts it.

    `vehicles` are armoured ones, `artillery` is of 100 mm or more.
    """

    level: Level
    troops: Count
    tanks: Count = 0
    vehicles: Count = 0
    artillery: Count = 0
    helicopters: Count = 0
    direction: Direction | None = None


class Exercise(_Forces, frozen=True, kw_only=True, tag="exercise"):
    """An exercise, with what Vienna Document 2011 and the agreement of 1991 ask of one.

    `direction` is where it mainly points; `short_notice` is one that troops are told of without warning.
    """

    purpose: Literal["command-post", "combined-arms", "live-fire", "air-defence", "mountain", "logistics", "relief"]
    designation: Designation | None = None
    sorties: Count = 0
    live: bool
    short_notice: bool = False
    formations: Annotated[tuple[Formation, ...], msgspec.Meta(max_length=MOST_FORMATIONS)] = ()
    phases: Annotated[tuple[Phase, ...], msgspec.Meta(max_length=MOST_PHASES)] = ()

    def __post_init__(self) -> None:
        codes = [each.phase for each in self.phases]
        if len(codes) > len(set(codes)):
            raise Invalid("liaison.phases", "A phase of the exercise stands twice.", "Give each phase once.")
        if any(each.since < self.window.since or each.until > self.window.until for each in self.phases):
            raise Invalid(
                "liaison.phase-outside",
                "A phase lies outside the time of the exercise.",
                "Let the notice begin with its first phase and end with its last.",
            )


class Movement(_Forces, frozen=True, kw_only=True, tag="movement"):
    """Troops that move."""

    on: On
    purpose: Literal["rotation", "reinforcement", "withdrawal", "exercise", "disaster"]


class Patrol(_Planned, frozen=True, kw_only=True, tag="patrol"):
    """A patrol: how strong, how it goes, what for."""

    size: Unit
    on: On
    purpose: Literal["routine", "pillars", "search", "escort", "survey"]


class Blasting(_Planned, frozen=True, kw_only=True, tag="blasting"):
    """Blasting: the largest charge that is fired at once, how many there are, above ground or below."""

    charge_kg: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    below_ground: bool
    purpose: Literal["road", "quarry", "demolition", "ordnance"]
    count: Several = 1


class Firing(_Planned, frozen=True, kw_only=True, tag="firing"):
    """Firing practice; the shape is where it is dangerous, `direction` where it is fired to."""

    arms: Arms
    direction: Direction
    purpose: Literal["training", "testing", "registration"]
    rounds: Count | None = None


class Clearance(_Planned, frozen=True, kw_only=True, tag="clearance"):
    """Clearance of mines: what is done, by which sort of accredited body, between which hours (UTC) of each day."""

    by_whom: Literal["national-authority", "un", "ngo", "company", "military"]
    purpose: Literal["survey", "clearance", "demolition"]
    begins: Clock | None = None
    ends: Clock | None = None


class Convoy(_Planned, frozen=True, kw_only=True, tag="convoy"):
    """An aid convoy, or a humanitarian mission that moves: whose, how many vehicles, how marked, and whom to speak to.

    It informs. `contact` is a post, `short_notice` an emergency.
    """

    by_whom: Literal["un", "red-cross-crescent", "ngo", "health-authority", "state"]
    vehicles: Several
    contact: PostName
    marked: Annotated[tuple[Marking, ...], msgspec.Meta(max_length=5)] = ()
    cargo: Annotated[tuple[Cargo, ...], msgspec.Meta(max_length=7)] = ()
    short_notice: bool = False

    def __post_init__(self) -> None:
        require_sorted(self.marked, "marked")
        require_sorted(self.cargo, "cargo")


Notice = Works | Flight | Drone | Exercise | Movement | Patrol | Blasting | Firing | Clearance | Convoy


def _purposes() -> tuple[str, ...]:
    """Return every purpose that some notice has, sorted."""
    found = set[str]()
    for each in get_args(Notice):
        found.update(each.__annotations__["purpose"].__args__ if "purpose" in each.__annotations__ else ())
    return tuple(sorted(found))


PURPOSES: Final = _purposes()
HUMANITARIAN: Final = (Convoy,)
"""What informs and is asked nothing (floor 13)."""
OF_PEOPLE: Final = (Movement, Patrol, Convoy)
"""Where these are, is where persons are (floor 6)."""
TYPES: Final[Mapping[str, type[Notice]]] = {str(each.__struct_config__.tag): each for each in get_args(Notice)}
"""The struct of each type of notice, by what the compact calls it; works first."""


def type_of(body: Notice) -> Planned:
    """Return the type of a notice, as the compact calls it."""
    return body.__struct_config__.tag  # type: ignore[return-value]


_MORNING: Final = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
_DAY: Final = Window(_MORNING, _MORNING + timedelta(hours=10))
_GIVEN: Final = Named("pk", "01936e1a-7a00-7000-8000-000000000011")
_AT: Final = Point(Position(34.1, 71.1), 200)
_WIDE: Final = Point(Position(34.1, 71.1), 12_000)
_WAY: Final = Corridor((Position(34.1, 71.1), Position(34.2, 71.2)), 1_000)
_RANGE: Final = Area((Position(34.0, 71.0), Position(34.0, 71.1), Position(34.1, 71.1)))

NOTICE: Final = Kind(
    "liaison.notice",
    1,
    Notice,
    "stands",
    "What is planned near the line, told in advance: works, a flight, an exercise, a convoy.",
    (
        Works(
            shape=_AT,
            window=_DAY,
            country="PK",
            works="trench",
            purpose="water",
            machinery=("excavator", "lorries"),
            workers=24,
            becomes="unmanned",
            line_metres=400,
        ),
        Flight(
            shape=_WAY,
            heights=Heights(300, 2_000),
            window=_DAY,
            country="PK",
            craft="helicopter",
            count=2,
            armed=False,
            purpose="medical",
        ),
        Drone(
            shape=_AT,
            heights=Heights(50, 120),
            window=_DAY,
            country="AF",
            craft="small",
            count=1,
            armed=False,
            purpose="survey",
        ),
        Exercise(
            shape=_RANGE,
            window=_DAY,
            country="PK",
            level="brigade",
            troops=2_400,
            tanks=12,
            vehicles=60,
            artillery=18,
            helicopters=4,
            sorties=20,
            purpose="combined-arms",
            designation="EX-26-4",
            live=True,
            direction="south-east",
            line_metres=20_000,
            formations=(Formation(size="battalion", arm="infantry", count=3),),
            phases=(Phase(phase="active", since=_DAY.since, until=_DAY.until),),
        ),
        Movement(
            shape=_WIDE,
            window=_DAY,
            country="AF",
            level="battalion",
            troops=500,
            vehicles=30,
            on="vehicles",
            purpose="rotation",
        ),
        Patrol(shape=_WIDE, window=_DAY, country="PK", size="section", on="foot", purpose="routine"),
        Blasting(shape=_AT, window=_DAY, country="PK", charge_kg=50, below_ground=False, purpose="road", count=4),
        Firing(
            shape=_RANGE,
            window=_DAY,
            country="AF",
            arms="mortar",
            direction="north-west",
            purpose="training",
            rounds=60,
        ),
        Clearance(
            shape=_RANGE, window=_DAY, country="AF", by_whom="ngo", purpose="clearance", begins="03:00", ends="11:00"
        ),
        Convoy(
            shape=_WIDE,
            window=_DAY,
            country="AF",
            by_whom="un",
            vehicles=12,
            contact="torkham/duty",
            marked=("flags", "roofs"),
            cargo=("food", "health"),
            changes=_GIVEN,
        ),
    ),
    written=False,
    waits=False,
    told="members",
)
