"""The real `amanat` in processes whose plug is pulled while they work, in the folders of three parties that have met.

Law: what is killed is the command as an operator gives it. Python loads the program once, in a process from which that
of each command is forked as it begins: so every moment drawn falls into a command's work, and none into the loading.
There an import commits every 32 envelopes, so that it takes few of them to be cut off between two commits.
"""

import ctypes
import gc
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

import amanat
from amanat import node, settings
from amanat.cli import main
from amanat.compact.terms import defaults
from amanat.demo import cast
from amanat.exchange import receive
from amanat.exchange.bundle import Item
from amanat.exchange.outbox import deliver
from amanat.exchange.peer_client import NONCE_PATH
from amanat.exchange.send import Pending, send
from amanat.officer.audit import LOG
from amanat.record.record import Draft, Post
from amanat.workspaces import find
from amanat.workspaces.intelligence.kinds import REPORT
from cheap import cheap_keys

Database = dict[str, list[dict[str, Any]]]  # rows by table
BATCH = 32
PR_SET_PTRACER = 0x59616D61  # of Linux's Yama
POST = Post("pk", "torkham/duty")
PROGRAM = ("amanat.cli", "typer._adapters", "cryptography.hazmat.backends.openssl.backend")  # and all workspaces
IN_FOLDERS: Mapping[str, str] = {}
# What differs whenever the same is done again: times, and what is signed with them.
_VOLATILE = {
    ("refusal", "data"),
    ("record", "read_by"),
    *((table, "expires") for table in ("record", "evidence")),
}
_VOLATILE_ANYWHERE = {"at", "until", "note"}


# --- the folders ------------------------------------------------------------------------------------------------------


def furnish(folder: Path, reports: int, places: Mapping[str, str] = IN_FOLDERS) -> list[Pending]:
    """Make three parties' folders that hold the same compact, where pk has sent reports to af; return those.

    A party's database is on a server where its address is among `places`.
    """
    for code, address in places.items():
        (folder / code).mkdir(parents=True)
        (folder / code / settings.FILE).write_text(f'database = "{address}"\n', "utf-8")
    with cheap_keys():
        met = {code: cast.make_party(code, folder / code) for code in cast.NAMES}
    cast.introduce(met)
    cast.join_all(met, cast.sign_compact(met, cast.compact_text(met)))
    terms, pk = cast.terms_of(met["pk"]), met["pk"].means
    handling = defaults(terms, REPORT.name, pk.now())
    draft = Draft(REPORT.label, REPORT.examples[0], ("af",), handling, terms.digest, exercise=True)
    sent = [each for each in send([draft] * reports, POST, pk) if isinstance(each, Pending)]
    for code in met:
        (folder / f"{code}.pass").write_text(cast.passphrase(code), "utf-8")
    (folder / "report.json").write_bytes(bytes(REPORT.examples[0].bundle))
    cast.close(met)
    return sent


def stick(folder: Path, name: str, change: Callable[[list[Item]], list[Item]]) -> None:
    """Write a bundle from pk to af, changed on its way."""
    means = node.open_node(folder / "pk", cast.passphrase("pk"))
    with deliver("af", means) as items:
        cast.write_bundle(folder / name, "pk", "af", change(list(items)))
    means.engine.dispose()


def give(folder: Path, command: str) -> "Run":
    """Give a command in a folder, in this process."""
    said = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(receive, "BATCH", BATCH)
        patched.chdir(folder)
        for name, stream in said.items():
            patched.setattr(sys, name, stream)
        code = main(command.split())
    gc.collect()  # a process of its own would end here, and close its database
    return Run(code, said["stdout"].getvalue(), said["stderr"].getvalue(), 0)


def stands(party: Path) -> Database:
    """All that a party's database holds but for times and what is signed with them, as it would be reopened now.

    What commands were given is left out too: a command given again is noted again.
    A copy is reopened: what a killed process left is for the next command to find as it is.
    """
    with TemporaryDirectory() as copy:
        for file in party.glob(f"{node.DATABASE}*"):
            shutil.copy(file, copy)
        database = sqlite3.connect(Path(copy) / node.DATABASE)
        try:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {table: _rows(database, table) for table in tables}
        finally:
            database.close()


