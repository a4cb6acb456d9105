"""What the floors have to know of a clarification, and what no body of it may say: asked of every body at both ends.

Law: pure. What may be people is told to who does not administer the ground no better than floor 6 lets it; and nothing
that was seen is told more closely than fire could be corrected by.
"""

from typing import Any, Final

from amanat.compact.floors import PRECISE_METRES
from amanat.party.errors import Invalid
from amanat.record.kind import NO_FACTS, Facts, Place
from amanat.workspaces.liaison.clarifications.kinds import Answered, Judged, Seen
from amanat.workspaces.liaison.facts import FIRE_METRES, require_fire
from amanat.workspaces.liaison.ground.shapes import Shape
from amanat.workspaces.liaison.notices.coarse import closely, coarse
from amanat.workspaces.liaison.notices.kinds import PURPOSES

OF_THINGS: Final = ("building", "aircraft", "drones", "firing", "blasts")
"""What is no place of people by itself, as notices of the same are not."""
NOT_OF_THINGS: Final = ("movement", "patrol")
"""Types of notices that are of people, however it looked."""


def of_clarification(body: Any) -> Facts:  # noqa: ANN401 - a body of the kind
    """Return the facts of a body. Raises `Refused` for a place to aim at, `Invalid` for what contradicts itself."""
    if isinstance(body, Answered):
        _require_answer(body)
    if isinstance(body, Judged) and body.enough is not (body.why is None):
        raise Invalid(
            "liaison.clarification-why",
            "An answer that is not enough says why, and one that is says nothing besides.",
            "Choose why it is not enough, or that it is.",
        )
    if not isinstance(body, Seen):
        return NO_FACTS
    require_fire(closely(body.shape))
    return Facts(places=(Place(body.country, closely(body.shape)),)) if of_people(body) else NO_FACTS


def of_people(body: Seen) -> bool:
    """Whether where it was seen may be where people are (floor 6)."""
    return body.sight not in OF_THINGS or body.activity in NOT_OF_THINGS


def told(body: Seen) -> Shape:
    """Return where it was seen as it may be told: a shape that holds what was drawn. Raises `Invalid`."""
    return coarse(body.shape, PRECISE_METRES if of_people(body) else FIRE_METRES)


def _require_answer(body: Answered) -> None:
    """Raise `Invalid` where an answer says more or less than its word asks."""
    if (body.word == "ours") is (body.purpose is None) or (body.word == "noticed") is (body.notice is None):
        raise Invalid(
            "liaison.clarification-answer",
            "What is one's own has a purpose, what was told of names its notice, and nothing else has either.",
            "Say what it is for, or in which notice it was told of.",
        )
    if body.purpose is not None and body.purpose not in PURPOSES:
        raise Invalid("liaison.purpose", "This is no purpose that a notice has.", f"One of {', '.join(PURPOSES)}.")
