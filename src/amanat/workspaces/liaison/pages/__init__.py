"""The pages of liaison, in the order in which the workspace lists them."""

from dataclasses import replace
from typing import Final

from amanat.workspace import Page
from amanat.workspaces.liaison import watch
from amanat.workspaces.liaison.pages import book, call, calls, days, desk, phrases, quality, voice

PAGES: Final[tuple[Page, ...]] = tuple(
    replace(each, group="liaison.hotline")
    for each in (
        desk.PAGE,
        calls.PAGE,
        voice.PAGE,
        phrases.PAGE,
        quality.PAGE,
        days.PAGE,
        watch.PAGE,
        call.PAGE,
        book.PAGE,
    )
)
"""Hotlines, one call, calls, conversations by voice, the phrasebook, quality, daily logs, watches."""
