"""What only a real process shows: a terminal without echo, Ctrl-C, a pipe that closes, a full disk, a fault of ours."""

import os
import pty
import subprocess
import sys
from pathlib import Path

AMANAT = (sys.executable, "-c", "import sys; from amanat.cli import main; sys.exit(main())")
TYPED = "correct horse battery"


def on_terminal(arguments: tuple[str, ...], typed: list[bytes], folder: Path) -> tuple[int, str]:
    """Run a command on a terminal of its own, typing each line once its question stands: (exit code, the screen)."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execv(sys.executable, [*AMANAT, *arguments])  # noqa: S606 - our own command, on a terminal
    screen = b""
    try:
        for line in typed:
            while not screen.endswith(b": "):
                screen += os.read(terminal, 1024)
            os.write(terminal, line)
            screen += os.read(terminal, 1024)
        while part := os.read(terminal, 1024):
            screen += part
    except OSError:  # how Linux says that nobody is left at the other end
        pass
    finally:
        os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), screen.decode()


def run(arguments: tuple[str, ...], stdout: int) -> subprocess.CompletedProcess[str]:
    """Run a command whose stdout goes to a file descriptor."""
    return subprocess.run([*AMANAT, *arguments], stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603


def test_a_passphrase_is_asked_for_twice_and_never_shown(tmp_path: Path) -> None:
    line = f"{TYPED}\n".encode()
    code, screen = on_terminal(("custodian", "create", "--out", "new.key"), [line, line], tmp_path)
    assert code == 0
    assert "Passphrase of the new key new.key" in screen
    assert TYPED not in screen
    assert (tmp_path / "new.key").is_file()


def test_a_new_passphrase_typed_two_ways_is_an_error_like_any_other(tmp_path: Path) -> None:
    typed = [f"{TYPED}\n".encode(), b"another one\n"]
    code, screen = on_terminal(("custodian", "create", "--out", "new.key"), typed, tmp_path)
    assert code == 2
    assert "error: The two passphrases typed differ.\r\nhint: " in screen
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_stops_without_a_traceback_and_leaves_nothing(tmp_path: Path) -> None:
    code, screen = on_terminal(("custodian", "create", "--out", "new.key"), [b"\x03"], tmp_path)
    assert code == 2
    assert "error: Stopped." in screen
    assert "Traceback" not in screen
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_in_the_middle_of_work_says_the_same() -> None:
    waiting = "import sys, os, amanat.cli as c; c.kind.all_kinds = lambda: os.kill(os.getpid(), 2); "
    waiting += "sys.exit(c.main(['kind', 'list']))"
    done = subprocess.run([sys.executable, "-c", waiting], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 2
    assert done.stderr.startswith("error: Stopped.\nhint: ")


def test_a_reader_that_has_read_enough_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = run(("kind", "schema", "intelligence.report"), writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_is_said_and_is_not_success() -> None:
    with Path("/dev/full").open("w") as full:
        done = run(("kind", "list"), full.fileno())
    assert done.returncode == 4
    assert done.stderr.startswith("error: No space left on device.\nhint: ")
    assert "Traceback" not in done.stderr


def test_a_fault_of_ours_ends_with_its_own_code_and_all_an_engineer_needs() -> None:
    """Python would end with 1, and 1 says that the compact refused."""
    broken = "import sys, amanat.cli as c; c.kind.all_kinds = lambda: [][0]; sys.exit(c.main(['kind', 'list']))"
    done = subprocess.run([sys.executable, "-c", broken], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 4
    assert "IndexError" in done.stderr
    assert done.stderr.splitlines()[-2] == "error: This is a fault of ours."
