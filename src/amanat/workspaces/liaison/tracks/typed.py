"""What was typed on the forms of tracks, read into bodies.

Law: what cannot be read is told where it was typed. Where persons, animals and vehicles are is told to 12 km, whatever
was typed; of whom floor 4 protects no body is made, in one sentence for all of them (floor 3).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, get_args

import msgspec

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid, Refused
from amanat.workspaces.liaison import matter_rows, places, slots
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.ground.shapes import Window
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.tracks import counted, kinds, rules
from amanat.workspaces.liaison.tracks.counted import Track
from amanat.workspaces.liaison.tracks.kinds import Question

NEAR_METRES: Final = 12_000
"""To within so many metres it is told near where persons, animals or vehicles are: floor 6 asks for 10 km."""
FIRE_METRES: Final = 1_200


LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "who": get_args(kinds.Who),
    "language": get_args(kinds.Tongue),
    "species": get_args(kinds.Species),
    "vehicle": get_args(kinds.Vehicle),
    "need": get_args(kinds.Need),
    "ordnance": get_args(kinds.OrdnanceType),
    "arms": get_args(kinds.Arms),
    "explanation": get_args(kinds.Explanation),
    "visitor": get_args(kinds.Visitor),
}
"""Field → what may be chosen in it."""
YES_OR_NO: Final = ("yes", "no")


class Beginning(msgspec.Struct, frozen=True):
    """What was typed to open a track of a type; what its type does not ask for is empty."""

    type: counted.Type
    compact: str = ""
    linked: str = ""
    exercise: str = ""
    who: str = ""
    count: str = ""
    alone: str = ""
    fears: str = ""
    language: str = ""
    asked_at: str = ""
    near: str = ""
    adults: str = ""
    children: str = ""
    animals: str = ""
    gone: str = ""
    found: str = ""
    species: str = ""
    vehicle: str = ""
    well: str = ""
    wounded: str = ""
    dead: str = ""
    contact: str = ""
    patients: str = ""
    companions: str = ""
    need: str = ""
    place: str = ""
    since: str = ""
    until: str = ""
    ordnance: str = ""
    metres: str = ""
    marked: str = ""
    here: str = ""
    arms: str = ""
    began: str = ""


class Stepping(msgspec.Struct, frozen=True):
    """Which step is made in which track, and what was typed for it."""

    party: str
    id: str
    step: str
    of: str = ""
    who: str = ""
    count: str = ""
    alone: str = ""
    fears: str = ""
    language: str = ""
    asked_at: str = ""
    found: str = ""
    place: str = ""
    since: str = ""
    until: str = ""
    seen: str = ""
    stops: str = ""
    visitor: str = ""
    explanation: str = ""


# --- what is typed ----------------------------------------------------------------------------------------------------


def question(turn: Turn, actor: Actor, typed: Beginning | Stepping) -> Question:
    """Return what was typed of the question whether they fear return. Raises `Refused` for whom nothing is sent of."""
    told = (typed.who, typed.alone, typed.fears)
    if typed.who == "child-alone" or typed.alone != "yes" or typed.fears != "no":
        if "" in told[1:]:
            with slots.in_field("fears" if typed.alone else "alone"):
                raise Invalid(
                    "liaison.track-asked",
                    "How they were asked is not said.",
                    "Say whether each was asked alone, and the answer.",
                )
        raise Refused(
            "floor.4",
            "Nobody is handed back, or offered to be, who is a child alone, was not asked alone and in their language, "
            "or fears return.",
            "Nothing was sent. Bring them to the protection desk; at both sides it reads “not completed”, and nobody "
            "says why.",
            by="floor 4",
        )
    with slots.in_field("language"):
        if not typed.language:
            raise Invalid(
                "liaison.track-asked-language",
                "In which language they were asked is not said.",
                "Choose their language.",
            )
    with slots.in_field("asked_at"):
        at = _time(turn, typed.asked_at)
        if at > turn.now:
            raise Invalid("liaison.track-asked-later", "They were asked later than now.", "Say when they were asked.")
    return Question(alone=True, language=typed.language, post=actor.post, at=at, fears=False)  # type: ignore[arg-type]


def _near(turn: Turn, typed: str, metres: int = NEAR_METRES) -> Spot:
    with slots.in_field("near"):
        return matter_rows.coarse(places.read(turn, typed, None), metres)


def _place(turn: Turn, typed: str) -> Spot:
    with slots.in_field("place"):
        return places.read(turn, typed, None)


def _time(turn: Turn, typed: str) -> datetime:
    return slots.time(typed, own_zone(turn), turn.now)


def _past(turn: Turn, typed: str, name: str) -> datetime:
    with slots.in_field(name):
        at = _time(turn, typed)
        if at > turn.now:
            raise Invalid("liaison.track-later", "What happened is dated later than now.", "Say when it was.")
    return at


def _window(turn: Turn, since: str, until: str) -> Window:
    """Return a window that is not over. Raises `Invalid`."""
    found = drawn.window(turn, since, until)
    with slots.in_field("until"):
        if found.until <= turn.now:
            raise Invalid("liaison.track-window-over", "The window is over already.", "Give one that is to come.")
    with slots.in_field("since"):
        if found.since > turn.now + counted.FARTHEST:
            raise Invalid(
                "liaison.track-window-far", "The window begins in more than a month.", "Agree on it when it is nearer."
            )
    return found


def _choice(typed: str, name: str) -> Any:  # noqa: ANN401 - a code, which the body's own type holds to its list
    return slots.chosen(typed, LISTS.get(name, YES_OR_NO), name)


def _whole(typed: str, name: str) -> int:
    with slots.in_field(name):
        return drawn.whole(typed, name)


def _some(typed: str, name: str) -> int:
    return _whole(typed or "0", name)


def _yes(typed: str, name: str) -> bool:
    return _choice(typed, name) == "yes"  # type: ignore[no-any-return]


# --- what opens a track -----------------------------------------------------------------------------------------------


def _offered(turn: Turn, actor: Actor, typed: Beginning) -> kinds.Body:
    answered = question(turn, actor, typed)
    return kinds.Offered(
        who=_choice(typed.who, "who"),
        count=_whole(typed.count, "count"),
        asked=answered,
        near=_near(turn, typed.near),
    )


def _missing(turn: Turn, _actor: Actor, typed: Beginning) -> kinds.Body:
    return kinds.Missing(
        adults=_some(typed.adults, "adults"),
        children=_some(typed.children, "children"),
        animals=_some(typed.animals, "animals"),
        since=_past(turn, typed.gone, "gone"),
        near=_near(turn, typed.near),
    )


def _livestock(turn: Turn, _actor: Actor, typed: Beginning) -> kinds.Body:
    return kinds.Livestock(
        found=_yes(typed.found, "found"),
        species=_choice(typed.species, "species"),
        count=_whole(typed.count, "count"),
        near=_near(turn, typed.near),
    )


def _vehicles(turn: Turn, _actor: Actor, typed: Beginning) -> kinds.Body:
    return kinds.Vehicles(
        found=_yes(typed.found, "found"),
        vehicle=_choice(typed.vehicle, "vehicle"),
        count=_whole(typed.count, "count"),
        near=_near(turn, typed.near),
    )


def _captured(_turn: Turn, actor: Actor, typed: Beginning) -> kinds.Body:
    return kinds.Captured(
        well=_some(typed.well, "well"),
        wounded=_some(typed.wounded, "wounded"),
        dead=_some(typed.dead, "dead"),
        contact=typed.contact.strip() or actor.post,
    )


def _passage(turn: Turn, _actor: Actor, typed: Beginning) -> kinds.Body:
    return kinds.Passage(
        patients=_whole(typed.patients, "patients"),
        companions=_some(typed.companions, "companions"),
        need=_choice(typed.need, "need"),
        place=_place(turn, typed.place),
        window=_window(turn, typed.since, typed.until),
    )


def _bodies(turn: Turn, _actor: Actor, typed: Beginning) -> kinds.Body:
    return kinds.Bodies(
        found=_yes(typed.found, "found"), count=_whole(typed.count, "count"), place=_place(turn, typed.place)
    )


def _ordnance(turn: Turn, _actor: Actor, typed: Beginning) -> kinds.Body:
    return kinds.Ordnance(
        ordnance=_choice(typed.ordnance, "ordnance"),
        place=_place(turn, typed.place),
        metres=_whole(typed.metres, "metres"),
        marked=_yes(typed.marked, "marked"),
        here=_yes(typed.here, "here"),
    )


def _fire(turn: Turn, _actor: Actor, typed: Beginning) -> kinds.Body:
    return kinds.Fire(
        here=_yes(typed.here, "here"),
        arms=_choice(typed.arms, "arms"),
        began=_past(turn, typed.began, "began"),
        near=_near(turn, typed.near, FIRE_METRES),
    )


OPENINGS: Final[Mapping[counted.Type, Callable[[Turn, Actor, Beginning], kinds.Body]]] = {
    "offered": _offered,
    "missing": _missing,
    "livestock": _livestock,
    "vehicle": _vehicles,
    "captured": _captured,
    "passage": _passage,
    "bodies": _bodies,
    "ordnance": _ordnance,
    "fire": _fire,
}


# --- the steps --------------------------------------------------------------------------------------------------------


def _offer(turn: Turn, actor: Actor, track: Track, typed: Stepping) -> kinds.Body:
    answered = question(turn, actor, typed)
    who, count = _choice(typed.who, "who"), _whole(typed.count, "count")
    return kinds.Offered(who=who, count=count, asked=answered, track=track.root.key)


def _handed(turn: Turn, actor: Actor, track: Track, typed: Stepping) -> kinds.Body:
    if track.type not in counted.PERSONS:
        return kinds.GivenBack(track=track.root.key, count=_whole(typed.count, "count"))
    answered = question(turn, actor, typed)
    return kinds.HandedOver(track=track.root.key, count=_whole(typed.count, "count"), asked=answered)


def _proposed(turn: Turn, _actor: Actor, track: Track, typed: Stepping) -> kinds.Body:
    place, window = _place(turn, typed.place), _window(turn, typed.since, typed.until)
    return kinds.Proposed(track=track.root.key, place=place, window=window, stops=bool(typed.stops))


def _agreed(turn: Turn, _actor: Actor, track: Track, typed: Stepping) -> kinds.Body:
    """Agree to the proposal that was shown; another may have come since. Raises `Invalid`."""
    proposed, _ = counted.proposal(track)
    if proposed is None or proposed.party == turn.means.party or typed.of != f"{proposed.key.party}:{proposed.key.id}":
        raise Invalid(
            "liaison.track-proposal", "Another proposal stands by now.", "Read it, then agree or propose another."
        )
    return kinds.Agreed(track=track.root.key, of=proposed.key)


def _granted(turn: Turn, _actor: Actor, track: Track, typed: Stepping) -> kinds.Body:
    rows = ({each.code: each.said for each in row} for row in rules.standing(track, turn.now).rows)
    visit = next((row["visit-asked"] for row in rows if row.get("visit-asked") and not row["visit-granted"]), None)
    if visit is None:
        raise Invalid("liaison.track-visit", "Nobody asked for a visit.", "Wait until somebody does.")
    return kinds.VisitGranted(track=track.root.key, of=visit.key, window=_window(turn, typed.since, typed.until))


def _opens(turn: Turn, _actor: Actor, track: Track, typed: Stepping) -> kinds.Body:
    place, window = _place(turn, typed.place), _window(turn, typed.since, typed.until)
    return kinds.Opens(track=track.root.key, place=place, window=window)


def _simple(
    make: Callable[[Named, Turn, Stepping], kinds.Body],
) -> Callable[[Turn, Actor, Track, Stepping], kinds.Body]:
    """Return a step that takes the track and what was typed, and nothing of either."""
    return lambda turn, _actor, track, typed: make(track.root.key, turn, typed)


def _count(typed: Stepping) -> int:
    return _whole(typed.count, "count")


STEPS: Final[Mapping[str, Callable[[Turn, Actor, Track, Stepping], kinds.Body]]] = {
    "offered": _offer,
    "handed": _handed,
    "proposed": _proposed,
    "agreed": _agreed,
    "visit-granted": _granted,
    "opens": _opens,
    "found": _simple(lambda key, _, typed: kinds.Answered(track=key, found=_yes(typed.found, "found"))),
    "received": _simple(lambda key, _, typed: kinds.Received(track=key, count=_count(typed))),
    "not-completed": _simple(lambda key, _turn, _typed: kinds.NotCompleted(track=key)),
    "visit-asked": _simple(
        lambda key, _, typed: kinds.VisitAsked(track=key, visitor=_choice(typed.visitor, "visitor"))
    ),
    "visited": _simple(lambda key, _, typed: kinds.Visited(track=key, visitor=_choice(typed.visitor, "visitor"))),
    "passed": _simple(lambda key, _, typed: kinds.Done(track=key, did="passed", count=_count(typed))),
    "recovered": _simple(lambda key, _, typed: kinds.Done(track=key, did="recovered", count=_count(typed))),
    "clearing": _simple(
        lambda key, turn, typed: kinds.Clearing(track=key, window=_window(turn, typed.since, typed.until))
    ),
    "cleared": _simple(lambda key, _turn, _typed: kinds.Done(track=key, did="cleared")),
    "explained": _simple(
        lambda key, _, typed: kinds.Explained(track=key, explanation=_choice(typed.explanation, "explanation"))
    ),
    "closed": _simple(lambda key, _turn, _typed: kinds.Closed(track=key)),
}
