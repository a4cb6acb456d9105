"""Notices of what is planned near the line, as a part of liaison."""

from dataclasses import replace
from typing import Final

from amanat.workspaces.liaison.notices import coarse, deeds, kinds, pages, shown, steps, titles, views, waiting, words
from amanat.workspaces.liaison.part import Part

PART: Final = Part(
    kinds=(
        replace(kinds.NOTICE, apply=views.apply_notice, facts=coarse.facts, title=titles.of_notice),
        replace(steps.STEP, apply=views.apply_step, title=titles.of_step),
    ),
    pages=pages.PAGES,
    deeds=deeds.DEEDS,
    files=(pages.calendar.FILE,),
    words=words.WORDS,
    waits=waiting.waits,
    now=waiting.now,
    shown=shown.shown,
)
