"""The pages of liaison, in the order in which the workspace lists them."""

from typing import Final

from amanat.workspace import Page

PAGES: Final[tuple[Page, ...]] = ()
"""Hotlines, one call, calls, conversations by voice, the phrasebook, quality, daily logs, watches."""
