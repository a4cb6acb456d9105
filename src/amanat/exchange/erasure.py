"""Destroying what was withdrawn or has expired, at this party, and giving our signed word for it (floors 2 and 11).

Law: destroying never waits for telling. What cannot be told now, because a peer's manifest ran out or it left the
compact, is told with the first erasure when it can.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from amanat.exchange import live
from amanat.exchange.acting import acting
from amanat.exchange.attachments import discard_old
from amanat.exchange.means import Means, Turn, begin, look
from amanat.exchange.send import discard_held, notify
from amanat.exchange.withdraw import tell_the_rest
from amanat.officer.may import MACHINE, Actor, may
from amanat.party.errors import Invalid, Refused
from amanat.record import notices
from amanat.record.kind import Kind
from amanat.record.record import Post, Ref, read_fields
from amanat.store import attachments, drafts, listing, records, statements, text
from amanat.store.database import scrub

NOT_AHEAD: Final = timedelta(0)
KEEPER = "records"  # the post that signs for destruction at every party


@dataclass(frozen=True, slots=True)
class Erased:
    """One record destroyed here: whose it was, its id, and why ("withdrawn" or "expired")."""

    party: str
    id: str
    because: str


def due(means: Means, ahead: timedelta = NOT_AHEAD) -> list[Erased]:
    """Return what `destroy_due` would destroy now."""
    with look(means) as turn:
        judged = _judged(turn, ahead)
        over = [Erased(means.party, each.id, "expired") for each in drafts.expired(judged.tx, judged.now.isoformat())]
        return [*(_erased(row) for row, _ in _records_due(judged)), *_held_due(judged), *over]


def erase_due(means: Means) -> list[Erased]:
    """Destroy all that is due, then write the database anew, so that nothing of it is on the disk when this returns."""
    erased = destroy_due(means, MACHINE)
    tidy(means)
    scrub(means.engine)
    return erased


def destroy_due(means: Means, actor: Actor, ahead: timedelta = NOT_AHEAD) -> list[Erased]:
    """Destroy all records that are due: plaintext, wraps, content key, attachments and views; note that the actor did.

    A withdrawn record of a kind that `stands` is kept, marked; an expired one is destroyed whatever its kind. What is
    still held is destroyed too, and drafts that nobody touched for long. Copies may be left on the disk until the
    database is written anew. `ahead` is by how much this machine's clock is known to be ahead: what is destroyed too
    early is gone.
    """
    if may(actor, "node.operate") and not due(means, ahead):
        return []  # nothing is done, and so nothing is noted
    with acting(means, actor, "record.erase") as act:
        judged = _judged(act.turn, ahead)
        erased = [*_destroy_records(judged), *_destroy_held(judged), *_destroy_drafts(judged)]
        if erased:
            text.tidy(act.turn.tx)
        act.on(*(f"{each.party}:{each.id}" for each in erased))
        for each in erased:
            live.tell(act.turn, "erased", each.party, each.id, each.because)
    return erased


def tidy(means: Means, ahead: timedelta = NOT_AHEAD) -> None:
    """Destroy what goes with records: evidence that is due and files nobody came to name; then tell the originators."""
    with begin(means) as turn:
        judged = _judged(turn, ahead)
        statements.destroy_evidence(turn.tx, judged.now.isoformat())
        discard_old(judged)
    with begin(means) as turn:
        _give_word(turn)
    with look(means) as turn:  # looking through all withdrawals takes a while, in which others are to write
        all_told = not records.untold(turn.tx, means.party)
    if not all_told:
        with begin(means) as turn:
            tell_the_rest(turn)


def _judged(turn: Turn, ahead: timedelta) -> Turn:
    """The turn at the time that is taken for true."""
    return replace(turn, now=turn.now - ahead)


def keep_in(turn: Turn, record: tuple[str, str], ground: notices.Ground, until: datetime) -> None:
    """Keep another party's record (originator, id) past its end, on a ground and until a date, and say so to it.

    Raises `Invalid` for a date that is past: it would destroy what an earlier word keeps.
    """
    party, id_ = record
    if until <= turn.means.now():
        raise Invalid("keep.past", f"{until:%Y-%m-%dT%H:%M:%SZ} is past.", "Give a date to come, or let it be erased.")
    if not records.keep(turn.tx, party, id_, until.isoformat()):
        raise Invalid("record.unknown", f"No record {id_} of {party} is held.", "See what came in, and what was sent.")
    _tell(turn, party, id_, notices.Kept(ground, until))


def _destroy_records(turn: Turn) -> list[Erased]:
    erased = []
    for row, kind in _records_due(turn):
        records.destroy(turn.tx, row.party, row.id, row.envelope)
        attachments.forget(turn.tx, (row.party, row.id))
        kind.forget(turn.tx, row.party, row.id)
        erased.append(_erased(row))
    return erased


def _records_due(turn: Turn) -> list[tuple[Any, Kind]]:
    """What expired, and what was withdrawn of kinds that do not stand; each row with its kind.

    No record is read: one that a later version of this program would refuse must not keep others from being destroyed.
    """
    now = turn.now.isoformat()
    found = [(row, turn.means.kinds.get(row.kind)) for row in records.due(turn.tx, now)]
    return [
        (row, kind)
        for row, kind in found
        if kind.on_withdraw == "destroy" or (row.expires is not None and row.expires <= now)
    ]


def _erased(row: Any) -> Erased:  # noqa: ANN401 - a row of `records.due`
    return Erased(row.party, row.id, "withdrawn" if row.state == "withdrawn" else "expired")


def _destroy_held(turn: Turn) -> list[Erased]:
    over = _held_due(turn)
    for each in over:
        discard_held(turn, each.id, each.because)
    return over


def _destroy_drafts(turn: Turn) -> list[Erased]:
    """Drafts that nobody touched for as long as they are kept."""
    over = drafts.expired(turn.tx, turn.now.isoformat())
    for each in over:
        drafts.remove(turn.tx, each.id, each.version)
    return [Erased(turn.means.party, each.id, "expired") for each in over]


def _held_due(turn: Turn) -> list[Erased]:
    """Drafts that no second person approved before they expired; no body is read, as of records."""
    waiting = [read_fields(row.data) for row in listing.held(turn.tx)]
    over = [each for each in waiting if each.handling.expires and each.handling.expires <= turn.now]
    return [Erased(turn.means.party, each.id, "expired") for each in over]


def _give_word(turn: Turn) -> None:
    """Tell originators of what was destroyed and they were not told of; whom nothing reaches now is told later."""
    for row in records.owed(turn.tx, turn.means.party):
        body = notices.Destroyed("withdrawn" if row.withdrawn else "expired")
        try:
            _tell(turn, row.party, row.id, body)
        except Refused:
            continue


def _tell(turn: Turn, party: str, id_: str, body: notices.Destroyed | notices.Kept) -> None:
    notify(turn, party, body, Ref("about", party, id_), Post(turn.means.party, KEEPER))
