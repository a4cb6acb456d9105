"""The command line `amanat`: its manners, its commands, and the one boundary where errors become exit codes.

Manners
- stdout carries data and nothing else: what was asked for, one thing a line. With `--json`, one JSON object, or one a line.
- stderr carries talk: what was done, questions, progress bars (only on a terminal).
- An error is two lines on stderr, `error: …` and `hint: …`; nobody is shown a traceback for what a file or a person did.
- Exit codes: 0 done; 1 refused by the compact or a floor; 2 usage, or input that is not what it must be;
  3 a check failed (`verify`, `log audit`); 4 our own fault, or the disk's.
- Passphrases are never arguments: they are asked for, or read by `--passphrase-file`.
- What cannot be taken back shows first what it will do and asks, unless `--yes`.
- No file is overwritten, except a statement that gains a signature and a folder that a log is published to.
"""

from collections.abc import Sequence

import typer
from sqlalchemy.exc import OperationalError

from amanat.cli import bundle, compact, custodian, demo, disclosure, kind, log, party, reading, record, verify
from amanat.cli.failed import CheckFailed
from amanat.cli.screen import fail
from amanat.log.malformed import Malformed
from amanat.party.errors import Fault, Invalid, Refused, Unreachable

OK, REFUSED, INVALID, FAILED, FAULT = range(5)

app = typer.Typer(
    name="amanat",
    help="Two states exchange reports that neither can later deny, alter or quietly drop.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for commands in (custodian, party, compact, bundle, log, verify, kind):
    app.add_typer(commands.app)
for register in (record.register, reading.register, disclosure.register, demo.register):
    register(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        done = app(args=arguments, prog_name="amanat", standalone_mode=False)
    except Refused as problem:
        fail(f"{problem.says} ({problem.by})", problem.mend)
        return REFUSED
    except CheckFailed as failure:
        fail(failure.says, failure.mend)
        return FAILED
    except (Invalid, Malformed) as problem:
        fail(problem.says, problem.mend)
        return INVALID
    except (Fault, Unreachable) as problem:
        fail(problem.says, problem.mend)
        return FAULT
    except typer.TyperException as error:
        fail(error.format_message(), _usage(error))
        return INVALID
    except (typer.Abort, KeyboardInterrupt):
        fail("Stopped; nothing was changed.", "Give the command again when you are ready.")
        return INVALID
    except (OSError, OperationalError) as error:
        fail(str(error).splitlines()[0], "See to the file, the disk or its rights; nothing was half-done.")
        return FAULT
    return done if isinstance(done, int) else OK


def _usage(error: typer.TyperException) -> str:
    """Name the help page of the command that was meant."""
    context = getattr(error, "ctx", None)
    path = context.command_path if isinstance(context, typer.Context) else "amanat"
    return f"See `{path} --help`."
