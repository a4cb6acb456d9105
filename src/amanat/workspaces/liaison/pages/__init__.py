"""The pages of liaison, in the order in which the workspace lists them."""

from typing import Final

from amanat.workspace import Page
from amanat.workspaces.liaison.pages import calls, days, phrases, quality

PAGES: Final[tuple[Page, ...]] = (
    calls.PAGE,
    phrases.PAGE,
    quality.PAGE,
    days.PAGE,
)
"""Hotlines, one call, calls, conversations by voice, the phrasebook, quality, daily logs, watches."""
