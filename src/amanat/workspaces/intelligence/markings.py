"""The strictest TLP that stands anywhere in a STIX bundle, so that the record around it cannot promise less.

Law: a marking whose definition is neither known nor shown counts as TLP:RED, since nobody here can tell what it asks.
TLP 1.0's WHITE is 2.0's CLEAR. Sources: STIX 2.1 section 7.2; OASIS extension definition for TLP 2.0; FIRST TLP 2.0.
"""

from collections.abc import Iterator
from typing import Any, Final

from amanat.record.handling import STRICTNESS, Tlp
from amanat.workspaces.intelligence.stix import StixObject

_EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_WORDS: Final[dict[str, Tlp]] = {
    "white": "TLP:CLEAR",
    "clear": "TLP:CLEAR",
    "green": "TLP:GREEN",
    "amber": "TLP:AMBER",
    "amber+strict": "TLP:AMBER+STRICT",
    "red": "TLP:RED",
}
_IDS: Final[dict[str, Tlp]] = {
    # TLP 1.0 (STIX 2.1 section 7.2.1.4)
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "TLP:CLEAR",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "TLP:GREEN",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "TLP:AMBER",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "TLP:RED",
    # TLP 2.0 (its extension definition)
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "TLP:CLEAR",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "TLP:GREEN",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "TLP:AMBER",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "TLP:AMBER+STRICT",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "TLP:RED",
}


def marked(objects: list[StixObject]) -> Tlp | None:
    """Return the strictest TLP that a marking, a granular marking or a label of any object asks for, or None."""
    shown = {item["id"]: tuple(_defined(item)) for item in objects if item["type"] == "marking-definition"}
    asked: set[Tlp] = set()
    for item in objects:
        asked.update(_labelled(item))
        for ref in _refs(item):
            asked.update((_IDS[ref],) if ref in _IDS else shown.get(ref, ("TLP:RED",)))
    return max(asked, key=STRICTNESS.__getitem__, default=None)


def _refs(item: StixObject) -> Iterator[str]:
    yield from item.get("object_marking_refs", ())
    for granular in item.get("granular_markings", ()):
        if "marking_ref" in granular:
            yield granular["marking_ref"]


def _defined(definition: StixObject) -> Iterator[Tlp]:
    """What a definition shown in the bundle asks for, in TLP 1.0's form, 2.0's or by its name alone."""
    if definition.get("definition_type") == "tlp":
        yield _tlp(definition["definition"].get("tlp"))
    if _EXTENSION in definition.get("extensions", {}):
        yield _tlp(definition["extensions"][_EXTENSION].get("tlp_2_0"))
    yield from _named(definition.get("name", ""))


def _labelled(item: StixObject) -> Iterator[Tlp]:
    """What labels such as MISP's "tlp:amber" ask for."""
    for label in item.get("labels", ()):
        yield from _named(label)


def _named(name: str) -> Iterator[Tlp]:
    if name.lower().startswith("tlp:"):
        yield _tlp(name[4:].lower())


def _tlp(word: Any) -> Tlp:  # noqa: ANN401 - foreign JSON
    return _WORDS.get(word, "TLP:RED") if isinstance(word, str) else "TLP:RED"
