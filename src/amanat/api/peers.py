"""Peers: how the line to each stands, what waits for it, pausing and trying it by hand, giving again what it lost."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import Router
from litestar.params import FromPath, JSONBody

from amanat.exchange import again
from amanat.exchange import lines as lines_
from amanat.exchange.acting import acting
from amanat.exchange.clocks import SKEW
from amanat.exchange.means import look
from amanat.exchange.peer_line import Standing
from amanat.exchange.route import By, Here, does, reads
from amanat.exchange.route import Standing as Running
from amanat.store import listing


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """A peer's line. `skew_seconds` is by how much its clock is ahead of ours, `skewed` whether that is too much."""

    party: str
    url: str
    state: str
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


@reads("/peers", "peers.read")
def list_peers(means: Here, lines: Running) -> tuple[Peer, ...]:
    """List the lines to peers whose address is known."""
    with look(means) as turn:
        addresses = lines_.addresses(turn.tx)
    return tuple(_peer(party, addresses.get(party, ("", False))[0], each) for party, each in lines.standing().items())


@does("POST", "/peers/{party:str}/{what:str}", "peers.operate", "peers.operate")
def operate_peer(
    means: Here, lines: Running, actor: By, party: FromPath[str], what: FromPath[Literal["pause", "resume", "retry"]]
) -> Peer:
    """Pause a line, go on with it, or try it now. What the peer brings is taken in all the same."""
    with acting(means, actor, "peers.operate", party[:40]) as act:
        url = lines_.addresses(act.turn.tx).get(party, ("", False))[0]
        if what == "pause":
            lines.pause(act.turn, party)
        elif what == "resume":
            lines.resume(act.turn, party)
        else:
            lines.line(party).press()
    return _peer(party, url, lines.line(party).standing)


class Days(msgspec.Struct, frozen=True):
    """For how many days a peer is given what it asks for."""

    days: Annotated[int, msgspec.Meta(ge=1, le=again.MOST_DAYS)] = 3


class Again(msgspec.Struct, frozen=True):
    """How many envelopes wait that a peer says it lost, and until when they are given, if that is allowed."""

    party: str
    waiting: int
    until: datetime | None


@reads("/peers/again", "peers.read")
def list_asked_again(means: Here) -> tuple[Again, ...]:
    """List the peers that ask for envelopes again, and those to whom they are given."""
    with look(means) as turn:
        return tuple(Again(party, each.waiting, each.until) for party, each in again.asked(turn).items())


@does("PUT", "/peers/{party:str}/again", "peers.give", "peers.give")
def give_again(means: Here, actor: By, party: FromPath[str], data: JSONBody[Days]) -> Again:
    """Let a peer be given what it lost, once its people were spoken with: a thief of its keys asks in its name."""
    with acting(means, actor, "peers.give", party[:40]) as act:
        until = act.turn.now + timedelta(days=data.days)
        return Again(party, again.allow(act.turn, party, until), until)


@does("DELETE", "/peers/{party:str}/again", "peers.give", "peers.give")
def give_nothing_again(means: Here, actor: By, party: FromPath[str]) -> Again:
    """Give a peer nothing again, and forget what it asked for: so many envelopes waited."""
    with acting(means, actor, "peers.give", party[:40]) as act:
        return Again(party, again.deny(act.turn, party), None)


@reads("/outbox", "peers.read")
def show_outbox(means: Here) -> tuple[Outbox, ...]:
    """Show what waits for each recipient. That nothing came back proves nothing."""
    with look(means) as turn:
        return tuple(_outbox(each, listing.undelivered(turn.tx, each.recipient, 50)) for each in listing.due(turn.tx))


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


AGAIN: list[Any] = [list_asked_again, give_again, give_nothing_again]
ROUTES: list[Any] = [Router("/", route_handlers=[list_peers, operate_peer, *AGAIN, show_outbox], tags=["peers"])]
