"""What an officer typed of a warning, read into its body; and a warning typed back, to be changed.

Law: what cannot be read is told with the field's name and what may stand there, and nothing is guessed.
"""

from typing import Final, get_args

import msgspec

from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.workspaces.liaison import places, slots
from amanat.workspaces.liaison.facts import FIRE_METRES
from amanat.workspaces.liaison.gazetteer import choice
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.ground.outlines import metres, positions
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.notices.coarse import coarse
from amanat.workspaces.liaison.rules import metres_apart
from amanat.workspaces.liaison.warnings.kinds import Certainty, Danger, Instruction, Severity, Urgent, Warned

FARTHEST: Final = 100_000
"""Metres from the place that names a warning to the nearest position of its shape, beyond how wide that is."""
INSTRUCTIONS: Final[tuple[Instruction, ...]] = get_args(Instruction)


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What is typed, field by field; `updates` is the id of the own warning that this takes the place of, if any.

    An instruction has its own field, "on" where it is given.
    """

    compact: str = ""
    event: str = ""
    near: str = ""
    urgent: str = "immediate"
    severity: str = "severe"
    certainty: str = "likely"
    shape: str = "point"
    places: str = ""
    metres: str = ""
    since: str = ""
    until: str = ""
    exercise: str = ""
    updates: str = ""
    follow: str = ""
    high_ground: str = ""
    keep_away: str = ""
    keep_in: str = ""
    leave: str = ""
    listen: str = ""
    no_touch: str = ""
    other_crossing: str = ""
    report: str = ""
    shelter: str = ""


def field_of(instruction: str) -> str:
    """Return the name of an instruction's field."""
    return instruction.replace("-", "_")


def body(turn: Turn, typed: Typed, updates: Named | None = None) -> Warned:
    """Return the warning that was typed. Raises `Invalid`."""
    given = tuple(each for each in INSTRUCTIONS if getattr(typed, field_of(each)))
    near = _near(turn, typed.near)
    shape = drawn.shape(turn, slots.chosen(typed.shape, drawn.FORMS, "shape"), typed.places, typed.metres)
    danger = slots.chosen(typed.event, get_args(Danger), "event")
    if danger == "shelling":
        shape = coarse(shape, FIRE_METRES)
    window = drawn.window(turn, typed.since, typed.until)
    with slots.in_field("until"):
        if window.until <= turn.now:
            raise Invalid("liaison.warning-over", "The warning is over already.", "Say a later time at which it ends.")
    with slots.in_field("instructions"):
        if not given:
            raise Invalid(
                "liaison.warning-idle", "The warning says nothing of what one is to do.", "Choose at least one."
            )
    found = Warned(
        danger=danger,
        near=near.name or "",
        urgent=slots.chosen(typed.urgent, get_args(Urgent), "urgent"),
        severity=slots.chosen(typed.severity, get_args(Severity), "severity"),
        certainty=slots.chosen(typed.certainty, get_args(Certainty), "certainty"),
        shape=shape,
        window=window,
        instructions=given,
        updates=updates,
    )
    _require_near(near, found)
    return found


def typed(turn: Turn, body: Warned) -> Typed:
    """Return what a form is filled in with, so that the same warning is read of it."""
    names = places.known(turn)
    return Typed(
        event=body.danger,
        near=choice(body.near, names, "en") if body.near in names.entries else "",
        urgent=body.urgent,
        severity=body.severity,
        certainty=body.certainty,
        **drawn.typed(body.shape),
        since=drawn.typed_time(turn, body.window.since),
        until=drawn.typed_time(turn, body.window.until),
        **{field_of(each): "on" for each in body.instructions},
    )


def _near(turn: Turn, text: str) -> Spot:
    """Return the place that names a warning: one that has a name."""
    with slots.in_field("near"):
        near = places.read(turn, text, None)
        if near.name is None:
            raise Invalid(
                "liaison.warning-near",
                f"{text[:80]!r} is no name that the public knows a place by.",
                "Type a name of the gazetteer; degrees stand in the shape.",
            )
    return near


def _require_near(near: Spot, body: Warned) -> None:
    """Refuse a warning whose name is far from where it holds: who hears the one is not where the other is."""
    away = min(metres_apart(near, Spot(each.lat, each.lon, 1)) for each in positions(body.shape))
    if away > FARTHEST + near.metres + metres(body.shape):
        with slots.in_field("near"):
            raise Invalid(
                "liaison.warning-far",
                f"The place that names the warning is {round(away / 1000)} km from where it holds.",
                "Name a place that is near, or look at the shape again.",
            )
