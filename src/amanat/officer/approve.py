"""Step 4: whether this officer may be the second person for a held record, which the compact asked for.

Law: nobody approves what one wrote or sent, whatever the post: the second person is another officer at another post.
The approval is for exactly the bytes that were read, by their SHA-256: by that alone is it released. The record names
the post; the officers' numbers stand in this party's database, and go with the held record when it is released, given
back or destroyed.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from amanat.officer.may import Actor, require
from amanat.party.errors import Invalid, Refused
from amanat.record.record import Post, read_fields
from amanat.store.listing import held_one, wrote


@dataclass(frozen=True, slots=True)
class Approved:
    """A held record by id, approved by a second person's post in exactly the bytes of this SHA-256 (hex)."""

    id: str
    digest: str
    second: Post


def approve(tx: Connection, actor: Actor, party: str, id_: str, digest: str) -> Approved:
    """Approve a held record as its second person. Raises `Refused` for who may not, `Invalid` when none is held.

    Whether those are its bytes is asked when it is released.
    """
    require(actor, "record.approve")
    row = held_one(tx, id_)
    if row is None:
        raise Invalid(
            "held.unknown",
            f"No record {id_} waits for a second person.",
            "See what waits: it may have been decided on.",
        )
    author = read_fields(row.data).author
    second = Post(party, actor.post)
    if (actor.officer and actor.officer in wrote(row)) or second == author:
        raise Refused(
            "approval.own",
            "The second person is another officer at another post than the one who wrote it.",
            "Ask a colleague at another post to read and approve it.",
            by="second person",
        )
    return Approved(id_, digest, second)
