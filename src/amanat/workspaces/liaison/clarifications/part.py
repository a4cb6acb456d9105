"""Clarification of what was seen without notice, as a part of liaison."""

from dataclasses import replace
from typing import Final

from amanat.workspaces.liaison.clarifications import deeds, facts, kinds, pages, shown, views, waiting, words
from amanat.workspaces.liaison.part import Part

PART: Final = Part(
    kinds=(replace(kinds.CLARIFICATION, apply=views.apply, facts=facts.of_clarification, title=words.title),),
    pages=pages.PAGES,
    deeds=deeds.DEEDS,
    words=words.WORDS,
    waits=waiting.count,
    now=waiting.now,
    shown=shown.shown,
)
