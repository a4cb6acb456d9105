"""Liaison: officers of two sides in direct contact, by hotline, by notices of what they plan, and about incidents.

Law: says what the workspace consists of, and nothing else.
"""

from dataclasses import replace

from amanat.workspace import Views, Workspace
from amanat.workspaces.liaison import titles, views
from amanat.workspaces.liaison.part import all_of, all_words, bound, count, each_of
from amanat.workspaces.liaison.parts import PARTS

WORKSPACE = Workspace(
    name="liaison",
    icon="phone",
    kinds=tuple(replace(each, forget=views.forget) for each in all_of(PARTS, "kinds")),
    views=Views(views.TABLES, views.VIEWS_VERSION),
    words=all_words(PARTS),
    book=titles.BOOK,
    pages=all_of(PARTS, "pages"),
    deeds=all_of(PARTS, "deeds"),
    files=all_of(PARTS, "files"),
    waits=count(PARTS),
    now=each_of(each.now for each in PARTS),
    rings=each_of(each.rings for each in PARTS),
    bound=bound(PARTS),
    tend=each_of(each.tend for each in PARTS),
    spent=each_of(each.spent for each in PARTS),
)
