"""Intelligence: reports on threats and incidents, exchanged as STIX 2.1 bundles.

Law: says what the workspace consists of, and nothing else.
"""

from dataclasses import replace

from amanat.workspace import Views, Workspace
from amanat.workspaces.intelligence import importers, kinds, reading, views, words

WORKSPACE = Workspace(
    name="intelligence",
    icon="scroll-text",
    kinds=(replace(kinds.REPORT, apply=views.apply, forget=views.forget, title=views.title, parts=reading.parts),),
    views=Views(views.TABLES, views.VIEWS_VERSION),
    importers=(importers.STIX_FILE,),
    words=words.WORDS,
)
