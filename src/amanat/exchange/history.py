"""One history of each log: a signed checkpoint is held against the one this party countersigned last.

Nobody is said to have signed two histories unless both notes carry a signature by a key that this very party listed.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import bindparam, select

from amanat.exchange.means import Turn
from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.note import Note, VerifierKey, ed25519_holds, parse_note
from amanat.party.errors import Invalid
from amanat.store.tables import WITNESSED


class Forked(Invalid):
    """Two signed checkpoints of one log that cannot both be; `others` are the notes held against the one that came."""

    def __init__(self, code: str, says: str, mend: str, *others: bytes) -> None:
        """Take in `others` what is evidence together with the item refused."""
        super().__init__(code, says, mend)
        self.others = others


_COUNTERSIGNED = select(WITNESSED.c.note).where(
    WITNESSED.c.origin == bindparam("of"), WITNESSED.c.size == bindparam("at")
)


def require_one_history(turn: Turn, checkpoint: Checkpoint, keys: Callable[[], Sequence[VerifierKey]]) -> None:
    """Refuse a signed checkpoint of the very size cosigned last with another root: two histories of one log.

    `keys` returns all that the log's party listed at any time; it is asked where roots differ. Raises `Forked`.
    """
    this = {"of": checkpoint.origin, "at": checkpoint.size}
    held = turn.tx.execute(_COUNTERSIGNED, this).one_or_none()
    if held is None:
        return
    note = parse_note(held.note)
    if parse_checkpoint(note.text).root != checkpoint.root and _signed(note, keys()):
        raise Forked(
            "witness.fork",
            f"The log {checkpoint.origin} signed two different roots of size {checkpoint.size}.",
            "Both signed checkpoints are kept as evidence: show them to the other parties.",
            held.note,
        )


def _signed(note: Note, keys: Sequence[VerifierKey]) -> bool:
    return any(ed25519_holds(key.public, line.signature, note.text) for key in keys for line in note.by(key))
