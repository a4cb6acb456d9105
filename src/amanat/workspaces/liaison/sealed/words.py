"""What the codes of sealed notices are called in English, by list.

Law: translators meet these words as they stand here (`locale/*.po`). A field that another part has too is called the
same there.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_FIELD: Final = {
    "commitment": "Digest that binds it",
    "escrow": "How many observers have to open it",
    "fits": "Fits the digest",
    "held_by": "Entrusted to",
    "incident": "Incident",
    "notice": "Notice",
    "of": "Of what",
    "opens": "Opens",
    "salt": "Salt",
}

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "field": _FIELD,
        "said": _FIELD,
        "place": {
            "liaison.sealed-notices": "Sealed notices",
            "liaison.seal": "Seal a notice",
            "liaison.sealed": "Sealed notice",
        },
        "kind": {
            "liaison.sealed": "Sealed notice",
            "liaison.escrow": "Sealed notice, in trust",
        },
        "title": {
            "liaison.sealed": "Sealed notice, to be opened by {opens}",
            "liaison.sealed opened": "A sealed notice, opened: {planned}, from {since} until {until}",
            "liaison.sealed holds": "A sealed notice is held in trust; what is held fits",
            "liaison.sealed holds-wrong": "A sealed notice is held in trust; what is held does not fit",
            "liaison.escrow": "In trust: {planned}, from {since} until {until}",
        },
        "matter": {
            "liaison.sealed-read": "A sealed notice was opened: %(title)s",
            "liaison.sealed-misfit": "What was opened is not what was sealed: %(title)s",
            "liaison.sealed-silent": "A sealed notice of the other side was not opened: %(title)s",
            "liaison.sealed-stuck": "A sealed notice of ours was not opened: %(title)s",
            "liaison.sealed-trust": "A sealed notice that is held in trust here was not opened: %(title)s",
        },
        "follows": {
            "liaison.sealed-read": "Until somebody opens it, the other side sees that nobody has.",
            "liaison.sealed-misfit": "It stays said by its sender's signature. Ask what it means.",
            "liaison.sealed-silent": "Both sides see that. Ask on a hotline; those who hold it in trust may open it.",
            "liaison.sealed-stuck": "Both sides see that: nobody can say that it was told.",
            "liaison.sealed-trust": "Until enough of those who hold it open it, nobody knows what it says.",
        },
        "sealed state": {
            "sealed": "Sealed",
            "in-time": "Opened in time",
            "late": "Opened late",
            "on-incident": "Opened on an incident",
            "by-escrow": "Opened by those who held it in trust",
            "does-not-fit": "What was opened does not fit",
            "withdrawn": "Called off before it was to open",
            "not-opened": "Not opened",
        },
        "opened because": {
            "time": "its time had come",
            "incident": "of an incident near by",
            "chosen": "its sender chose to",
            "escrow": "it was held in trust and not opened",
        },
    }
)
"""List → code → what it is called."""
