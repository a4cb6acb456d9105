"""What the codes of liaison are called in English, by list: itself, its pages, kinds, fields, and what slots hold.

Law: translators meet these words as they stand here (`locale/*.po`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "place": {
            "liaison": "Liaison",
            "liaison.desk": "Hotlines",
            "liaison.calls": "Calls",
            "liaison.voice": "By voice",
            "liaison.phrases": "Phrasebook",
            "liaison.quality": "Quality",
            "liaison.days": "Daily log",
            "liaison.watch": "Watches",
        },
        "kind": {
            "liaison.call": "Call",
            "liaison.sign": "Sign of a node",
            "liaison.message": "Message on a hotline",
            "liaison.text": "Free text on a hotline",
            "liaison.day": "Signed day of a hotline",
        },
        "matter": {
            "liaison.call": "A call rings: %(title)s",
            "liaison.climbed": "A call that nobody opened has come to your rank: %(title)s",
            "liaison.climbed-here": "Nobody there opened a call of ours: %(title)s",
            "liaison.test": "A test call is to be answered: %(title)s",
            "liaison.said": "Something was said in a call: %(title)s",
        },
        "follows": {
            "liaison.call": "If nobody opens it by then, the next rank is rung at both sides.",
            "liaison.climbed": "If nobody opens it by then, the next rank is rung at both sides.",
            "liaison.climbed-here": "If nobody opens it by then, the next rank is rung at both sides.",
            "liaison.test": "If nobody answers by then, both sides count it as unanswered.",
            "liaison.said": "Until somebody opens it, the other side sees that nobody has.",
        },
        "ring": {
            "liaison.call": "A call",
            "liaison.climbed": "A call that nobody opened has come to your rank",
            "liaison.climbed-here": "Nobody there opened a call of ours: your rank is rung",
            "liaison.test": "A test call",
            "liaison.said": "Something new was said in a call",
        },
        "hotline state": {
            "rung": "Rung",
            "delivered": "Delivered",
            "opened": "Opened",
            "answered": "Answered",
            "unanswered": "Nobody opened it",
            "ended": "Ended",
        },
        "hotline lacks": {
            "delivered": "Not delivered yet",
            "opened": "Not opened yet",
            "answered": "Not answered yet",
        },
        "slot": {
            "place": "place",
            "time": "time",
            "from": "from",
            "until": "until",
            "count": "number",
            "wounded": "wounded",
            "dead": "dead",
            "minutes": "minutes",
            "metres": "metres",
            "size": "size of the unit",
            "direction": "direction",
            "arms": "weapon",
            "works": "works",
            "phone": "telephone or radio",
        },
        "spoken language": {"en": "English", "fa-AF": "Dari", "ps": "Pashto", "ur": "Urdu"},
        "urgency": {"flash": "Flash", "immediate": "Immediate", "priority": "Priority", "routine": "Routine"},
        "cause": {"link": "The link was down", "node": "The node was down", "unattended": "Nobody was at the desk"},
        "size": {
            "team": "team",
            "section": "section",
            "platoon": "platoon",
            "company": "company",
            "battalion": "battalion",
            "brigade": "brigade",
            "larger": "larger than a brigade",
        },
        "direction": {
            "north": "north",
            "north-east": "north-east",
            "east": "east",
            "south-east": "south-east",
            "south": "south",
            "south-west": "south-west",
            "west": "west",
            "north-west": "north-west",
        },
        "arms": {
            "small-arms": "small arms",
            "machine-gun": "machine gun",
            "mortar": "mortar",
            "rocket": "rocket",
            "artillery": "artillery",
            "tank": "tank",
            "drone": "drone",
            "aircraft": "aircraft",
        },
        "works": {
            "post": "post",
            "gate": "gate",
            "fence": "fence",
            "bunker": "bunker",
            "trench": "trench",
            "road": "road",
            "wall": "wall",
            "clearing": "clearing of ground",
        },
        "told of a desk": {
            "attended": "told that somebody is at the desk",
            "unattended": "told that nobody is at the desk",
        },
        "free words": {
            "text": "said something in free words, which count as naming a person",
            "translation": "translated free words, which count as naming a person",
        },
        "word on a voice": {
            "agrees": "confirmed the other side's log of a conversation",
            "denies": "said of the other side's log of a conversation that it was otherwise",
        },
        "spoken by": {"telephone": "Telephone", "radio": "Radio", "in-person": "In person"},
    }
)
"""List → code → what it is called."""
