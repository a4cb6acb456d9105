"""Destroying what was withdrawn or has expired, at this party, and giving our signed word for it (floors 2 and 11)."""

from dataclasses import dataclass
from datetime import datetime

from amanat.exchange.means import Means, Turn, begin
from amanat.exchange.send import permit, release
from amanat.party.errors import Invalid
from amanat.record import notices
from amanat.record.handling import Handling
from amanat.record.record import Draft, Post, Record, Ref, compose, read
from amanat.store import records
from amanat.store.sqlite import scrub

KEEPER = "records"  # the post that signs for destruction at every party


@dataclass(frozen=True, slots=True)
class Erased:
    """One record destroyed here: whose it was, its id, and why ("withdrawn" or "expired")."""

    party: str
    id: str
    because: str


def erase_due(means: Means) -> list[Erased]:
    """Destroy all that is due: plaintext, wraps, content key and views; then tell the originators.

    A withdrawn record of a kind that `stands` is kept, marked; an expired one is destroyed whatever its kind.
    """
    erased = []
    with begin(means) as turn:
        now = means.now().replace(microsecond=0)
        for row in records.due(turn.tx, now.isoformat()):
            record = read(row.data, means.kinds)
            expired = row.expires is not None and row.expires <= now.isoformat()
            if not expired and record.kind.on_withdraw == "stands":
                continue
            records.destroy(turn.tx, row.party, row.id, row.envelope)
            record.kind.forget(turn.tx, row.party, row.id)
            erased.append(Erased(row.party, row.id, "expired" if expired else "withdrawn"))
            if row.party != means.party:
                body = notices.Destroyed("expired" if expired else "withdrawn")
                _tell(turn, record, row.compact, body)
    scrub(means.engine)
    return erased


def keep(party: str, id_: str, ground: str, until: datetime, means: Means) -> None:
    """Keep another party's record past withdrawal or expiry, on a stated ground and until a date, and say so to it."""
    with begin(means) as turn:
        data = records.data_of(turn.tx, [(party, id_)]).get((party, id_))
        if data is None or not records.keep(turn.tx, party, id_, until.isoformat()):
            raise Invalid("record.unknown", f"No record {id_} of {party} is held.", "List them: `amanat inbox`.")
        body = notices.Kept(ground, until)
        compact_id = records.compact_of(turn.tx, party, id_)
        _tell(turn, read(data, means.kinds), compact_id, body)


def _tell(turn: Turn, record: Record, compact_id: str, body: notices.Destroyed | notices.Kept) -> None:
    """Send the originator a notice about its record, under the latest text of the compact it came under."""
    party, id_ = record.key
    kind = notices.KEPT if isinstance(body, notices.Kept) else notices.DESTROYED
    draft = Draft(
        kind=kind.label,
        body=body,
        audience=(party,),
        handling=Handling(tlp="TLP:AMBER", purpose="safeguards"),
        compact=turn.known.compact(compact_id).terms.digest,
        refs=(Ref("about", party, id_),),
        exercise=record.fields.exercise,
    )
    means = turn.means
    made = compose(draft, Post(means.party, KEEPER), means.kinds, means.new_id(), means.now())
    release(turn, [permit(turn, made)])
