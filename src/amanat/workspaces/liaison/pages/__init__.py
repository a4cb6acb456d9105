"""The pages of liaison, in the order in which the workspace lists them."""

from typing import Final

from amanat.workspace import Page
from amanat.workspaces.liaison import watch

PAGES: Final[tuple[Page, ...]] = (watch.PAGE,)
"""Hotlines, one call, calls, conversations by voice, the phrasebook, quality, daily logs, watches."""
