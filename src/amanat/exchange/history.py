"""One history of each log: a signed checkpoint is held against the one this party countersigned last.

Nobody is said to have signed two histories unless both notes carry a signature by a key that this very party listed.
"""

from collections.abc import Sequence

from sqlalchemy import select

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


def require_one_history(turn: Turn, checkpoint: Checkpoint, keys: Sequence[VerifierKey]) -> None:
    """Refuse a signed checkpoint of the very size cosigned last with another root: two histories of one log.

    `keys` are all that the log's party listed at any time. Raises `Forked`.
    """
    held = turn.tx.execute(select(WITNESSED).where(WITNESSED.c.origin == checkpoint.origin)).one_or_none()
    if held is None or held.size != checkpoint.size:
        return
    note = parse_note(held.note)
    if parse_checkpoint(note.text).root != checkpoint.root and _signed(note, keys):
        raise Forked(
            "witness.fork",
            f"The log {checkpoint.origin} signed two different roots of size {checkpoint.size}.",
            "Both signed checkpoints are kept as evidence: show them to the other parties.",
            held.note,
        )


def _signed(note: Note, keys: Sequence[VerifierKey]) -> bool:
    return any(ed25519_holds(key.public, line.signature, note.text) for key in keys for line in note.by(key))
