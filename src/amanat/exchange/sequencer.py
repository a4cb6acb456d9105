"""The one writer of this party's logs: a batch's leaves, tiles and signed checkpoint, in the caller's transaction.

Nothing else calls `log.tree.grow` or signs a checkpoint. The caller answers nobody before its transaction is
committed, so whatever was answered is on the disk.
"""

from collections.abc import Sequence

from amanat.exchange.means import Turn
from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.cosignature import cosign_mldsa44
from amanat.log.note import COSIGNATURE_MLDSA44, ED25519, Note, VerifierKey, add, parse_note, sign_ed25519
from amanat.log.tiles import new_tiles
from amanat.log.tree import Tree, grow, leaf_hash
from amanat.officer import audit
from amanat.party.errors import Fault
from amanat.party.manifest import witness_name
from amanat.store import logs, marks


def create(turn: Turn, log: str) -> None:
    """Make the empty log of a compact this party has just joined; once, and never by the way."""
    if log in logs.logs(turn.tx):
        raise Fault("log.exists", f"The log for {log} exists already.", "Nothing is to be done.")
    _require_own_history(turn, log)
    empty = logs.Edge(Tree(), {}, b"")
    logs.write(turn.tx, log, logs.Batch(empty, (), (), empty.tree, _signed(turn, empty.tree, log)))


def commit(turn: Turn, log: str, digests: Sequence[bytes]) -> int:
    """Step 8: append envelope digests to the log of a compact; return the index of the first."""
    _require_own_history(turn, log)
    return _append(turn, log, logs.edge(turn.tx, log), digests)


def _append(turn: Turn, log: str, edge: logs.Edge, digests: Sequence[bytes]) -> int:
    growth = grow(edge.tree, [leaf_hash(digest) for digest in digests])
    tiles = new_tiles(growth, edge.read)
    logs.write(turn.tx, log, logs.Batch(edge, digests, tiles, growth.tree, _signed(turn, growth.tree, log)))
    return edge.tree.size


def go_on(turn: Turn, log: str, ended: str) -> None:
    """Begin the log of a compact after the one called `ended`: all that is here of that stands in it, in its order."""
    _require_own_history(turn, log)
    logs.go_on(turn.tx, log, ended, _signed(turn, logs.latest(turn.tx, log)[0], log))


def drain_audit(turn: Turn) -> None:
    """Append what the audit log's rows say that are not yet leaves of it, in the transaction that wrote them.

    The log begins with the first row; before this party's own manifest names it, rows wait.
    """
    if turn.means.party not in turn.known.manifests:
        return
    edge = logs.edge_if_made(turn.tx, audit.LOG)
    waiting = audit.digests_from(turn.tx, edge.tree.size if edge else 0)
    if waiting and edge is None:
        create(turn, audit.LOG)
        edge = logs.edge(turn.tx, audit.LOG)
    if waiting and edge is not None:
        _append(turn, audit.LOG, edge, waiting)


def for_others(turn: Turn, log: str, data: bytes) -> bytes:
    """Return a checkpoint of ours as others are shown it: signed by our keys in use, the one for the decades too.

    Most checkpoints are replaced before anybody is shown them, so that ML-DSA-44 signs only what leaves the house.
    Peers believe no key that was revoked: an older checkpoint is signed anew when keys have changed.
    """
    note = parse_note(data)
    keys = turn.means.keys
    name = witness_name(turn.known.manifests[turn.means.party])
    checkpoint = parse_checkpoint(note.text)
    log_key = VerifierKey(checkpoint.origin, ED25519, keys.log.public_key().public_bytes_raw())
    for_decades = VerifierKey(name, COSIGNATURE_MLDSA44, keys.witness_pq.public_key().public_bytes_raw())
    if note.by(log_key) and note.by(for_decades):
        return data
    _require_own_history(turn, log)
    lines = (
        sign_ed25519(note.text, checkpoint.origin, keys.log),
        cosign_mldsa44(checkpoint, name, keys.witness_pq, int(turn.now.timestamp())),
    )
    signed = add(note, lines).encode()
    logs.replace_note(turn.tx, log, checkpoint.size, signed)
    return signed


def own_names(turn: Turn, log: str) -> frozenset[str]:
    """Return the names by which this party signs its log: the log's own, and its witness's, for the decades."""
    own = turn.means.party
    return frozenset({*turn.known.log_names(own, log), witness_name(turn.known.manifests[own])})


def own_lines(turn: Turn, log: str, data: bytes) -> bytes:
    """Return a checkpoint of ours with our own lines alone: who is to countersign it needs no other's."""
    note, names = parse_note(data), own_names(turn, log)
    return Note(note.text, tuple(line for line in note.signatures if line.name in names)).encode()


def _require_own_history(turn: Turn, log: str) -> None:
    """Refuse to sign a second history. What officers did goes on: nobody else is shown that log."""
    if log != audit.LOG:
        marks.require_own_history(turn.tx)


def _signed(turn: Turn, tree: Tree, log: str) -> bytes:
    origin = turn.known.log_name(turn.means.party, log)
    text = Checkpoint(origin, tree.size, tree.root()).text()
    return Note(text, (sign_ed25519(text, origin, turn.means.keys.log),)).encode()
