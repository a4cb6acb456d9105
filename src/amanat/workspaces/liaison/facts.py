"""What the floors have to know of what is said on a hotline, and what a phrase's type cannot say of its slots.

Law: a phrase names nobody, for it has no slot for a name; a place of persons or a group is told as such by the book,
never by the sender. Free words count as naming a person: no machine reads them (decision 0026).
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

from amanat.party.errors import Invalid, Refused
from amanat.party.types import in_use
from amanat.record.kind import Facts, Place
from amanat.workspaces.liaison import phrasebook
from amanat.workspaces.liaison.kinds import (
    Confirmed,
    Message,
    Phrase,
    Said,
    Slots,
    Spot,
    Text,
    Value,
    Voice,
)

FIRE_METRES: Final = 1_000
"""Told closer than this, where a round fell tells whoever fired it how to aim the next."""
METRES_PER_DEGREE: Final = 111_000
UNREAD: Final = "what its words say, which no machine reads"

_PHONE_MOST: Final = 24
_PHONE: Final = frozenset("0123456789+ -.MHzk")


def of_message(body: Message) -> Facts:
    """Return the facts of a message. Raises `Invalid` for a phrase the book has not, or slots that do not fit it."""
    if isinstance(body, Phrase):
        return Facts(places=tuple(_places_in(require_fits(body.said), body.said.slots)))
    if isinstance(body, Voice | Confirmed):
        noted = (*body.heard, *body.told)
        return Facts(places=tuple(place for each in noted for place in _places_in(require_noted(each), each.slots)))
    entry = require_known(body.phrase)
    return Facts(places=tuple(_places_in(require_slots(entry, entry.read_back, body.slots), body.slots)))


def of_text(_body: Text) -> Facts:
    """Return the facts of free words."""
    return Facts(person=UNREAD)


def require_fits(said: Said) -> phrasebook.Entry:
    """Return the phrase that is said. Raises `Invalid` where the book has none such, or a slot has not its value."""
    entry = require_known(said.phrase)
    return require_slots(entry, tuple(entry.slots), said.slots)


def require_noted(said: Said) -> phrasebook.Entry:
    """Return a phrase that was said by voice, of which not every slot has to be noted. Raises `Invalid`."""
    entry = require_known(said.phrase)
    return require_slots(entry, [name for name in entry.slots if name in said.slots], said.slots)


def require_known(id_: str) -> phrasebook.Entry:
    """Return the phrase of that id. Raises `Invalid` where this book has none."""
    entry = phrasebook.entry(id_)
    if entry is None:
        raise Invalid(
            "liaison.phrase",
            f"The phrasebook here has no {id_[:80]}.",
            "A newer phrase needs a newer version of Amanat; say it with another.",
        )
    return entry


def slot_wrong(name: str, type_: str) -> Invalid:
    """Return what is said of a slot in which something stands that is not of its type."""
    allowed = ", ".join(phrasebook.LISTS.get(type_, ())) or type_
    return Invalid("liaison.slot", f"What stands in the slot {name} does not fit.", f"It takes: {allowed}.")


def require_slots(entry: phrasebook.Entry, names: Collection[str], slots: Slots) -> phrasebook.Entry:
    """Return the phrase. Raises `Invalid` where these of its slots are not all filled, another is, or one wrongly."""
    if set(slots) != set(names):
        wanted = ", ".join(sorted(names)) or "none"
        raise Invalid("liaison.slots", f"The phrase {entry.id} has the slots: {wanted}.", "Fill in each, and no other.")
    for name in names:
        if not _fits(entry.slots[name], slots[name]):
            raise slot_wrong(name, entry.slots[name])
    return entry


def _places_in(entry: phrasebook.Entry, slots: Slots) -> Iterator[Place]:
    """Yield the places of persons or groups: which those are, the book says."""
    for name, value in slots.items():
        if entry.slots[name] == "place.group" and isinstance(value, Spot):
            yield Place(value.country, known_to(value))


def known_to(spot: Spot) -> float:
    """Return how closely a place is told, in metres: no farther than its digits let it, whatever is said beside them.

    A name tells where it is, and counts as exact.
    """
    decimals = max(_decimals(spot.lat), _decimals(spot.lon))
    return 0 if spot.name else min(spot.metres, METRES_PER_DEGREE * 10.0**-decimals)


def require_fire(metres: float) -> None:
    """Raise `Refused` where a place in which fire fell is told more closely than to `FIRE_METRES`."""
    if metres < FIRE_METRES:
        raise Refused(
            "floor.6",
            f"Where fire fell is told to within {metres:.0f} metres, from which the next could be aimed.",
            f"Give it to no better than {FIRE_METRES} metres, and without a name.",
            by="floor 6",
        )


def _decimals(degrees: float) -> int:
    return max(0, -int(Decimal(repr(degrees)).normalize().as_tuple().exponent))


def _fits(type_: str, value: Value) -> bool:
    if type_ in phrasebook.PLACES:
        return isinstance(value, Spot)
    if type_ in phrasebook.NUMBERS:
        return isinstance(value, int)
    if not isinstance(value, str):
        return False
    if type_ == "time":
        return is_time(value)
    if type_ == "phone":
        return 0 < len(value) <= _PHONE_MOST and set(value) <= _PHONE
    return value in phrasebook.LISTS[type_]


def is_time(text: str) -> bool:
    """Whether a text is a whole minute of UTC in the one spelling that slots have: "2026-11-24T04:30:00Z"."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return False
    return time.tzname() == "UTC" and in_use(time) and f"{time:%Y-%m-%dT%H:%M}:00Z" == text
