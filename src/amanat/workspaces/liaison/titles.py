"""What lists call the records of hotlines: sentences in English, with codes, keys of places and moments as signed.

Law: a title says no more than its body does. The console says it in the reader's language: what is a sentence of
`words` ("title") by the catalogues, and what is a phrase by the phrasebook.
"""

from typing import Final

from amanat.record.kind import Part
from amanat.workspace import Book
from amanat.workspaces.liaison import phrasebook
from amanat.workspaces.liaison.gazetteer import bundled
from amanat.workspaces.liaison.kinds import (
    MESSAGE,
    Call,
    Confirmed,
    Day,
    Desk,
    Escalated,
    Message,
    Phrase,
    ReadBack,
    Sign,
    Slots,
    Spot,
    Text,
    Value,
)
from amanat.workspaces.liaison.words import WORDS

LONGEST: Final = 80
"""Characters of free words that stand in a list."""


def of_call(body: Call) -> str:
    """Return what a call is called by."""
    return _title("call test" if body.test else "call", hotline=body.hotline, urgency=body.urgency)


def of_sign(body: Sign) -> str:
    """Return what a sign of a node is called by."""
    if isinstance(body, Desk):
        return _title("sign attended" if body.attended else "sign unattended", hotline=body.hotline)
    if isinstance(body, Escalated):
        return _title("sign climbed", rank=body.rank)
    return _title(f"sign {body.cause}", since=_moment(body.since.isoformat()), until=_moment(body.until.isoformat()))


def of_message(body: Message) -> str:
    """Return what a message is called by: a phrase by its English text."""
    if isinstance(body, Phrase):
        return _phrase(body.said.phrase, body.said.slots)
    if isinstance(body, ReadBack):
        return _title("message read-back", phrase=_phrase(body.phrase, body.slots))
    if isinstance(body, Confirmed):
        return _title("message agrees" if body.agrees else "message otherwise")
    return _title("message voice", hotline=body.hotline, minutes=body.minutes)


def of_text(body: Text) -> str:
    """Return what free words are called by: how they begin."""
    words = " ".join(body.text.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def parts(body: Text) -> tuple[Part, ...]:
    """Return what a page shows of free words: in which call they are said, it says beside them."""
    return (Part("", "", (("language", body.language), ("text", body.text))),)


def of_day(body: Day) -> str:
    """Return what a signed day is called by."""
    return _title("day", hotline=body.hotline, day=body.day)


def _title(code: str, **filled: str | int) -> str:
    return WORDS["title"][f"liaison.{code}"].format(**filled)


def _phrase(id_: str, slots: Slots) -> str:
    """Return a phrase with what stands in its slots, an ellipsis where nothing does; its id where the book has none."""
    entry = phrasebook.entry(id_)
    if entry is None:
        return id_
    return entry.texts["en"].format(**{name: _written(slots.get(name)) for name in entry.slots})


def _written(value: Value | None) -> str:
    if value is None:
        return "…"
    if isinstance(value, Spot):
        return value.name or f"{value.lat}, {value.lon}"
    return str(value)


def _moment(iso: str) -> str:
    return iso.replace("+00:00", "Z")


def _named(key: str) -> str:
    """Return what the bundled gazetteer calls a place, "" for a key that it has not."""
    entry = bundled().get(key)
    return entry.name if entry else ""


BOOK: Final = Book(
    kind=MESSAGE.name,
    sentences=lambda: (each.texts for each in phrasebook.book().entries.values()),
    reviewed=phrasebook.REVIEWED,
    named=_named,
)
"""The phrasebook, as titles of messages."""
