"""Parties: who they are by their latest manifests, and the words by which fingerprints are compared face to face."""

from typing import Any

from litestar.params import FromPath

from amanat.exchange import parties
from amanat.exchange.means import look
from amanat.exchange.parties import Keys, Party
from amanat.exchange.route import Area, Here, reads


@reads("/", "compact.read")
def list_parties(means: Here) -> tuple[Party, ...]:
    """List the parties known here, this one among them."""
    with look(means) as turn:
        return parties.parties(turn)


@reads("/{code:str}", "compact.read")
def show_party(means: Here, code: FromPath[str]) -> Party:
    """Show one party."""
    with look(means) as turn:
        return parties.party(turn, code)


@reads("/{code:str}/keys", "compact.read")
def party_keys(means: Here, code: FromPath[str]) -> Keys:
    """Show all keys that it lists or revoked, and its manifests."""
    with look(means) as turn:
        return parties.keys(turn, code)


ROUTES: list[Any] = [Area("/parties", route_handlers=[list_parties, show_party, party_keys], tags=["parties"])]
