"""What an officer typed for the slots of a phrase, read into values: times in the own zone, places, numbers, codes.

Law: what cannot be read is told with the slot's name and what may stand there, and nothing is guessed.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Protocol, TypeVar

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.workspaces.liaison import facts, phrasebook, places
from amanat.workspaces.liaison.kinds import Value
from amanat.workspaces.liaison.phrasebook import Entry

T = TypeVar("T", bound=str)


def one_of(typed: str, known: Collection[T], field: str) -> T:
    """Return the code of a closed list that was chosen in a field. Raises `Invalid` for what is not in it."""
    for each in known:
        if each == typed:
            return each
    raise Invalid(
        "liaison.choice", f"Nothing that there is was chosen in {field}.", f"It is one of: {', '.join(known)}."
    )


@contextmanager
def in_field(name: str) -> Iterator[None]:
    """Let what cannot be read be told beside a field of the form, the innermost where several are named."""
    try:
        yield
    except Invalid as wrong:
        wrong.field = wrong.field or name
        raise


def chosen(typed: str, known: Collection[T], field: str) -> T:
    """Return the code that was chosen in a field, as `one_of`; what is none of them is told beside the field."""
    with in_field(field):
        return one_of(typed, known, field)


class Typed(Protocol):
    """What was typed for each slot, by its place in the phrase."""

    def slot(self, number: int) -> str:
        """Return what was typed for a slot."""

    def country(self, number: int) -> str:
        """Return the country chosen for a slot that is a place."""


def read(turn: Turn, entry: Entry, typed: Typed, only: Collection[str] | None = None) -> Mapping[str, Value]:
    """Return the values of a phrase's slots, or of some only. Raises `Invalid` for the first that cannot be read."""
    found = dict[str, Value]()
    for number, (name, type_) in enumerate(entry.slots.items()):
        if only is None or name in only:
            text = typed.slot(number).strip()
            if not text:
                raise Invalid("liaison.slot-empty", f"The slot {name} is empty.", "Fill it in.")
            found[name] = _value(turn, name, type_, text, typed.country(number))
    return found


def time(text: str, zone: tzinfo, now: datetime) -> datetime:
    """Return a moment, a whole minute of UTC: "14:30" of this day in a zone, "2026-11-24 14:30", or "now".

    Raises `Invalid`.
    """
    typed = digits(text).strip().replace("T", " ")
    here = now.astimezone(zone)
    if typed.lower() == "now":
        return now.astimezone(UTC).replace(second=0, microsecond=0)
    if len(typed) <= len("14:30"):
        typed = f"{here:%Y-%m-%d} {typed.zfill(len('14:30'))}"
    try:
        read_ = datetime.strptime(typed[: len("2026-11-24 14:30")], "%Y-%m-%d %H:%M").replace(tzinfo=zone)
        return read_.astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the latter for an hour of the year 1 that UTC has before it
        raise Invalid(
            "liaison.time", f"{text[:40]!r} is no time.", "Type 14:30 for today, or 2026-11-24 14:30, in your zone."
        ) from error


def _value(turn: Turn, name: str, type_: str, text: str, country: str) -> Value:
    if type_ in phrasebook.PLACES:
        return places.read(turn, text, country or None)
    if type_ == "time":
        return f"{time(text, own_zone(turn), turn.now):%Y-%m-%dT%H:%M}:00Z"
    if type_ in phrasebook.NUMBERS:
        number = digits(text)
        if not (number.isascii() and number.isdecimal() and len(number) <= 6):  # noqa: PLR2004 - a million
            raise facts.slot_wrong(name, "a whole number")
        return int(number)
    if type_ == "phone":
        return digits(text)
    if text not in phrasebook.LISTS[type_]:
        raise facts.slot_wrong(name, type_)
    return text


def digits(text: str) -> str:
    """Return a text with the digits of every script as those of ASCII."""
    return "".join(str(int(each)) if each.isdecimal() else each for each in text)
