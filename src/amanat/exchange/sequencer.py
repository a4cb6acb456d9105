"""The one writer of this party's logs: a batch's leaves, tiles and signed checkpoint, in the caller's transaction.

Nothing else calls `log.tree.grow` or signs a checkpoint. The caller answers nobody before its transaction is
committed, so whatever was answered is on the disk.
"""

from collections.abc import Sequence

from amanat.exchange.means import Turn
from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.cosignature import cosign_mldsa44
from amanat.log.note import ED25519, Note, SignatureLine, VerifierKey, add, parse_note, sign_ed25519
from amanat.log.tiles import new_tiles
from amanat.log.tree import Tree, grow, leaf_hash
from amanat.party.errors import Fault
from amanat.party.manifest import log_name, witness_name
from amanat.store import logs


def create(turn: Turn, log: str) -> None:
    """Make the empty log of a compact this party has just joined; once, and never by the way."""
    if log in logs.logs(turn.tx):
        raise Fault("log.exists", f"The log for {log} exists already.", "Nothing is to be done.")
    tree = Tree(0, ())
    logs.write(turn.tx, log, logs.Batch(0, (), (), tree, _signed(turn, tree, log)))


def commit(turn: Turn, log: str, digests: Sequence[bytes]) -> int:
    """Step 8: append envelope digests to the log of a compact; return the index of the first."""
    tree, _ = logs.latest(turn.tx, log)
    growth = grow(tree, [leaf_hash(digest) for digest in digests])
    tiles = new_tiles(growth, logs.reader(turn.tx, log))
    logs.write(turn.tx, log, logs.Batch(tree.size, digests, tiles, growth.tree, _signed(turn, growth.tree, log)))
    return tree.size


def renew(turn: Turn, log: str, data: bytes) -> bytes:
    """Return a checkpoint of ours, signed anew if the log key has changed: peers believe no key that was revoked."""
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    key = VerifierKey(checkpoint.origin, ED25519, turn.means.keys.log.public_key().public_bytes_raw())
    if note.by(key):
        return data
    renewed = add(note, _lines(turn, checkpoint)).encode()
    logs.replace_note(turn.tx, log, checkpoint.size, renewed)
    return renewed


def _signed(turn: Turn, tree: Tree, log: str) -> bytes:
    checkpoint = Checkpoint(log_name(turn.known.manifests[turn.means.party], log), tree.size, tree.root())
    return add(Note(checkpoint.text(), ()), _lines(turn, checkpoint)).encode()


def _lines(turn: Turn, checkpoint: Checkpoint) -> tuple[SignatureLine, SignatureLine]:
    """Sign by the log key (Ed25519) and, for the decades, by the witness key (ML-DSA-44)."""
    means = turn.means
    name = witness_name(turn.known.manifests[means.party])
    return (
        sign_ed25519(checkpoint.text(), checkpoint.origin, means.keys.log),
        cosign_mldsa44(checkpoint, name, means.keys.witness_pq, int(turn.now.timestamp())),
    )
