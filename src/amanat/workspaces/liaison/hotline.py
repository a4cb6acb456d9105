"""The hotline, as a part of liaison."""

from dataclasses import replace
from typing import Final

from amanat.workspaces.liaison import deeds, facts, kinds, pages, ringing, tending, titles, views, words
from amanat.workspaces.liaison.part import Part

PART: Final = Part(
    kinds=(
        replace(kinds.CALL, apply=views.apply_call, title=titles.of_call),
        replace(kinds.SIGN, apply=views.apply_sign, title=titles.of_sign),
        replace(kinds.MESSAGE, apply=views.apply_message, facts=facts.of_message, title=titles.of_message),
        replace(kinds.TEXT, apply=views.apply_text, facts=facts.of_text, title=titles.of_text, parts=titles.parts),
        replace(kinds.DAY, apply=views.apply_day, title=titles.of_day),
    ),
    pages=pages.PAGES,
    deeds=deeds.DEEDS,
    words=words.WORDS,
    waits=ringing.waits,
    now=ringing.now,
    rings=ringing.rings,
    tend=tending.tend,
    bound=pages.text.bound,
)
