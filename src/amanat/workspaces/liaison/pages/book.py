"""The phrasebook as a list that a script filters while one types: fetched once by a browser for an edition of it.

Law: a part of a page and no page: it has what one searches and reads, and leads nowhere by itself.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspace import Page
from amanat.workspaces.liaison import phrasebook


class Query(msgspec.Struct, frozen=True):
    """Which edition is asked for, so that what a browser kept of another is not taken for it."""

    edition: str


def context(_turn: Turn, _actor: Actor, _query: Query) -> Mapping[str, Any]:
    """Return the phrases, and in what they are searched."""
    return {
        "phrases": list(phrasebook.book().entries.values()),
        "searched": phrasebook.searched,
        "plain_phrase": phrasebook.plain,
        "REVIEWED": phrasebook.REVIEWED,
    }


PAGE: Final = Page("book", "record.read", context, query=Query)
