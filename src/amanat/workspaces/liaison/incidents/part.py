"""Incidents, as a part of liaison."""

from dataclasses import replace
from typing import Final

from amanat.workspaces.liaison.incidents import deeds, exhibits, kinds, pages, shown, titles, views, waiting, words
from amanat.workspaces.liaison.part import Part

PART: Final = Part(
    kinds=(
        replace(kinds.INCIDENT, apply=views.apply_incident, facts=titles.facts_of_incident, title=titles.of_incident),
        replace(kinds.ACCOUNT, apply=views.apply_account, facts=titles.facts_of_account, title=titles.of_account),
        replace(kinds.STEP, apply=views.apply_step, facts=titles.facts_of_step, title=titles.of_step),
        replace(
            kinds.STATEMENT, apply=views.apply_statement, facts=titles.facts_of_statement, title=titles.of_statement
        ),
    ),
    pages=pages.PAGES,
    deeds=deeds.DEEDS,
    words=words.WORDS,
    waits=waiting.waits,
    now=waiting.now,
    rings=waiting.rings,
    shown=shown.shown,
    bound=exhibits.bound,
)
