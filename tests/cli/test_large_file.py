"""A file of 200 MiB goes from one party to the other through the real commands, in memory that does not grow with it."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from amanat import node
from amanat.demo.cast import close, compact_text, introduce, join_all, make_party, passphrase, sign_compact
from amanat.demo.reports import reports
from cheap import CHEAP

MIB = 1024 * 1024
LARGE, SMALL = 200 * MIB, 1 * MIB
GROWTH = 32 * MIB
PROGRAM = """
import resource, sys
from amanat.cli import main
code = main(sys.argv[1:])
sys.stderr.write(f"\\n{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}")
sys.exit(code)
"""
HANDLING = {
    "codes": ["H1", "H2"],
    "legal_basis": "duty-to-warn",
    "grading": {"scheme": "4x4", "source": "B", "information": "2"},
    "custody_risk": {"torture": "low", "death_penalty": "none", "not_obtained_by_torture": True, "basis": "invented"},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders of pk, af and obs, which have joined a compact, and what pk sends."""
    monkeypatch.setattr(node, "COST", CHEAP)
    cast = {code: make_party(code, tmp_path / code) for code in ("pk", "af", "obs")}
    introduce(cast)
    join_all(cast, sign_compact(cast, compact_text(cast)))
    close(cast)
    for code in cast:
        (tmp_path / f"{code}.pass").write_text(passphrase(code) + "\n", "utf-8")
    (tmp_path / "report.json").write_bytes(reports("pk")[-1])
    (tmp_path / "report.handling").write_text(json.dumps(HANDLING), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def amanat(party: str, *words: str) -> tuple[str, int]:
    """Run a command in a process of its own; return what it printed, and the most memory it had, in bytes."""
    words = (*words, "-C", party, "--passphrase-file", f"{party}.pass")
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert done.returncode == 0, done.stderr
    return done.stdout, int(done.stderr.rpartition("\n")[2])


def sent(folder: Path, size: int) -> list[int]:
    """Carry a file of that size from pk to af; return the memory that each command took."""
    name = f"{size // MIB}.mp4"
    unit, digest = bytes(range(256)) * (MIB // 256), hashlib.sha256()
    with (folder / name).open("wb") as file:
        for number in range(size // MIB):
            piece = number.to_bytes(8, "big") + unit[8:]
            file.write(piece)
            digest.update(piece)
    to = ("--compact", "pk-af", "--to", "af", "--post", "torkham/duty", "--exercise", "--handling", "report.handling")
    held, first = amanat("pk", "send", "report.json", "--attach", name, *to, "--json")
    said = json.loads(held)
    _, second = amanat("pk", "approve", said["id"], "--digest", said["digest"], "--post", "torkham/commander")
    _, third = amanat("pk", "bundle", "export", "--to", "af", "--out", f"{name}.bundle")
    (folder / name).unlink()
    _, fourth = amanat("af", "bundle", "import", f"{name}.bundle")
    (folder / f"{name}.bundle").unlink()
    _, fifth = amanat("af", "save", f"pk:{said['id']}", "--out", name)
    with (folder / name).open("rb") as file:
        assert hashlib.file_digest(file, "sha256").digest() == digest.digest()
    amanat("af", "bundle", "export", "--to", "pk", "--out", f"{name}.answer")
    amanat("pk", "bundle", "import", f"{name}.answer")
    return [first, second, third, fourth, fifth]


def test_memory_does_not_grow_with_the_file(folder: Path) -> None:
    small = sent(folder, SMALL)
    large = sent(folder, LARGE)
    grown = [after - before for before, after in zip(small, large, strict=True)]
    assert max(grown) < GROWTH, [each // MIB for each in grown]
