"""Records as officers and programs are shown them: pages of a list, and one in full; the same for page and API.

Law: what shows a record that names a person is shown only to who may look at it, and each such look is noted before
anything is shown (floor 7). A list shows others that such a record is there, and nothing of what it says.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

import msgspec

from amanat.exchange import cursor, opening
from amanat.exchange.acting import acting, looked
from amanat.exchange.became import Delivered, Step, delivered, provenance
from amanat.exchange.cursor import Page
from amanat.exchange.means import Means, Turn, begin, look
from amanat.exchange.opening import NOTICE_LABELS, Meaning
from amanat.exchange.send import Pending
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid
from amanat.record.kind import Facts, Kinds
from amanat.record.notices import WITHDRAWAL
from amanat.record.record import Record, read, reread
from amanat.seal.chunks import chunk_count
from amanat.store import attachments, listing
from amanat.store.attachments import Here
from amanat.store.listing import Listed, Search

JUDGED: Final = "what was found when it was written or came"
"""What of a record in a list is or may be a person: that there is something was kept, and not what."""

MOST_NAMED: Final = 100
"""So many of the records that a page names are shown by title: others may answer one without end."""

BOXES: Final = {"in": False, "out": True, "all": None}
"""Whether a list is of our own records, of others', or of both."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One record in a list. `title` is None where the caller may not look at a person's data, or it was destroyed."""

    party: str
    id: str
    kind: str
    at: str
    expires: str | None
    state: str
    kept_until: str | None
    read_by: str | None
    compact: str
    log_index: int
    exercise: bool
    names_person: bool
    title: str | None


class File(msgspec.Struct, frozen=True):
    """What is here of an attachment: so many of its parts."""

    name: str
    media_type: str
    size: int
    sha256: str
    parts: int
    of: int


class PostOpened(msgspec.Struct, frozen=True):
    """A post that opened a record, and when, by the record's own time."""

    post: str
    at: str


class Meant(msgspec.Struct, frozen=True):
    """What a party signed of a record beyond its receipt: which of its posts opened it, which of its records answer it.

    Of a record of ours that is each recipient, of another's it is us.
    """

    party: str
    opened: tuple[PostOpened, ...]
    answered_by: tuple[str, ...]


