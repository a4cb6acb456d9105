"""Envelopes asked for again by a node that was put back to an old copy, and given again by who exchanged them with it.

Law: nothing is given before our people allowed it, to one peer and until a time: whoever has the keys of its node can
ask in its name, and only its people know whether it lost anything. Then it is given to its sender or one it was sent
to, sealed to the key that the party's manifest lists now. What comes back proves itself. Its SHA-256 is an entry of our
own log, and its content key opens it to what its sender signed.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from sqlalchemy import and_, bindparam, delete, exists, func, select, update

from amanat.exchange import answers, live
from amanat.exchange.accept import destroy_by, read_by, require_unexpired
from amanat.exchange.answers import Answer
from amanat.exchange.bundle import Item
from amanat.exchange.means import Means, Turn, begin, look, manifest_that_listed
from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.party.manifest import sealing_key_at
from amanat.party.types import Digest, unbase64
from amanat.seal.again import WRAP_BYTES, unwrap_again, wrap_again
from amanat.seal.header import parse_header
from amanat.seal.open import MAX_SEQUENCE, open_with_key
from amanat.store import attachments, numbers, records
from amanat.store.dialect import among, insert_all, upsert
from amanat.store.records import UNKNOWN
from amanat.store.tables import AGAIN, ARRIVAL, DELIVERY, ENVELOPE, GIVING, LOST, RECORD

MAX_HEAD = 4096
MOST_ASKED = 16384  # envelopes that one peer may have asked for and was not given; it asks for the rest when told to
MOST_DAYS: Final = 14
"""For how long a peer may be given again what it lost, before its people are spoken with anew."""

_ASKED = and_(AGAIN.c.party == bindparam("of"), among(AGAIN.c.envelope, "keys"))
_OURS_GIVEN = delete(AGAIN).where(_ASKED, AGAIN.c.ours.is_(True))
_THEIRS_GIVEN = delete(AGAIN).where(_ASKED, AGAIN.c.ours.is_(False))


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of what is given again: the number the envelope bore, and its content key, sealed to that key."""

    version: Literal["amanat/again/v1"]
    sequence: Annotated[int, msgspec.Meta(ge=1, le=MAX_SEQUENCE)]
    key: Digest
    wrap: str

    def __post_init__(self) -> None:
        unbase64(self.wrap, "wrap", WRAP_BYTES)


# --- asking -----------------------------------------------------------------------------------------------------------


def ask(turn: Turn) -> int:
    """Note to ask every party of its compact for each envelope that was lost; return how many envelopes that is."""
    found = turn.tx.execute(select(LOST.c.log, LOST.c.envelope).where(~LOST.c.envelope.startswith(UNKNOWN))).all()
    rows = [
        {"party": party, "envelope": row.envelope, "ours": True}
        for row in found
        if row.log in turn.known.compacts
        for party in sorted({*turn.known.compact(row.log).terms.parties} - {turn.means.party})
    ]
    upsert(turn.tx, AGAIN, (), *rows)
    return len(found)


def asking(turn: Turn, recipient: str) -> Iterator[Answer]:
    """What this party asks a peer for, each once until it is told to ask again."""
    where = (AGAIN.c.party == recipient, AGAIN.c.ours.is_(True))
    for envelope in turn.tx.execute(select(AGAIN.c.envelope).where(*where).order_by(AGAIN.c.envelope)).scalars().all():
        yield Answer(Item("asking", answers.ask(envelope, recipient, turn.means)), _OURS_GIVEN, envelope)


# --- giving -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """How many envelopes wait that a peer asked for again, and until when it is allowed to give them, if it is."""

    waiting: int
    until: datetime | None


def take_asking(turn: Turn, data: bytes, sender: str) -> None:
    """Note which envelope a peer asks for, if it was exchanged with it and is held here. Raises `Invalid`.

    Of more than `MOST_ASKED` nothing is noted.
    """
    word = answers.read_asking(data, sender, turn.known, turn.means)
    if _held(turn, word.envelope, sender) is not None and _waiting(turn, sender) < MOST_ASKED:
        upsert(turn.tx, AGAIN, (), {"party": sender, "envelope": word.envelope, "ours": False})


@contextmanager
def telling(sender: str, means: Means) -> Iterator[None]:
    """Tell live pages once, after a block that takes in what a peer asks for, when more of it waits to be allowed."""
    with look(means) as turn:
        before = _waiting(turn, sender)
    yield
    with begin(means) as turn:
        each = asked(turn).get(sender)
        if each is not None and each.until is None and each.waiting > before:
            live.tell(turn, "asked", sender, detail=str(each.waiting))


