"""The pages of notices, in the order in which the workspace lists them."""

from dataclasses import replace
from typing import Final

from amanat.workspace import Page
from amanat.workspaces.liaison.notices.pages import calendar, listed, one, plan

PAGES: Final[tuple[Page, ...]] = tuple(
    replace(each, group="liaison.planned") for each in (listed.PAGE, plan.PAGE, calendar.PAGE, one.PAGE)
)
"""The list, planning and giving notice, the calendar, one notice."""
