"""Statements as files: reading any of the kinds that custodians sign, in plain words, and adding signatures.

Law: nobody signs what this page did not first put into words; a type it cannot explain is not signed.
"""

import base64
import hashlib
from pathlib import Path

from amanat.cli.screen import many, read_file
from amanat.compact import terms
from amanat.compact.ending import Ending, ended_at
from amanat.compact.explain import summary
from amanat.compact.signing import Act
from amanat.node import write_file
from amanat.party import canonical, dsse, labels
from amanat.party.dsse import Statement
from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint, words
from amanat.party.key_id import key_id
from amanat.party.manifest import Manifest
from amanat.party.types import quoted

SHORT = 16  # hex digits of a key id or digest that a line shows
# The roles of a node's signing keys, as manifests list them, each with what its keys do.
ROLES = {
    "record": "Signs records",
    "log": "Signs its logs",
    "witness": "Countersigns logs",
    "witness_pq": "Countersigns logs against quantum computers",
}


def read_statement(path: Path) -> Statement:
    """Read a statement file of any type. Raises `Invalid`."""
    statement = canonical.decode(read_file(path), Statement, f"statement {path}")
    return dsse.parse(dsse.to_bytes(statement), statement.payload_type, f"statement {path}")


def read_manifest_file(path: Path) -> Manifest:
    """Read a manifest file; who signed it is not checked, so nothing but its own words may rest on it."""
    statement = dsse.parse(read_file(path), labels.MANIFEST, f"manifest {path}")
    return canonical.decode(statement.body(), Manifest, f"manifest {path}")


def write_statement(path: Path, statement: Statement) -> None:
    """Write a statement file, whole or not at all."""
    write_file(path, dsse.to_bytes(statement))


def digest(statement: Statement) -> str:
    """Return the SHA-256, in hex, of the bytes that are signed over; two people compare this."""
    return hashlib.sha256(statement.body()).hexdigest()


def describe(statement: Statement) -> list[str]:
    """Put into plain words what whoever signs the statement says. Raises `Invalid` for a type not known here."""
    match statement.payload_type:
        case labels.MANIFEST:
            return describe_manifest(canonical.decode(statement.body(), Manifest, "manifest"))
        case labels.COMPACT:
            return summary(terms.parse(statement.body())).splitlines()
        case labels.ACT:
            return _describe_act(canonical.decode(statement.body(), Act, "act"))
        case labels.ENDING:
            return _describe_ending(canonical.decode(statement.body(), Ending, "ending"))
        case other:
            raise Invalid(
                "statement.unexplained", f"A {quoted(other)} is not for custodians to sign.", "Ask who gave it to you."
            )


def describe_manifest(manifest: Manifest) -> list[str]:
    """Put a manifest into plain words."""
    root = manifest.root
    lines = [
        f"Manifest {manifest.serial} of the party {manifest.party}, named {manifest.name}.",
        f"It holds from {manifest.since:%Y-%m-%d %H:%M} to {manifest.until:%Y-%m-%d %H:%M} UTC.",
        f"Its word is given by {root.threshold} of {len(root.keys)} custodians.",
        f"Fingerprint: {' '.join(words(fingerprint(root)))}",
    ]
    for role, does in ROLES.items():
        keys = [key_id(base64.b64decode(key))[:SHORT] for key in getattr(manifest, role)]
        lines.append(f"{does}: {', '.join(keys)}")
    for sealing in manifest.sealing:
        days = f"{sealing.since:%Y-%m-%d} to {sealing.until:%Y-%m-%d}"
        lines.append(f"Others seal to it from {days}: {key_id(base64.b64decode(sealing.key))[:SHORT]}")
    for revoked in manifest.revoked:
        lines.append(f"Revoked as {revoked.reason}, {revoked.at:%Y-%m-%d %H:%M} UTC: {revoked.keyid[:SHORT]}")
    return lines


def count(statement: Statement) -> str:
    """Say how many signatures a statement bears and, where it names its own custodians, how many of them it needs."""
    signed = {each.keyid for each in statement.signatures}
    if statement.payload_type != labels.MANIFEST:
        return f"it bears {many(len(signed), 'signature')}"
    root = canonical.decode(statement.body(), Manifest, "manifest").root
    return f"{len(signed & root.by_id().keys())} of the {root.threshold} custodians needed have signed it"


def names_custodian(statement: Statement, custodian: str) -> bool:
    """Whether a key id is of a custodian the statement names; only a manifest names any."""
    if statement.payload_type != labels.MANIFEST:
        return True
    return custodian in canonical.decode(statement.body(), Manifest, "manifest").root.by_id()


def _describe_ending(ending: Ending) -> list[str]:
    at, why = ended_at(ending), "nobody can give its last entries"
    if ending.because == "forked":
        why = "two histories of it were signed"
    return [
        f"The log {at.origin} of {ending.party} ended at {many(at.size, 'entry', 'entries')}: {why}.",
        f"Its root there is {at.root.hex()[:SHORT]}…, as witnesses countersigned it. Written {ending.at:%Y-%m-%d %H:%M} UTC.",
        f"All up to there stays owed; nothing beyond it is {ending.party}'s. It goes on in its next log for {ending.compact}.",
    ]


def _describe_act(act: Act) -> list[str]:
    return [
        f"{act.party} will {act.act} the compact with the digest {act.compact[:SHORT]}…",
        f"Written {act.at:%Y-%m-%d %H:%M} UTC, its act number {act.serial}. Reason given: {act.reason}",
    ]
