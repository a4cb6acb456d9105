"""The bodies of tracks: what opens one, and its steps, with examples.

Law: nobody is named or described. A hand-back of persons is offered and made only by a body that says that each was
asked alone and in their language, and that none fears return (floor 4); no body says anything of anyone else, not even
that they are here. There is no body by which passage for patients is refused, or granted on a condition (floor 13).
"""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec

from amanat.party.types import Time, require_utc
from amanat.record.kind import Kind
from amanat.record.record import PostName
from amanat.workspaces.liaison.ground.shapes import Window
from amanat.workspaces.liaison.kinds import Named, Spot

Who = Literal["adult", "family", "soldier"]
"""Whom it may concern: a child alone is not among them, for nobody offers to hand one back here."""
Tongue = Literal[
    "ar", "bal", "brh", "en", "fa-AF", "hno", "khw", "other", "pa", "ps", "sd", "tk", "ur", "uz"
]  # fmt: skip
Species = Literal["sheep", "goats", "cattle", "camels", "donkeys", "horses", "mixed"]
Vehicle = Literal["car", "pick-up", "lorry", "bus", "motorcycle", "tractor", "ambulance", "other"]
Need = Literal["at-once", "today", "days"]
OrdnanceType = Literal["mine", "shell", "mortar-bomb", "rocket", "grenade", "bomb", "improvised", "unknown"]
Arms = Literal["small-arms", "machine-gun", "mortar", "rocket", "artillery", "tank", "drone", "aircraft"]
Explanation = Literal["mistake", "practice", "not-ours", "looking"]
Visitor = Literal["red-cross-red-crescent", "observer", "doctor"]

Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Some = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Radius = Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How each was asked whether they fear return: alone, in which language, by which post, when; and the answer."""

    alone: bool
    language: Tongue
    post: PostName
    at: Time
    fears: bool

    def __post_init__(self) -> None:
        require_utc(self.at, "at")


class _Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What an opening may say: to which incident or other matter the track belongs, by its author's word.

    Not of captured personnel: an incident has a place.
    """

    linked: Named | None = None


class Offered(_Opening, frozen=True, kw_only=True, tag="offered"):
    """So many who crossed by mistake, or were held, are offered to be handed back. Without a track it opens one.

    Those alone who were `asked` are counted. `near` is where they were found, coarsely.
    """

    who: Who
    count: Count
    asked: Question
    near: Spot | None = None
    track: Named | None = None


class Missing(_Opening, frozen=True, kw_only=True, tag="missing"):
    """So many of the author's side did not come back, with so many animals, since when and near where, coarsely."""

    adults: Some = 0
    children: Some = 0
    animals: Some = 0
    since: Time
    near: Spot

    def __post_init__(self) -> None:
        require_utc(self.since, "since")


class Livestock(_Opening, frozen=True, kw_only=True, tag="livestock"):
    """Animals that crossed: `found` on the author's side, or sought from there."""

    found: bool
    species: Species
    count: Count
    near: Spot


class Vehicles(_Opening, frozen=True, kw_only=True, tag="vehicle"):
    """Vehicles that crossed: `found` on the author's side, or sought from there."""

    found: bool
    vehicle: Vehicle
    count: Count
    near: Spot


class Captured(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="captured"
):
    """Personnel of the other side that the author's holds, by their health, and which post speaks for them.

    Never where, and never those who fear that they be told of.
    """

    well: Some = 0
    wounded: Some = 0
    dead: Some = 0
    contact: PostName


class Passage(_Opening, frozen=True, kw_only=True, tag="passage"):
    """Patients, and who goes with them, come to a crossing in a window; how soon each needs to be treated."""

    patients: Count
    companions: Some = 0
    need: Need
    place: Spot
    window: Window


class Bodies(_Opening, frozen=True, kw_only=True, tag="bodies"):
    """Dead of one side: `found` on the author's, who tells of them, or to be recovered for the author."""

    found: bool
    count: Count
    place: Spot


class Ordnance(_Opening, frozen=True, kw_only=True, tag="ordnance"):
    """Unexploded ordnance: what, where, how far it is dangerous, whether marked; `here` on the side that tells of it.

    Whose soil it lies on clears it, or not: nobody is asked to.
    """

    ordnance: OrdnanceType
    place: Spot
    metres: Radius
    marked: bool
    here: bool


class Fire(_Opening, frozen=True, kw_only=True, tag="fire"):
    """Fire that fell on the author's side (`here`), or went over from it: when, of what, coarsely where."""

    here: bool
    arms: Arms
    began: Time
    near: Spot

    def __post_init__(self) -> None:
        require_utc(self.began, "began")


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="answered"):
    """Animals, vehicles or dead that were sought are found, or not found so far. Of persons nothing such is said."""

    track: Named
    found: bool


