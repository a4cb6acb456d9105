"""A wheel as the archive carries it: what it is called, what it asks for, under which terms, and its digest.

Law: a wheel is read and never run; what it says of itself is taken from its own metadata, as pip takes it.
"""

import hashlib
import zipfile
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path

from packaging.utils import canonicalize_name

PAPERS = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")  # as wheels from before PEP 639 carry them


@dataclass(frozen=True)
class Wheel:
    """One wheel's file and what its metadata says."""

    path: Path
    name: str
    version: str
    metadata: Message
    sha256: str
    papers: dict[str, bytes]  # licences and notices, by their names


def read_wheel(path: Path) -> Wheel:
    """Read a wheel. Raises `ValueError` when it carries no licence, for then we may not hand it on."""
    with zipfile.ZipFile(path) as archive:
        (name,) = (entry for entry in archive.namelist() if entry.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode("utf-8"), headersonly=True)
        info = name.removesuffix("METADATA")
        inside = [entry for entry in archive.namelist() if entry.startswith(info) and not entry.endswith("/")]
        papers = {paper: archive.read(entry) for entry in inside if (paper := _paper(entry.removeprefix(info)))}
    if not papers:
        raise ValueError(f"{path.name} carries no licence")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Wheel(path, canonicalize_name(metadata["Name"]), metadata["Version"], metadata, digest, papers)


def _paper(entry: str) -> str:
    """The name of a licence or notice, given where in the wheel's own folder it lies; nothing for other files."""
    if entry.startswith("licenses/"):
        return entry.removeprefix("licenses/")
    return entry if entry.startswith(PAPERS) else ""


def terms_of(wheel: Wheel) -> str:
    """The terms a wheel names: an SPDX expression, else its own words, else its classifier's, else where they stand."""
    said = wheel.metadata["License-Expression"] or wheel.metadata["License"]
    said = "" if said and "\n" in said else said  # some put their whole licence there
    classifiers = [each for each in wheel.metadata.get_all("Classifier", []) if each.startswith("License ::")]
    if not said and classifiers:
        return classifiers[0].rpartition(" :: ")[2]
    return str(said or f"as in licenses/{wheel.name}-{wheel.version}")
