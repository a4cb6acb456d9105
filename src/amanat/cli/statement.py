"""Statements as files: reading any of the kinds that custodians sign, in plain words, and adding signatures.

Law: nobody signs what this page did not first put into words; a type it cannot explain is not signed.
"""

import base64
import hashlib
from pathlib import Path

from amanat.cli.screen import read_file
from amanat.compact import terms
from amanat.compact.signing import Act
from amanat.node import write_file
from amanat.party import canonical, dsse, labels
from amanat.party.dsse import Statement
from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint, words
from amanat.party.key_id import key_id
from amanat.party.manifest import Manifest

SHORT = 16  # hex digits of a key id or digest that a line shows


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
            return _describe_compact(terms.parse(statement.body()))
        case labels.ACT:
            return _describe_act(canonical.decode(statement.body(), Act, "act"))
        case other:
            raise Invalid(
                "statement.unexplained", f"A {other} is not for custodians to sign.", "Ask who gave it to you."
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
    for role in ("record", "log", "witness", "witness_pq"):
        keys = [key_id(base64.b64decode(key))[:SHORT] for key in getattr(manifest, role)]
        lines.append(f"Keys for {role.replace('_', ' ')}: {', '.join(keys)}")
    for sealing in manifest.sealing:
        lines.append(
            f"Sealing key {key_id(base64.b64decode(sealing.key))[:SHORT]}, {sealing.since:%Y-%m-%d} to {sealing.until:%Y-%m-%d}"
        )
    for revoked in manifest.revoked:
        lines.append(f"Revoked: {revoked.keyid[:SHORT]}, {revoked.reason}, {revoked.at:%Y-%m-%d %H:%M} UTC")
    return lines


def _describe_compact(text: terms.Terms) -> list[str]:
    return [
        f"The compact {text.id}, version {text.version}, between {' and '.join(sorted(text.members))}.",
        "You sign its text byte for byte; read it first: `amanat compact show STATEMENT`.",
    ]


def _describe_act(act: Act) -> list[str]:
    return [
        f"{act.party} will {act.act} the compact with the digest {act.compact[:SHORT]}…",
        f"Written {act.at:%Y-%m-%d %H:%M} UTC, its act number {act.serial}. Reason given: {act.reason}",
    ]
