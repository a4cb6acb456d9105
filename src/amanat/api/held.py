"""What waits for its second person: the list, one in full with its digest; approved, given back, or destroyed."""

from typing import Annotated, Any

import msgspec
from litestar.params import FromPath, JSONBody, QueryParameter

from amanat.api.records import Limit, Sent, sent
from amanat.exchange import held
from amanat.exchange.cursor import Page
from amanat.exchange.held import HeldHead, HeldWhole
from amanat.exchange.route import Area, By, Here, does, named, reads
from amanat.party.types import Digest, Line
from amanat.record.record import Uuid7

HeldPage = Annotated[Page[HeldHead], named("HeldPage")]


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The digest of what was read."""

    digest: Digest


class Return(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The digest of what was read, and why it does not go out as it is."""

    digest: Digest
    reason: Line


class Returned(msgspec.Struct, frozen=True):
    """The id of the draft that it is again."""

    draft: str


@reads("/", "record.read")
def list_held(
    means: Here,
    actor: By,
    cursor: Annotated[Uuid7 | None, QueryParameter(description="`next` of the page before.")] = None,
    limit: Limit = 50,
) -> HeldPage:
    """List what waits for a second person, oldest first."""
    return held.page(means, actor, cursor or "", limit)


@reads("/{id_:str}", "record.read")
def show_held(means: Here, actor: By, id_: FromPath[str]) -> HeldWhole:
    """Show a record that waits, in full, with the digest by which it is approved."""
    return held.whole(means, actor, id_)


@does("POST", "/{id_:str}/approval", "record.approve", "record.approve")
def approve_held(means: Here, actor: By, id_: FromPath[str], data: JSONBody[Approval]) -> Sent:
    """Approve a record as its second person: it is checked again and sent. Nobody approves a draft of one's own."""
    return sent(held.let_go(means, actor, id_, data.digest))


@does("POST", "/{id_:str}/return", "record.approve", "record.return")
def return_held(means: Here, actor: By, id_: FromPath[str], data: JSONBody[Return]) -> Returned:
    """Give a record back to who wrote it, with a reason: it is a draft again, and waits no more."""
    return Returned(held.give_back(means, actor, id_, data.digest, data.reason).id)


@does("POST", "/{id_:str}/taking-back", "record.compose", "record.take-back")
def take_held_back(means: Here, actor: By, id_: FromPath[str]) -> Returned:
    """Take back a record that one wrote oneself: it is a draft again, and waits no more."""
    return Returned(held.take_back(means, actor, id_).id)


@does("DELETE", "/{id_:str}", "record.withdraw", "record.cancel", status_code=204)
def discard(means: Here, actor: By, id_: FromPath[str]) -> None:
    """Destroy a record that waits and is not to go out."""
    held.discard(means, actor, id_)


ROUTES: list[Any] = [
    Area(
        "/held",
        route_handlers=[list_held, show_held, approve_held, return_held, take_held_back, discard],
        tags=["second person"],
    )
]
