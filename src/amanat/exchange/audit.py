"""Auditing this party's own database: what it shows is what was signed, and stands in the log as it was logged.

Law: nothing is believed of a row that can be computed anew from signed bytes. Whoever writes to the file behind the
node's back can change what officers are shown, and is found here. What was destroyed has left its digest in the log.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select

from amanat.exchange.attachments import check_chunks
from amanat.exchange.means import Means, Turn, begin, manifest_that_listed, read_manifest
from amanat.exchange.rebuild import Watch
from amanat.exchange.receipt import keys_ever_listed, signer
from amanat.exchange.witness import Witnessed, ever_of_others
from amanat.log.checkpoint import open_checkpoint
from amanat.log.malformed import Malformed
from amanat.log.note import VerifierKey, parse_note
from amanat.log.tiles import TILE_WIDTH, EntryReader, parse_entries, range_hash
from amanat.log.tiles import audit as audit_tiles
from amanat.officer import audit as acts
from amanat.party.errors import Fault, Invalid, Refused
from amanat.party.fingerprint import fingerprint
from amanat.party.manifest import accept_first, accept_next
from amanat.record.attachment import Attachment
from amanat.seal.header import parse_header
from amanat.seal.open import open_with_key
from amanat.store import attachments, logs, mirrors, statements
from amanat.store.mirrors import Mirror
from amanat.store.tables import ENVELOPE, RECORD

_WRONG = (Invalid, Refused, Malformed, Fault)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was signed: what it is, and what is wrong with it."""

    what: str
    says: str


def audit(means: Means, watch: Watch) -> list[Finding]:
    """Check manifests, logs, what officers did, and records; return what does not hold.

    `watch` is shown one item a record.
    """
    with begin(means) as turn:
        return [*_papers(turn), *_logs(turn), *_ended(turn), *_mirrors(turn), *_acts(turn), *_records(turn, watch)]


def _papers(turn: Turn) -> Iterator[Finding]:
    """Each manifest is signed by the custodians of the one before it, the first by its own."""
    for party in sorted(turn.known.manifests):
        history = statements.history(turn.tx, party)
        try:
            accept_first(history[0], fingerprint(read_manifest(history[0]).root))
            for before, data in pairwise(history):
                accept_next(data, read_manifest(before))
        except _WRONG as problem:
            yield Finding(f"the manifests of {party}", problem.says)


def _logs(turn: Turn) -> Iterator[Finding]:
    """Each log's entries hash to its tiles, and to the root that its own key signed."""
    for log in logs.logs(turn.tx):
        tree, note = logs.latest(turn.tx, log)
        try:
            checkpoint, _ = open_checkpoint(note, signer_of(turn, turn.means.party, log, note))
            root = audit_tiles(tree.size, _bundle(turn, log), logs.reader(turn.tx, log))
        except _WRONG as problem:
            yield Finding(f"the log {log}", problem.says)
            continue
        if (checkpoint.size, checkpoint.root) != (tree.size, root):
            yield Finding(f"the log {log}", "Its entries hash to another root than its checkpoint signs.")


def _ended(turn: Turn) -> Iterator[Finding]:
    """Each checkpoint of a log of ours that ended has the root of so many entries of the next, which took them up."""
    for log in turn.known.compacts.keys() & set(logs.logs(turn.tx)):
        size, read = logs.latest(turn.tx, log)[0].size, logs.reader(turn.tx, log)
        for origin in turn.known.log_names(turn.means.party, log)[1:]:
            for at, note in logs.ended(turn.tx, origin):
                try:
                    checkpoint, _ = open_checkpoint(note, signer_of(turn, turn.means.party, log, note))
                    altered = at > size or (at and range_hash(0, at, size, read) != checkpoint.root)
                except _WRONG as problem:
                    yield Finding(f"the log {origin}", problem.says)
                    continue
                if altered:
                    yield Finding(f"the log {origin}", f"At {at} it has another root than the log that took it up.")