class Became(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a record: its state, dates, parties and posts, and nothing of what it says, nor its title."""

    head: Item
    deliveries: tuple[Delivered, ...]
    meanings: tuple[Meant, ...]


class Whole(Became, frozen=True, kw_only=True):
    """One record in full, with its title. `record` is as it was signed, but for the keys of its attachments.

    It is None when it was destroyed.
    """

    envelope: str
    without_prejudice: str
    record: dict[str, Any] | None
    attachments: tuple[File, ...]


def page(means: Means, actor: Actor, search: Search, place: str = "") -> Page[Item]:
    """Return a page of the records looked for, after a cursor. Raises `Invalid` for one that no page gave."""
    found, more = batch(means, actor, search, place)
    items = tuple(item for item, _ in found)
    return Page(items, cursor_of(items[-1]) if more else None)


def newer(means: Means, actor: Actor, search: Search, place: str) -> tuple[Page[Item], bool]:
    """Return the page before a row, which leads on to that row, and whether there are newer ones still.

    Raises `Invalid` for a cursor that no page gave.
    """
    found, more = batch(means, actor, replace(search, newer=True), place)
    items = tuple(item for item, _ in found)
    return Page(items, cursor_of(items[-1]) if items else None), more


def cursor_of(item: Item) -> str:
    """Return the cursor of a row: a page goes on after it, or before it."""
    return cursor.written(item.party, item.id)


def batch(means: Means, actor: Actor, search: Search, place: str = "") -> tuple[list[tuple[Item, Record | None]], bool]:
    """Return so many of the records looked for, each with what the actor may read of it, and whether there are more.

    Looks at persons are noted. Raises `Invalid` for a cursor that no page gave.
    """
    persons = may(actor, "record.person")
    search = replace(search, persons=search.persons and (persons or not search.text))
    found, more = _read(means, search, place, lambda row: listed(means.kinds, row.data or b"", person=row.person))
    note_look(means, actor, [record for _, record in found if record is not None and persons])
    return [_shown(row, record, persons=persons) for row, record in found], more


def judged(means: Means, search: Search, place: str, *, persons: bool) -> tuple[list[tuple[Item, Record | None]], bool]:
    """Return so many of the records looked for as `batch` does, each judged anew: to go out, and noted by the caller.

    Without `persons` nothing of those is in it that name a person.
    """
    found, more = _read(means, search, place, lambda row: read(row.data or b"", means.kinds))
    return [_shown(row, record, persons=persons) for row, record in found], more


def _read(
    means: Means, search: Search, place: str, reader: Callable[[Listed], Record]
) -> tuple[list[tuple[Listed, Record | None]], bool]:
    with look(means) as turn:
        after = place_of(turn, place) if place else None
        rows = listing.listing(turn.tx, means.party, replace(search, after=after, limit=search.limit + 1))
        more = len(rows) > search.limit
        kept = rows[-search.limit :] if search.newer else rows[: search.limit]
        return [(row, reader(row) if row.data else None) for row in kept], more


def item(means: Means, actor: Actor, party: str, id_: str) -> Item:
    """Return one record as a list shows it; a look at a person is noted. Raises `Invalid` when it is not here."""
    with look(means) as turn:
        row = row_of(turn, party, id_)
    return items(means, actor, [row])[0]


def items(means: Means, actor: Actor, rows: Sequence[Listed]) -> list[Item]:
    """Return rows as a list shows them; looks at persons are noted before."""
    persons = may(actor, "record.person")
    read_ = [listed(means.kinds, row.data, person=row.person) if row.data else None for row in rows]
    note_look(means, actor, [record for record in read_ if record is not None and persons])
    return [_item(row, record, persons=persons) for row, record in zip(rows, read_, strict=True)]


def titles(means: Means, actor: Actor, names: Iterable[str]) -> Mapping[str, Item]:
    """Return those of the records named "PARTY:ID" that are here, as a list shows them; looks at persons are noted.

    Of very many (`MOST_NAMED`) those that are named first.
    """
    named = islice(dict.fromkeys(names), MOST_NAMED)
    keys = {(party, id_) for party, _, id_ in (name.partition(":") for name in named)}
    with look(means) as turn:
        rows = listing.named(turn.tx, keys)
    return {f"{each.party}:{each.id}": each for each in items(means, actor, rows)}


def successors(means: Means, party: str, id_: str) -> tuple[str, ...]:
    """Return the names, "PARTY:ID", of the records by which a record was superseded, oldest first."""
    with look(means) as turn:
        return tuple(":".join(key) for key in listing.successors(turn.tx, party, id_))


def whole(means: Means, actor: Actor, party: str, id_: str) -> Whole:
    """Return one record in full. Raises `Invalid` when it is not here, `Refused` for who may not look at it."""
    with look(means) as turn:
        row = row_of(turn, party, id_)
        record = read_row(turn, row)
        files = tuple(file(each) for each in attachments.of(turn.tx, (party, id_)))
        became = delivered(turn, row)
        meant = _meant(turn, row, became)
        clause = turn.known.compact(row.compact).terms.without_prejudice
    note_look(means, actor, [record] if record else [])
    return Whole(
        head=_item(row, record, persons=True),
        envelope=row.envelope,
        without_prejudice=clause.strip(),
        record=None if record is None else plain(record),
        attachments=files,
        deliveries=became,
        meanings=meant,
    )


def became(means: Means, party: str, id_: str) -> Became:
    """Return what became of a record. Raises `Invalid` when it is not here; nothing is looked at, and nobody noted."""
    with look(means) as turn:
        row = row_of(turn, party, id_)
        became = delivered(turn, row)
        head = _item(row, None, persons=False)
        return Became(head=head, deliveries=became, meanings=_meant(turn, row, became))


def waits_to_be_read(whole: Became, actor: Actor, own: str) -> bool:
    """Whether the actor's post may press *read* and did not: another's record that holds, or a withdrawal of one.

    No other notice is, nor a withdrawal for which nobody waits.
    """
    head = whole.head
    readable = head.kind not in NOTICE_LABELS or (head.kind == WITHDRAWAL.label and head.read_by is not None)
    current = head.party != own and head.state == "current"
    return readable and current and may(actor, "record.acknowledge") and actor.post not in opened_at(whole, own)


def opened_at(whole: Became, own: str) -> set[str]:
    """Return at which of our posts another's record was signed as read."""
    return {each.post for meant in whole.meanings if meant.party == own for each in meant.opened}


def press_read(means: Means, actor: Actor, party: str, id_: str) -> Pending | None:
    """Sign that an officer pressed *read*, as `opening.open_in` does; that is a look at it, and noted as one.

    Raises `Invalid` or `Refused` as that does, and `Refused` for who may not look at a person's data.
    """
    with acting(means, actor, "record.acknowledge", f"{party}:{id_}") as act:
        signed = opening.open_in(act.turn, party, id_, actor.post)
        record = read_row(act.turn, row_of(act.turn, party, id_))
        looked(act.turn, actor, [record] if record else [])
    return signed


def way(means: Means, party: str, id_: str) -> tuple[Step, ...]:
    """Return the steps of a record's way: none of them says what is in it, and so nobody is noted."""
    with look(means) as turn:
        row = row_of(turn, party, id_)
        return provenance(turn, row, read_row(turn, row))


def note_look(means: Means, actor: Actor, records: Sequence[Record]) -> None:
    """Note a look at those that name a person, durably, before they are shown. Raises `Refused`."""
    if any(record.facts.person for record in records):
        with begin(means) as turn:
            looked(turn, actor, records)


def row_of(turn: Turn, party: str, id_: str) -> Listed:
    """Return a record's row. Raises `Invalid` when there is none."""
    row = listing.one(turn.tx, party, id_)
    if row is None:
        raise Invalid("record.unknown", f"No record {id_} of {party} is here.", "See what came in, and what was sent.")
    return row


def read_row(turn: Turn, row: Listed) -> Record | None:
    """Return the record that a row holds, None when it was destroyed."""
    return read(row.data, turn.means.kinds) if row.data else None


def listed(kinds: Kinds, data: bytes, *, person: bool) -> Record:
    """Return a record as a list shows it; whether it names a `person` is as it was judged when it was written or came.

    To judge each of a page anew would take longer than all else of it together.
    """
    return reread(data, kinds, Facts(person=JUDGED if person else ""))


def plain(record: Record) -> dict[str, Any]:
    """Return a record as plain data, but for the keys of its attachments.

    What is shown is kept by others than the node, which destroys the keys with the record.
    """
    said: dict[str, Any] = msgspec.json.decode(record.data)
    for each in said.get("attachments", ()):
        del each["key"]
    return said


def file(here: Here) -> File:
    """Return what is here of an attachment."""
    said = here.attachment
    return File(said.name, said.media_type, said.size, said.sha256, here.chunks, chunk_count(said))


def _meant(turn: Turn, row: Listed, became: Sequence[Delivered]) -> tuple[Meant, ...]:
    """Whose word counts: of those who were sent it, or ours."""
    said = opening.meanings(turn.tx, [(row.party, row.id)], turn.means.kinds)[row.party, row.id]
    of = [each.party for each in became] if row.party == turn.means.party else [turn.means.party]
    found = [(party, said.get(party, Meaning())) for party in of]
    return tuple(
        Meant(
            party,
            tuple(PostOpened(post, at) for post, at in each.opened),
            tuple(f"{party}:{id_}" for id_ in each.answers),
        )
        for party, each in found
    )


def _shown(row: Listed, record: Record | None, *, persons: bool) -> tuple[Item, Record | None]:
    """A record in a list, with all of it for who may look at that."""
    item = _item(row, record, persons=persons)
    return item, record if persons or not item.names_person else None


def _item(row: Listed, record: Record | None, *, persons: bool) -> Item:
    names = row.person or (record is not None and record.facts.names_person)
    shown = record if record is not None and (persons or not names) else None
    return Item(
        party=row.party,
        id=row.id,
        kind=row.kind,
        at=row.at,
        expires=row.expires,
        state=row.state,
        kept_until=row.kept_until,
        read_by=row.read_by,
        compact=row.compact,
        log_index=row.log_index,
        exercise=row.exercise,
        names_person=names,
        title=None if shown is None else shown.kind.title(shown.body),
    )


def place_of(turn: Turn, after: str) -> tuple[str, str]:
    """Return the record that a page ended with. Raises `Invalid`.

    One that is not here any more was destroyed at most, not taken out.
    """
    party, id_ = cursor.read(after, 2)
    if listing.one(turn.tx, party, id_) is None:
        raise cursor.unknown()
    return party, id_
