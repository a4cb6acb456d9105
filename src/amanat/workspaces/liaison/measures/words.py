"""What the codes of parallel measures are called in English, and what lists call their records.

Law: translators meet these words as they stand here; a title says no more than its body does.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from amanat.workspaces.liaison.measures import kinds
from amanat.workspaces.liaison.measures.kinds import Body

_FIELD: Final = {
    "did": "What was done",
    "digest": "Digest",
    "linked": "Linked records",
    "measure": "Measure",
    "part": "Own part",
    "purpose": "Purpose",
    "window": "From, until",
}

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "field": _FIELD,
        "said": _FIELD,
        "place": {
            "liaison.parallel": "Parallel measures",
            "liaison.measures": "Parallel measures",
            "liaison.measure": "Parallel measure",
            "liaison.measure-new": "Propose a measure",
        },
        "kind": {"liaison.measure": "Parallel measure"},
        "title": {
            **{
                f"liaison.measure proposed {code}": f"Measure: {name}"
                for code, name in (
                    ("search", "search for missing persons, each on its side"),
                    ("return", "joint return to positions"),
                    ("quiet", "quiet hours"),
                    ("closing", "closing of a passage"),
                    ("convoy", "escort of an aid convoy, each on its side"),
                    ("clearing", "clearing of ordnance, each on its side"),
                    ("medical", "corridor for patients"),
                    ("recovery", "recovery of the dead"),
                    ("works", "stop of works near the line"),
                )
            },
            "liaison.measure part": "A part of a measure",
            "liaison.measure declined": "A measure was declined",
            "liaison.measure agreed": "Both parts of a measure were agreed to",
            "liaison.measure said clear": "Areas are clear",
            "liaison.measure said started": "A measure started",
            "liaison.measure said holds": "A measure holds",
            "liaison.measure said stopped": "A measure stopped",
        },
        "matter": {
            "liaison.measure-step": "Our part of a measure waits: %(title)s",
            "liaison.measure-read": "News of a measure is to be read: %(title)s",
            "liaison.measure-astray": "Something was said in a measure that is not here",
        },
        "follows": {
            "liaison.measure-step": "Until it is said, the other side sees that it waits for us.",
            "liaison.measure-read": "Until somebody reads it, the other side sees that nobody has.",
            "liaison.measure-astray": "Until somebody reads it, the other side sees that nobody has.",
        },
        "ring": {
            "liaison.measure-holds": "The other side holds its part of a measure",
            "liaison.measure-stopped": "The other side stopped its part of a measure",
        },
        "measure purpose": {
            "search": "search for missing persons, each on its side",
            "return": "joint return to positions",
            "quiet": "quiet hours",
            "closing": "closing of a passage",
            "convoy": "escort of an aid convoy, each on its side",
            "clearing": "clearing of ordnance, each on its side",
            "medical": "corridor for patients",
            "recovery": "recovery of the dead",
            "works": "stop of works near the line",
        },
        "measure action": {
            "search": "searches",
            "return": "returns to its positions",
            "stand-still": "stands still",
            "no-fire": "does not fire",
            "no-flights": "flies nothing",
            "close": "closes the passage",
            "open": "opens the passage",
            "escort": "escorts",
            "clear": "clears ordnance",
            "receive": "receives",
            "stop-works": "stops works",
        },
        "measure area": {"clear": "Kept clear"},
        "measure state": {
            "proposed": "Proposed",
            "to-agree": "To be agreed by both",
            "agreed": "Agreed by both",
            "under-way": "Under way",
            "held": "Held or stopped by one side",
            "stopped": "Stopped by both",
            "declined": "Declined",
            "lapsed": "Its time is over",
            "withdrawn": "Withdrawn",
        },
        "measure said": {
            "part": "Own part",
            "agreed": "Agreement to both parts",
            "clear": "Areas are clear",
            "started": "Started",
            "holds": "Holds",
            "stopped": "Stopped",
            "declined": "Declined",
        },
        "measure act": {
            "part": "Give or change our part",
            "agreed": "Agree to both parts",
            "clear": "Confirm that our areas are clear",
            "started": "Confirm that we started",
            "holds": "Hold our part",
            "stopped": "Stop our part",
            "declined": "Decline",
        },
    }
)
"""List → code → what it is called."""


def title(body: Body) -> str:
    """Return what a measure, or what is said in it, is called by."""
    tag = str(body.__struct_config__.tag)
    if isinstance(body, kinds.Proposed):
        tag = f"{tag} {body.purpose}"
    if isinstance(body, kinds.Said):
        tag = f"{tag} {body.did}"
    return WORDS["title"][f"liaison.measure {tag}"]