class Proposed(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="proposed"
):
    """Where and in which window it is to be done; with `stops`, all activity there stops and a white flag is seen."""

    track: Named
    place: Spot
    window: Window
    stops: bool = False


class Agreed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="agreed"):
    """The other side's proposal (`of`) is agreed as it stands."""

    track: Named
    of: Named


class HandedOver(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="handed-over"):
    """So many persons were handed over, each asked once more before: alone, in their language."""

    track: Named
    count: Count
    asked: Question


class GivenBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="given-back"):
    """So many animals, vehicles or dead were given back."""

    track: Named
    count: Count


class Received(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="received"):
    """So many came to the author's side."""

    track: Named
    count: Count


class NotCompleted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="not-completed"):
    """Nobody is, or no more are, handed back on this track. It has no place for a reason (floor 3)."""

    track: Named


class VisitAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="visit-asked"):
    """A visit to captured personnel is asked for, by whom."""

    track: Named
    visitor: Visitor


class VisitGranted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="visit-granted"):
    """The visit that was asked for (`of`) may take place in a window."""

    track: Named
    of: Named
    window: Window


class Visited(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="visited"):
    """A visit took place, by whom."""

    track: Named
    visitor: Visitor


class Opens(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="opens"):
    """The author receives the patients there in that window. It has no place for a condition (floor 13)."""

    track: Named
    place: Spot
    window: Window


class Clearing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="clearing"):
    """The author clears the ordnance on its own soil, in a window."""

    track: Named
    window: Window


class Done(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="done"):
    """What was done, for so many: patients passed, dead were recovered, ordnance was cleared."""

    track: Named
    did: Literal["passed", "recovered", "cleared"]
    count: Count | None = None


class Explained(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="explained"):
    """What a side says of fire: by mistake, practice, not its own, or that it looks into it."""

    track: Named
    explanation: Explanation


class Closed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="closed"):
    """The author's side is done with the track."""

    track: Named


Opening = Offered | Missing | Livestock | Vehicles | Captured | Passage | Bodies | Ordnance | Fire
Step = (
    Offered
    | Answered
    | Proposed
    | Agreed
    | HandedOver
    | GivenBack
    | Received
    | NotCompleted
    | VisitAsked
    | VisitGranted
    | Visited
    | Opens
    | Clearing
    | Done
    | Explained
    | Closed
)
Body = Opening | Step

_TRACK: Final = Named("pk", "01936e1a-7a00-7000-8000-000000000011")
_PROPOSED: Final = Named("af", "01936e1a-7a00-7000-8000-000000000012")
_MORNING: Final = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
_WINDOW: Final = Window(_MORNING.replace(hour=8), _MORNING.replace(hour=9))
_GATE: Final = Spot(34.1, 71.1, 500, "AF")
_NEAR: Final = Spot(34.1, 71.1, 12_000)
_ASKED: Final = Question(alone=True, language="ps", post="torkham/protection", at=_MORNING, fears=False)

TRACK: Final = Kind(
    "liaison.track",
    1,
    Body,
    "stands",
    "Who or what crossed, captured personnel, passage, recovery, ordnance or stray fire: what opens it, and each step.",
    (
        Missing(adults=1, animals=40, since=_MORNING, near=_NEAR),
        Offered(who="adult", count=1, asked=_ASKED, near=_NEAR),
        Offered(who="adult", count=1, asked=_ASKED, track=_TRACK),
        Proposed(track=_TRACK, place=_GATE, window=_WINDOW),
        Agreed(track=_TRACK, of=_PROPOSED),
        HandedOver(track=_TRACK, count=1, asked=_ASKED),
        Received(track=_TRACK, count=1),
        NotCompleted(track=_TRACK),
        Livestock(found=True, species="sheep", count=40, near=_NEAR),
        Vehicles(found=False, vehicle="tractor", count=1, near=_NEAR),
        Answered(track=_TRACK, found=True),
        GivenBack(track=_TRACK, count=40),
        Captured(well=2, wounded=1, contact="operations/duty"),
        VisitAsked(track=_TRACK, visitor="red-cross-red-crescent"),
        VisitGranted(track=_TRACK, of=_PROPOSED, window=_WINDOW),
        Visited(track=_TRACK, visitor="red-cross-red-crescent"),
        Passage(patients=2, companions=1, need="at-once", place=_GATE, window=_WINDOW),
        Opens(track=_TRACK, place=_GATE, window=_WINDOW),
        Bodies(found=False, count=2, place=_GATE),
        Ordnance(ordnance="shell", place=_GATE, metres=300, marked=True, here=True),
        Clearing(track=_TRACK, window=_WINDOW),
        Done(track=_TRACK, did="cleared"),
        Fire(here=True, arms="mortar", began=_MORNING, near=Spot(34.1, 71.1, 1200)),
        Explained(track=_TRACK, explanation="looking"),
        Closed(track=_TRACK),
    ),
    written=False,
    told="members",
)
