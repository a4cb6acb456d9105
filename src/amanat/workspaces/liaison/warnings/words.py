"""What the codes of warnings are called in English, by list.

Law: translators meet these words as they stand here (`locale/*.po`). What the public is told stands in `sentences`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, get_args

from amanat.workspaces.liaison.warnings import sentences
from amanat.workspaces.liaison.warnings.kinds import Danger, Instruction

_FIELD: Final = {
    "cancels": "Cancels",
    "certainty": "Certainty",
    "danger": "Danger",
    "instructions": "What to do",
    "near": "Near",
    "severity": "Severity",
    "shape": "Shape",
    "updates": "Takes the place of",
    "urgent": "How soon",
    "window": "From, until",
}

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "field": _FIELD,
        "said": _FIELD,
        "place": {
            "liaison.public": "Warnings",
            "liaison.warnings": "Warnings to the public",
            "liaison.warn": "Warn the public",
            "liaison.warning": "Warning",
        },
        "kind": {"liaison.warning": "Warning to the public"},
        "title": {
            "liaison.warning": "{danger} near {near}, until {until}",
            "liaison.warning updated": "Changed: {danger} near {near}, until {until}",
            "liaison.warning cancelled": "A warning to the public is cancelled",
        },
        "matter": {
            "liaison.warning-warning": "The other side warned its public: %(title)s",
            "liaison.warning-update": "The other side changed a warning to its public: %(title)s",
            "liaison.warning-cancel": "The other side cancelled a warning to its public: %(title)s",
        },
        "follows": dict.fromkeys(
            ("liaison.warning-warning", "liaison.warning-update", "liaison.warning-cancel"),
            "Until somebody reads it, the other side sees that nobody has.",
        ),
        "danger": {each: sentences.event(each)["en"] for each in get_args(Danger)},
        "instruction": {each: sentences.instruction(each)["en"] for each in get_args(Instruction)},
        "warning phase": {
            "in-force": "In force",
            "coming": "To come",
            "over": "Over",
            "cancelled": "Cancelled",
        },
        "urgent": {
            "immediate": "Immediate: act now",
            "expected": "Expected: act within the hour",
            "future": "Future: act in time",
            "past": "Past: no longer to be acted on",
            "unknown": "Not known",
        },
        "severity": {
            "extreme": "Extreme threat to life",
            "severe": "Severe threat to life",
            "moderate": "Possible threat to life",
            "minor": "Hardly a threat to life",
            "unknown": "Not known",
        },
        "certainty": {
            "observed": "Observed: it happens",
            "likely": "Likely: more than half",
            "possible": "Possible: less than half",
            "unlikely": "Unlikely",
            "unknown": "Not known",
        },
    }
)
"""List → code → what it is called; `urgent`, `severity` and `certainty` by CAP 1.2, section 3.2.2."""
