"""Keeping the logs that this party witnesses, entry by entry, and countersigning what is kept (C2SP tlog-mirror).

Entries are believed by their proof against the pending checkpoint (`witness`), and stand with their tiles where our own
stand, under the log's origin. Law: nothing is countersigned that this database could not serve whole.
"""

import io
from collections.abc import Iterator, Mapping

from amanat.exchange import answers
from amanat.exchange.means import Turn
from amanat.exchange.witness import Witnessed, cosign, encode_lines, given, of_others, witnessed
from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.lines import HASH_SIZE
from amanat.log.malformed import Malformed
from amanat.log.mirror import (
    ACCEPTED,
    CONFLICT,
    Package,
    Read,
    Standing,
    Upload,
    read_packages,
    read_upload,
    verify_package,
)
from amanat.log.note import add, parse_note
from amanat.log.tiles import TILE_WIDTH, new_tiles, tree_of
from amanat.log.tree import grow
from amanat.log.witness import BAD_REQUEST, FORBIDDEN, UNPROCESSABLE, WitnessRefused, refused, unknown
from amanat.party.errors import Fault, Invalid
from amanat.store import mirrors
from amanat.store.dialect import upsert
from amanat.store.mirrors import Mirror
from amanat.store.tables import COSIGNED

MAX_PENDING = 2**24
"""Entries of one log that may be kept and not yet countersigned: 1 GiB with their tiles."""


def take_entries(turn: Turn, data: bytes, sender: str) -> None:
    """Keep entries of the sender's log up to its pending checkpoint, and countersign it once all are here.

    Raises `Malformed` for entries that are not of that checkpoint's log. That they begin or end elsewhere than this
    party stands is no fault: the sender learns where from what goes back to it.
    """
    try:
        _keep(turn, io.BytesIO(data).read, witnessed(turn, [sender]))
    except Fault as error:  # what is damaged of a log of others must not keep the rest of the bundle out
        raise Invalid("mirror.damaged", error.says, error.mend) from error


def add_entries(turn: Turn, read: Read) -> bytes | Standing:
    """Answer tlog-mirror's add-entries: 200 with our cosignature lines, or a `Standing`, which says its status.

    Raises `WitnessRefused`, which says its status too; then nothing is to be kept of the request.
    """
    return _keep(turn, read, of_others(turn))


def _keep(turn: Turn, read: Read, known: Mapping[str, Witnessed]) -> bytes | Standing:
    upload = _upload(read, known)
    held = mirrors.of(turn.tx, upload.origin)
    if held is None:
        return Standing(UNPROCESSABLE, 0, 0)
    if upload.end != held.pending.size or upload.start > held.next:
        return Standing(CONFLICT, held.pending.size, held.next)
    _require_room(upload, held)
    next_entry, packages = held.next, 0
    checkpoint = parse_checkpoint(parse_note(held.pending.note).text)
    for package in _packages(upload, read) if next_entry < upload.end else ():
        next_entry = _take_package(turn, checkpoint, next_entry, package)
        packages += 1
    if next_entry == upload.end:
        return _countersign(turn, held, checkpoint)
    if not packages:
        raise WitnessRefused(
            BAD_REQUEST, "mirror.empty", f"No package of {upload.origin} came whole.", "Send the entries again."
        )
    mirrors.wait_for(turn.tx, upload.origin, held.pending, next_entry)
    return Standing(ACCEPTED, upload.end, next_entry)


def _upload(read: Read, known: Mapping[str, Witnessed]) -> Upload:
    try:
        upload = read_upload(read)
    except Malformed as error:
        raise refused(BAD_REQUEST, error) from error
    if upload.origin not in known:
        raise unknown(upload.origin)
    return upload


def _require_room(upload: Upload, held: Mirror) -> None:
    here = 0 if held.mirrored is None else held.mirrored.size
    if upload.end - here > MAX_PENDING:
        raise WitnessRefused(
            FORBIDDEN,
            "mirror.full",
            f"The log {upload.origin} grew by {upload.end - here} entries at once.",
            f"At most {MAX_PENDING} are kept before one countersigns; ask for less at a time.",
        )


def _packages(upload: Upload, read: Read) -> Iterator[Package]:
    try:
        yield from read_packages(upload, read)
    except Malformed as error:
        raise refused(BAD_REQUEST, error) from error


def _take_package(turn: Turn, checkpoint: Checkpoint, next_entry: int, package: Package) -> int:
    """Keep what is new of a package that its proof holds for; return which entry is lacking then."""
    log, stored = checkpoint.origin, mirrors.reader(turn.tx, checkpoint.origin)
    number, width = divmod(package.start, TILE_WIDTH)
    row = stored(0, number, width) if width else b""
    before = [row[at : at + HASH_SIZE] for at in range(0, len(row), HASH_SIZE)]
    try:
        leaves = verify_package(package, checkpoint.size, checkpoint.root, before)
    except Malformed as error:
        raise refused(UNPROCESSABLE, error) from error
    if any(len(entry) != HASH_SIZE for entry in package.entries):
        raise WitnessRefused(
            UNPROCESSABLE,
            "mirror.entry",
            f"The log {log} has an entry that is no digest.",
            "Logs of envelopes hold 32 bytes an entry; a witness keeps nothing else for others.",
        )
    known = next_entry - package.start
    if known < len(leaves):
        growth = grow(tree_of(next_entry, stored), leaves[known:])
        mirrors.add(turn.tx, log, next_entry, package.entries[known:], new_tiles(growth, stored))
    return max(next_entry, package.start + len(leaves))


def _countersign(turn: Turn, held: Mirror, checkpoint: Checkpoint) -> bytes:
    """Countersign the pending checkpoint, whose entries are all here; once is enough while our keys stay."""
    root = tree_of(checkpoint.size, mirrors.reader(turn.tx, held.origin)).root()
    if root != checkpoint.root:
        raise Invalid(
            "mirror.root",
            f"What is kept of {held.origin} hashes to another root than its checkpoint of {checkpoint.size} signs.",
            "It was altered here after it came: restore the last good copy, then audit the database.",
        )
    note = parse_note(held.pending.note)
    lines = given(turn, held, note.text) or cosign(turn, checkpoint)
    mirrors.countersigned(turn.tx, held.origin, checkpoint.size, add(note, lines).encode())
    mirrors.wait_for(turn.tx, held.origin, held.pending, checkpoint.size)
    return encode_lines(lines)


def mirrored(turn: Turn, recipient: str) -> Iterator[bytes]:
    """Our word on how far the recipient's logs are kept here, for each that waits to be countersigned."""
    for origin, log in sorted(witnessed(turn, [recipient]).items()):
        held = mirrors.of(turn.tx, origin)
        size, next_entry = (0, 0) if held is None else (held.pending.size, held.next)
        done = held is not None and held.mirrored is not None and held.mirrored.size == size == next_entry
        if not done and turn.means.party in turn.known.compact(log.compact).terms.witnesses:
            yield answers.keep_track(log.compact, recipient, size, next_entry, turn.means)


def take_mirrored(turn: Turn, data: bytes, sender: str) -> None:
    """Note from where a witness needs our log. Raises `Invalid`."""
    word = answers.read_mirrored(data, sender, turn.known, turn.means)
    log = turn.known.compact(word.log).terms.id
    row = {"log": log, "witness": sender, "size": 0, "pending": word.size, "next": word.next}
    upsert(turn.tx, COSIGNED, ("pending", "next"), row)
