"""The command line `amanat`: its manners, its commands, and the one boundary where errors become exit codes.

Manners
- stdout carries data and nothing else: what was asked for, one thing a line. With `--json`, one JSON object, or one a line.
- stderr carries talk: what was done, what to type next, questions, progress bars (only on a terminal).
- An error is two lines on stderr, `error: …` and `hint: …`; nobody is shown a traceback for what a file or a person did.
- Exit codes: 0 done; 1 refused by the compact or a floor; 2 usage, input that is not what it must be, or a question
  answered no; 3 a check failed (`verify`, `log audit`, `audit`, `doctor`, `node reconcile`, `demo`); 4 our own fault, the
  disk's, or a line that does not answer; 10 a receipt that holds and is provisional yet (`verify receipt`, as
  `docs/protocol/check_receipt.py` ends too).
- Passphrases and passwords are never arguments: they are asked for without echo, or read by `--passphrase-file` and
  `--password-file`.
- What cannot be taken back shows first what it will do and asks, unless `--yes`.
- No file is overwritten, except a statement that gains a signature and a folder that a log is published to.
- Every command begins its help with a short sentence and ends it with an example.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from types import TracebackType
from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError

from amanat.cli import (
    attachment,
    audit,
    bundle,
    compact,
    custodian,
    demo,
    disclosure,
    doctor,
    ending,
    kind,
    log,
    node,
    officer,
    party,
    peer,
    reading,
    record,
    token,
    verify,
)
from amanat.cli.failed import CheckFailed
from amanat.cli.mends import mend
from amanat.cli.screen import fail, show
from amanat.log.malformed import Malformed
from amanat.party.errors import Fault, Problem, Refused, Unreachable

OK, REFUSED, INVALID, FAILED, FAULT = range(5)
INTERRUPTED = 130  # typer's own, for Ctrl-C

app = typer.Typer(
    name="amanat",
    help="Two states exchange reports that neither can later deny, alter or quietly drop.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for operators in (custodian, party, compact, node, peer, bundle, log, verify, kind, officer, token):
    app.add_typer(operators.app)
for officers in (record, reading, attachment, ending, disclosure, audit, doctor, demo):
    officers.register(app)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer hands an option's value by position
    if wanted:
        show(version("amanat"))
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what is our own fault is raised, and ends in `FAULT` too."""
    try:
        done = app(
            args=(sys.argv[1:] if arguments is None else arguments) or ["--help"],
            prog_name="amanat",
            standalone_mode=False,
        )
        sys.stdout.flush()
    except (Problem, Malformed, CheckFailed) as problem:
        by = f" ({problem.by})" if isinstance(problem, Refused) else ""
        what = problem.mend if isinstance(problem, CheckFailed) else mend(problem)
        return _failed(_code(problem), f"{problem.says}{by}", what)
    except typer.TyperException as error:
        says = " ".join(error.format_message().split())  # typer lists choices over several lines
        return _failed(INVALID, says, f"See `{_meant(error)} --help`.")
    except (typer.Abort, KeyboardInterrupt):
        done = INTERRUPTED
    except (BrokenPipeError, SystemExit):  # typer leaves by SystemExit when whoever read us has read enough, only then
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        return _failed(FAULT, _disk(error), "See to the file, the disk or its rights, then give the command again.")
    except OperationalError as error:
        return _failed(FAULT, f"The database: {error.orig}.", "See to the disk and its rights; nothing was half-done.")
    finally:
        sys.excepthook = _fault
    if done == INTERRUPTED:
        return _failed(INVALID, "Stopped.", "What was said to be done is done; give the command again for the rest.")
    return done if isinstance(done, int) else OK


def _code(problem: Exception) -> int:
    match problem:
        case Refused():
            return REFUSED
        case CheckFailed():
            return FAILED
        case Fault() | Unreachable():
            return FAULT
        case _:
            return INVALID


def _failed(code: int, says: str, mend: str) -> int:
    fail(says, mend)
    return code


def _meant(error: typer.TyperException) -> str:
    """Name the command that was meant."""
    return str(getattr(getattr(error, "ctx", None), "command_path", "amanat"))


def _disk(error: OSError) -> str:
    """Say what the disk said, without the names of our own temporary files."""
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}."


def _fault(type_: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Let a fault of ours, which Python would end with 1, end with 4: 1 says that the compact refused."""
    traceback.print_exception(type_, error, trace)
    fail("This is a fault of ours.", "Send the lines above to whoever looks after this node.")
    raise SystemExit(FAULT)
