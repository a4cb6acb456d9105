"""Liaison: officers of two sides in direct contact, by hotline, by notices of what they plan, and about incidents.

Law: says what the workspace consists of, and nothing else.
"""

from dataclasses import replace

from amanat.workspace import Views, Workspace
from amanat.workspaces.liaison import hotline, pages, titles, views
from amanat.workspaces.liaison.ground.part import of as on_the_map
from amanat.workspaces.liaison.part import all_of, count, each_of, words
from amanat.workspaces.liaison.warnings.part import PART as WARNINGS

PARTS = (hotline.PART, WARNINGS)
ALL = (*PARTS, on_the_map(PARTS))

WORKSPACE = Workspace(
    name="liaison",
    icon="phone",
    kinds=tuple(replace(each, forget=views.forget) for each in all_of(ALL, "kinds")),
    views=Views(views.TABLES, views.VIEWS_VERSION),
    words=words(ALL),
    book=titles.BOOK,
    pages=all_of(ALL, "pages"),
    deeds=all_of(ALL, "deeds"),
    files=all_of(ALL, "files"),
    waits=count(ALL),
    now=each_of(each.now for each in ALL),
    rings=each_of(each.rings for each in ALL),
    bound=pages.text.bound,
    tend=each_of(each.tend for each in ALL),
)
