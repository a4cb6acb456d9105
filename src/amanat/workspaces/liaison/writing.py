"""Free words about any matter, as a part of liaison."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from amanat.workspace import Deed
from amanat.workspaces.liaison import facts, free_words, kinds, titles, views
from amanat.workspaces.liaison.pages import text
from amanat.workspaces.liaison.part import Part

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "matter": {
        "liaison.text": "Free words were written: %(title)s",
        "liaison.text-alone": "Free words were written about no matter that is here",
    },
    "follows": {
        "liaison.text": "Until somebody opens them, the other side sees that nobody has.",
        "liaison.text-alone": "Until somebody opens them, the other side sees that nobody has.",
    },
    "place": {"liaison.text": "Free words"},
    "kind": {"liaison.text": "Free words"},
    "field": {"about": "About what", "language": "Language", "text": "Text", "translates": "Translates"},
    "said": {"about": "About what", "language": "Language", "text": "Text", "translates": "Translates"},
    "bound": {
        "liaison.in-call": "In the call on %(of)s",
        "liaison.in-call-translation": "A translation, in the call on %(of)s",
        "liaison.about": "About: %(of)s",
        "liaison.about-translation": "A translation, about: %(of)s",
    },
}

PART: Final = Part(
    kinds=(replace(kinds.TEXT, apply=views.apply_text, facts=facts.of_text, title=titles.of_text, parts=titles.parts),),
    pages=(text.PAGE,),
    deeds=(Deed("open-words", "text", "record.acknowledge", free_words.Opening, free_words.open_words),),
    words=_WORDS,
    waits=free_words.waits,
    now=free_words.now,
    bound=text.bound,
)
