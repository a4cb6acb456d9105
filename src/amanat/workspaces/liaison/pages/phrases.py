"""The phrasebook: all of it by group, searched in any language, and as a card to print for when all screens are dark.

Law: a text that no native speaker has reviewed stands beside the English; a number is never shown without its check
digit.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Annotated, Any, Final, Literal

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.workspace import Page
from amanat.workspaces.liaison import phrasebook
from amanat.workspaces.liaison.phrasebook import Entry

Shown = Literal["", "en", "fa-AF", "ps", "ur"]


class Query(msgspec.Struct, frozen=True):
    """What is sought; in which language the book is shown, or a card for print; "" is everything, the own, and none."""

    find: Annotated[str, msgspec.Meta(max_length=200)] = ""
    language: Shown = ""
    card: Shown = ""


def context(_turn: Turn, _actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return the phrases by group."""
    held = phrasebook.book()
    found = phrasebook.find("" if query.card else query.find)
    return {
        "query": query,
        "groups": by_group(found),
        "titles": held.groups,
        "count": len(found),
        "entries": held.entries,
        "pieces": phrasebook.pieces,
        "plain_phrase": phrasebook.plain,
        "gap_number": gap_number,
        "REVIEWED": phrasebook.REVIEWED,
    }


def by_group(found: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """Return phrases by group, groups in the order of the book; within one, as they were found."""
    order = list(phrasebook.book().groups)
    sorted_ = sorted(found, key=lambda each: order.index(each.group))
    return [(group, list(held)) for group, held in groupby(sorted_, key=lambda each: each.group)]


def gap_number(entry: Entry, slot: str) -> int:
    """Return which of its phrase's gaps a slot is, from 1: in the order of the English text, whatever the language."""
    return list(entry.slots).index(slot) + 1


PAGE: Final = Page("phrases", "record.read", context, query=Query)
