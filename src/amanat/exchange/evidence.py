"""What is kept of an item that did not hold: all that a known party's key signed, of the rest what a budget allows.

Law: a courier, who has nobody's key, cannot fill the disk, nor push out what was kept before. Beyond the budget an
item leaves its digest, size, type and what was wrong with it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import Final

import msgspec

from amanat.exchange.history import Forked
from amanat.exchange.means import Turn, read_manifest
from amanat.exchange.receipt import log_keys, witness_keys
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.cosignature import verify_cosignature
from amanat.log.malformed import Malformed
from amanat.log.note import ED25519, Note, VerifierKey, ed25519_holds, parse_note
from amanat.log.proof import parse_proof
from amanat.party import canonical, dsse
from amanat.party.errors import Invalid, Refused
from amanat.party.key_id import key_id
from amanat.party.manifest import Manifest, record_keys
from amanat.seal.header import Core, parse_header
from amanat.seal.open import open_envelope
from amanat.store import statements

UNSIGNED: Final = 16 * 1024 * 1024
"""Bytes kept whole of all that nobody known signed: what a broken node writes in years, a small part of any disk."""
UNSIGNED_ONE: Final = 1024 * 1024
"""Bytes of one such item: over any statement or note that a node of ours writes, so that sixteen at least have room."""
BESIDE: Final = 64 * 1024
"""Bytes that may stand beside what was signed: proofs, and post-quantum lines of others; the rest is anybody's."""

# What a party's own signatures prove against it, whoever carried them, is never due; all else goes as content does.
PROOFS = frozenset(
    {
        "act.fork",
        "ending.fork",
        "ending.smaller",
        "heartbeat.backwards",
        "log.ended",
        "log.rollback",
        "manifest.fork",
        "manifest.key",
        "receipt.contradiction",
        "refusal.contradiction",
        "witness.fork",
    }
)


def keep(turn: Turn, item: str, data: bytes, sender: str, problem: statements.Shown) -> bool:
    """Keep an item as evidence, and with it what it is held against; return whether all of their bytes are here."""
    others = problem.others if isinstance(problem, Forked) else ()
    kept = [
        _keep(turn, item, data, sender, problem),
        *(_keep(turn, "cosignature", each, sender, problem) for each in others),
    ]
    return all(kept)


def foreign(turn: Turn, item: str, data: bytes) -> statements.Exhibit:
    """Say when foreign bytes of any kind are due: with what must go soonest, and with the record they name if any.

    Whoever carries an envelope may call it something else; that must not keep what it holds.
    """
    until = turn.now + turn.known.unread_retention(turn.means.kinds)
    core = core_of(data)
    return statements.Exhibit(item, data, (core.sender, core.record_id) if core else None, until)


def core_of(data: bytes) -> Core | None:
    """Return the core that the bytes begin with as an envelope does, whoever wrote it."""
    try:
        return parse_header(data).core
    except Invalid:
        return None


def found_signed(problem: Invalid | Refused) -> bool:
    """Whether opening found the sender's signature, before what was wrong: all earlier checks name the envelope."""
    code = problem.code
    return code in {"envelope.courier", "envelope.mismatch"} or not code.startswith(("envelope.", "key."))


def _keep(turn: Turn, item: str, data: bytes, sender: str, problem: statements.Shown) -> bool:
    exhibit = _exhibit(turn, item, data, problem.code)
    return statements.add_evidence(turn.tx, sender, problem, turn.now, exhibit)


def _exhibit(turn: Turn, item: str, data: bytes, code: str) -> statements.Exhibit:
    """Keep signed words once, whatever stands beside them: the first item that holds them is kept for their signature.

    From that one anybody can make any number of others, which differ in what is not signed: they count as unsigned.
    """
    proof = code in PROOFS
    exhibit, words = foreign(turn, item, data), _signed(turn, data, revoked=proof)
    if words is not None:
        # A receipt proves something of each envelope that it names, and its checkpoint may be that of others.
        about = parse_proof(data).extra or b"" if code == "receipt.contradiction" else b""
        digest = hashlib.sha256(words + about).hexdigest()
        if not statements.shown_before(turn.tx, code, digest):
            return replace(exhibit, signed=digest, until=None if proof else exhibit.until)
    room = UNSIGNED - statements.unsigned(turn.tx)
    return replace(exhibit, whole=len(data) <= min(UNSIGNED_ONE, room))


def _signed(turn: Turn, data: bytes, *, revoked: bool) -> bytes | None:
    """Return what of these bytes a key of a known party signed, or None; also a key since revoked if so asked."""
    words = None
    with suppress(Invalid, Malformed):
        if data.startswith(b"{"):
            words = _words_of_statement(data, _statement_keys(turn, revoked=revoked))
        else:
            words = _words_of_note(data, _note_keys(turn, revoked=revoked))
    if words is not None:
        return words if len(data) <= 2 * len(words) + BESIDE else None
    return data if core_of(data) is not None and _is_envelope(turn, data) else None


def _is_envelope(turn: Turn, data: bytes) -> bool:
    means = turn.means
    try:
        open_envelope(data, means.party, means.keys.sealing, turn.known.manifests, means.kinds)
    except (Invalid, Refused) as problem:
        return found_signed(problem)
    return True


def _words_of_statement(data: bytes, keys: Mapping[str, bytes]) -> bytes | None:
    statement = canonical.decode(data, dsse.Statement, "evidence")
    for line in statement.signatures[: dsse.MAX_SIGNATURES]:
        with suppress(Invalid):
            if dsse.signers(msgspec.structs.replace(statement, signatures=(line,)), keys, "evidence"):
                return dsse.pae(statement.payload_type, statement.body())
    return None


def _words_of_note(data: bytes, keys: Iterable[VerifierKey]) -> bytes | None:
    """A note stands alone, or below the empty line of a receipt or of a request to countersign."""
    listed = list(keys)
    for part in (data, data.partition(b"\n\n")[2]):
        with suppress(Malformed):
            note = parse_note(part)
            if any(_line_holds(note, key) for key in listed):
                return note.text
    return None


def _line_holds(note: Note, key: VerifierKey) -> bool:
    if key.algorithm == ED25519:
        return any(ed25519_holds(key.public, line.signature, note.text) for line in note.by(key))
    with suppress(Malformed):
        return verify_cosignature(note, parse_checkpoint(note.text), key) is not None
    return False


def _listed(turn: Turn, *, revoked: bool) -> Iterator[tuple[Manifest, frozenset[str]]]:
    """Every manifest that was ever accepted, with the ids of those of its keys that are not asked for."""
    for party, latest in turn.known.manifests.items():
        gone = frozenset[str]() if revoked else frozenset(each.keyid for each in latest.revoked)
        yield from ((read_manifest(data), gone) for data in statements.history(turn.tx, party))


def _statement_keys(turn: Turn, *, revoked: bool) -> Mapping[str, bytes]:
    """The record keys and custodians' keys of all parties, by key id."""
    return {
        id_: key
        for manifest, gone in _listed(turn, revoked=revoked)
        for id_, key in chain(record_keys(manifest).items(), manifest.root.by_id().items())
        if id_ not in gone
    }


def _note_keys(turn: Turn, *, revoked: bool) -> Iterator[VerifierKey]:
    """The keys of all parties for their logs and for countersigning."""
    for manifest, gone in _listed(turn, revoked=revoked):
        origins = (name for compact in turn.known.compacts for name in turn.known.log_names(manifest.party, compact))
        listed = chain(witness_keys(manifest), *(log_keys(manifest, origin) for origin in origins))
        yield from (key for key in listed if key_id(key.public) not in gone)
