"""Sealed notices, as a part of liaison."""

from dataclasses import replace
from typing import Final

from amanat.workspaces.liaison.part import Part
from amanat.workspaces.liaison.sealed import deeds, facts, kinds, listing, page, shown, tending, views, waiting, words

PART: Final = Part(
    kinds=(
        replace(kinds.SEALED, apply=views.apply_step, facts=facts.of_step, title=facts.step_title),
        replace(kinds.ESCROW, apply=views.apply_entrusted, facts=facts.of_entrusted, title=facts.entrusted_title),
    ),
    pages=(listing.PAGE, page.SEAL, page.PAGE),
    deeds=deeds.DEEDS,
    words=words.WORDS,
    waits=waiting.waits,
    now=waiting.now,
    tend=tending.tend,
    spent=tending.spent,
    shown=shown.shown,
)
