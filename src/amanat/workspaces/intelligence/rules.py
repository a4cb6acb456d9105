"""Rules of intelligence reports that an officer could recite: what a report is called, and what state it is in.

Law: pure; `now` is an argument.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from amanat.party.folding import folded
from amanat.workspaces.intelligence.stix import StixObject
from amanat.workspaces.intelligence.stix.parts import texts

State = Literal["current", "superseded", "expired"]

# What a bundle is called after, the first of these that is in it and has a name.
_TITLES: Final = ("report", "grouping", "incident", "campaign", "intrusion-set", "threat-actor", "malware", "indicator")


@dataclass(frozen=True, slots=True)
class Summary:
    """A bundle on one line: `counts` are its objects by type, `name` is None where nothing in it has a title."""

    name: str | None
    published: str | None
    labels: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]


def summarise(objects: list[StixObject]) -> Summary:
    """Return the summary of a bundle's objects, as `stix.read` returns them."""
    titled = [item for type_ in _TITLES for item in objects if item["type"] == type_ and "name" in item]
    reports = [item for item in titled if item["type"] == "report"]
    return Summary(
        name=titled[0]["name"] if titled else None,
        published=reports[0]["published"] if reports else None,
        labels=tuple(sorted({label for item in objects for label in item.get("labels", ())})),
        counts=tuple(sorted(Counter(item["type"] for item in objects).items())),
    )


def search_text(objects: list[StixObject]) -> str:
    """Return the text that a search looks through, folded: names, aliases, labels and translations, one a line."""
    said = [text for item in objects for name in ("name", "aliases", "labels") for text in texts(item.get(name))]
    said += [text for item in objects if item["type"] == "language-content" for text in texts(item["contents"])]
    return "\n".join(sorted({folded(text) for text in said}))


def state(*, superseded: bool, expires: datetime | None, now: datetime) -> State:
    """Return the state of a report at `now`. Expiry weighs more: an expired report is to be destroyed (floor 11).

    A withdrawn report has no state: it is destroyed, and leaves no row.
    """
    if expires is not None and expires <= now:
        return "expired"
    return "superseded" if superseded else "current"
