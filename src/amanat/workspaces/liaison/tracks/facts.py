"""What the floors have to know of a step in a track, and what no step may say: asked of every body at both ends.

Law: pure. Who was not asked alone, or fears return, is offered to nobody and handed to nobody (floor 4); where persons
are is told coarsely (floor 6), and where fire fell not so closely that it could be corrected by it.
"""

from typing import Any

from amanat.party.errors import Invalid, Refused
from amanat.record.kind import Facts, Place
from amanat.workspaces.liaison.facts import known_to, require_fire
from amanat.workspaces.liaison.tracks.kinds import (
    Captured,
    Fire,
    HandedOver,
    Livestock,
    Missing,
    Offered,
    Question,
    Vehicles,
)


def of_track(body: Any) -> Facts:  # noqa: ANN401 - a body of the kind
    """Return the facts of a step. Raises `Refused` for what floors 4 and 6 forbid, `Invalid` for what says nothing."""
    if isinstance(body, Offered | HandedOver):
        require_asked(body.asked)
    if isinstance(body, Offered) and body.track is None and body.near is None:
        raise Invalid(
            "liaison.track-near", "Where they were found is not said.", "Say near where, to the nearest 10 km."
        )
    if isinstance(body, Missing) and not body.adults + body.children:
        raise Invalid(
            "liaison.track-nobody", "Nobody is sought.", "Say how many; animals alone are a track of their own."
        )
    if isinstance(body, Captured) and not body.well + body.wounded + body.dead:
        raise Invalid(
            "liaison.track-nobody-held", "Nobody is held, by these numbers.", "Say how many, by their health."
        )
    if isinstance(body, Fire):
        require_fire(known_to(body.near))
    if isinstance(body, Offered | Missing | Livestock | Vehicles) and body.near is not None:
        return Facts(places=(Place(body.near.country, known_to(body.near)),))
    return Facts()


def require_asked(asked: Question) -> None:
    """Raise `Refused` unless each was asked alone and fears no return; which it was is not told (floor 3)."""
    if not asked.alone or asked.fears:
        raise Refused(
            "floor.4",
            "Nobody is handed back, or offered to be, who was not asked alone and in their language, or who "
            "fears return.",
            "Send nothing of them. Bring them to the protection desk: at both sides it reads “not completed”.",
            by="floor 4",
        )
