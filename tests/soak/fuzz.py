"""Fuzz every parser of foreign bytes with atheris: `PYTHONPATH=tests python -m soak.fuzz --minutes 10`, or `--target x`.

Each target runs in a process of its own, two at a time. What is found is written to `.soak/findings/<target>/`, each
input with what it did; `--target x --input FILE` does it again. The exit code is 1 when anything was found.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soak.target import Target

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = ROOT / ".soak"
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own within; a node's files are written for every input
AT_ONCE = 2
HANG_SECONDS = 60  # by the clock, on a machine that may be busy; `target.SLOW_SECONDS` counts the processor's time
MEGABYTES = 1024
MOST_STARTS = 20
MOST_FINDINGS = 20


def fuzz_one(name: str, seconds: int) -> None:
    """Fuzz one target in this process, which libFuzzer ends."""
    import atheris

    with atheris.instrument_imports(include=["amanat"], enable_loader_override=False):
        from soak.table import TARGETS
    from soak.alter import altered
    from soak.target import run

    target = TARGETS[name]
    found: set[str] = set()

    def one_input(data: bytes) -> None:
        for finding in run(target, data):
            if finding.where not in found and len(found) < MOST_FINDINGS:
                found.add(finding.where)
                keep(name, data, finding.says)

    def change(data: bytes, longest: int, seed: int) -> bytes:
        chance = Random(seed)
        if chance.randrange(2):
            return bytes(atheris.Mutate(data, longest))
        return altered(target.form, data, chance)[:longest]

    with tempfile.TemporaryDirectory() as folder:
        corpus = HOME / "corpus" / name
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(target.inputs()):
            Path(folder, f"{number:04}").write_bytes(seed)
        atheris.Setup(_arguments(name, target, seconds, [str(corpus), folder]), one_input, custom_mutator=change)
        atheris.Fuzz()


def _arguments(name: str, target: "Target", seconds: int, folders: list[str]) -> list[str]:
    findings = HOME / "findings" / name
    findings.mkdir(parents=True, exist_ok=True)
    return [
        name,
        f"-max_total_time={seconds}",
        f"-timeout={HANG_SECONDS}",
        f"-report_slow_units={HANG_SECONDS}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-max_len={target.longest}",
        f"-artifact_prefix={findings}/",
        "-print_final_stats=1",
        *folders,
    ]


def keep(name: str, data: bytes, says: str) -> None:
    """Write down an input and what it did."""
    folder = HOME / "findings" / name
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"input-{hashlib.sha256(data).hexdigest()[:16]}"
    file.write_bytes(data)
    again = f"PYTHONPATH=tests python -m soak.fuzz --target {name} --input {file.relative_to(ROOT)}"
    file.with_suffix(".txt").write_text(f"{again}\n\n{says}", "utf-8")


def watched(name: str, minutes: float) -> str:
    """Fuzz one target for its time, beginning again where an input ended the process; return the line that sums it up."""
    log = HOME / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    begun, starts = time.monotonic(), 0
    before = set(_found(name))
    while (left := round(begun + 60 * minutes - time.monotonic())) > 0 and starts < MOST_STARTS:
        starts += 1
        command = [sys.executable, "-m", "soak.fuzz", "--target", name, "--seconds", str(left)]
        with log.open("ab") as out, tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as scratch:
            own = {**os.environ, "TMPDIR": scratch}
            subprocess.run(command, cwd=ROOT, env=own, stdout=out, stderr=out, check=False)  # noqa: S603 - this file
    said = log.read_text("utf-8", "replace")
    tried = sum(map(int, re.findall(r"stat::number_of_executed_units: ([0-9]+)", said)))
    tried += sum(_last_count(part) for part in said.split("INFO: seed corpus")[1:] if "stat::number" not in part)
    covered = [int(number) for number in re.findall(r"\bcov: ([0-9]+)", said)] or [0]
    corpus = len(list((HOME / "corpus" / name).glob("*")))
    new = set(_found(name)) - before
    return (
        f"{name}: {time.monotonic() - begun:.0f} s, {tried} executions, corpus {corpus}, "
        f"coverage {covered[0]} -> {covered[-1]}, {len(new)} findings"
        + (f" after {starts} starts" if starts > 1 else "")
    )


def _last_count(part: str) -> int:
    """How many inputs a process that was ended had tried."""
    return max(map(int, re.findall(r"^#([0-9]+)\t", part, re.MULTILINE)), default=0)


def _found(name: str) -> list[Path]:
    return [path for path in (HOME / "findings" / name).glob("*") if path.suffix != ".txt"]


def again(name: str, file: Path) -> int:
    """Give one input to a target, without atheris."""
    from soak.table import TARGETS
    from soak.target import run

    findings = list(run(TARGETS[name], file.read_bytes()))
    for finding in findings:
        print(finding.where, finding.says, sep="\n")
    return 1 if findings else 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Fuzz every parser of foreign bytes.")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each target")
    parser.add_argument("--target", action="append", help="only this one; repeatable")
    parser.add_argument("--seconds", type=int, help="fuzz the one target in this very process")
    parser.add_argument("--input", type=Path, help="give the one target this input, once")
    given = parser.parse_args()
    if given.input:
        return again(given.target[0], given.input)
    if given.seconds:
        fuzz_one(given.target[0], given.seconds)
        return 0
    from soak.table import TARGETS

    names = given.target or list(TARGETS)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT / "tests"), os.environ.get("PYTHONPATH"))))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for line in pool.map(lambda name: watched(name, given.minutes), names):
            print(line, flush=True)
    left = [str(path.relative_to(ROOT)) for name in names for path in _found(name)]
    print(*(["found, each with how to do it again beside it:", *left] if left else ["nothing found"]), sep="\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
