"""Liaison: duty officers in direct contact by hotline, in phrases that each reads in their own language.

Law: says what the workspace consists of, and nothing else.
"""

from dataclasses import replace

from amanat.workspace import Views, Workspace
from amanat.workspaces.liaison import deeds, facts, kinds, pages, ringing, tending, views, words

WORKSPACE = Workspace(
    name="liaison",
    icon="phone",
    kinds=(
        replace(kinds.CALL, apply=views.apply_call, forget=views.forget),
        replace(kinds.SIGN, apply=views.apply_sign, forget=views.forget),
        replace(
            kinds.MESSAGE,
            facts=facts.of_message,
            apply=views.apply_message,
            forget=views.forget,
            title=views.title_of_message,
        ),
        replace(kinds.TEXT, facts=facts.of_text, apply=views.apply_text, forget=views.forget),
        replace(kinds.DAY, apply=views.apply_day, forget=views.forget),
    ),
    views=Views(views.TABLES, views.VIEWS_VERSION),
    words=words.WORDS,
    pages=pages.PAGES,
    deeds=deeds.DEEDS,
    waits=ringing.waits,
    now=ringing.now,
    rings=ringing.rings,
    tend=tending.tend,
)
