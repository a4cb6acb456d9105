"""An operator's day as scripts: each `*.txt` here is run from the top, command by command, in an empty folder.

How a script reads:

    # talk to the reader
    $ amanat send -C pk report.json …     run it; `> FILE` at the end keeps its stdout, any other command is the shell's
    pk:{ID}                               a line of stdout, all of which is given; {ID} is what `$ID` means from here on
    ! Logged at 0; waiting for af.…       a line of stderr, all of which is given or none; `…` is any text
    ...                                   any lines
    < y                                   what is typed
    [1]                                   its exit code, if not 0
    @ 62 days later                       from here on, counted from today

Every script but `ceremony.txt` begins where that one ended. `$PORT` serves the script's folder on the loopback.
"""

import io
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from amanat import node
from amanat.cli import main
from amanat.demo.reports import reports
from amanat.workspaces.intelligence.kinds import REPORT
from cheap import cheap_keys

HERE = Path(__file__).parent
CEREMONY = HERE / "ceremony.txt"
ENDS_WITHIN = 0.01  # seconds in which a server that is to end sees it; else half a second for each script
SCRIPTS = [CEREMONY, *sorted(set(HERE.glob("*.txt")) - {CEREMONY})]


@dataclass
class Step:
    """One command of a script, and what is to come of it."""

    line: int
    command: str
    stdout: list[str] = field(default_factory=list)
    stderr: list[str] = field(default_factory=list)
    typed: str = ""
    code: int = 0


def steps(script: Path) -> Iterator[Step]:
    """Read a script."""
    step: Step | None = None
    for number, line in enumerate(script.read_text("utf-8").splitlines(), 1):
        if line.startswith(("$ ", "@ ")):
            if step:
                yield step
            step = Step(number, line.removeprefix("$ "))
        elif step and line and not line.startswith("#"):
            read(line, step)
    if step:
        yield step


def read(line: str, step: Step) -> None:
    """Read one line of what is to come of a command."""
    if line.startswith("! "):
        step.stderr.append(line[2:])
    elif line.startswith("< "):
        step.typed += line[2:] + "\n"
    elif re.fullmatch(r"\[\d+\]", line):
        step.code = int(line[1:-1])
    else:
        step.stdout.append(line)


def pattern(expected: list[str], said: dict[str, str]) -> re.Pattern[str]:
    """What the lines of one stream are to match."""
    made = ""
    for line in expected:
        if line == "...":
            made += r"(?:.*\n)*?"
            continue
        for part in re.split(r"(…|\{[A-Z]+\}|\$[A-Z]+)", line):
            if part == "…":
                made += ".*"
            elif re.fullmatch(r"\{[A-Z]+\}", part):
                made += rf"(?P<{part[1:-1]}>[\w.+/=-]+)"
            else:
                made += re.escape(said[part[1:]] if re.fullmatch(r"\$[A-Z]+", part) else part)
        made += r"\n"
    return re.compile(made)


def later(days: int) -> datetime:
    """What the clock of a node says that many days from now."""
    return datetime.now(UTC) + timedelta(days=days)


def run(step: Step, said: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    """Run one command: (exit code, stdout, stderr)."""
    command = re.sub(r"\$([A-Z]+)", lambda named: said.get(named[1], named[0]), step.command)
    if command.startswith("@ "):
        monkeypatch.setattr(node, "now", partial(later, int(command.split()[1])))
        return 0, "", ""
    if not command.startswith("amanat "):
        done = subprocess.run(command, shell=True, capture_output=True, text=True)  # noqa: S602, PLW1510 - a script of ours
        return done.returncode, done.stdout, done.stderr
    command, _, kept = command.partition(" > ")
    streams = {"stdin": io.StringIO(step.typed), "stdout": io.StringIO(), "stderr": io.StringIO()}
    with monkeypatch.context() as patched:
        for name, stream in streams.items():
            patched.setattr(sys, name, stream)
        code = main(shlex.split(command)[1:])
    out = streams["stdout"].getvalue()
    if kept:
        Path(kept).write_text(out, "utf-8")
    return code, "" if kept else out, streams["stderr"].getvalue()


def play(script: Path, said: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a script in the current folder, and hold what comes of each command against what is written there."""
    for step in steps(script):
        code, out, err = run(step, said, monkeypatch)
        told = f"{script.name}:{step.line}: $ {step.command}\n{out}{err}[{code}]"
        assert code == step.code, told
        for given, expected in ((out, step.stdout), (err, step.stderr)):
            if expected is step.stderr and not expected:
                continue
            matched = pattern(expected, said).fullmatch(given)
            assert matched, "\n".join((told, "is not:", *expected))
            said |= matched.groupdict()


@pytest.fixture(scope="module")
def ceremony(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The folder in which the ceremony was held, and what its script captured."""
    folder, said = tmp_path_factory.mktemp("ceremony"), dict[str, str]()
    (folder / "pass").write_text("correct horse battery\n", "utf-8")
    (folder / "report.json").write_bytes(bytes(REPORT.examples[0].bundle))
    (folder / "person.json").write_bytes(reports("pk")[-1])
    with pytest.MonkeyPatch.context() as monkeypatch, cheap_keys():
        monkeypatch.chdir(folder)
        play(CEREMONY, said, monkeypatch)
    return folder, said


@pytest.fixture
def port(tmp_path: Path) -> Iterator[str]:
    """The port of a server on the loopback that serves the script's folder."""
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with HTTPServer(("127.0.0.1", 0), partial(quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, args=(ENDS_WITHIN,), daemon=True).start()
        yield str(server.server_port)
        server.shutdown()


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let these tests connect to the loopback, where a log is published, and nowhere else."""
    connect = socket.socket.connect

    def refuse_all_else(sock: socket.socket, address: tuple[str, int]) -> None:
        assert address[0] == "127.0.0.1", f"this test tried to connect to {address}"
        connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", refuse_all_else)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse_all_else)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_the_day_goes_as_written(
    script: Path,
    ceremony: tuple[Path, dict[str, str]],
    port: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if script == CEREMONY:
        return  # the fixture held it, or failed
    folder, said = ceremony
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    with cheap_keys():
        play(script, {**said, "PORT": port}, monkeypatch)
