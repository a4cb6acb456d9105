"""Sending, step by step: compose, floors, check, [approve], address, sign, seal, log; then it waits for delivery.

The steps and their numbers are those of docs/life-of-a-record.md. A batch is one transaction: all of it, or nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from sqlalchemy import delete, select

from amanat.compact import floors
from amanat.compact.check import Permitted, check
from amanat.exchange import attachments, live, sequencer
from amanat.exchange.means import Means, Turn, begin
from amanat.party.errors import Invalid
from amanat.party.key_id import key_id
from amanat.party.manifest import sealing_key_at
from amanat.record.notices import NOTICE_HANDLING, NOTICES, Notice
from amanat.record.record import MOST_AHEAD, Draft, Post, Record, Ref, approve, compose, read, refs_to
from amanat.seal.envelope import Envelope, seal
from amanat.seal.header import KEY_BYTES, Recipient, address
from amanat.seal.sign import sign
from amanat.store import marks, records
from amanat.store.attachments import forget
from amanat.store.dialect import insert_all
from amanat.store.tables import DELIVERY, HELD

MAX_CITED = 16
"""How many records of its own an author may cite one by way of the other and still be asked about the last."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A record that is signed, sealed, logged and waiting for delivery; `digest` is its envelope's (hex)."""

    record: Record
    digest: str
    log_index: int


@dataclass(frozen=True, slots=True)
class Held:
    """A record that waits for its second person, who approves exactly the bytes of this SHA-256 (hex)."""

    record: Record
    digest: str


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose hand drafts come from: the officer who sends them, if it is one, and the numbers of others who wrote them.

    None of these may be their second person. `submits` says that they are to wait for one whatever the compact asks.
    """

    officer: int | None = None
    others: tuple[int, ...] = ()
    submits: bool = False


NOBODYS: Final = Hand()


def send(drafts: Sequence[Draft], author: Post, means: Means) -> list[Pending | Held]:
    """Send drafts of one post; those that need a second person are held. Raises `Invalid` or `Refused`."""
    with begin(means) as turn:
        return send_in(turn, drafts, author)


def send_in(turn: Turn, drafts: Sequence[Draft], author: Post, hand: Hand = NOBODYS) -> list[Pending | Held]:
    """Send drafts in the turn's transaction."""
    marks.require_own_history(turn.tx)
    means = turn.means
    composed = [compose(each, author, means.kinds, means.new_id(), dated(turn, each.refs)) for each in drafts]
    _require_nothing_held(turn, composed)
    originals = cited(turn, composed)
    permitted = [permit(turn, record, originals) for record in composed]
    for record in composed:
        attachments.bind(turn, record)
    held = [_hold(turn, each, hand) for each in permitted if each.needs_second_person or hand.submits]
    if hand.submits:
        return [*held]
    return [*release(turn, [each for each in permitted if not each.needs_second_person]), *held]


def release_held(id_: str, digest: str, second: Post, means: Means) -> Pending:
    """Step 4: approve a held record as the second person, check it again, and release it."""
    with begin(means) as turn:
        return release_in(turn, id_, digest, second)


def release_in(turn: Turn, id_: str, digest: str, second: Post) -> Pending:
    """Release a held record in the turn's transaction."""
    means = turn.means
    data = turn.tx.execute(select(HELD.c.data).where(HELD.c.id == id_)).scalar_one_or_none()
    if data is None:
        raise not_held(id_)
    approved = approve(_unexpired(read(data, means.kinds), turn.now), digest, second, means.kinds)
    (pending,) = release(turn, [permit(turn, approved, cited(turn, [approved]))])
    turn.tx.execute(delete(HELD).where(HELD.c.id == id_))
    return pending


def discard_held(turn: Turn, id_: str, because: str) -> None:
    """Destroy a held record that is not to go out. Raises `Invalid` when there is none."""
    if not turn.tx.execute(delete(HELD).where(HELD.c.id == id_)).rowcount:
        raise not_held(id_)
    forget(turn.tx, (turn.means.party, id_))
    live.tell(turn, "discarded", turn.means.party, id_, because)


def notify(turn: Turn, to: str, body: Notice, ref: Ref, author: Post) -> Pending:
    """Send a notice about a record known here, under the latest text of the compact it came under. Raises `Refused`."""
    compact, exercise = records.setting(turn.tx, ref.party, ref.id)
    kind = next(each for each in NOTICES if isinstance(body, each.body))
    terms = turn.known.compact(compact).terms
    draft = Draft(kind.label, body, (to,), NOTICE_HANDLING, terms.digest, (ref,), exercise)
    made = compose(draft, author, turn.means.kinds, turn.means.new_id(), dated(turn, draft.refs))
    (pending,) = release(turn, [permit(turn, made, cited(turn, [made]))])
    return pending


def dated(turn: Turn, refs: Collection[Ref]) -> datetime:
    """Return when a record with these refs, made now, is dated: now, but never before what it refers to and is held.

    An answer follows what it answers, also where its author's clock is behind (a hybrid logical clock; Kulkarni and
    others, 2014). By more than `MOST_AHEAD` nobody's date draws ours along.
    """
    times = records.times_of(turn.tx, {(ref.party, ref.id) for ref in refs})
    return max([turn.now, *(each for each in times if each <= turn.now + MOST_AHEAD)])


