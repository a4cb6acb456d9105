"""Warnings to the public, as a part of liaison."""

from dataclasses import replace
from typing import Final

from amanat.workspaces.liaison.part import Part
from amanat.workspaces.liaison.warnings import deeds, facts, files, kinds, pages, shown, titles, told, unread, words

PART: Final = Part(
    kinds=(replace(kinds.WARNING, facts=facts.of_warning, apply=told.apply, title=titles.of),),
    pages=pages.PAGES,
    deeds=deeds.DEEDS,
    files=files.FILES,
    words=words.WORDS,
    waits=unread.waits,
    now=unread.now,
    shown=shown.shown,
)
