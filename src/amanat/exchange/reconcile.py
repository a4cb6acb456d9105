"""After an old copy was put back: learning what this party signed since, and going on from there, never beside it.

While the copy is marked, nothing is signed, sent or accepted. Every witness tells the newest checkpoint of our log that
it countersigned; the entries up to it, from whoever keeps that log, must lead to the very root that our own key signed.
Then the log goes on from there. Records whose envelopes did not come back are listed as lost. Where nobody can give the
entries, a statement of our custodians ends that log, and the next begins.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, islice, pairwise
from typing import Literal

from sqlalchemy import delete, func, select

from amanat.compact.ending import ended_at
from amanat.exchange import again, sequencer
from amanat.exchange.means import Turn
from amanat.exchange.receipt import keys_ever_listed, signer, witness_keys
from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.cosignature import verify_cosignature
from amanat.log.note import parse_note, verify_ed25519
from amanat.log.tiles import new_tiles, range_hash
from amanat.log.tree import grow, leaf_hash
from amanat.party.errors import Invalid
from amanat.store import logs, marks, records
from amanat.store.dialect import insert_all, upsert
from amanat.store.records import UNKNOWN
from amanat.store.tables import AHEAD, COSIGNED, DELIVERY, LOST

Entries = Callable[[int, int], Sequence[bytes]]
"""Gives the entries of a log from one index up to, and without, another."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one of our logs stands here, and what others hold of it: its size there by party; who was not heard yet."""

    log: str
    size: int
    heard: dict[str, int]
    unheard: tuple[str, ...]
    beyond: int = 0
    """The largest size that others countersigned of one of our logs beyond where it was said to end; 0 if none."""

    @property
    def lacking(self) -> int:
        """How many entries others countersigned that are not here."""
        return max(0, *self.heard.values(), self.size) - self.size


@dataclass(frozen=True, slots=True)
class Lost:
    """An entry of our log whose envelope is not here: of a record of ours, or one that we accepted.

    Of a log that ended nobody has the entries either: they are one, up to the `last`, and `envelope` says that it is
    not known.
    """

    log: str
    log_index: int
    last: int
    envelope: str


def note(turn: Turn, data: bytes, sender: str) -> None:
    """Note which checkpoint of a log of ours a witness countersigned. Raises `Invalid` when one of both did not."""
    signed = parse_note(data)
    checkpoint = parse_checkpoint(signed.text)
    log = _log(turn, checkpoint.origin)
    keys = keys_ever_listed(turn, turn.means.party, log)
    verify_ed25519(signed, signer(signed, keys))
    listed = witness_keys(turn.known.manifests[sender])
    if not any(verify_cosignature(signed, checkpoint, key) for key in listed if signed.by(key)):
        raise Invalid(
            "cosignature.unsigned",
            f"No witness key of {sender} signed the checkpoint of {checkpoint.origin}.",
            "Ask it to countersign with the keys in its latest manifest.",
        )
    where = (AHEAD.c.log == checkpoint.origin, AHEAD.c.witness == sender)
    held = turn.tx.execute(select(AHEAD.c.size).where(*where)).scalar_one_or_none()
    if held is None or held <= checkpoint.size:
        row = {"log": checkpoint.origin, "witness": sender, "size": checkpoint.size, "note": data}
        upsert(turn.tx, AHEAD, ("size", "note"), row)


def stop(turn: Turn) -> None:
    """Sign nothing from here on: others hold what this database does not."""
    if marks.at(turn.tx, "restored") is None:
        marks.put(turn.tx, "restored", turn.now, "a countersignature")


def standing(turn: Turn) -> list[Standing]:
    """Return how each of our logs that others countersign stands."""
    found = []
    for log in sorted(turn.known.compacts.keys() & set(logs.logs(turn.tx))):
        now, *before = turn.known.log_names(turn.means.party, log)
        heard = {each.witness: each.at.size for each in _ahead(turn, now)}
        ended = dict(zip(before, map(ended_at, reversed(turn.known.ended(turn.means.party, log))), strict=True))
        of_ended = [each for origin in before for each in _ahead(turn, origin)]
        beyond = max((each.at.size for each in of_ended if each.at.size > ended[each.at.origin].size), default=0)
        heard = {each.witness: 0 for each in of_ended} | heard
        witnesses = {*turn.known.compact(log).terms.witnesses} - {turn.means.party}
        size = logs.latest(turn.tx, log)[0].size
        found.append(Standing(log, size, heard, tuple(sorted(witnesses - heard.keys())), beyond))
    return found


