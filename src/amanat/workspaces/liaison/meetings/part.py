"""Flag meetings, as a part of liaison."""

from dataclasses import replace
from typing import Final

from amanat.workspaces.liaison.meetings import (
    calendar,
    deeds,
    facts,
    kinds,
    minuting,
    pages,
    shown,
    titles,
    views,
    waiting,
    words,
)
from amanat.workspaces.liaison.part import Part

PART: Final = Part(
    kinds=(replace(kinds.MEETING, apply=views.apply, facts=facts.of, title=titles.of),),
    pages=pages.PAGES,
    deeds=(*deeds.DEEDS, *minuting.DEEDS),
    files=(calendar.MEETINGS,),
    words=words.WORDS,
    waits=waiting.waits,
    now=waiting.now,
    shown=shown.shown,
    bound=pages.scan.bound,
)
