"""The pages of meetings, in the order in which the workspace lists them."""

from dataclasses import replace
from typing import Final

from amanat.workspace import Page
from amanat.workspaces.liaison.meetings.pages import listed, minutes, one, proposing, scan, tasks, writing

PAGES: Final[tuple[Page, ...]] = tuple(
    replace(each, group="liaison.flag")
    for each in (listed.PAGE, tasks.PAGE, proposing.PAGE, one.PAGE, writing.PAGE, minutes.PAGE, scan.PAGE)
)
"""The list, tasks, proposing; one meeting, its minutes written and read, and the sheet signed in ink."""