def asked(turn: Turn) -> Mapping[str, Asked]:
    """Return of each peer that asked, or to whom it is allowed, how that stands."""
    count = select(AGAIN.c.party, func.count()).where(AGAIN.c.ours.is_(False)).group_by(AGAIN.c.party)
    waiting: dict[str, int] = dict(turn.tx.execute(count).all())
    allowed = turn.tx.execute(select(GIVING.c.party, GIVING.c.until).where(GIVING.c.until > turn.now.isoformat()))
    until = {party: datetime.fromisoformat(at) for party, at in allowed}
    return {party: Asked(waiting.get(party, 0), until.get(party)) for party in sorted({*waiting, *until})}


def allow(turn: Turn, party: str, until: datetime) -> int:
    """Let a peer be given, until then, what it asks for again; return how many envelopes wait. Raises `Invalid`."""
    if party not in turn.known.manifests or party == turn.means.party:
        raise Invalid("party.unknown", f"No manifest of {party} is known.", "Learn it face to face.")
    upsert(turn.tx, GIVING, ("until",), {"party": party, "until": until.isoformat()})
    return _waiting(turn, party)


def deny(turn: Turn, party: str) -> int:
    """Give a peer nothing again, and forget what it asked for; return how many envelopes that was."""
    turn.tx.execute(delete(GIVING).where(GIVING.c.party == party))
    return turn.tx.execute(delete(AGAIN).where(AGAIN.c.party == party, AGAIN.c.ours.is_(False))).rowcount


def given(turn: Turn, recipient: str) -> Iterator[Answer]:
    """Give again what a peer asked for, as long as it is held, and if that is allowed."""
    allowed = exists().where(GIVING.c.party == recipient, GIVING.c.until > turn.now.isoformat())
    where = (AGAIN.c.party == recipient, AGAIN.c.ours.is_(False), allowed)
    for envelope in turn.tx.execute(select(AGAIN.c.envelope).where(*where).order_by(AGAIN.c.envelope)).scalars().all():
        held = _held(turn, envelope, recipient)
        if held is None:  # destroyed since it was asked for
            turn.tx.execute(_THEIRS_GIVEN, {"of": recipient, "keys": [envelope]})
        else:
            id_, public = sealing_key_at(turn.known.manifests[recipient], turn.now)
            wrap = wrap_again(held.content_key, bytes.fromhex(envelope), public)
            head = Head("amanat/again/v1", held.sequence, id_, base64.b64encode(wrap).decode())
            yield Answer(Item("again", canonical.encode(head) + b"\n" + held.data), _THEIRS_GIVEN, envelope)


def _waiting(turn: Turn, peer: str) -> int:
    where = (AGAIN.c.party == peer, AGAIN.c.ours.is_(False))
    return turn.tx.execute(select(func.count()).select_from(AGAIN).where(*where)).scalar_one()


def _held(turn: Turn, envelope: str, peer: str) -> Any:  # noqa: ANN401 - a row, or None
    """The envelope, its content key and number, if it came from that peer or went to it, and may still leave."""
    joined = RECORD.join(ENVELOPE, ENVELOPE.c.digest == RECORD.c.envelope)
    came = and_(ARRIVAL.c.envelope == RECORD.c.envelope, ARRIVAL.c.sender == peer, RECORD.c.party == peer)
    went = and_(DELIVERY.c.envelope == RECORD.c.envelope, DELIVERY.c.recipient == peer)
    joined = joined.outerjoin(ARRIVAL, came).outerjoin(DELIVERY, went)
    number = func.coalesce(ARRIVAL.c.sequence, DELIVERY.c.sequence)
    query = select(ENVELOPE.c.data, ENVELOPE.c.content_key, number.label("sequence")).select_from(joined)
    where = (RECORD.c.envelope == envelope, ENVELOPE.c.data.is_not(None), number.is_not(None))
    return turn.tx.execute(query.where(*where, ~records.gone(turn.means.kinds.recalled))).one_or_none()


# --- taking back ------------------------------------------------------------------------------------------------------


def take_again(turn: Turn, data: bytes, sender: str) -> None:
    """Put an envelope back where our log has it; one that is not lacking does nothing. Raises `Invalid`, `Refused`."""
    line, _, sealed = data.partition(b"\n")
    head = canonical.decode(line, Head, f"head of what {sender} gives again", limit=MAX_HEAD)
    digest = hashlib.sha256(sealed).digest()
    lost = turn.tx.execute(select(LOST).where(LOST.c.envelope == digest.hex())).one_or_none()
    here = turn.tx.execute(select(RECORD.c.id).where(RECORD.c.envelope == digest.hex())).first()
    if lost is not None and here is None:
        _put_back(turn, lost, head, sealed, sender)
    turn.tx.execute(delete(LOST).where(LOST.c.envelope == digest.hex()))
    _deliver_again(turn, digest.hex(), sender, head.sequence)


