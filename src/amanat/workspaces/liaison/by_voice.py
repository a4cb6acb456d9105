"""Conversations by voice: what an officer logs of one, and says of one that the other side logged.

Law: each side says what it noted by itself. Who says that it was otherwise may say how, and both accounts stand: none
is written over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.party.types import quoted
from amanat.workspace import Deed, Sent
from amanat.workspaces.liaison import composing, phrasebook, slots, views
from amanat.workspaces.liaison.kinds import Confirmed, Named, Said, Value, Voice

PAGE: Final = "/liaison/voice"
MOST_MINUTES: Final = 1440

_PHRASE: Final = re.compile(r"[\s,،]*(?P<card>[^\s,،()]+)(?:\s*\((?P<slots>(?:[^()]|\([^()]*\))*)\))?[\s,،]*")
_BETWEEN: Final = re.compile("[;؛]")


class Logging(msgspec.Struct, frozen=True):
    """A conversation by voice: on which hotline, by what, when it began, how long, with which post, and what was said.

    `heard` and `told` are numbers of the card, or ids of phrases, with spaces between; in brackets after one stands
    what was noted of its slots, in their order: "101-1 (Torkham (AF); 14:30) 220-9".
    """

    hotline: str
    by: str
    began: str
    minutes: str
    other: str
    heard: str = ""
    told: str = ""


class Confirming(msgspec.Struct, frozen=True):
    """Whether a conversation that the other side logged was so: "yes" or "no"; and if not, how it was, as in a log."""

    party: str
    id: str
    agrees: str
    minutes: str = ""
    heard: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class _Noted:
    """What was typed of a phrase's slots, in their order."""

    values: tuple[str, ...]

    def slot(self, number: int) -> str:
        return self.values[number]

    def country(self, _number: int) -> str:
        return ""  # who administers a place was not said


def log(turn: Turn, actor: Actor, typed: Logging) -> Sent:
    """Log a conversation by telephone, radio or in person, for the other side to confirm."""
    composing.require_post(turn, typed.hotline, actor.post)
    line = composing.require_line(turn, typed.hotline)
    began = slots.time(typed.began, own_zone(turn), turn.now)
    if began > turn.now:
        raise Invalid("liaison.voice", "The conversation begins later than now.", "Say when it began.")
    body = {
        "type": "voice",
        "hotline": typed.hotline,
        "by": typed.by,
        "began": began,
        "minutes": _minutes(typed.minutes),
        "other": typed.other.strip(),
        "heard": tuple(_said(turn, typed.heard)),
        "told": tuple(_said(turn, typed.told)),
    }
    try:
        voice = msgspec.convert(body, Voice, from_attributes=True)
    except msgspec.ValidationError as error:
        raise Invalid("form.field", f"What was typed cannot be read: {quoted(error)}.", "Mend it.") from error
    return Sent((composing.said(turn, line, "liaison.message", voice),), then=PAGE)


def confirm(turn: Turn, actor: Actor, typed: Confirming) -> Sent:
    """Say of a conversation that the other side logged that it was so; or that it was otherwise, and how."""
    rows = views.rows(turn.tx, views.VOICE, views.VOICE.c.party == typed.party, views.VOICE.c.id == typed.id)
    if not rows or typed.party == turn.means.party:
        raise Invalid("liaison.voice-unknown", "The other side logged no such conversation.", "See those that it did.")
    composing.require_post(turn, rows[0].hotline, actor.post)
    line = composing.require_line(turn, rows[0].hotline)
    of = Named(typed.party, typed.id)
    body = Confirmed(of=of, agrees=True) if typed.agrees == "yes" else _otherwise(turn, of, typed)
    asked = composing.about_voice(turn, line, body, rows[0].expires)
    return Sent((asked,), ((of.party, of.id),), PAGE)


def _otherwise(turn: Turn, of: Named, typed: Confirming) -> Confirmed:
    return Confirmed(
        of=of,
        agrees=False,
        minutes=_minutes(typed.minutes) if typed.minutes.strip() else None,
        heard=tuple(_said(turn, typed.heard)),
        told=tuple(_said(turn, typed.told)),
    )


def _minutes(typed: str) -> int:
    """Return a number of minutes. Raises `Invalid`."""
    if not (typed.strip().isdecimal() and len(typed.strip()) <= 4 and int(typed) <= MOST_MINUTES):  # noqa: PLR2004 - digits
        raise Invalid("liaison.minutes", "How long it took is no number of minutes.", "Type a whole number.")
    return int(typed)


def _said(turn: Turn, typed: str) -> Iterator[Said]:
    """Yield the phrases whose card numbers or ids were typed. Raises `Invalid` for one there is not, or its slots."""
    at = 0
    while at < len(typed):
        found = _PHRASE.match(typed, at)
        if found is None:
            raise _no_card(typed[at:])
        at = found.end()
        entry = phrasebook.entry(found["card"]) or phrasebook.by_card(found["card"])
        if entry is None:
            raise _no_card(found["card"])
        yield Said(entry.id, dict(sorted(_slots(turn, entry, found["slots"] or "").items())))


def _slots(turn: Turn, entry: phrasebook.Entry, typed: str) -> dict[str, Value]:
    """Return what was noted of a phrase's slots; one that is left empty was not."""
    values = tuple(each.strip() for each in _BETWEEN.split(typed)) if typed.strip() else ()
    if len(values) > len(entry.slots):
        raise Invalid(
            "liaison.noted",
            f"The phrase {entry.card} has fewer slots than what stands in its brackets.",
            f"In their order it has: {', '.join(entry.slots) or 'none'}.",
        )
    noted = [name for name, value in zip(entry.slots, values, strict=False) if value]
    return dict(slots.read(turn, entry, _Noted(values), noted))


def _no_card(word: str) -> Invalid:
    return Invalid(
        "liaison.card",
        f"{word[:20]!r} is no phrase's number with its check digit.",
        "Read the number on the card again.",
    )


DEEDS: Final = (
    Deed("log-voice", "voice", "record.send", Logging, log),
    Deed("confirm-voice", "voice", "record.send", Confirming, confirm),
)
