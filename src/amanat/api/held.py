"""What waits for its second person: the list, one in full with its digest; approved, given back, or destroyed."""

from typing import Annotated, Any

import msgspec
from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from amanat.api.records import Limit, Sent, sent
from amanat.exchange import drafts, shown
from amanat.exchange.acting import acting, releasing
from amanat.exchange.cursor import Page
from amanat.exchange.means import look
from amanat.exchange.route import By, Here, does, reads
from amanat.exchange.send import discard_held, release_in
from amanat.officer.approve import approve
from amanat.officer.may import may
from amanat.party.errors import Invalid
from amanat.party.types import Digest, Line
from amanat.record.record import Record, Uuid7, read
from amanat.store import attachments, listing


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A record that waits. `title` is None where the caller may not look at a person's data."""

    party: str
    id: str
    kind: str
    at: str
    post: str
    to: tuple[str, ...]
    names_person: bool
    title: str | None


class WaitingWhole(msgspec.Struct, frozen=True, kw_only=True):
    """A record that waits, in full; whoever approves it gives `digest` back, which says that this is what was read."""

    head: Waiting
    digest: str
    record: dict[str, Any]
    attachments: tuple[shown.File, ...]


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
) -> Page[Waiting]:
    """List what waits for a second person, oldest first."""
    with look(means) as turn:
        found = listing.held(turn.tx, cursor or "", limit + 1)
        waiting = [read(row.data, means.kinds) for row in found[:limit]]
    persons = may(actor, "record.person")
    shown.note_look(means, actor, waiting if persons else [])
    items = tuple(_waiting(each, persons=persons) for each in waiting)
    return Page(items, items[-1].id if len(found) > limit else None)


@reads("/{id_:str}", "record.read")
def show_held(means: Here, actor: By, id_: FromPath[str]) -> WaitingWhole:
    """Show a record that waits, in full, with the digest by which it is approved."""
    with look(means) as turn:
        row = listing.held_one(turn.tx, id_)
        files = tuple(shown.file(each) for each in attachments.of(turn.tx, (means.party, id_)))
    if row is None:
        raise Invalid("held.unknown", f"No record {id_[:40]} is held.", "List those held.")
    record = read(row.data, means.kinds)
    shown.note_look(means, actor, [record])
    head = _waiting(record, persons=True)
    return WaitingWhole(head=head, digest=record.digest, record=shown.plain(record), attachments=files)


@does("POST", "/{id_:str}/approval", "record.approve", "record.approve")
def approve_held(means: Here, actor: By, id_: FromPath[str], data: JSONBody[Approval]) -> Sent:
    """Approve a record as its second person: it is checked again and sent. Nobody approves a draft of one's own."""
    with acting(means, actor, "record.approve", f"{means.party}:{id_}"[:200]) as act:
        approved = approve(act.turn.tx, actor, means.party, id_, data.digest)
        done = release_in(act.turn, approved.id, approved.digest, approved.second)
        releasing(act.turn, actor, [done.record])
        return sent(done)


@does("POST", "/{id_:str}/return", "record.approve", "record.return")
def return_held(means: Here, actor: By, id_: FromPath[str], data: JSONBody[Return]) -> Returned:
    """Give a record back to who wrote it, with a reason: it is a draft again, and waits no more."""
    with acting(means, actor, "record.return", f"{means.party}:{id_}"[:200]) as act:
        draft = drafts.give_back(act.turn, actor, id_, data.digest, data.reason)
        act.on(f"draft:{draft.id}")
        return Returned(draft.id)


@does("DELETE", "/{id_:str}", "record.withdraw", "record.withdraw", status_code=204)
def discard(means: Here, actor: By, id_: FromPath[str]) -> None:
    """Destroy a record that waits and is not to go out."""
    with acting(means, actor, "record.withdraw", f"{means.party}:{id_}"[:200]) as act:
        discard_held(act.turn, id_, "discarded")
        attachments.sweep(act.turn.tx)


def _waiting(record: Record, *, persons: bool) -> Waiting:
    fields, names = record.fields, record.facts.names_person
    return Waiting(
        party=fields.author.party,
        id=fields.id,
        kind=fields.kind,
        at=fields.at.isoformat(),
        post=fields.author.name,
        to=fields.audience,
        names_person=names,
        title=record.kind.title(record.body) if persons or not names else None,
    )


ROUTES: list[Any] = [
    Router("/held", route_handlers=[list_held, show_held, approve_held, return_held, discard], tags=["second person"])
]
