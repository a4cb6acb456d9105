"""What the codes of clarification are called in English, and what lists call their records.

Law: translators meet these words as they stand here; a title says no more than its body does.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from amanat.workspaces.liaison.clarifications import kinds
from amanat.workspaces.liaison.clarifications.kinds import Body

_FIELD: Final = {
    "activity": "Type of activity",
    "answer": "Answer",
    "clarification": "Request for clarification",
    "country": "Who administers the ground, by its own word",
    "enough": "Enough",
    "notice": "Notice",
    "purpose": "Purpose",
    "sector": "Sector",
    "shape": "Shape",
    "sight": "What was seen",
    "why": "Why",
    "window": "From, until",
    "word": "Word on it",
}
_SIGHT: Final = {
    "building": "building or digging",
    "troops": "troops",
    "vehicles": "vehicles",
    "arms": "heavy weapons",
    "aircraft": "aircraft",
    "drones": "drones",
    "firing": "firing",
    "blasts": "explosions",
    "other": "something else",
}

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "field": _FIELD,
        "said": _FIELD,
        "place": {
            "liaison.clarifications": "What was seen",
            "liaison.clarification": "Request for clarification",
            "liaison.clarification-new": "Ask about what was seen",
        },
        "kind": {"liaison.clarification": "Request for clarification"},
        "title": {
            **{f"liaison.clarification seen {code}": f"Seen without notice: {name}" for code, name in _SIGHT.items()},
            "liaison.clarification answered ours": "Answer: it is ours",
            "liaison.clarification answered noticed": "Answer: it was told of in a notice",
            "liaison.clarification answered not-ours": "Answer: it is not ours",
            "liaison.clarification answered cannot-say": "Answer: it cannot be said",
            "liaison.clarification judged enough": "The answer is enough",
            "liaison.clarification judged not-enough": "The answer is not enough",
        },
        "matter": {
            "liaison.clarification-answered": "Our answer to what was seen is waited for: %(title)s",
            "liaison.clarification-judged": "Whether an answer is enough is to be said: %(title)s",
            "liaison.clarification-meet": "An answer is not enough, a flag meeting is to be proposed: %(title)s",
            "liaison.clarification-read": "News of a request for clarification is to be read: %(title)s",
            "liaison.clarification-astray": "Something was said of a request for clarification that is not here",
        },
        "follows": {
            "liaison.clarification-answered": "After its time it reads late, at both sides and in the year.",
            "liaison.clarification-judged": "Until it is said, nobody knows whether the answer is enough.",
            "liaison.clarification-meet": "Until a meeting about it is proposed, both sides see that there is none.",
            "liaison.clarification-read": "Until somebody reads it, the other side sees that nobody has.",
            "liaison.clarification-astray": "Until somebody reads it, the other side sees that nobody has.",
        },
        "clarification sight": _SIGHT,
        "clarification word": {
            "ours": "It is ours",
            "noticed": "It was told of in a notice",
            "not-ours": "It is not ours",
            "cannot-say": "It cannot be said",
        },
        "clarification why": {
            "no-purpose": "what it is for is not said",
            "differs": "it differs from what was seen",
            "in-part": "it is of a part of what was seen",
            "goes-on": "what was seen goes on",
        },
        "clarification state": {
            "asked": "Asked",
            "answered": "Answered",
            "enough": "Enough",
            "not-enough": "Not enough",
            "withdrawn": "Withdrawn",
        },
        "clarification act": {
            "answered": "Answer",
            "judged": "Say whether the answer is enough",
        },
    }
)
"""List → code → what it is called."""


def title(body: Body) -> str:
    """Return what a request, or what is said of it, is called by."""
    tag = str(body.__struct_config__.tag)
    if isinstance(body, kinds.Judged):
        more = "enough" if body.enough else "not-enough"
    else:
        more = body.sight if isinstance(body, kinds.Seen) else body.word
    return WORDS["title"][f"liaison.clarification {tag} {more}"]
