"""What an officer does at once on a track: opens one, makes its next step, signs that what came of it was read.

Law: what the rules do not let a side do now is refused before it is sent. Of a child alone, of who fears return and of
who was not asked, nothing is sent: it is refused here in one sentence, whichever of these it was (floors 3 and 4).
"""

from datetime import datetime
from typing import Any, Final

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.workspace import Deed, Sent
from amanat.workspaces.liaison import matter_rows, matters
from amanat.workspaces.liaison.dealings import Root, asked, require_dealing
from amanat.workspaces.liaison.tracks import acts, counted, facts, held, kinds, typed, views
from amanat.workspaces.liaison.tracks.counted import Track
from amanat.workspaces.liaison.tracks.kinds import TRACK
from amanat.workspaces.liaison.tracks.typed import Beginning, Stepping

PAGE: Final = "/liaison/track?party={party}&id={id}"


class Reading(msgspec.Struct, frozen=True):
    """Of which track all is signed as read."""

    party: str
    id: str
    seen: str = ""


def begin(turn: Turn, actor: Actor, said: Beginning) -> Sent:
    """Open a track."""
    dealing = require_dealing(turn, TRACK.name, said.compact)
    body = typed.OPENINGS[said.type](turn, actor, said)
    if not isinstance(body, kinds.Captured):  # an incident has a place, and of them none is told
        body = msgspec.structs.replace(body, linked=matters.linked(turn, said.linked))
    facts.of_track(body)
    return Sent((asked(turn, dealing, TRACK.name, body, exercise=bool(said.exercise)),), then=PAGE)


def step(turn: Turn, actor: Actor, said: Stepping) -> Sent:
    """Make a step in a track; all that came of it is opened by that."""
    track, row = require_track(turn, said.party, said.id)
    dealing = matter_rows.dealing(turn, row, TRACK.name)
    if said.step not in acts.open_to(track, turn.now, turn.means.party):
        raise Invalid(
            "liaison.track-step",
            "That is not to be done in this track now.",
            "Load the page anew: it says what is next.",
        )
    _require_few(turn, track)
    body = typed.STEPS[said.step](turn, actor, track, said)
    facts.of_track(body)
    _require_counts(track, body, turn.now)
    sent = asked(turn, dealing, TRACK.name, body, of=Root.of(row))
    return Sent((sent,), _unread(turn, track, said.seen), _page(track))


def read(turn: Turn, _actor: Actor, said: Reading) -> Sent:
    """Sign that all that came of a track was read."""
    track, _ = require_track(turn, said.party, said.id)
    return Sent(opens=_unread(turn, track, said.seen), then=_page(track))


def require_track(turn: Turn, party: str, id_: str) -> tuple[Track, Any]:
    """Return a track that is here, and its row. Raises `Invalid`."""
    rows = matter_rows.named(turn.tx, views.TRACK, [(party, id_)])
    found = held.of(turn, rows)
    if not found:
        raise Invalid("liaison.track", f"No track {id_[:40]} is here.", "See those that are: it may have expired.")
    return found[0], rows[0]


def _unread(turn: Turn, track: Track, seen: str) -> tuple[tuple[str, str], ...]:
    """Return what is unread of it, of what the page had shown."""
    return matter_rows.shown(held.unread_of(turn, track), seen)


def _page(track: Track) -> str:
    return PAGE.format(party=track.root.key.party, id=track.root.key.id)


def _require_few(turn: Turn, track: Track) -> None:
    if sum(each.party == turn.means.party for each in track.said) >= counted.MOST_STEPS:
        raise Invalid(
            "liaison.track-full",
            f"This side made {counted.MOST_STEPS} steps in the track, and no more are read of one side.",
            "Open another track for what is left.",
        )


def _require_counts(track: Track, body: kinds.Body, now: datetime) -> None:
    """Refuse to hand over more persons than were offered, or who were not asked once more. Raises `Invalid`."""
    offer = counted.offered(track)
    if isinstance(body, kinds.HandedOver) and offer is not None:
        most = getattr(offer.body, "count", 0)
        if body.count > most:
            raise Invalid(
                "liaison.track-more",
                f"{body.count} are handed over, and {most} were offered.",
                "Hand over no more than were offered; offer the others on a track of their own.",
            )
        if not counted.asked_again(offer, body.asked, now):
            raise Invalid(
                "liaison.track-asked",
                "How they were asked is not said.",
                "Say whether each was asked alone, and the answer.",
            )


DEEDS: Final = (
    Deed("track-open", "track-new", "record.send", Beginning, begin),
    Deed("track-step", "track", "record.send", Stepping, step),
    Deed("track-read", "track", "record.acknowledge", Reading, read),
)
