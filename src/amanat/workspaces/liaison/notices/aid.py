"""The bodies of notices of aid: a convoy, a site that stands, a mobile team; with the fields of OCHA's notification.

Law: they inform (floor 13). Such a notice asks nobody for leave and guarantees nothing; nobody has a duty to give one,
and whoever gives none loses no protection.
"""

from typing import Annotated, Literal

import msgspec

from amanat.party.types import require_sorted
from amanat.record.record import PostName
from amanat.workspaces.liaison.notices.announced import Announced, Several

ByWhom = Literal["un", "red-cross-crescent", "ngo", "health-authority", "state"]
Marking = Literal["emblem", "flags", "lights", "numbers", "roofs"]
Cargo = Literal["food", "health", "water", "shelter", "fuel", "staff", "other"]
Site = Literal["hospital", "clinic", "camp", "school", "warehouse", "water", "office"]


class _Aid(Announced, frozen=True, kw_only=True):
    """Whose it is, how it is marked and whom to speak to (a post); it is valid until its window ends.

    `short_notice` is an emergency.
    """

    by_whom: ByWhom
    contact: PostName
    marked: Annotated[tuple[Marking, ...], msgspec.Meta(max_length=5)] = ()
    short_notice: bool = False

    def __post_init__(self) -> None:
        require_sorted(self.marked, "marked")


class Convoy(_Aid, frozen=True, kw_only=True, tag="convoy"):
    """An aid convoy: how many vehicles, with what."""

    vehicles: Several
    cargo: Annotated[tuple[Cargo, ...], msgspec.Meta(max_length=7)] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        require_sorted(self.cargo, "cargo")


class AidSite(_Aid, frozen=True, kw_only=True, tag="site"):
    """A place of aid that stands. A camp is where persons are (floor 6); the rest is known by its exact place."""

    site: Site


class Team(_Aid, frozen=True, kw_only=True, tag="team"):
    """A team that goes from place to place: of how many persons, what for, in how many vehicles."""

    count: Several
    purpose: Literal["clearance", "medical", "relief", "repair", "search", "survey", "water"]
    vehicles: Several | None = None
