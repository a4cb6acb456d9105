"""What a side may do in a track now: what waits for it, and what it may do out of turn, anew, or at any step.

Law: pure. A page offers these and a deed refuses all else; what another's program sends beyond them counts for nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from amanat.workspaces.liaison.told import Told
from amanat.workspaces.liaison.tracks import counted, rules
from amanat.workspaces.liaison.tracks.counted import Track
from amanat.workspaces.liaison.tracks.rules import Step


def open_to(track: Track, now: datetime, party: str) -> tuple[str, ...]:
    """Return what a side may do in a track now, by the codes of steps; what waits for it first."""
    heard, stands = tuple(counted.heard_in(track)), rules.standing(track, now)
    if party not in track.parties:
        return ()
    always = tuple(_always(track, stands, now, party))
    said_so = stands.state == "not-completed" and rules.ended(track, heard)
    if stands.state in ("closed", "withdrawn") or (said_so and track.type != "captured"):
        return always
    steps = {each.code: each for row in stands.rows for each in row}
    may = [each.code for each in stands.waits if each.party in ("", party)]
    if not said_so:
        may += _besides(track, steps, party, finished=rules.finished(stands.rows))
    if _silent(track, heard, party) and stands.state == "open":
        may = [each for each in may if each != "not-completed"]
    may += _visits(track, stands.rows, party)
    if party not in rules.closing(track) and not _silent(track, heard, party):
        may.append("closed")
    return tuple(dict.fromkeys((*may, *always)))


def _always(track: Track, stands: rules.Standing, now: datetime, party: str) -> Iterator[str]:
    """Yield what a side may do however a track stands, closed or withdrawn: clear what lies on its soil.

    And, unless it is closed, receive who or what was handed over: that holds what the other side withdrew of it.
    """
    steps = {each.code: each for row in stands.rows for each in row}
    cleared, received = steps.get("cleared"), steps.get("received")
    if cleared is not None and cleared.said is None and cleared.party == party:
        yield "cleared"
    if received is None or received.said is not None or received.party != party or stands.state == "closed":
        return
    over = counted.crossed(track)
    if over is not None and rules.finished(rules.standing(counted.received(track, over, now), now).rows):
        yield "received"


def _besides(track: Track, steps: Mapping[str, Step], party: str, *, finished: bool) -> Iterator[str]:
    """Yield what a side may do that does not wait for it: out of turn, anew, or at any step."""
    offer = steps.get("offered")
    ready = track.type not in counted.PERSONS or (offer is not None and offer.said is not None)
    handed = steps.get("handed")
    if offer is not None and offer.said is None and party == counted.holder(track):
        yield "offered"
    if "proposed" in steps and ready and not finished and (handed is None or handed.said is None):
        yield "proposed"
        if handed is not None and party == counted.holder(track):
            yield "handed"
    if track.type in counted.PERSONS and not finished:
        yield "not-completed"


def _visits(track: Track, rows: tuple[tuple[Step, ...], ...], party: str) -> Iterator[str]:
    """Yield what may be done at any time of visits to captured personnel: ask for another, say that one was made."""
    if track.type != "captured":
        return
    if party == track.other:
        yield "visit-asked"
    elif rules.granted(rows):
        yield "visited"


def _silent(track: Track, heard: tuple[Told, ...], party: str) -> bool:
    """Whether a side may not end a search, lest it says by that whether somebody is there: only who seeks them may."""
    return track.type == "missing" and party == track.other and counted.offer_of(track, heard) is None
