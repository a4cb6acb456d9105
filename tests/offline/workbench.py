"""An archive as its builder makes it, and what an operator does with it: build, unpack, alter, install.

Law: everything is done by the programs that builders and operators use; the archive is built once for all tests, with
wheels for the Python that runs here and one other.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

Environment = Mapping[str, str]
ROOT = Path(__file__).resolve().parents[2]
OURS = "{}.{}".format(*sys.version_info)
PYTHONS = (OURS, "3.14" if OURS != "3.14" else "3.13")
NOTHING: Mapping[str, str] = {}
NO_NETWORK = ("unshare", "--map-root-user", "--net")  # a namespace in which there is not even a loopback


def run(*command: str | Path, code: int = 0, folder: Path = ROOT, environment: Environment = NOTHING) -> str:
    """Give a command, see that it ends with a code, and return what it said."""
    done = subprocess.run(  # noqa: S603 - commands are this folder's own
        command,
        cwd=folder,
        env={**os.environ, **environment},
        check=False,
        text=True,
        stdout=-1,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


def new_key(path: Path) -> Path:
    """Make a key that signs archives."""
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path)
    return path


def fingerprint(key: Path) -> str:
    """Return a key's fingerprint, as an operator is told it."""
    return run("ssh-keygen", "-l", "-f", key).split()[1]


def build(out: Path, key: Path | None = None, environment: Environment = NOTHING) -> Path:
    """Build an archive, unpack it beside itself as an operator would, and return its folder."""
    signed = ("--signing-key", key) if key else ()
    pythons = [option for python in PYTHONS for option in ("--python", python)]
    run(sys.executable, "offline/archive.py", "--out", out, *signed, *pythons, environment=environment)
    (archive,) = out.glob("amanat-*-offline-linux-*.tar.gz")
    run("tar", "--extract", "--gzip", "--file", archive, "--directory", out)
    return out / archive.name.removesuffix(".tar.gz")


@contextmanager
def shared(folder: Path) -> Iterator[bool]:
    """Hold a folder that the tests' processes share; tells whether it is new, for whoever comes first to fill it."""
    folder.mkdir(exist_ok=True)
    with (folder / "held").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        filled = folder / "filled"
        yield not filled.exists()
        filled.touch()


def copy(archive: Path, folder: Path) -> Path:
    """Return a copy of an unpacked archive that may be altered file by file."""
    return Path(shutil.copytree(archive, folder / archive.name, copy_function=os.link))


def replace(path: Path, data: bytes) -> None:
    """Put other bytes in a file's place; its copies elsewhere stay as they are."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def seal_again(folder: Path, key: Path | None) -> None:
    """Take the sums of an altered archive and sign them, as a builder would who had these files."""
    (folder / "SHA256SUMS.sig").unlink()
    listed = [line.split()[1] for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines()]
    replace(folder / "SHA256SUMS", run("sha256sum", *listed, folder=folder).encode())
    if key:
        run("ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", "amanat-release", folder / "SHA256SUMS")


def install(archive: Path, prefix: Path, *options: str, code: int = 0, environment: Environment = NOTHING) -> str:
    """Install an unpacked archive where there is no network, and return what install.sh said."""
    command: tuple[str | Path, ...] = ("sh", archive / "install.sh", "--prefix", prefix, *options)
    return run(*NO_NETWORK, *command, code=code, environment=environment)


def pull_the_plug(archive: Path, prefix: Path, *options: str) -> None:
    """Begin to install, and kill all of it as soon as it has begun to lay the program down."""
    command: tuple[str | Path, ...] = ("sh", archive / "install.sh", "--prefix", prefix, *options)
    version = next(
        line for line in (archive / "carries").read_text("utf-8").splitlines() if line.startswith("version ")
    )
    with subprocess.Popen(command, process_group=0, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - as above
        while not (prefix / version.split()[1] / "venv" / "bin" / "pip").exists():
            assert process.poll() is None, "it ended before anything was laid down"
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
