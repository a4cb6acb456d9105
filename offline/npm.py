"""The npm packages that are built into the console's files: as package-lock.json names them, and their terms.

Law: what the lock marks `dev` only builds, and is not carried; all else is listed, by the hash it was fetched by.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TERMS = ("LICENSE*", "LICENCE*", "license*")
_GRANTS = b"Permission is hereby granted"


@dataclass(frozen=True)
class Bundled:
    """A package: name, version, terms by SPDX, SHA-512 of the file that npm fetched, and the text of the terms."""

    name: str
    version: str
    terms: str
    sha512: str
    papers: Mapping[str, bytes]


def bundled(assets: Path) -> list[Bundled]:
    """Return what goes into the console's files, by name. Raises `ValueError` for a package without terms."""
    lock = json.loads((assets / "package-lock.json").read_text("utf-8"))
    at = {where: said for where, said in lock["packages"].items() if where and not said.get("dev")}
    return [_bundled(assets / where, where.rpartition("node_modules/")[2], said) for where, said in sorted(at.items())]


def _bundled(folder: Path, name: str, said: Mapping[str, str]) -> Bundled:
    papers = {path.name: path.read_bytes() for pattern in _TERMS for path in sorted(folder.glob(pattern))}
    if not papers:  # older packages say their terms in their README alone
        papers = {path.name: path.read_bytes() for path in folder.glob("README*") if _GRANTS in path.read_bytes()}
    if not papers:
        raise ValueError(f"The npm package {name} {said['version']} carries no text of its terms.")
    kind, _, digest = said["integrity"].partition("-")
    if kind != "sha512":
        raise ValueError(f"package-lock.json names {name} by {kind}, not by SHA-512.")
    return Bundled(name, said["version"], said["license"], base64.b64decode(digest).hex(), papers)
