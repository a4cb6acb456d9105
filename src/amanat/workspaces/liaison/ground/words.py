"""What the codes of the map are called in English, by list.

Law: translators meet these words as they stand here (`locale/*.po`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "place": {"liaison.ground": "Map", "liaison.map": "Map of all"},
        "shape": {"point": "Point with a radius", "corridor": "Corridor along a way", "area": "Area"},
        "layer": {
            "warnings": "Warnings to the public",
            "incidents": "Incidents",
            "works": "Works and obstacles",
            "notices": "Planned activities",
            "clarifications": "Seen without notice",
            "measures": "Parallel measures",
            "meetings": "Meetings",
            "tracks": "Tracks",
            "calls": "Places said in calls",
        },
    }
)
"""List → code → what it is called."""
