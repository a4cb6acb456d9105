"""Destroying what was withdrawn or has expired, at this party, and giving our signed word for it (floors 2 and 11).

Law: destroying never waits for telling. What cannot be told now, because a peer's manifest ran out or it left the
compact, is told with the first erasure when it can.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from amanat.exchange.means import Means, Turn, begin
from amanat.exchange.send import cited, permit, release
from amanat.party.errors import Invalid, Refused
from amanat.record import notices
from amanat.record.handling import Handling
from amanat.record.record import Draft, Post, Record, Ref, compose, read
from amanat.store import listing, records, statements
from amanat.store.sqlite import scrub
from amanat.store.tables import HELD

KEEPER = "records"  # the post that signs for destruction at every party


@dataclass(frozen=True, slots=True)
class Erased:
    """One record destroyed here: whose it was, its id, and why ("withdrawn" or "expired")."""

    party: str
    id: str
    because: str


def due(means: Means) -> list[Erased]:
    """Return what `erase_due` would destroy now."""
    now = means.now().replace(microsecond=0)
    with begin(means) as turn:
        return [*(_erased(row) for row, _ in _records_due(turn, now)), *_held_due(turn, now)]


def erase_due(means: Means) -> list[Erased]:
    """Destroy all that is due: plaintext, wraps, content key and views; then tell the originators.

    A withdrawn record of a kind that `stands` is kept, marked; an expired one is destroyed whatever its kind. Drafts
    still held and envelopes kept as evidence are destroyed with what they hold.
    """
    now = means.now().replace(microsecond=0)
    with begin(means) as turn:
        erased = [*_destroy_records(turn, now), *_destroy_held(turn, now)]
        statements.destroy_evidence(turn.tx, now.isoformat())
    with begin(means) as turn:
        _give_word(turn)
    scrub(means.engine)
    return erased


def keep(party: str, id_: str, ground: str, until: datetime, means: Means) -> None:
    """Keep another party's record past withdrawal or expiry, on a stated ground and until a date, and say so to it.

    Raises `Invalid` for a date that is past: it would destroy what an earlier word keeps.
    """
    if until <= means.now():
        raise Invalid("keep.past", f"{until:%Y-%m-%dT%H:%M:%SZ} is past.", "Give a date to come, or let it be erased.")
    with begin(means) as turn:
        data = records.data_of(turn.tx, [(party, id_)]).get((party, id_))
        if data is None or not records.keep(turn.tx, party, id_, until.isoformat()):
            raise Invalid("record.unknown", f"No record {id_} of {party} is held.", "List them: `amanat inbox`.")
        exercise = read(data, means.kinds).fields.exercise
        compact_id = records.compact_of(turn.tx, party, id_)
        _tell(turn, (party, id_), compact_id, notices.Kept(ground, until), exercise=exercise)


def _destroy_records(turn: Turn, now: datetime) -> list[Erased]:
    erased = []
    for row, record in _records_due(turn, now):
        records.destroy(turn.tx, row.party, row.id, row.envelope)
        record.kind.forget(turn.tx, row.party, row.id)
        erased.append(_erased(row))
    return erased


def _records_due(turn: Turn, now: datetime) -> list[tuple[Any, Record]]:
    """What expired, and what was withdrawn of kinds that do not stand; each row with its record."""
    found = [(row, read(row.data, turn.means.kinds)) for row in records.due(turn.tx, now.isoformat())]
    return [
        (row, record)
        for row, record in found
        if record.kind.on_withdraw == "destroy" or (row.expires is not None and row.expires <= now.isoformat())
    ]


def _erased(row: Any) -> Erased:  # noqa: ANN401 - a row of `records.due`
    return Erased(row.party, row.id, "withdrawn" if row.state == "withdrawn" else "expired")


def _destroy_held(turn: Turn, now: datetime) -> list[Erased]:
    over = _held_due(turn, now)
    for each in over:
        turn.tx.execute(delete(HELD).where(HELD.c.id == each.id))
    return over


def _held_due(turn: Turn, now: datetime) -> list[Erased]:
    """Drafts that no second person approved before they expired."""
    waiting = [read(data, turn.means.kinds) for data in listing.held(turn.tx)]
    over = [each for each in waiting if each.fields.handling.expires and each.fields.handling.expires <= now]
    return [Erased(*each.key, "expired") for each in over]


def _give_word(turn: Turn) -> None:
    """Tell originators of what was destroyed and they were not told of; whom nothing reaches now is told later."""
    for row in records.owed(turn.tx, turn.means.party):
        body = notices.Destroyed("withdrawn" if row.withdrawn else "expired")
        try:
            _tell(turn, (row.party, row.id), row.compact, body, exercise=row.exercise)
        except Refused:
            continue


def _tell(
    turn: Turn,
    about: tuple[str, str],
    compact_id: str,
    body: notices.Destroyed | notices.Kept,
    *,
    exercise: bool,
) -> None:
    """Send the originator a notice about its record, under the latest text of the compact it came under."""
    party, id_ = about
    kind = notices.KEPT if isinstance(body, notices.Kept) else notices.DESTROYED
    draft = Draft(
        kind=kind.label,
        body=body,
        audience=(party,),
        handling=Handling(tlp="TLP:AMBER", purpose="safeguards"),
        compact=turn.known.compact(compact_id).terms.digest,
        refs=(Ref("about", party, id_),),
        exercise=exercise,
    )
    means = turn.means
    made = compose(draft, Post(means.party, KEEPER), means.kinds, means.new_id(), means.now())
    release(turn, [permit(turn, made, cited(turn, [made]))])
