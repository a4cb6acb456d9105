"""Warnings as files for whoever passes them on: one alert in CAP 1.2, and the feed of those that hold or will.

Law: a party speaks to its public by its own lexicon and on its own clock, whoever's node gives the file out.
"""

from datetime import UTC
from typing import Annotated, Final

import msgspec

from amanat.exchange.lexica import lexicon_of, zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.party.lexicon import Language, name
from amanat.workspace import File
from amanat.workspaces.liaison.gazetteer import bundled
from amanat.workspaces.liaison.warnings import atom, cap, told
from amanat.workspaces.liaison.warnings.cap import Speaker
from amanat.workspaces.liaison.warnings.rules import phase


class Message(msgspec.Struct, frozen=True):
    """Which warning, and which of its messages ("" for the last)."""

    party: str
    id: str
    message: str = ""


class Feed(msgspec.Struct, frozen=True):
    """Whose warnings; "" for this party's own."""

    party: Annotated[str, msgspec.Meta(max_length=16)] = ""


def speaker(turn: Turn, party: str) -> Speaker:
    """Return by which names and on which clock a party speaks to its public."""
    lexicon = lexicon_of(turn, party)

    def named(key: str, language: Language) -> str:
        own = name(lexicon, key, language) if lexicon else key
        entry = bundled().get(key)
        return own if own != key else entry.name if entry else key.partition(".")[2]

    return Speaker(named, zone(lexicon.zones.get(party, "UTC") if lexicon else "UTC") or UTC)


def xml(turn: Turn, _actor: Actor, query: Message) -> bytes:
    """Return a message of a warning as an alert. Raises `Invalid`."""
    found = told.require(turn, query.party, query.id)
    wanted = query.message or found.messages[-1].key.id
    message = next((each for each in found.messages if each.key.id == wanted), None)
    if message is None:
        raise Invalid("liaison.warning-message", "The warning has no such message.", "See those that its page lists.")
    return cap.alert(found, message, speaker(turn, query.party))


def feed(turn: Turn, _actor: Actor, query: Feed) -> bytes:
    """Return a party's warnings that are in force or to come, or were until they were cancelled, as a feed."""
    party = query.party or turn.means.party
    those = (each for each in told.standing(turn, turn.now) if each.root.key.party == party)
    holds = [each for each in those if phase(each, turn.now) != "over" and each.standing.window.until > turn.now]
    return atom.feed(party, holds, speaker(turn, party), turn.now)


FILES: Final = (
    File("warning.xml", "record.read", cap.MEDIA, xml, query=Message),
    File("warnings.atom", "record.read", atom.MEDIA, feed, query=Feed),
)
