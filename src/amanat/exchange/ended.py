"""Logs that ended: taking a party's statement in, and having delivered again what the log only began to promise.

Law: what was countersigned stays owed. An ending that names less than this party countersigned is refused and kept as
evidence; of two that hold, the one that owes more stands, in whatever order they came.
"""

from functools import partial
from typing import Literal

from msgspec import structs
from sqlalchemy import select, update

from amanat.compact.ending import Ending, accept_ending, ended_at, origin_of, stands
from amanat.exchange import live, reconcile
from amanat.exchange.evidence import keep
from amanat.exchange.history import Forked, beyond_end, require_as_kept
from amanat.exchange.means import Turn, read_ending
from amanat.exchange.receipt import keys_ever_listed, witness_keys
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.note import COSIGNATURE_MLDSA44, Note, VerifierKey, parse_note
from amanat.log.proof import parse_proof
from amanat.party.errors import Invalid, Refused
from amanat.store import marks, mirrors, statements
from amanat.store.tables import DELIVERY, RECORD


def take_ending(turn: Turn, data: bytes, _sender: str) -> Invalid | None:
    """Take in that a party's log ended; one that owes no more than the one held does nothing.

    Returns what an ending that is kept shows against its party all the same: a second history of its log. Our own stops
    the node, until it knows what it signed and begins the next log.
    """
    ending = read_ending(data)
    terms, held = turn.known.compact(ending.compact).terms, turn.known.ended(ending.party, ending.compact)
    if ending.party not in turn.known.manifests or ending.number > len(held) + 1:
        raise Refused(
            "ending.order",
            f"The log {ending.number} of {ending.party} for {ending.compact} is not known here.",
            "Take in the party's manifest and the endings before this one first.",
            by="one log after the other",
        )
    before = held[ending.number - 1] if ending.number <= len(held) else None
    if before is not None and not _adds(turn, ending, before, data):
        return None
    accept_ending(data, terms, turn.known.manifests, _keys(turn, ending), _witnesses(turn, ending))
    if before is not None:
        _require_not_two(ending, before)
    _require_all_owed(turn, ending)
    shows = _second_history(turn, ending)
    statements.put_ending(turn.tx, ending.compact, ending.party, ending.number, data)
    live.tell(turn, "papers", ending.party, ending.compact, "ending")
    if ending == before:
        return None
    if ending.party == turn.means.party:
        reconcile.stop(turn)
    else:
        _deliver_again(turn, ending)
    return shows


def draft(turn: Turn, log: str, without: frozenset[str] = frozenset()) -> Ending:
    """Return the statement that ends our log for a compact, or owes more of one that ended, for custodians to sign.

    Raises `Invalid` when it need not end, or while a witness not in `without` was not heard.
    """
    own = turn.means.party
    standing = next((each for each in reconcile.standing(turn) if each.log == log), None)
    if standing is None or marks.at(turn.tx, "restored") is None:
        raise Invalid("ending.held", f"No log of ours for {log} is held back.", "Nothing is to be done.")
    reconcile.require_heard(standing, without)
    for number, origin in enumerate(reversed(turn.known.log_names(own, log)), 1):
        owed = reconcile.largest(turn, log, origin)
        because = None if owed is None else _why(turn, standing, number, owed)
        if owed is not None and because is not None:
            made = Ending(compact=log, party=own, number=number, checkpoint="", at=turn.now, because=because)
            return structs.replace(made, checkpoint=_shown(turn, made, owed).decode())
    raise Invalid(
        "ending.whole",
        f"Our log for {log} has all that others countersigned: there is no need to end it.",
        "Let the node sign again.",
    )


def _why(turn: Turn, standing: reconcile.Standing, number: int, owed: bytes) -> Literal["lost", "forked"] | None:
    """Why a log of ours must end, or end later than was said; None when it need not."""
    ended = turn.known.ended(turn.means.party, standing.log)
    if number > len(ended):
        return reconcile.amiss(turn, standing)
    more = parse_checkpoint(parse_note(owed).text).size > ended_at(ended[number - 1]).size
    return ended[number - 1].because if more else None