def complete(turn: Turn, log: str, entries: Entries) -> int:
    """Take up the log where its newest countersigned checkpoint stands; return how many entries that added.

    Raises `Invalid` when the entries, or what is here, do not lead to a root that our key signed: then two histories
    of this log are about, and no entry makes one of them.
    """
    begun = logs.edge(turn.tx, log).tree
    known = _ahead(turn, _name(turn, log))
    require_one(turn, log, [each.at for each in known])
    size = begun.size
    for each in known:
        if each.at.size > size:
            _grow(turn, log, entries(size, each.at.size), each.at, each.note)
            size = each.at.size
    return size - begun.size


def lacking(turn: Turn, log: str) -> tuple[int, int]:
    """Return from which entry of the log on, and up to and without which, `complete` asks for them."""
    size = logs.edge(turn.tx, log).tree.size
    return size, max([size, *(each.at.size for each in _ahead(turn, _name(turn, log)))])


def require_one(turn: Turn, log: str, countersigned: Sequence[Checkpoint]) -> None:
    """Raise `Invalid` when our log here, and checkpoints of it by rising size, are known not to be of one history."""
    size = logs.latest(turn.tx, log)[0].size
    for checkpoint in countersigned:
        if 0 < checkpoint.size <= size:
            _require_ours(turn, log, checkpoint)
    for one, other in pairwise(countersigned):
        if one.size == other.size and one.root != other.root:
            raise _forked(log, one.size)


def largest(turn: Turn, log: str, origin: str) -> bytes | None:
    """Return the largest checkpoint of a log of ours, of that name, that is known here to be countersigned."""
    known = [(each.at.size, each.note) for each in _ahead(turn, origin)]
    ours = logs.with_quorum(turn.tx, log)
    if ours is not None and parse_checkpoint(parse_note(ours[1]).text).origin == origin:
        known.append(ours)
    return max(known)[1] if known else None


def finish(turn: Turn, without: frozenset[str] = frozenset()) -> None:
    """Let the node sign again. Raises `Invalid` while a log lacks entries, or a witness not in `without` was not heard.

    What a witness who was not heard holds stays unknown: should it turn out to be more, the node stops again.
    """
    for each in standing(turn):
        if each.beyond:
            raise Invalid(
                "reconcile.ended",
                f"Of our log for {each.log} that ended, others countersigned {each.beyond} entries, which is more.",
                "Draft its end anew, for the custodians to sign.",
            )
        if each.lacking:
            raise Invalid(
                "reconcile.entries",
                f"Of our log {each.log}, {each.lacking} entries are not here.",
                "Give them from whoever keeps it.",
            )
        require_heard(each, without)
        complete(turn, each.log, _none)
    marks.drop(turn.tx, "restored")
    turn.tx.execute(delete(AHEAD))
    for log in sorted(turn.known.compacts.keys() & set(logs.logs(turn.tx))):
        _list_ended(turn, log)
        here = parse_checkpoint(parse_note(logs.latest(turn.tx, log)[1]).text).origin
        if here != _name(turn, log):
            turn.tx.execute(delete(COSIGNED).where(COSIGNED.c.log == log))
            sequencer.go_on(turn, log, here)
    again.ask(turn)


def require_heard(standing: Standing, without: frozenset[str] = frozenset()) -> None:
    """Raise `Invalid` while it is not known what a witness not in `without` countersigned of that log of ours."""
    missing = sorted({*standing.unheard} - without)
    if missing:
        raise Invalid(
            "reconcile.unheard",
            f"What {', '.join(missing)} countersigned of our log {standing.log} is not known.",
            "Take in a bundle of each, or let the node reach it; `--without` goes on all the same.",
        )


def amiss(turn: Turn, standing: Standing) -> Literal["lost", "forked"] | None:
    """Say why our log cannot go on: entries are lost, or two histories of it were signed; None when it can."""
    try:
        require_one(turn, standing.log, [each.at for each in _ahead(turn, _name(turn, standing.log))])
    except Invalid:
        return "forked"
    return "lost" if standing.lacking else None


def heard_of(turn: Turn, origin: str) -> list[bytes]:
    """Return each witness's newest countersigned checkpoint of a log of ours."""
    return [each.note for each in _ahead(turn, origin)]


