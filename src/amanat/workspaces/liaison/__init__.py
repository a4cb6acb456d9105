"""Liaison: duty officers in direct contact by hotline, in phrases that each reads in their own language.

Law: says what the workspace consists of, and nothing else.
"""

from dataclasses import replace

from amanat.workspace import Views, Workspace
from amanat.workspaces.liaison import deeds, facts, kinds, pages, ringing, tending, titles, views, words

WORKSPACE = Workspace(
    name="liaison",
    icon="phone",
    kinds=tuple(
        replace(each, forget=views.forget)
        for each in (
            replace(kinds.CALL, apply=views.apply_call, title=titles.of_call),
            replace(kinds.SIGN, apply=views.apply_sign, title=titles.of_sign),
            replace(kinds.MESSAGE, apply=views.apply_message, facts=facts.of_message, title=titles.of_message),
            replace(kinds.TEXT, apply=views.apply_text, facts=facts.of_text, title=titles.of_text, parts=titles.parts),
            replace(kinds.DAY, apply=views.apply_day, title=titles.of_day),
        )
    ),
    views=Views(views.TABLES, views.VIEWS_VERSION),
    words=words.WORDS,
    book=titles.BOOK,
    pages=pages.PAGES,
    deeds=deeds.DEEDS,
    waits=ringing.waits,
    now=ringing.now,
    rings=ringing.rings,
    bound=pages.text.bound,
    tend=tending.tend,
)
