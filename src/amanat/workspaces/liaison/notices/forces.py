"""The bodies of notices of forces, an exercise or a movement, with the fields of Vienna Document 2011, chapter V.

Law: hardly any of it must be said, for a notice that lacks something is worth more than none. What of it a compact asks
for, of what size, stands there (`says`).
"""

from typing import Annotated, Final, Literal

import msgspec

from amanat.compact.notification import Level
from amanat.party.errors import Invalid
from amanat.party.types import Time, require_sorted, require_utc
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices.announced import Announced, Count, Country, Several

Designation = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{1,3}-[0-9]{1,4}(-[0-9]{1,4})?$(?!\n)")]
"""What an exercise is called by in papers, as a code: "EX-26-4"."""
Unit = Literal["team", "section", "platoon", "company", "battalion", "brigade", "larger"]
Direction = Literal["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"]
Arm = Literal["infantry", "armour", "artillery", "air-defence", "engineers", "aviation", "support"]
PhaseCode = Literal["transfer", "deployment", "concentration", "active", "recovery"]
"""The phases of Vienna Document 2011, chapter V."""
On = Literal["foot", "animals", "vehicles", "railway", "aircraft", "boats"]
Calendar = Literal["as-listed", "differs", "not-listed"]
Differs = Literal["place", "purpose", "size", "time"]
Air = Literal["air-defence", "air-support", "reconnaissance", "search", "training", "transport"]
Aircraft = Literal["aeroplane", "combat", "helicopter", "transport"]

MOST_FORMATIONS: Final = 24
MOST_PHASES: Final = 8
MOST_STATES: Final = 16
MOST_RELATED: Final = 8


class Formation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many formations or units of one size and arm."""

    size: Unit
    arm: Arm
    count: Several


class Phase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A phase of an exercise or a movement, from when until when. One elsewhere is a notice of its own (`relates`)."""

    phase: PhaseCode
    since: Time
    until: Time

    def __post_init__(self) -> None:
        require_utc(self.since, "since")
        require_utc(self.until, "until")
        if self.until <= self.since:
            raise Invalid("liaison.phase", "A phase is over before it begins.", "Say the earlier time first.")


class Forces(Announced, frozen=True, kw_only=True):
    """How strong a force is, who leads it and when it does what, as Vienna Document 2011, chapter V, asks.

    `states` take part, `command` is the level that leads it. `vehicles` are armoured ones, `launchers` those of
    anti-tank missiles mounted on such, `artillery` is of 100 mm or more; of all `helicopters` so many are for attack,
    support and transport. `direction` is where it mainly points. `calendar` says whether it is as the annual calendar
    has it, and `differs` in what not; `relates` names notices of what belongs together with it.
    """

    level: Level
    troops: Count
    tanks: Count = 0
    vehicles: Count = 0
    launchers: Count = 0
    artillery: Count = 0
    helicopters: Count = 0
    helicopters_attack: Count = 0
    helicopters_support: Count = 0
    helicopters_transport: Count = 0
    direction: Direction | None = None
    states: Annotated[tuple[Country, ...], msgspec.Meta(max_length=MOST_STATES)] = ()
    command: Level | None = None
    formations: Annotated[tuple[Formation, ...], msgspec.Meta(max_length=MOST_FORMATIONS)] = ()
    phases: Annotated[tuple[Phase, ...], msgspec.Meta(max_length=MOST_PHASES)] = ()
    calendar: Calendar | None = None
    differs: Annotated[tuple[Differs, ...], msgspec.Meta(max_length=4)] = ()
    relates: Annotated[tuple[Named, ...], msgspec.Meta(max_length=MOST_RELATED)] = ()

    def __post_init__(self) -> None:
        for name in ("states", "differs", "relates"):
            require_sorted(getattr(self, name), name)
        self._require_phases()
        if self.helicopters_attack + self.helicopters_support + self.helicopters_transport > self.helicopters:
            raise Invalid(
                "liaison.helicopters",
                "There are more helicopters of some sorts than there are helicopters.",
                "Count all of them, then how many of those are of each sort.",
            )
        if (self.calendar == "differs") is not bool(self.differs):
            raise Invalid(
                "liaison.differs",
                "It says that it differs from the annual calendar, or in what it does, but not both.",
                "Say both, or that it is as the calendar has it, or not in it.",
            )

    def _require_phases(self) -> None:
        codes = [each.phase for each in self.phases]
        if len(codes) > len(set(codes)):
            raise Invalid("liaison.phases", "A phase of the exercise stands twice.", "Give each phase once.")
        if any(each.since < self.window.since or each.until > self.window.until for each in self.phases):
            raise Invalid(
                "liaison.phase-outside",
                "A phase lies outside the time of the exercise.",
                "Let the notice begin with its first phase and end with its last.",
            )


class Exercise(Forces, frozen=True, kw_only=True, tag="exercise"):
    """An exercise, with what Vienna Document 2011 and the agreement of 1991 ask of one.

    `alerted` is when its troops are told, of an exercise by alert, of which nobody is told earlier. `air_purposes` are
    those of its air missions, by `sorties` of `aircraft`.
    """

    purpose: Literal["command-post", "combined-arms", "live-fire", "air-defence", "mountain", "logistics", "relief"]
    designation: Designation | None = None
    sorties: Count = 0
    air_purposes: Annotated[tuple[Air, ...], msgspec.Meta(max_length=6)] = ()
    aircraft: Annotated[tuple[Aircraft, ...], msgspec.Meta(max_length=4)] = ()
    live: bool
    alerted: Time | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require_sorted(self.air_purposes, "air_purposes")
        require_sorted(self.aircraft, "aircraft")
        if self.alerted is not None:
            require_utc(self.alerted, "alerted")
            if self.alerted > self.window.since:
                raise Invalid(
                    "liaison.alerted", "Its troops would be told of it after it began.", "Say when they are told."
                )


class Movement(Forces, frozen=True, kw_only=True, tag="movement"):
    """Troops that move."""

    on: On
    purpose: Literal["rotation", "reinforcement", "withdrawal", "exercise", "disaster"]
