"""The lexicon of each party in the demo: the languages, calendars and zones in which it shows things, and names."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from amanat.demo.cast import Cast
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
        statement = dsse.sign(
            labels.LEXICON, canonical.encode(lexicon(actor.code, actor.means.now())), [actor.means.keys.record]
        )
        for _, problem in receive(actor.code, [Item("lexicon", dsse.to_bytes(statement))], actor.means).problems:
            raise problem


def lexicon(party: str, now: datetime) -> Lexicon:
    """Return the lexicon of a party, as it is now."""
    languages = _LANGUAGES[party]
    return Lexicon(
        party=party,
        serial=1,
        at=now.replace(microsecond=0),
        languages=languages,
        calendars=_CALENDARS[party],
        names={key: {each: names[each] for each in languages if each in names} for key, names in _NAMES.items()},
        zones=dict(_ZONES),
    )
