"""A log given away, ours or one that is kept for others: as a static tlog-tiles folder, or file by file as it is asked.

A log that somebody published is audited here too, as anyone can audit it (c2sp.org/tlog-tiles).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain

from amanat.exchange import sequencer, witness
from amanat.exchange.means import Turn
from amanat.log.checkpoint import Checkpoint, open_checkpoint
from amanat.log.malformed import Malformed
from amanat.log.note import VerifierKey
from amanat.log.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    EntryReader,
    HashReader,
    audit,
    entries_path,
    parse_path,
    tile_path,
)
from amanat.party.errors import Refused
from amanat.store import logs, mirrors

CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class Kept:
    """A log that can be given away: its name here, its size, and what reads its tiles and entry bundles."""

    log: str
    size: int
    read: HashReader
    bundle: EntryReader


@dataclass(frozen=True, slots=True)
class Served:
    """A file of a log; one that is `immutable` may be cached for ever, the checkpoint not at all."""

    data: bytes
    immutable: bool


def kept(turn: Turn, origin: str) -> Kept | None:
    """Return a log that this party can give away: its own of a compact, or one that it countersigned; else None.

    What officers did is nobody else's, though it stands in a log too.
    """
    for log in turn.known.compacts:
        if turn.known.log_name(turn.means.party, log) == origin:
            size = logs.latest(turn.tx, log)[0].size
            return Kept(log, size, logs.reader(turn.tx, log), partial(logs.bundle_of, turn.tx, log))
    held = mirrors.of(turn.tx, origin)
    if held is None or held.mirrored is None:
        return None
    read = mirrors.reader(turn.tx, origin)
    return Kept(origin, held.mirrored.size, read, partial(mirrors.bundle, turn.tx, origin))


def origin_hash(origin: str) -> str:
    """Return what names a log below a mirror's monitoring prefix (tlog-mirror, section Introduction)."""
    return hashlib.sha256(origin.encode()).hexdigest()


def named(turn: Turn, hash_: str) -> str | None:
    """Return the origin of that hash among the logs that this party can give away; None if it is of none of them."""
    own = (turn.known.log_name(turn.means.party, log) for log in turn.known.compacts)
    return next((each for each in chain(own, mirrors.origins(turn.tx)) if origin_hash(each) == hash_), None)


def serve(turn: Turn, origin: str, path: str) -> Served | None:
    """Return the file of a log at a path below its prefix, such as "tile/0/000.p/5"; None where it has none (404).

    Giving out the checkpoint of our own log writes down that it was shown.
    """
    found = kept(turn, origin)
    if found is None:
        return None
    if path == CHECKPOINT:
        return Served(_checkpoint(turn, found), immutable=False)
    try:
        asked = parse_path(path)
    except Malformed:
        return None
    if asked.n * TILE_WIDTH + asked.width > found.size >> TILE_HEIGHT * (asked.level or 0):
        return None
    if asked.level is None:
        return Served(found.bundle(asked.n, asked.width), immutable=True)
    return Served(found.read(asked.level, asked.n, asked.width), immutable=True)


def publish(turn: Turn, origin: str, write: Callable[[str, bytes], None]) -> int:
    """Hand every file of a log to `write(path, bytes)`, the checkpoint last; return the number of entries.

    Last, so that whoever fetches meanwhile never sees a checkpoint whose tiles are not there. What is published was
    shown: its checkpoint is never dropped. Ours is signed by the log key now in use. Raises `Refused`.
    """
    found = kept(turn, origin)
    if found is None:
        raise Refused(
            "log.unkept",
            f"The log {origin} is not kept here.",
            "A log of others is kept once it was countersigned; see which are.",
            by="what is countersigned is kept",
        )
    for n, width in _widths(found.size):
        write(entries_path(n, width), found.bundle(n, width))
    level, size = 0, found.size
    while size:
        for n, width in _widths(size):
            write(tile_path(level, n, width), found.read(level, n, width))
        level, size = level + 1, size >> TILE_HEIGHT
    write(CHECKPOINT, _checkpoint(turn, found))
    return found.size


def _checkpoint(turn: Turn, of: Kept) -> bytes:
    held = mirrors.of(turn.tx, of.log)
    if held is not None and held.mirrored is not None:
        return witness.shown(turn, held.mirrored.note)
    note = sequencer.for_others(turn, of.log, logs.latest(turn.tx, of.log)[1])
    logs.show(turn.tx, of.log, of.size)
    return note


def audit_published(fetch: Callable[[str], bytes], key: VerifierKey) -> Checkpoint:
    """Recompute a published log from its entries and compare every tile and the signed root; return its checkpoint.

    `fetch(path)` returns a file below the log's prefix. Raises `Malformed` naming what differs.
    """
    checkpoint, _ = open_checkpoint(fetch(CHECKPOINT), key)
    root = audit(
        checkpoint.size,
        lambda n, width: fetch(entries_path(n, width)),
        lambda level, n, width: fetch(tile_path(level, n, width)),
    )
    if root != checkpoint.root:
        raise Malformed(
            "log.root",
            f"The entries of {checkpoint.origin} hash to another root than its checkpoint signs.",
            "The log was rewritten after it was signed: keep both, and show them to its witnesses.",
        )
    return checkpoint


def _widths(size: int) -> list[tuple[int, int]]:
    """Return (number, width) of each tile of a row of `size`: all full but perhaps the last."""
    return [(n, min(TILE_WIDTH, size - n * TILE_WIDTH)) for n in range(-(-size // TILE_WIDTH))]
