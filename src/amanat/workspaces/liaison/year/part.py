"""The year in figures, as a part of liaison."""

from typing import Final

from amanat.workspaces.liaison.part import Part
from amanat.workspaces.liaison.year import page, words

PART: Final = Part(pages=(page.PAGE,), files=(page.FILE,), words=words.WORDS)