def _rows(database: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    kept = [name for name in columns if name not in _VOLATILE_ANYWHERE and (table, name) not in _VOLATILE]
    rows = database.execute(f"SELECT {', '.join(kept)} FROM {table}")  # noqa: S608 - names of its own
    found = [dict(zip(kept, row, strict=True)) for row in rows]
    own = (row for row in found if table != LOG and row.get("log") != LOG)
    return sorted((row for row in own if (table, row.get("name")) != ("mark", "audit")), key=repr)  # who looked, when


# --- the processes ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """What came of one command: its exit code, negative for a signal, what it said, and how long it took."""

    code: int
    out: str
    err: str
    seconds: float


class Outlet:
    """The process from which commands are forked; `after` so many seconds of a command its plug is pulled."""

    def __init__(self, load: Sequence[str] = ()) -> None:
        """Load the program, what every command loads once it is given, and `load`."""
        self._server = subprocess.Popen(  # noqa: S603 - this file
            [sys.executable, "-B", __file__, *PROGRAM, *load],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(str(Path(__file__).parents[1])),
        )

    def run(self, folder: Path, command: str, after: float | None = None, ports: Sequence[int] = ()) -> Run:
        """Give one command in a folder; `after` counts from when a node answers at each of those ports."""
        assert self._server.stdin
        assert self._server.stdout
        print(json.dumps([str(folder), command.split(), after, ports]), file=self._server.stdin, flush=True)
        status, seconds = json.loads(self._server.stdout.readline())
        code = os.waitstatus_to_exitcode(status)
        return Run(code, (folder / "stdout").read_text("utf-8"), (folder / "stderr").read_text("utf-8"), seconds)

    @contextmanager
    def watched(self, *options: str) -> Iterator[None]:
        """Let strace watch the commands that are given while the block runs."""
        watching = [require_strace(), "-f", "-p", str(self._server.pid), "-o", "/dev/null", *options]
        with subprocess.Popen(watching, stderr=subprocess.PIPE, text=True) as strace:  # noqa: S603 - as above
            assert strace.stderr
            assert "attached" in strace.stderr.readline()
            try:
                yield
            finally:
                strace.send_signal(signal.SIGINT)

    def close(self) -> None:
        """End the process; it has no command left."""
        with self._server:
            pass  # which closes what it reads, and so ends it


@contextmanager
def outlet(load: Sequence[str] = ()) -> Iterator[Outlet]:
    """An outlet for as long as it is used."""
    made = Outlet(load)
    try:
        yield made
    finally:
        made.close()


def require_strace() -> str:
    """Return where strace is; without it nobody can see what a program asks of the disk."""
    found = shutil.which("strace")
    assert found, "strace is not installed: `apt-get install strace` (or your system's way), then `make test` again"
    return found


def traced(folder: Path, command: str, *options: str) -> Run:
    """Give one command in a folder under strace, whose trace is written to the file `trace` there."""
    program = "import sys; from amanat.cli import main; sys.exit(main())"
    watched = [require_strace(), "-f", "--seccomp-bpf", "-y", "-s", "80", "-o", str(folder / "trace"), *options]
    begun = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - as above
        [*watched, sys.executable, "-B", "-c", program, *command.split()],  # -B: it writes nothing of its own
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr, time.perf_counter() - begun)


def environment(*besides: str) -> dict[str, str]:
    """Ours, with the very program that is tested, and output that waits in its buffer as an operator's does.

    Modules are found in these folders too.
    """
    given = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return given | {"PYTHONPATH": os.pathsep.join([str(Path(amanat.__file__).parents[1]), *besides])}


def _serve() -> Sequence[str] | None:
    """Fork a process for each command that is read; return its arguments in that process, and None at the end."""
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(-1))  # where only parents may watch, let strace do so too
    for line in sys.stdin:
        folder, arguments, after, ports = json.loads(line)
        begun = time.perf_counter()
        pid = os.fork()
        if not pid:
            os.setpgid(0, 0)  # of its own, with whatever it begins
            os.chdir(folder)
            for descriptor, name in ((0, os.devnull), (1, "stdout"), (2, "stderr")):
                os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644), descriptor)
            return list(arguments)
        if after is not None:
            _reached(ports)
            time.sleep(after)
            os.killpg(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(json.dumps([status, time.perf_counter() - begun]) + "\n")
        sys.stdout.flush()
    return None


def _reached(ports: Sequence[int]) -> None:
    """Wait until a node answers at each port, half a minute at the most."""
    until = time.monotonic() + 30
    while time.monotonic() < until and not all(map(_answers, ports)):
        time.sleep(0.01)


def _answers(port: int) -> bool:
    """Whether a node does; one that is still being opened listens already."""
    asking = HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        asking.request("GET", NONCE_PATH)
        return asking.getresponse().status == HTTPStatus.NO_CONTENT
    except (OSError, HTTPException):
        return False
    finally:
        asking.close()


if __name__ == "__main__":
    vars(receive)["BATCH"] = BATCH
    for each in sys.argv[1:]:
        import_module(each)
    find()
    given = _serve()
    sys.exit(0 if given is None else main(given))
