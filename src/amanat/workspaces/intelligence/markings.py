"""The strictest TLP that stands anywhere in a STIX bundle, so that the record around it cannot promise less.

Law: a marking whose definition is neither shown nor understood counts as TLP:RED, since nobody here can tell what it
asks. TLP 1.0's WHITE is 2.0's CLEAR. Sources: STIX 2.1 section 7.2; OASIS extension for TLP 2.0; FIRST TLP 2.0.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from amanat.party.folding import plain_text
from amanat.record.handling import STRICTNESS, Tlp
from amanat.workspaces.intelligence.stix import StixObject
from amanat.workspaces.intelligence.stix.forms import type_of
from amanat.workspaces.intelligence.stix.parts import parts, said, texts

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
# As FIRST writes it, and as tags and hurried people do: TLP:RED, tlp=red, misp:tlp="amber+strict", TLP RED.
_WRITTEN: Final = re.compile(
    r"(?<![a-z0-9])tlp(?:[_ ]?2[._]0)?[\s:=_-]{1,3}[\"']?"
    r"(white|clear|green|amber(?:[\s_+-]{1,3}strict)?|red)(?![a-z0-9])"
)


def marked(objects: list[StixObject]) -> Tlp | None:
    """Return the strictest TLP that any object asks for, in a marking, a granular one, a label or in words; or None."""
    shown = {item["id"].lower(): item for item in objects if item["type"] == "marking-definition"}
    asked: set[Tlp] = set()
    # Judged once each, however often they are referred to: else a small bundle keeps a node busy for minutes.
    refs: set[str] = set()
    for item in objects:
        said_here = {name: value for name, value in item.items() if name != "id"}
        for text in texts(said_here):
            if type_of(text) == "marking-definition":
                refs.add(text.lower())
            elif item["type"] != "marking-definition":
                asked.update(_written(text))
        if item["type"] != "marking-definition":
            asked.update(_named(said_here))
    asked.update(tlp for ref in refs for tlp in _defined(ref, shown.get(ref)))
    return max(asked, key=STRICTNESS.__getitem__, default=None)


def _defined(ref: str, definition: StixObject | None) -> Iterator[Tlp]:
    """What a marking asks for: by its well-known id, and by its definition where the bundle shows it."""
    if ref in _IDS:
        yield _IDS[ref]
    if definition is not None:
        yield from _named(definition)
        for text in texts(definition):
            yield from _written(text)
    if ref not in _IDS and not _is_understood(definition):
        yield "TLP:RED"


def _is_understood(definition: StixObject | None) -> bool:
    """Whether a definition is TLP's, or a statement: that is for people to read, and says no more than it does."""
    if definition is None or set(definition.get("extensions", {})) - {_EXTENSION}:
        return False
    return _EXTENSION in definition.get("extensions", {}) or definition.get("definition_type") in ("tlp", "statement")


def _named(value: Any) -> Iterator[Tlp]:  # noqa: ANN401 - foreign JSON
    """What stands under a name for TLP: TLP 1.0's definition, 2.0's extension, anybody's x_tlp."""
    for part in parts(value):
        for name, values in said(part).items():
            if "tlp" in name.split("_"):
                yield from (_tlp(one) for one in values if isinstance(one, str))


def _written(text: str) -> Iterator[Tlp]:
    text = plain_text(text).lower()
    if "tlp" in text:
        yield from (_tlp(found[1]) for found in _WRITTEN.finditer(text))


def _tlp(word: str) -> Tlp:
    plain = re.sub(r"[\s_+-]+", "+", plain_text(word).strip().lower().removeprefix("tlp:").strip())
    return _WORDS.get(plain, "TLP:RED")
