"""Drafts that are kept: written by several hands, sent, handed to a second person, and given back with a reason.

Law: a draft is a form, and may be wrong; what becomes of it goes the one way of every record (`exchange.send`). Who
changes, sends or discards it names the version that was read, so that nobody overwrites a colleague. It is plaintext:
it is destroyed when nobody touched it for `KEPT_FOR`, and nobody who wrote in it is its second person.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any, Final

import msgspec

from amanat.exchange import live
from amanat.exchange.acting import acting, looked_at, releasing
from amanat.exchange.cursor import Page
from amanat.exchange.drafting import Asked, body_of, drafted
from amanat.exchange.means import Means, Turn, begin, look
from amanat.exchange.send import Hand, Held, Pending, discard_held, not_held, send_in
from amanat.officer.may import Actor
from amanat.party.errors import Invalid, Refused
from amanat.record.kind import Kind
from amanat.record.record import Post, Record, read, require_read
from amanat.seal.chunks import address
from amanat.store import attachments, drafts, statements
from amanat.store.drafts import Row
from amanat.store.listing import HeldRow, held_one, wrote

KEPT_FOR: Final = timedelta(days=14)
"""How long a draft is kept that nobody touches."""

MOST_VERSIONS: Final = 10**15 - 1
Version = Annotated[int, msgspec.Meta(ge=0, le=MOST_VERSIONS)]
"""How often a draft was written, the first time among them; 0 is that of none."""


class Given(msgspec.Struct, frozen=True):
    """A second person's post that gave a record back, and why; None in a list where the draft may name a person."""

    by: str
    reason: str | None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A draft in a list. `title` is None where it may name a person, or is not yet what its kind asks."""

    id: str
    version: int
    kind: str
    compact: str
    to: tuple[str, ...]
    title: str | None
    post: str
    changed: str
    expires: str
    returned: Given | None


def create(means: Means, actor: Actor, asked: Asked, *, on_page: bool = False) -> Row:
    """Keep a new draft; one that was begun `on_page` of its workspace may be of a kind that is written nowhere else.

    Raises `Invalid`.
    """
    with acting(means, actor, "record.compose") as act:
        row = create_in(act.turn, actor, asked, on_page=on_page)
        act.on(_subject(row.id))
        return row


def create_in(turn: Turn, actor: Actor, asked: Asked, *, on_page: bool = False) -> Row:
    """Keep a new draft in the turn's transaction. Raises `Invalid` for a kind of which nobody writes drafts."""
    if not on_page:
        _require_written(turn, asked)
    written = _written(turn, actor.officer, actor.post, (), asked)
    row = Row(turn.means.new_id(), 1, **written, returned=None, returned_by=None)
    drafts.add(turn.tx, row)
    _tell(turn, row.id, "written")
    return row


def change(means: Means, actor: Actor, id_: str, version: int, asked: Asked) -> Row:
    """Write over a draft of that version. Raises `Invalid`."""
    with acting(means, actor, "record.compose", _subject(id_)) as act:
        turn, held = act.turn, one(act.turn, id_)
        written = _written(turn, actor.officer, actor.post, _numbers(held.writers), asked)
        if not drafts.replace(turn.tx, id_, version, written):
            raise _changed(held)
        _tell(turn, id_, "written")
        return one(turn, id_)


def discard(means: Means, actor: Actor, id_: str, version: int) -> None:
    """Destroy a draft of that version. Raises `Invalid`. Its files follow when nothing names them (`discard_old`)."""
    with acting(means, actor, "record.discard", _subject(id_)) as act:
        _remove(act.turn, id_, version, "discarded")


def send(means: Means, actor: Actor, id_: str, version: int, *, submits: bool = False) -> Pending | Held:
    """Send a draft of that version, or hand it to a second person where its clause asks for one or it `submits`.

    Raises `Invalid` or `Refused`; then the draft is as it was.
    """
    with acting(means, actor, "record.submit" if submits else "record.send", _subject(id_)) as act:
        held = one(act.turn, id_)
        done = _sent(act.turn, actor, form(held), Hand(actor.officer, _numbers(held.writers), submits))
        _remove(act.turn, id_, version, "sent")
        act.on(":".join(done.record.key))
        return done


