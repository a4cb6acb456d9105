"""[notification.TYPE]: how long before it begins what is planned is told of, and from what size on that is due.

Law: nothing here refuses a notice. One that is given later than agreed is late, and one that is not due may be given.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Final, Literal, get_args

import msgspec

from amanat.compact.form import Clause, Hours, Minutes, Title

Level = Literal["company", "battalion", "brigade", "division", "corps", "army"]
"""Levels of command, the lowest first; an army is whatever stands above a corps."""
Kilometres = Annotated[int, msgspec.Meta(ge=1, le=100, description="whole kilometres from 1 to 100")]
Least = Annotated[int, msgspec.Meta(ge=1, le=100_000, description="a whole number from 1 to 100000")]

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
Beside = Literal["calendar", "command", "direction", "formations", "line_metres", "phases", "states"]
"""What of Vienna Document 2011, chapter V, a compact may ask of an exercise or a movement that is to be told of."""
FORCES: Final = ("exercise", "movement")
COUNTED: Final = ("troops", "tanks", "vehicles", "artillery", "helicopters", "sorties")
"""What thresholds may be of."""


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """[notification.works]: how long before it begins a planned activity of that type is told of, and from when on.

    That is `lead_hours` before; of a larger formation `level_hours`, by its level of command; of what is told at short
    notice for a reason (an emergency) `short_notice_hours`, where those are said; an exercise by alert, within
    `alert_minutes` of when its troops are told. Who is asked to explain answers within `explain_hours`, where that is
    said. None is due of what lies farther than `within_km` from the line as its own side reports it, nor of what stays
    below all of the thresholds (`from_…`) that are said; it may be told of all the same. One that is due says `says`.
    """

    clause: Clause
    title: Title
    lead_hours: Hours
    explain_hours: Hours | None = None
    short_notice_hours: Hours | None = None
    alert_minutes: Minutes | None = None
    level_hours: Annotated[
        dict[Level, Hours], msgspec.Meta(description="{ division = 720, corps = 1440, army = 2160 }, in whole hours")
    ] = {}
    within_km: Kilometres | None = None
    from_level: Annotated[Level, msgspec.Meta(description=", ".join(f'"{each}"' for each in LEVELS))] | None = None
    from_troops: Least | None = None
    from_tanks: Least | None = None
    from_vehicles: Least | None = None
    from_artillery: Least | None = None
    from_helicopters: Least | None = None
    from_sorties: Least | None = None
    says: Annotated[
        tuple[Beside, ...], msgspec.Meta(description="some of " + ", ".join(f'"{each}"' for each in get_args(Beside)))
    ] = ()


def thresholds(agreed: Notification) -> Mapping[str, int]:
    """Return from how many on a notice is due, by what is counted ("troops"): only what the compact names."""
    found = {name: getattr(agreed, f"from_{name}") for name in COUNTED}
    return {name: least for name, least in found.items() if least is not None}


def lead(agreed: Notification, level: Level | None, *, short_notice: bool) -> timedelta:
    """Return how long before it begins something is to be told of; `level` is of whom, None where it has none."""
    if short_notice and agreed.short_notice_hours is not None:
        return timedelta(hours=agreed.short_notice_hours)
    reached = LEVELS[: LEVELS.index(level) + 1] if level is not None else ()
    return timedelta(hours=max([agreed.lead_hours, *(agreed.level_hours.get(each, 0) for each in reached)]))


def is_due(agreed: Notification, level: Level | None, counted: Mapping[str, int], line_metres: int | None) -> bool:
    """Return whether the compact asks for a notice: of how much of what, so many metres from the line as reported.

    Where somebody did not say how far, it counts as near.
    """
    if agreed.within_km is not None and line_metres is not None and line_metres > agreed.within_km * 1000:
        return False
    least = thresholds(agreed)
    if agreed.from_level is None and not least:
        return True
    return reaches(agreed.from_level, level) or any(counted.get(name, 0) >= number for name, number in least.items())


def reaches(least: Level | None, level: Level | None) -> bool:
    """Return whether a level of command is as high as another or higher; not where either is not said."""
    return least is not None and level is not None and LEVELS.index(level) >= LEVELS.index(least)


def flaws(name: str, agreed: Notification) -> Iterator[tuple[str, str, str]]:
    """Yield what fits the form and cannot stand of a type of activity: the key, what is wrong, and how to mend it."""
    if name not in FORCES:
        for key, held in (("says", agreed.says), ("alert_minutes", agreed.alert_minutes is not None)):
            if held:
                yield key, "only of an exercise or a movement this can be asked", "Leave it out."
    if agreed.short_notice_hours is not None and agreed.short_notice_hours > agreed.lead_hours:
        yield "short_notice_hours", "short notice would be longer than any other", f"At most {agreed.lead_hours} hours."
    hours = [agreed.lead_hours, *(agreed.level_hours[each] for each in LEVELS if each in agreed.level_hours)]
    if hours != sorted(hours):
        yield (
            "level_hours",
            "a larger formation would be told of later than a smaller one",
            f"Let the hours not fall from lead_hours on, and from one to the next: {', '.join(LEVELS)}.",
        )