def _acts(turn: Turn) -> Iterator[Finding]:
    """Each row of what officers did hashes to the leaf at its number, none is left out, and none erased unsaid."""
    if acts.LOG not in logs.logs(turn.tx):
        return
    tree, _ = logs.latest(turn.tx, acts.LOG)
    try:
        for first in range(0, tree.size, TILE_WIDTH):
            width = min(TILE_WIDTH, tree.size - first)
            leaves = parse_entries(logs.bundle(turn.tx, acts.LOG, first // TILE_WIDTH, width))
            for number, says in acts.amiss(turn.tx, first, leaves):
                yield Finding(f"row {number} of what officers did", says)
    except _WRONG as problem:
        yield Finding("what officers did", problem.says)


def _bundle(turn: Turn, log: str) -> EntryReader:
    return lambda number, width: logs.bundle(turn.tx, log, number, width)


def _mirrors(turn: Turn) -> Iterator[Finding]:
    """What is kept of each log of others hashes to its tiles, and to the roots that its key signed and we did."""
    known = ever_of_others(turn)
    for held in mirrors.every(turn.tx, known):
        try:
            says = _altered_mirror(turn, held, known[held.origin])
        except _WRONG as problem:
            says = problem.says
        if says:
            yield Finding(f"the log {held.origin}, kept as its witness", says)


def _altered_mirror(turn: Turn, held: Mirror, log: Witnessed) -> str | None:
    read = mirrors.reader(turn.tx, held.origin)
    audit_tiles(held.next, lambda number, width: mirrors.bundle(turn.tx, held.origin, number, width), read)
    for each in filter(None, (held.mirrored, held.pending)):
        checkpoint, _ = open_checkpoint(each.note, signer_of(turn, log.party, log.compact, each.note))
        if each.size <= held.next and range_hash(0, each.size, held.next, read) != checkpoint.root:
            return "Its entries hash to another root than its checkpoint signs."
    if held.mirrored is not None and held.mirrored.size > held.next:
        return "It was countersigned, and not all of its entries are here."
    return None


def signer_of(turn: Turn, party: str, log: str, note: bytes) -> VerifierKey:
    """Return which key ever listed for a log signed its note; the one in use when none did, so that it is missed."""
    return signer(parse_note(note), keys_ever_listed(turn, party, log))


def _records(turn: Turn, watch: Watch) -> Iterator[Finding]:
    """Each record opens from its envelope, by its content key, to the very bytes shown, and stands in the log."""
    joined = RECORD.join(ENVELOPE, ENVELOPE.c.digest == RECORD.c.envelope)
    query = select(RECORD, ENVELOPE.c.data.label("sealed"), ENVELOPE.c.content_key).select_from(joined)
    count = turn.tx.execute(select(func.count()).select_from(RECORD)).scalar_one()
    for row in watch(iter(turn.tx.execute(query.order_by(RECORD.c.compact, RECORD.c.log_index))), count):
        try:
            says = _unlogged(turn, row) or _altered(turn, row)
        except _WRONG as problem:
            says = problem.says
        if says:
            yield Finding(f"the record {row.party}:{row.id}", says)


def _unlogged(turn: Turn, row: Any) -> str | None:  # noqa: ANN401 - a row of records
    tree, _ = logs.latest(turn.tx, row.compact)
    number, at = divmod(row.log_index, TILE_WIDTH)
    width = min(TILE_WIDTH, tree.size - number * TILE_WIDTH)
    entry = parse_entries(logs.bundle(turn.tx, row.compact, number, width))[at] if at < width else b""
    return None if entry.hex() == row.envelope else f"It does not stand at {row.log_index} of the log {row.compact}."


def _altered(turn: Turn, row: Any) -> str | None:  # noqa: ANN401 - a row of records
    if row.data is None:
        return _attached(turn, row, ())
    if row.sealed is None or hashlib.sha256(row.sealed).hexdigest() != row.envelope:
        return "Its envelope is missing or was altered."
    manifest = manifest_that_listed(turn, row.party, parse_header(row.sealed).core.sender_key)
    opened = open_with_key(row.sealed, row.content_key, {row.party: manifest}, turn.means.kinds)
    if opened.data != row.data:
        return "What is shown is not what its sender signed."
    if opened.facts.names_person and not row.person:  # a list would show it as one that names nobody
        return "It names a person, and is kept as one that names none."
    return _attached(turn, row, opened.fields.attachments)


def _attached(turn: Turn, row: Any, named: tuple[Attachment, ...]) -> str | None:  # noqa: ANN401 - a row of records
    """What goes with a record is what it names, and each chunk here opens to what its sender sealed."""
    found = attachments.of(turn.tx, (row.party, row.id))
    for each in found:
        check_chunks(each, turn.tx)
    altered = tuple(each.attachment for each in found) != named
    return "Its attachments are not those that its sender signed." if altered else None
