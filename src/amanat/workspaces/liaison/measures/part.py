"""Parallel measures, as a part of liaison."""

from dataclasses import replace
from typing import Final

from amanat.workspaces.liaison.measures import deeds, facts, kinds, pages, shown, views, waiting, words
from amanat.workspaces.liaison.part import Part

PART: Final = Part(
    kinds=(replace(kinds.MEASURE, apply=views.apply, facts=facts.of_measure, title=words.title),),
    pages=pages.PAGES,
    deeds=deeds.DEEDS,
    words=words.WORDS,
    waits=waiting.count,
    now=waiting.now,
    rings=waiting.rings,
    shown=shown.shown,
)
