"""The lexicon of each party in the demo: the languages, calendars and zones in which it shows things, and names."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from amanat.demo.cast import Actor, Cast
from amanat.exchange.bundle import Item
from amanat.exchange.receive import receive
from amanat.party import canonical, dsse, labels
from amanat.party.lexicon import Calendar, Language, Lexicon

_LANGUAGES: Final[Mapping[str, tuple[Language, ...]]] = MappingProxyType(
    {
        "pk": ("en", "ur"),
        "af": ("en", "fa-AF", "ps"),
        "obs": ("en",),
    }
)
_CALENDARS: Final[Mapping[str, tuple[Calendar, ...]]] = MappingProxyType(
    {
        "pk": ("gregorian", "lunar-hijri"),
        "af": ("gregorian", "lunar-hijri", "solar-hijri"),
        "obs": ("gregorian",),
    }
)
_ZONES: Final = MappingProxyType({"af": "Asia/Kabul", "obs": "UTC", "pk": "Asia/Karachi"})
_NAMES: Final[Mapping[str, Mapping[Language, str]]] = MappingProxyType(
    {
        "party.af": {"en": "Afghanistan", "fa-AF": "افغانستان", "ps": "افغانستان", "ur": "افغانستان"},
        "party.obs": {"en": "The observer"},
        "party.pk": {"en": "Pakistan", "fa-AF": "پاکستان", "ps": "پاکستان", "ur": "پاکستان"},
    }
)


def speak(cast: Cast) -> None:
    """Let every party sign its lexicon, which goes out with all it sends."""
    for actor in cast.values():
        statement = dsse.sign(labels.LEXICON, canonical.encode(_lexicon(actor)), [actor.means.keys.record])
        for _, problem in receive(actor.code, [Item("lexicon", dsse.to_bytes(statement))], actor.means).problems:
            raise problem


def _lexicon(actor: Actor) -> Lexicon:
    languages = _LANGUAGES[actor.code]
    return Lexicon(
        party=actor.code,
        serial=1,
        at=actor.means.now().replace(microsecond=0),
        languages=languages,
        calendars=_CALENDARS[actor.code],
        names={key: {each: names[each] for each in languages if each in names} for key, names in _NAMES.items()},
        zones=dict(_ZONES),
    )