def _put_back(turn: Turn, lost: Any, head: Head, sealed: bytes, sender: str) -> None:  # noqa: ANN401 - a row
    digest, core = bytes.fromhex(lost.envelope), parse_header(sealed).core
    if core.sender not in (sender, turn.means.party):
        raise Invalid("again.courier", f"{sender} gives an envelope of {core.sender}.", "Ask its sender for it.")
    content_key = unwrap_again(base64.b64decode(head.wrap), digest, head.key, turn.means.keys.sealing)
    manifest = manifest_that_listed(turn, core.sender, core.sender_key)
    record = open_with_key(sealed, content_key, {core.sender: manifest}, turn.means.kinds)
    require_unexpired(record, turn.now)
    if turn.tx.execute(select(RECORD.c.id).where(RECORD.c.party == core.sender, RECORD.c.id == core.record_id)).first():
        raise Invalid(
            "again.equivocation",
            f"{core.sender} signed two different envelopes under the id {core.record_id}.",
            "Both are kept; the one that is here stands. Show them to the observer.",
        )
    own = core.sender == turn.means.party
    ends = record.fields.handling.expires if own else destroy_by(turn, record, lost.log)
    by = None if own else read_by(turn, record, lost.log)
    row = records.Row(record, lost.log, lost.envelope, sealed, content_key, lost.log_index, ends, by)
    records.write(turn.tx, [row], turn.means.kinds.recalled)
    attachments.name(turn.tx, record.key, record.fields.attachments, turn.now.isoformat())
    record.kind.apply(turn.tx, record)
    _skipped(turn, lost.envelope, record.fields.audience if own else ())
    if not own:
        numbers.note(turn.tx, sender, [head.sequence])
        arrival = {"envelope": lost.envelope, "sender": sender, "id": record.fields.id, "sequence": head.sequence}
        where = {"compact": lost.log, "log_index": lost.log_index, "answered": "provisional"}
        insert_all(turn.tx, ARRIVAL, [arrival | where])
    live.tell_records(turn, "sent" if own else "accepted", [record])


def _skipped(turn: Turn, envelope: str, audience: tuple[str, ...]) -> None:
    """Note that to all but its audience nothing was sent: only a number was skipped for its sake."""
    where = (DELIVERY.c.envelope == envelope, DELIVERY.c.recipient.not_in(audience))
    named = f"{UNKNOWN} " + DELIVERY.c.envelope
    turn.tx.execute(update(DELIVERY).where(*where).values(envelope=named))


def _deliver_again(turn: Turn, envelope: str, recipient: str, sequence: int) -> None:
    """Let it wait for that recipient under the number that it bore: so its receipt comes again."""
    this = (DELIVERY.c.envelope == envelope, DELIVERY.c.recipient == recipient, DELIVERY.c.state == "lost")
    written = exists().where(RECORD.c.envelope == envelope, RECORD.c.party == turn.means.party)
    skipped = turn.tx.execute(select(DELIVERY.c.sequence).where(*this, written)).scalar_one_or_none()
    if skipped is None:
        return
    _single_out(turn, recipient, sequence)
    bore = (DELIVERY.c.recipient == recipient, DELIVERY.c.sequence == sequence, DELIVERY.c.state == "lost")
    if turn.tx.execute(select(DELIVERY.c.envelope).where(*bore)).first() is not None:
        turn.tx.execute(update(DELIVERY).where(*bore).values(sequence=skipped))
        turn.tx.execute(update(DELIVERY).where(*this).values(sequence=sequence, state="pending"))


def _single_out(turn: Turn, recipient: str, sequence: int) -> None:
    """Give a number that was skipped among others a row of its own: one speaks for all since the row before."""
    pair = (DELIVERY.c.recipient == recipient, DELIVERY.c.sequence.in_((sequence - 1, sequence)))
    here = {0, *turn.tx.execute(select(DELIVERY.c.sequence).where(*pair)).scalars()}
    rows = [
        {"envelope": f"{UNKNOWN} {each}", "recipient": recipient, "sequence": each, **records.LOST_ON_THE_WAY}
        for each in (sequence - 1, sequence)
        if each not in here and each < records.next_sequence(turn.tx, recipient)
    ]
    insert_all(turn.tx, DELIVERY, rows)