def permit(turn: Turn, record: Record, originals: Mapping[tuple[str, str], Record]) -> Permitted:
    """Steps 2 and 3, the same for sender and receiver: floors first, then the compact. Raises `Refused`.

    `originals` are those of the records it refers to that are held here (`cited`).
    """
    compact = turn.known.by_digest(record.fields.compact)
    return check(floors.keep(record, compact.terms, originals), compact)


def cited(turn: Turn, batch: Sequence[Record]) -> dict[tuple[str, str], Record]:
    """Return the records that a batch refers to and that are held here, by (originator, id).

    Those that it refers to by way of its authors' own are among them: an answer carries on what it answers (floor 8).
    """
    found: dict[tuple[str, str], Record] = {}
    authors = {record.fields.author.party for record in batch}
    at_hand = list(batch)
    for _ in range(MAX_CITED):
        keys = {(ref.party, ref.id) for record in at_hand for ref in record.fields.refs} - found.keys()
        new = {key: read(data, turn.means.kinds) for key, data in records.data_of(turn.tx, keys).items()}
        found |= new
        at_hand = [record for (party, _), record in new.items() if party in authors]
        if not at_hand:
            break
    return found


def release(turn: Turn, permitted: Sequence[Permitted]) -> list[Pending]:
    """Steps 5 to 8 and our own views, for records under any compacts, in the turn's transaction."""
    rows: list[records.Row] = []
    for log, batch in groupby(sorted(permitted, key=lambda each: _log(turn, each)), key=lambda each: _log(turn, each)):
        envelopes = [_seal(turn, each) for each in batch]
        first = sequencer.commit(turn, log, [envelope.digest for envelope in envelopes])
        rows += [
            records.Row(
                each.record, log, each.digest.hex(), each.data, each.content_key, at, _expires(each.record), None
            )
            for at, each in enumerate(envelopes, first)
        ]
    records.write(turn.tx, rows, turn.means.kinds.recalled)
    for row in rows:
        row.record.kind.apply(turn.tx, row.record)
    live.tell_records(turn, "sent", [row.record for row in rows])
    return [Pending(row.record, row.digest, row.log_index) for row in rows]


def _seal(turn: Turn, permitted: Permitted) -> Envelope:
    """Steps 5 to 7 for one record; its deliveries wait from here on."""
    recipients = []
    for party in permitted.record.fields.audience:
        key, public = sealing_key_at(turn.known.manifests[party], turn.now)
        recipients.append(Recipient(party, key, public, records.next_sequence(turn.tx, party)))
    own_key = key_id(turn.means.keys.record.public_key().public_bytes_raw())
    addressed = address(permitted, own_key, recipients, turn.means.random(KEY_BYTES))
    envelope = seal(sign(addressed, turn.means.keys.record))
    rows = [
        {"envelope": envelope.digest.hex(), "recipient": each.party, "sequence": each.sequence, "state": "pending"}
        | {"answer": None, "recalled": False}
        for each in recipients
    ]
    insert_all(turn.tx, DELIVERY, rows)
    return envelope


def _hold(turn: Turn, permitted: Permitted, hand: Hand) -> Held:
    record = permitted.record
    row = {
        "id": record.fields.id,
        "digest": record.digest,
        "data": record.data,
        "person": record.facts.names_person,
    }
    others = " ".join(str(each) for each in hand.others)
    turn.tx.execute(HELD.insert(), row | {"officer": hand.officer, "writers": others})
    live.tell(turn, "held", *record.key, record.fields.kind)
    return Held(record, record.digest)


def _require_nothing_held(turn: Turn, composed: Sequence[Record]) -> None:
    """Refuse to supersede what still waits for its second person: approved later, it would go out outdated."""
    earlier = [ref.id for record in composed for ref in refs_to(record, "supersedes")]
    if not earlier:
        return
    waiting = turn.tx.execute(select(HELD.c.id).where(HELD.c.id.in_(earlier))).scalars().first()
    if waiting is not None:
        raise Invalid(
            "held.superseded",
            f"The record {waiting} still waits for its second person.",
            "Have it approved first, or leave it unapproved and send this one as a record of its own.",
        )


def not_held(id_: str) -> Invalid:
    """Return what is said of a record that nobody holds."""
    return Invalid(
        "held.unknown", f"No record {id_} waits for a second person.", "See what waits: it may have been decided on."
    )


def _unexpired(held: Record, now: datetime) -> Record:
    expires = _expires(held)
    if expires is not None and expires <= now:
        raise Invalid(
            "held.expired",
            f"The record held expired at {expires:%Y-%m-%dT%H:%M:%SZ}.",
            "It is destroyed with the next erasure; if it still holds, write it anew.",
        )
    return held


def _expires(record: Record) -> datetime | None:
    return record.fields.handling.expires


def _log(turn: Turn, permitted: Permitted) -> str:
    return turn.known.by_digest(permitted.record.fields.compact).terms.id
