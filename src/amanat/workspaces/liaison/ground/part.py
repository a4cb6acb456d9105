"""The map of all, as a part of liaison: what it shows, the other parts say."""

from collections.abc import Iterable

from amanat.workspace import File, Page
from amanat.workspaces.liaison.ground.board import Board, Query
from amanat.workspaces.liaison.ground.words import WORDS
from amanat.workspaces.liaison.part import Part


def of(parts: Iterable[Part]) -> Part:
    """Return the part that shows what these parts have on a map."""
    board = Board(tuple(each.shown for each in parts))
    return Part(
        pages=(Page("map", "record.read", board.page, query=Query, group="liaison.ground"),),
        files=(File("map.geojson", "record.read", "application/geo+json", board.file, query=Query),),
        words=WORDS,
    )
