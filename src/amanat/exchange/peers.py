"""Peers as officers are shown them: how the line to each stands, what waits for it, and what an operator does about it.

Law: pausing, trying by hand and giving again are acts: permitted now, done and noted in one transaction.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from amanat.exchange import again
from amanat.exchange import lines as lines_
from amanat.exchange.acting import acting
from amanat.exchange.clocks import SKEW
from amanat.exchange.lines import Lines
from amanat.exchange.means import Means, Turn
from amanat.exchange.peer_line import Standing, State
from amanat.officer.may import Actor
from amanat.store import listing

What = Literal["pause", "resume", "retry"]
FIRST = 50
"""So many of the records for which nothing came back are listed, the oldest first."""


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """A peer's line. `skew_seconds` is by how much its clock is ahead of ours, `skewed` whether that is too much."""

    party: str
    url: str
    state: State
    since: datetime
    answered: datetime | None
    says: str
    tries: int
    wait_seconds: float
    skew_seconds: float | None
    skewed: bool


class Waits(msgspec.Struct, frozen=True):
    """A record of ours for which nothing came back."""

    party: str
    id: str
    kind: str
    at: str


class Outbox(msgspec.Struct, frozen=True, kw_only=True):
    """What is not final at one recipient, and the oldest of what nothing came back for."""

    recipient: str
    pending: int
    provisional: int
    refused: int
    oldest: str | None
    first: tuple[Waits, ...]


class Again(msgspec.Struct, frozen=True):
    """How many envelopes wait that a peer says it lost, and until when they are given, if that is allowed."""

    party: str
    waiting: int
    until: datetime | None


def peers(turn: Turn, standing: Mapping[str, Standing]) -> tuple[Peer, ...]:
    """Return the lines to peers whose address is known."""
    addresses = lines_.addresses(turn.tx)
    return tuple(_peer(party, addresses.get(party, ("", False))[0], each) for party, each in standing.items())


def outbox(turn: Turn) -> tuple[Outbox, ...]:
    """Return what waits for each recipient. That nothing came back proves nothing."""
    return tuple(_outbox(each, listing.undelivered(turn.tx, each.recipient, FIRST)) for each in listing.due(turn.tx))


def asked_again(turn: Turn) -> tuple[Again, ...]:
    """Return the peers that ask for envelopes again, and those to whom they are given."""
    return tuple(Again(party, each.waiting, each.until) for party, each in again.asked(turn).items())


def operate(means: Means, lines: Lines, actor: Actor, party: str, what: What) -> Peer:
    """Pause a line, go on with it, or try it now. Raises `Refused`, or `Invalid` for a party that has none."""
    with acting(means, actor, "peers.operate", party[:40]) as act:
        url = lines_.addresses(act.turn.tx).get(party, ("", False))[0]
        if what == "pause":
            lines.pause(act.turn, party)
        elif what == "resume":
            lines.resume(act.turn, party)
        else:
            lines.line(party).press()
    return _peer(party, url, lines.line(party).standing)


def give_again(means: Means, actor: Actor, party: str, days: int) -> Again:
    """Let a peer be given what it lost. Raises `Refused`, or `Invalid` for a party not known."""
    with acting(means, actor, "peers.give", party[:40]) as act:
        until = act.turn.now + timedelta(days=days)
        return Again(party, again.allow(act.turn, party, until), until)


def give_nothing_again(means: Means, actor: Actor, party: str) -> Again:
    """Give a peer nothing again, and forget what it asked for. Raises `Refused`, or `Invalid` for a party not known."""
    with acting(means, actor, "peers.give", party[:40]) as act:
        return Again(party, again.deny(act.turn, party), None)


def _peer(party: str, url: str, line: Standing) -> Peer:
    skew = None if line.skew is None else line.skew.total_seconds()
    return Peer(
        party=party,
        url=url,
        state=line.state,
        since=line.since,
        answered=line.answered,
        says=line.says,
        tries=line.tries,
        wait_seconds=line.wait,
        skew_seconds=skew,
        skewed=line.skew is not None and abs(line.skew) > SKEW,
    )


def _outbox(due: listing.Due, first: list[listing.Listed]) -> Outbox:
    return Outbox(
        recipient=due.recipient,
        pending=due.pending,
        provisional=due.provisional,
        refused=due.refused,
        oldest=due.oldest,
        first=tuple(Waits(each.party, each.id, each.kind, each.at) for each in first),
    )
