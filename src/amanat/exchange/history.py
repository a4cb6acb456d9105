"""One history of each log: a signed checkpoint is held against what this party keeps of the log, and where it ended.

Nobody is said to have signed two histories unless both notes carry a signature by a key that this very party listed.
"""

from collections.abc import Callable, Sequence

from amanat.compact.ending import Ending, ended_at
from amanat.exchange.means import Turn
from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.note import Note, VerifierKey, ed25519_holds, parse_note
from amanat.log.tiles import range_hash
from amanat.party.errors import Fault, Invalid
from amanat.store import mirrors
from amanat.store.mirrors import Checkpointed, Mirror


class Forked(Invalid):
    """Two signed checkpoints of one log that cannot both be; `others` are the notes held against the one that came."""

    def __init__(self, code: str, says: str, mend: str, *others: bytes) -> None:
        """Take in `others` what is evidence together with the item refused."""
        super().__init__(code, says, mend)
        self.others = others


def require_one_history(turn: Turn, checkpoint: Checkpoint, keys: Callable[[], Sequence[VerifierKey]]) -> None:
    """Refuse a signed checkpoint with another root than the log kept here has at its size: two histories of one log.

    And one beyond where its party's custodians said that it ended. `keys` returns all that the log's party listed at
    any time; it is asked where roots differ. Raises `Forked`.
    """
    if checkpoint in turn.compared:
        return
    ending = turn.known.ending_of(checkpoint.origin)
    beyond = None if ending is None else beyond_end(checkpoint, ending)
    if beyond is not None:
        raise beyond
    require_as_kept(turn, checkpoint, keys)
    turn.compared.add(checkpoint)


def require_as_kept(turn: Turn, checkpoint: Checkpoint, keys: Callable[[], Sequence[VerifierKey]]) -> None:
    """Refuse a signed checkpoint with another root than the log kept here has at its size. Raises `Forked`."""
    held = mirrors.of(turn.tx, checkpoint.origin)
    known = [(held, each) for each in (held.mirrored, held.pending) if each is not None] if held else []
    for mirror, each in known:
        note = parse_note(each.note)
        root = _root(turn, mirror, each, checkpoint.size)
        if root not in (None, checkpoint.root) and _signed(note, keys()):
            raise Forked(
                "witness.fork",
                f"The log {checkpoint.origin} signed two different roots of its first {checkpoint.size} entries.",
                "Both signed checkpoints are kept as evidence: show them to the other parties.",
                each.note,
            )


def beyond_end(checkpoint: Checkpoint, ending: Ending) -> Forked | None:
    """Return what a signed checkpoint of a log shows that ended before it; None when it is of what stays promised."""
    if checkpoint.size <= ended_at(ending).size:
        return None
    return Forked(
        "log.ended",
        f"The log {checkpoint.origin} signed {checkpoint.size} entries, and {ending.party} signed that it ended at "
        f"{ended_at(ending).size}.",
        "Both are kept as evidence: show them to the other parties, and ask it whose key signed.",
        ending.checkpoint.encode(),
    )


def _root(turn: Turn, held: Mirror, known: Checkpointed, size: int) -> bytes | None:
    """The root that a log has at a size by what is kept of it under a checkpoint, if enough is."""
    if size == known.size:
        return parse_checkpoint(parse_note(known.note).text).root
    if not 0 < size < known.size or size > held.next:
        return None
    try:
        return range_hash(0, size, held.next, mirrors.reader(turn.tx, held.origin))
    except Fault:  # what is damaged here is for an audit to say, and accuses nobody
        return None


def _signed(note: Note, keys: Sequence[VerifierKey]) -> bool:
    return any(ed25519_holds(key.public, line.signature, note.text) for key in keys for line in note.by(key))
