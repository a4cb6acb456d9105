"""The parts of liaison, in the order in which it lists them; the map shows what the others have that has a place."""

from typing import Final

from amanat.workspaces.liaison import hotline, writing
from amanat.workspaces.liaison.clarifications import part as clarifications
from amanat.workspaces.liaison.ground import part as ground
from amanat.workspaces.liaison.incidents import part as incidents
from amanat.workspaces.liaison.measures import part as measures
from amanat.workspaces.liaison.meetings import part as meetings
from amanat.workspaces.liaison.notices import part as notices
from amanat.workspaces.liaison.part import Part
from amanat.workspaces.liaison.sealed import part as sealed
from amanat.workspaces.liaison.tracks import part as tracks
from amanat.workspaces.liaison.warnings import part as warnings
from amanat.workspaces.liaison.year import part as year

_TOLD: Final = (
    hotline.PART,
    writing.PART,
    notices.PART,
    sealed.PART,
    clarifications.PART,
    incidents.PART,
    tracks.PART,
    measures.PART,
    meetings.PART,
    warnings.PART,
    year.PART,
)
PARTS: Final[tuple[Part, ...]] = (*_TOLD, ground.of(_TOLD))
