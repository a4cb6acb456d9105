"""What waits for its second person, as officers and programs are shown it; approved, given back, or destroyed.

Law: as in `exchange.shown`: what names a person is shown only to who may look at it, and each look is noted before.
"""

from typing import Any

import msgspec

from amanat.exchange import drafts, shown
from amanat.exchange.acting import acting, releasing
from amanat.exchange.cursor import Page
from amanat.exchange.means import Means, Turn, look
from amanat.exchange.send import Pending, discard_held, not_held, release_in
from amanat.officer.approve import approve
from amanat.officer.may import Actor, may
from amanat.record.record import Record, read
from amanat.store import attachments, listing
from amanat.store.drafts import Row


class HeldHead(msgspec.Struct, frozen=True, kw_only=True):
    """A record that waits. `title` is None where the caller may not look at a person's data."""

    party: str
    id: str
    kind: str
    at: str
    post: str
    to: tuple[str, ...]
    names_person: bool
    title: str | None


class HeldWhole(msgspec.Struct, frozen=True, kw_only=True):
    """A record that waits, in full; whoever approves it gives `digest` back, which says that this is what was read."""

    head: HeldHead
    digest: str
    record: dict[str, Any]
    attachments: tuple[shown.File, ...]


def page(means: Means, actor: Actor, after: str, limit: int) -> Page[HeldHead]:
    """Return a page of what waits for a second person, oldest first, beyond an id."""
    with look(means) as turn:
        found = listing.held(turn.tx, after, limit + 1)
        waiting = [shown.listed(means.kinds, row.data, person=row.person) for row in found[:limit]]
    persons = may(actor, "record.person")
    shown.note_look(means, actor, waiting if persons else [])
    items = tuple(_waiting(each, persons=persons) for each in waiting)
    return Page(items, items[-1].id if len(found) > limit else None)


def own(turn: Turn, actor: Actor, limit: int) -> tuple[HeldHead, ...]:
    """Return so many of those that wait in which this officer wrote, oldest first; of what names a person no title."""
    rows = listing.held_of(turn.tx, actor.officer, limit)
    return tuple(_waiting(shown.listed(turn.means.kinds, row.data, person=row.person), persons=False) for row in rows)


def own_one(means: Means, actor: Actor, id_: str) -> HeldWhole:
    """Return one that waits to an officer who wrote in it: `whole`, and `Refused` for who did not."""
    with look(means) as turn:
        row = listing.held_one(turn.tx, id_)
        if row is not None:
            drafts.require_wrote(row, actor)
    return whole(means, actor, id_)


def whole(means: Means, actor: Actor, id_: str) -> HeldWhole:
    """Return a record that waits, in full. Raises `Invalid` when none does, `Refused` for who may not look at it."""
    with look(means) as turn:
        record = record_of(turn, id_)
        files = tuple(shown.file(each) for each in attachments.of(turn.tx, (means.party, id_)))
    shown.note_look(means, actor, [record])
    head = _waiting(record, persons=True)
    return HeldWhole(head=head, digest=record.digest, record=shown.plain(record), attachments=files)


def record_of(turn: Turn, id_: str) -> Record:
    """Return a record that waits. Raises `Invalid` when none does."""
    row = listing.held_one(turn.tx, id_)
    if row is None:
        raise not_held(id_[:40])
    return read(row.data, turn.means.kinds)


def let_go(means: Means, actor: Actor, id_: str, digest: str) -> Pending:
    """Approve a record of these bytes as its second person: it is checked again and sent.

    Raises `Invalid` or `Refused`.
    """
    with acting(means, actor, "record.approve", f"{means.party}:{id_}"[:200]) as act:
        approved = approve(act.turn.tx, actor, means.party, id_, digest)
        done = release_in(act.turn, approved.id, approved.digest, approved.second)
        releasing(act.turn, actor, names_person=done.record.facts.names_person)
        return done


def give_back(means: Means, actor: Actor, id_: str, digest: str, reason: str) -> Row:
    """Give a record of these bytes back to who wrote it: it is a draft again, and waits no more. Raises `Invalid`."""
    with acting(means, actor, "record.return", f"{means.party}:{id_}"[:200]) as act:
        draft = drafts.give_back(act.turn, actor, id_, digest, reason)
        act.on(f"draft:{draft.id}")
        return draft


def take_back(means: Means, actor: Actor, id_: str) -> Row:
    """Make it a draft again for an officer who wrote in it: it waits no more. Raises `Invalid` or `Refused`."""
    with acting(means, actor, "record.take-back", f"{means.party}:{id_}"[:200]) as act:
        draft = drafts.take_back(act.turn, actor, id_)
        act.on(f"draft:{draft.id}")
        return draft


def discard(means: Means, actor: Actor, id_: str) -> None:
    """Destroy a record that waits and is not to go out. Raises `Invalid` when none does."""
    with acting(means, actor, "record.cancel", f"{means.party}:{id_}"[:200]) as act:
        discard_held(act.turn, id_, "discarded")
        attachments.sweep(act.turn.tx)


def _waiting(record: Record, *, persons: bool) -> HeldHead:
    fields, names = record.fields, record.facts.names_person
    return HeldHead(
        party=fields.author.party,
        id=fields.id,
        kind=fields.kind,
        at=fields.at.isoformat(),
        post=fields.author.name,
        to=fields.audience,
        names_person=names,
        title=record.kind.title(record.body) if persons or not names else None,
    )
