"""What the codes of intelligence are called in English, by list: itself, its kind and field, and the parts of a report.

Law: translators meet these words as they stand here (`locale/*.po`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_FIELD: Final = {"bundle": "STIX bundle"}
_PART: Final = {
    "attack-pattern": "attack pattern",
    "campaign": "campaign",
    "course-of-action": "course of action",
    "grouping": "grouping",
    "identity": "person or organisation",
    "incident": "incident",
    "indicator": "indicator",
    "infrastructure": "infrastructure",
    "intrusion-set": "intrusion set",
    "location": "place",
    "malware": "malware",
    "malware-analysis": "malware analysis",
    "note": "note",
    "observed-data": "observed data",
    "opinion": "opinion",
    "relationship": "relationship",
    "report": "report",
    "sighting": "sighting",
    "threat-actor": "threat actor",
    "tool": "tool",
    "vulnerability": "vulnerability",
}
_SAID: Final = {
    "abstract": "In short",
    "aliases": "Also called",
    "authors": "Authors",
    "confidence": "Confidence",
    "content": "Content",
    "coordinates": "Coordinates",
    "created_by": "By",
    "description": "Description",
    "explanation": "Explanation",
    "first_observed": "First observed",
    "first_seen": "First seen",
    "labels": "Labels",
    "last_observed": "Last observed",
    "last_seen": "Last seen",
    "located_at": "At",
    "marking": "Marked",
    "opinion": "Opinion",
    "pattern": "Pattern",
    "place": "Where",
    "published": "Published",
    "sighting_of": "Sighting of",
    "source": "Of",
    "start_time": "From",
    "stop_time": "To",
    "target": "To whom or what",
    "valid_from": "Valid from",
    "valid_until": "Valid until",
    "value": "Value",
    "where_sighted": "Seen by",
}

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "place": {"intelligence": "Intelligence"},
        "kind": {"intelligence.report": "Intelligence report"},
        "field": _FIELD,
        "part": _PART,
        "said": _SAID | _FIELD,
    }
)
"""List → code → what it is called."""