def _shown(turn: Turn, ending: Ending, owed: bytes) -> bytes:
    """The checkpoint with the log's line and what each witness signed with Ed25519, as short as can be."""
    text = parse_note(owed).text
    notes = [parse_note(data) for data in (owed, *reconcile.heard_of(turn, origin_of(ending, turn.known.manifests)))]
    keys = [key for key in (*_keys(turn, ending), *_witnesses(turn, ending)) if key.algorithm != COSIGNATURE_MLDSA44]
    lines = [line for key in keys for note in notes if note.text == text for line in note.by(key)]
    return Note(text, tuple(dict.fromkeys(lines))).encode()


def _adds(turn: Turn, ending: Ending, before: Ending, data: bytes) -> bool:
    """Whether an ending says more than the one held, or the same and is signed by those who are custodians now."""
    if ending == before:
        (kept,) = (each for each in statements.endings(turn.tx) if read_ending(each) == before)
        return data != kept and stands(data, turn.known.manifests) and not stands(kept, turn.known.manifests)
    one, other = ended_at(ending), ended_at(before)
    return one.size > other.size or (one.size == other.size and one.root != other.root)


def _keys(turn: Turn, ending: Ending) -> list[VerifierKey]:
    origin = origin_of(ending, turn.known.manifests)
    return [key for key in keys_ever_listed(turn, ending.party, ending.compact) if key.name == origin]


def _witnesses(turn: Turn, ending: Ending) -> list[VerifierKey]:
    manifests = turn.known.manifests
    others = {*turn.known.compact(ending.compact).terms.witnesses} - {ending.party}
    return [key for party in sorted(others & manifests.keys()) for key in witness_keys(manifests[party])]


def _require_not_two(ending: Ending, before: Ending) -> None:
    if ended_at(ending).size == ended_at(before).size and ending != before:
        raise Forked(
            "ending.fork",
            f"Custodians of {ending.party} signed two different ends of {ended_at(ending).origin}.",
            "The first stands; both are kept: ask the party face to face which history it stands by.",
            before.checkpoint.encode(),
        )


def _require_all_owed(turn: Turn, ending: Ending) -> None:
    """Refuse an end before what this party countersigned, or before what our own log is known to have reached."""
    owed = _countersigned(turn, ending)
    if owed is None or parse_checkpoint(parse_note(owed).text).size <= ended_at(ending).size:
        return
    size = parse_checkpoint(parse_note(owed).text).size
    raise Forked(
        "ending.smaller",
        f"{ending.party} says that {ended_at(ending).origin} ended at {ended_at(ending).size}; "
        f"it was countersigned at {size}.",
        f"Sign an end at {size} or later: all that was countersigned stays owed.",
        owed,
    )


def _countersigned(turn: Turn, ending: Ending) -> bytes | None:
    """The largest checkpoint of that log that is known here to be countersigned."""
    origin = origin_of(ending, turn.known.manifests)
    if ending.party != turn.means.party:
        held = mirrors.of(turn.tx, origin)
        return None if held is None or held.mirrored is None else held.mirrored.note
    return reconcile.largest(turn, ending.compact, origin)


def _second_history(turn: Turn, ending: Ending) -> Invalid | None:
    """Two histories of one log do not keep its party from ending it: they are why it must."""
    try:
        require_as_kept(turn, ended_at(ending), partial(_keys, turn, ending))
    except Forked as problem:
        return problem
    return None


def _deliver_again(turn: Turn, ending: Ending) -> None:
    """Have what the ended log alone promised, and nobody countersigned, delivered once more: the next log proves it.

    The receipt stays until another comes. One from beyond the end is evidence.
    """
    joined = DELIVERY.join(RECORD, RECORD.c.envelope == DELIVERY.c.envelope)
    where = (DELIVERY.c.recipient == ending.party, DELIVERY.c.state == "provisional")
    query = select(DELIVERY.c.envelope, DELIVERY.c.answer).select_from(joined)
    for row in turn.tx.execute(query.where(*where, RECORD.c.compact == ending.compact)).all():
        checkpoint = parse_checkpoint(parse_note(parse_proof(row.answer).checkpoint).text)
        if checkpoint.origin != ended_at(ending).origin:
            continue
        beyond = beyond_end(checkpoint, ending)
        if beyond is not None:
            keep(turn, "receipt", row.answer, ending.party, beyond)
        this = (DELIVERY.c.envelope == row.envelope, DELIVERY.c.recipient == ending.party)
        turn.tx.execute(update(DELIVERY).where(*this).values(state="pending"))