def lost(turn: Turn) -> list[Lost]:
    """Return the entries of our logs whose envelopes did not come back."""
    return [Lost(*row) for row in turn.tx.execute(select(*LOST.c).order_by(LOST.c.log, LOST.c.log_index))]


def _grow(turn: Turn, log: str, entries: Sequence[bytes], checkpoint: Checkpoint, data: bytes) -> None:
    edge = logs.edge(turn.tx, log)
    growth = grow(edge.tree, [leaf_hash(each) for each in entries])
    if (growth.tree.size, growth.tree.root()) != (checkpoint.size, checkpoint.root):
        raise _forked(log, checkpoint.size)
    logs.write(turn.tx, log, logs.Batch(edge, entries, new_tiles(growth, edge.read), growth.tree, data))
    logs.show(turn.tx, log, checkpoint.size)
    lost = [Lost(log, at, at, each.hex()) for at, each in enumerate(entries, edge.tree.size)]
    _list(turn, log, lost)


def _list(turn: Turn, log: str, lost: Sequence[Lost]) -> None:
    """List entries of a log for a compact as lost, and use no number that their envelopes may have borne.

    Two envelopes with one number would accuse us. Numbers of many are skipped by one row, which bears the last.
    """
    insert_all(turn.tx, LOST, [asdict(each) for each in lost])
    counts = [each.last - each.log_index + 1 for each in lost]
    for party in sorted({*turn.known.compact(log).terms.parties} - {turn.means.party}):
        numbers = accumulate(counts, initial=records.next_sequence(turn.tx, party) - 1)
        rows = [
            {"envelope": each.envelope, "recipient": party, "sequence": number, **records.LOST_ON_THE_WAY}
            for each, number in zip(lost, islice(numbers, 1, None), strict=True)
        ]
        insert_all(turn.tx, DELIVERY, rows)


def _list_ended(turn: Turn, log: str) -> None:
    """List what nobody can give of our logs for a compact that ended as lost, and use none of its numbers.

    Also of one that this copy, from before its end, knows nothing of.
    """
    sure = logs.with_quorum(turn.tx, log)
    for at in map(ended_at, turn.known.ended(turn.means.party, log)):
        listed = turn.tx.execute(select(func.max(LOST.c.last)).where(LOST.c.log == at.origin)).scalar_one()
        begin = listed + 1 if listed is not None else sure[0] if sure else 0
        if begin < at.size:
            _list(turn, log, [Lost(at.origin, begin, at.size - 1, f"{UNKNOWN} {at.origin} {begin}")])


def _require_ours(turn: Turn, log: str, checkpoint: Checkpoint) -> None:
    """Raise `Invalid` when a checkpoint no larger than our log is not of its history."""
    tree, _ = logs.latest(turn.tx, log)
    if range_hash(0, checkpoint.size, tree.size, logs.reader(turn.tx, log)) != checkpoint.root:
        raise _forked(log, checkpoint.size)


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What a witness countersigned of a log of ours, as it said after an old copy was put back."""

    witness: str
    at: Checkpoint
    note: bytes


def _ahead(turn: Turn, origin: str) -> list[_Ahead]:
    """Return what is heard of a log of ours, by rising size."""
    query = select(AHEAD.c.witness, AHEAD.c.note).where(AHEAD.c.log == origin).order_by(AHEAD.c.size, AHEAD.c.witness)
    return [_Ahead(witness, parse_checkpoint(parse_note(note).text), note) for witness, note in turn.tx.execute(query)]


def _name(turn: Turn, log: str) -> str:
    return turn.known.log_name(turn.means.party, log)


def _log(turn: Turn, origin: str) -> str:
    for log in turn.known.compacts:
        if origin in turn.known.log_names(turn.means.party, log):
            return log
    raise Invalid("cosignature.origin", f"The checkpoint of {origin} is of no log known here.", "Keep it apart.")


def _none(_first: int, _end: int) -> Sequence[bytes]:
    raise Invalid("reconcile.entries", "Entries of our log are not here.", "Give them from whoever keeps it.")


def _forked(log: str, size: int) -> Invalid:
    return Invalid(
        "reconcile.fork",
        f"At size {size} our log {log} has another history here than the one that was countersigned.",
        "Two nodes signed with one key, or entries were altered: let custodians revoke the log key, and keep both.",
    )
