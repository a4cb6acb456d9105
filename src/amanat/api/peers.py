"""Peers: how the line to each stands, what waits for it, pausing and trying it by hand, giving again what it lost."""

from typing import Annotated, Any

import msgspec
from litestar.params import FromPath, JSONBody

from amanat.exchange import again, peers
from amanat.exchange.means import look
from amanat.exchange.peers import Again, Outbox, Peer, What
from amanat.exchange.route import Area, By, Here, does, reads
from amanat.exchange.route import Standing as Running


@reads("/peers", "peers.read")
def list_peers(means: Here, lines: Running) -> tuple[Peer, ...]:
    """List the lines to peers whose address is known."""
    with look(means) as turn:
        return peers.peers(turn, lines.standing())


@does("POST", "/peers/{party:str}/{what:str}", "peers.operate", "peers.operate")
def operate_peer(means: Here, lines: Running, actor: By, party: FromPath[str], what: FromPath[What]) -> Peer:
    """Pause a line, go on with it, or try it now. What the peer brings is taken in all the same."""
    return peers.operate(means, lines, actor, party, what)


class Days(msgspec.Struct, frozen=True):
    """For how many days a peer is given what it asks for."""

    days: Annotated[int, msgspec.Meta(ge=1, le=again.MOST_DAYS)] = 3


@reads("/peers/again", "peers.read")
def list_asked_again(means: Here) -> tuple[Again, ...]:
    """List the peers that ask for envelopes again, and those to whom they are given."""
    with look(means) as turn:
        return peers.asked_again(turn)


@does("PUT", "/peers/{party:str}/again", "peers.give", "peers.give")
def give_again(means: Here, actor: By, party: FromPath[str], data: JSONBody[Days]) -> Again:
    """Let a peer be given what it lost, once its people were spoken with: a thief of its keys asks in its name."""
    return peers.give_again(means, actor, party, data.days)


@does("DELETE", "/peers/{party:str}/again", "peers.give", "peers.give")
def give_nothing_again(means: Here, actor: By, party: FromPath[str]) -> Again:
    """Give a peer nothing again, and forget what it asked for: so many envelopes waited."""
    return peers.give_nothing_again(means, actor, party)


@reads("/outbox", "peers.read")
def show_outbox(means: Here) -> tuple[Outbox, ...]:
    """Show what waits for each recipient. That nothing came back proves nothing."""
    with look(means) as turn:
        return peers.outbox(turn)


AGAIN: list[Any] = [list_asked_again, give_again, give_nothing_again]
ROUTES: list[Any] = [Area("/", route_handlers=[list_peers, operate_peer, *AGAIN, show_outbox], tags=["peers"])]