def send_unkept(means: Means, actor: Actor, asked: Asked) -> Pending | Held:
    """Send at once what an officer filled in, and what no draft was kept of. Raises `Invalid` or `Refused`."""
    with acting(means, actor, "record.send") as act:
        done = _sent(act.turn, actor, asked, Hand(actor.officer))
        act.on(":".join(done.record.key))
        return done


def give_back(turn: Turn, actor: Actor, id_: str, digest: str, reason: str) -> Row:
    """Make a held record of these bytes a draft again, for the reason given. Raises `Invalid`."""
    held = _held(turn, id_)
    require_read(held.digest, digest)
    return _again(turn, held, "returned", returned=reason, returned_by=actor.post)


def take_back(turn: Turn, actor: Actor, id_: str) -> Row:
    """Make a held record a draft again for an officer who wrote in it. Raises `Invalid`, or `Refused` for who did not.

    Which bytes it has need not be said: nothing of it goes anywhere.
    """
    held = _held(turn, id_)
    require_wrote(held, actor)
    return _again(turn, held, "taken-back")


def require_wrote(held: HeldRow, actor: Actor) -> None:
    """Raise `Refused` for an officer who did not write in a held record."""
    if actor.officer not in wrote(held):
        raise Refused(
            "held.other",
            f"The record {held.id} waits for a second person, and was written by others.",
            "Ask one of them to take it back, or a second person to give it back.",
            by="who wrote it",
        )


def _held(turn: Turn, id_: str) -> HeldRow:
    held = held_one(turn.tx, id_)
    if held is None:
        raise not_held(id_)
    return held


def _again(
    turn: Turn, held: HeldRow, because: str, *, returned: str | None = None, returned_by: str | None = None
) -> Row:
    record = read(held.data, turn.means.kinds)
    for each in record.fields.attachments:
        attachments.stage(turn.tx, turn.means.party, each, turn.now.isoformat())
    discard_held(turn, held.id, because)
    written = _from_held(turn, held, record)
    row = Row(turn.means.new_id(), 1, **written, returned=returned, returned_by=returned_by)
    drafts.add(turn.tx, row)
    _tell(turn, row.id, because)
    return row


def one(turn: Turn, id_: str) -> Row:
    """Return a draft. Raises `Invalid` when there is none."""
    row = drafts.one(turn.tx, id_)
    if row is None:
        raise Invalid("draft.unknown", f"There is no draft {id_[:40]}.", "List them; it may have been sent.")
    return row


def opened(means: Means, actor: Actor, id_: str) -> Row:
    """Return a draft to be shown in full. One that may name a person is a look at that person's data, and noted before.

    Raises `Invalid` when there is none, `Refused` for who may not look at it.
    """
    with look(means) as turn:
        row = one(turn, id_)
        asked = form(row)
        names = not _blank(asked) and _title(turn, asked) is None
    if names:
        with begin(means) as turn:
            looked_at(turn, actor, [f"draft:{id_}"])
    return row


def form(row: Row) -> Asked:
    """Return what an officer filled in."""
    return msgspec.json.decode(row.data, type=Asked)


def _title(turn: Turn, asked: Asked) -> str | None:
    """Return what a list calls a draft by; None when it may name a person, or its body is not its kind's yet.

    A form that cannot be read yet may name anybody, and so may a file.
    """
    read_ = _read(turn, asked)
    if asked.attachments or read_ is None or read_[0].facts(read_[1]).names_person:
        return None
    return read_[0].title(read_[1])


def _require_written(turn: Turn, asked: Asked) -> None:
    """Refuse a form of what officers say on their workspace's pages only, or what the node says."""
    for kind in turn.means.kinds:
        if kind.name == asked.kind.partition("/")[0] and not kind.written:
            raise Invalid(
                "draft.unwritten",
                f"Nobody writes a draft of {kind.name}.",
                "Its workspace's own pages make such records; a program sends them at once.",
            )


