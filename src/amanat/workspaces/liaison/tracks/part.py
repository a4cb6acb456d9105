"""Tracks, as a part of liaison."""

from dataclasses import replace
from typing import Final

from amanat.workspaces.liaison.part import Part
from amanat.workspaces.liaison.tracks import deeds, facts, kinds, pages, shown, views, waiting, words

PART: Final = Part(
    kinds=(replace(kinds.TRACK, apply=views.apply, facts=facts.of_track, title=words.title),),
    pages=pages.PAGES,
    deeds=deeds.DEEDS,
    words=words.WORDS,
    waits=waiting.count,
    now=waiting.now,
    shown=shown.shown,
)
