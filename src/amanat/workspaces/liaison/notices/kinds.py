"""The bodies of what is planned near the line and told of in advance, with examples.

Law: no field takes free words: what stands here is a code of a closed list, a number, a time, a place or a record. A
notice tells, and asks for no permission.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, get_args

import msgspec

from amanat.compact.form import Planned
from amanat.party.types import require_sorted
from amanat.record.kind import Kind
from amanat.workspaces.liaison.ground.shapes import Area, Corridor, Heights, Point, Position, Window
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices.aid import AidSite, Convoy, Team
from amanat.workspaces.liaison.notices.announced import Announced, Count, Several
from amanat.workspaces.liaison.notices.forces import Direction, Exercise, Formation, Movement, On, Phase, Unit

Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]

Arms = Literal["small-arms", "machine-gun", "mortar", "rocket", "artillery", "tank", "drone", "aircraft"]
Built = Literal["post", "gate", "fence", "bunker", "trench", "road", "wall", "clearing"]
Machine = Literal["none", "excavator", "bulldozer", "crane", "drill", "lorries"]


class Works(Announced, frozen=True, kw_only=True, tag="works"):
    """Works near the line: what is built or taken down, for what, by how many with what, and what it then is."""

    works: Built
    purpose: Literal["new", "repair", "taking-down", "water", "crossing", "civilian", "protection"]
    machinery: Annotated[tuple[Machine, ...], msgspec.Meta(max_length=6)] = ()
    workers: Count | None = None
    becomes: Literal["as-before", "manned", "unmanned", "removed", "civilian"] | None = None

    def __post_init__(self) -> None:
        require_sorted(self.machinery, "machinery")


class Flight(Announced, frozen=True, kw_only=True, tag="flight"):
    """Flights of crewed aircraft: how many of them, and how often they start (`sorties`)."""

    craft: Literal["aeroplane", "helicopter", "transport", "combat", "balloon"]
    count: Several
    armed: bool
    purpose: Literal["transport", "training", "survey", "medical", "search", "reconnaissance", "relief"]
    sorties: Count = 0


class Drone(Announced, frozen=True, kw_only=True, tag="drone"):
    """Flights of drones: how many of them, and how often they start (`sorties`)."""

    craft: Literal["small", "tactical", "large"]
    count: Several
    armed: bool
    purpose: Literal["training", "survey", "search", "reconnaissance", "relief", "delivery"]
    sorties: Count = 0


class Patrol(Announced, frozen=True, kw_only=True, tag="patrol"):
    """A patrol: how strong, how it goes, what for."""

    size: Unit
    on: On
    purpose: Literal["routine", "pillars", "search", "escort", "survey"]


class Blasting(Announced, frozen=True, kw_only=True, tag="blasting"):
    """Blasting: the largest charge that is fired at once, how many there are, above ground or below."""

    charge_kg: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    below_ground: bool
    purpose: Literal["road", "quarry", "demolition", "ordnance"]
    count: Several = 1


class Firing(Announced, frozen=True, kw_only=True, tag="firing"):
    """Firing practice; the shape is where it is dangerous, `direction` where it is fired to."""

    arms: Arms
    direction: Direction
    purpose: Literal["training", "testing", "registration"]
    rounds: Count | None = None


class Clearance(Announced, frozen=True, kw_only=True, tag="clearance"):
    """Clearance of mines: what is done, by which sort of accredited body, between which hours (UTC) of each day."""

    by_whom: Literal["national-authority", "un", "ngo", "company", "military"]
    purpose: Literal["survey", "clearance", "demolition"]
    begins: Clock | None = None
    ends: Clock | None = None


Notice = Works | Flight | Drone | Exercise | Movement | Patrol | Blasting | Firing | Clearance | Convoy | AidSite | Team


def _purposes() -> tuple[str, ...]:
    """Return every purpose that some notice has, sorted."""
    found = set[str]()
    for each in get_args(Notice):
        found.update(each.__annotations__["purpose"].__args__ if "purpose" in each.__annotations__ else ())
    return tuple(sorted(found))


PURPOSES: Final = _purposes()
HUMANITARIAN: Final = (Convoy, AidSite, Team)
"""What informs and is asked nothing (floor 13)."""
OF_PEOPLE: Final = (Movement, Patrol, Convoy, Team)
"""Where these are, is where persons are (floor 6)."""
CAMP: Final = "camp"
"""The one site that is so too: any other is protected by being known where it stands (Protocol I, article 12(3))."""
TYPES: Final[Mapping[str, type[Notice]]] = {str(each.__struct_config__.tag): each for each in get_args(Notice)}
"""The struct of each type of notice, by what the compact calls it; works first."""


def type_of(body: Notice) -> Planned:
    """Return the type of a notice, as the compact calls it."""
    return body.__struct_config__.tag  # type: ignore[return-value]


def of_people(body: Notice) -> bool:
    """Whether where it is, is where persons are (floor 6)."""
    return isinstance(body, OF_PEOPLE) or (isinstance(body, AidSite) and body.site == CAMP)


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
            states=("PK", "TR"),
            command="division",
            launchers=8,
            helicopters_attack=1,
            helicopters_transport=3,
            air_purposes=("air-support", "transport"),
            aircraft=("combat", "helicopter"),
            calendar="differs",
            differs=("size",),
            relates=(_GIVEN,),
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
        AidSite(
            shape=_AT,
            window=_DAY,
            country="AF",
            by_whom="ngo",
            site="hospital",
            contact="torkham/duty",
            marked=("roofs",),
        ),
        Team(shape=_WIDE, window=_DAY, country="AF", by_whom="un", count=6, purpose="medical", contact="torkham/duty"),
    ),
    written=False,
    waits=False,
    told="members",
)
