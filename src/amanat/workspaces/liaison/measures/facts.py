"""What no part of a measure may say: where people are, to who does not administer it, or a place to aim at.

Law: pure, and asked of every body at both ends. Who searches, escorts, goes back or stands still is there: of them the
floors are told. All other areas are where something happens in the open, told to who is to keep away or stand by.
"""

from typing import Any, Final

from amanat.party.errors import Invalid, Refused
from amanat.record.kind import NO_FACTS, Facts, Place
from amanat.workspaces.liaison.ground import earth
from amanat.workspaces.liaison.ground.shapes import Area, Shape
from amanat.workspaces.liaison.measures.kinds import Part, Proposed, Said
from amanat.workspaces.liaison.notices.coarse import closely

STOPS: Final = ("holds", "stopped")
OF_PEOPLE: Final = ("search", "return", "stand-still", "escort")
"""Actions whose area is where their own people are."""
LEAST_METRES: Final = 500
"""Around a point, to each side of a corridor, and between the farthest corners of an area."""


def of_measure(body: Any) -> Facts:  # noqa: ANN401 - a body of the kind
    """Return the facts of a body. Raises `Refused` for a shape that is small enough to be aimed at; `Invalid`."""
    if isinstance(body, Proposed | Part):
        for each in (body.part.area, *body.part.clear):
            if _reach(each) < LEAST_METRES:
                raise Refused(
                    "floor.6",
                    f"An area of the measure reaches less than {LEAST_METRES} metres: that is a place to aim at.",
                    f"Give areas of {LEAST_METRES} metres around a point or to each side, or more.",
                    by="floor 6",
                )
    if isinstance(body, Said) and (body.digest is None) != (body.did in STOPS):
        raise Invalid(
            "liaison.measure-digest",
            "What is confirmed of a measure does not say of which agreement, or a stop does.",
            "Confirm a start by the digest that both signed; a hold and a stop need nobody's agreement.",
        )
    if isinstance(body, Proposed | Part) and body.part.action in OF_PEOPLE:
        return Facts(places=(Place(body.part.country, closely(body.part.area)),))
    return NO_FACTS


def _reach(shape: Shape) -> float:
    """Return how far it reaches: around a point, to each side of a corridor, between an area's farthest corners."""
    if not isinstance(shape, Area):
        return shape.metres
    corners = [earth.vector(each.lat, each.lon) for each in shape.ring]
    return max(earth.metres(a, b) for a in corners for b in corners)