def _blank(asked: Asked) -> bool:
    """Whether nothing was filled in yet of what a record says: that names nobody, whatever its kind."""
    return not asked.attachments and _empty(asked.body)


def _empty(typed: Any) -> bool:  # noqa: ANN401 - JSON
    if isinstance(typed, dict | list):
        return all(map(_empty, typed.values() if isinstance(typed, dict) else typed))
    return typed is None or typed is False or typed == ""


def summary(row: Row) -> Summary:
    """Return what stands of a draft in a list, as it was judged when it was written: to judge all anew takes long."""
    asked = form(row)
    return Summary(
        id=row.id,
        version=row.version,
        kind=asked.kind,
        compact=asked.compact,
        to=asked.to,
        title=row.title,
        post=row.post,
        changed=row.changed,
        expires=row.expires,
        returned=None if row.returned is None else Given(row.returned_by or "", row.returned),
    )


def page(turn: Turn, after: str, limit: int) -> Page[Summary]:
    """Return a page of drafts, those begun last first, after the one of that id."""
    rows = drafts.page(turn.tx, after, limit + 1)
    items = tuple(_listed(summary(row)) for row in rows[:limit])
    return Page(items, items[-1].id if len(rows) > limit else None)


def _listed(head: Summary) -> Summary:
    """What is shown of a draft before it is opened: why it was given back tells of whom it is, as its title would."""
    if head.returned is None or head.title is not None:
        return head
    return msgspec.structs.replace(head, returned=Given(head.returned.by, None))


def _remove(turn: Turn, id_: str, version: int, because: str) -> None:
    held = one(turn, id_)
    if not drafts.remove(turn.tx, id_, version):
        raise _changed(held)
    _tell(turn, id_, because)


def _sent(turn: Turn, actor: Actor, asked: Asked, hand: Hand) -> Pending | Held:
    (done,) = send_in(turn, [drafted(turn, asked)], Post(turn.means.party, actor.post), hand)
    if not hand.submits:
        releasing(turn, actor, names_person=done.record.facts.names_person)
    return done


def _read(turn: Turn, asked: Asked) -> tuple[Kind, Any] | None:
    try:
        kind = turn.means.kinds.newest(asked.kind)
        return kind, body_of(kind, msgspec.json.encode(asked.body))
    except (Invalid, Refused):
        return None


def _written(turn: Turn, officer: int, post: str, others: Iterable[int], asked: Asked) -> dict[str, Any]:
    """What of a row says that an officer wrote this now, and others before."""
    return {
        "changed": turn.now.isoformat(),
        "expires": (turn.now + KEPT_FOR).isoformat(),
        "officer": officer,
        "post": post,
        "writers": " ".join(str(each) for each in sorted({*others, officer})),
        "files": " ".join(asked.attachments),
        "data": msgspec.json.encode(asked),
        "title": _title(turn, asked),
    }


def _from_held(turn: Turn, held: HeldRow, record: Record) -> dict[str, Any]:
    fields = record.fields
    asked = Asked(
        kind=record.kind.name,
        compact=statements.compact_named(turn.tx, fields.compact) or "",
        to=fields.audience,
        body=msgspec.json.decode(bytes(fields.body)),
        handling=msgspec.to_builtins(fields.handling),
        refs=fields.refs,
        exercise=fields.exercise,
        attachments=tuple(address(each, turn.means.party).hex() for each in fields.attachments),
    )
    return _written(turn, held.officer or 0, fields.author.name, _numbers(held.writers), asked)


def _numbers(writers: str) -> tuple[int, ...]:
    return tuple(int(each) for each in writers.split())


def _changed(held: Row) -> Invalid:
    return Invalid(
        "draft.changed",
        f"The draft {held.id} is of version {held.version} by now, written at {held.post}.",
        "Read it again, then change or send what it says now.",
    )


def _subject(id_: str) -> str:
    return f"draft:{id_}"[:200]


def _tell(turn: Turn, id_: str, what: str) -> None:
    live.tell(turn, "draft", turn.means.party, id_, what)
