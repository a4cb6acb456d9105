"""What a command says and asks: data to stdout, talk to stderr, passphrases by prompt or file.

Law: whatever is printed may quote the other party, so characters that could rule a terminal are shown as escapes.
"""

import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from amanat.party.errors import Invalid

MIN_PASSPHRASE = 8
_KEPT = frozenset("\n\t\u200c\u200d")  # the joiners are letters of Urdu, Pashto and Dari as they are written


def show(text: str) -> None:
    """Print data to stdout."""
    sys.stdout.write(_safe(text) + "\n")


def show_json(value: object) -> None:
    """Print one JSON object on one line of stdout."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def show_rows(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table to stdout: ruled and folded for a terminal, one line a row for a pipe."""
    if not sys.stdout.isatty():
        for row in rows:
            show("  ".join(row))
        return
    table = Table(*headings, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_safe(cell) for cell in row))
    Console(markup=False, highlight=False).print(table)


def as_json(data: bytes) -> msgspec.Raw:
    """Return JSON bytes to stand inside `show_json` as they are."""
    return msgspec.Raw(data)


def say(text: str) -> None:
    """Tell the operator something, on stderr."""
    sys.stderr.write(_safe(text) + "\n")


def fail(says: str, mend: str) -> None:
    """Print an error and what to do about it, on stderr; a refusal and a bug look the same, the exit code differs."""
    say(f"error: {says}")
    say(f"hint: {mend}")


def track(items: Iterable[Any], doing: str, total: int | None = None) -> Iterator[Any]:
    """Yield the items while a bar on stderr says how far it is; on anything but a terminal it is silent."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield from progress.track(items, total=total, description=doing)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be taken back; `yes` answers beforehand. Raises `typer.Abort` on no."""
    if not yes:
        typer.confirm(question, abort=True, err=True)


def passphrase(file: Path | None, what: str, *, new: bool = False) -> str:
    """Return a passphrase from the first line of a file, or ask for it (twice if new). Raises `Invalid` if short."""
    if file is None:
        text = typer.prompt(f"Passphrase of {what}", hide_input=True, confirmation_prompt=new, err=True)
    else:
        text = file.read_text("utf-8").split("\n", 1)[0].rstrip("\r")
    if new and len(text) < MIN_PASSPHRASE:
        raise Invalid(
            "passphrase.short",
            f"A passphrase has at least {MIN_PASSPHRASE} characters; this one has {len(text)}.",
            "Take five or six words drawn by dice.",
        )
    return str(text)


def read_file(path: Path, limit: int = 4 * 1024 * 1024) -> bytes:
    """Read a whole file of at most `limit` bytes. Raises `Invalid` when it is larger."""
    if path.stat().st_size > limit:
        raise Invalid(
            "file.size", f"{path} has {path.stat().st_size} bytes; at most {limit} are read.", "Give the right file."
        )
    return path.read_bytes()


def refuse_overwriting(path: Path) -> None:
    """Raise `Invalid` when the file stands already; what people signed is never overwritten by the way."""
    if os.path.lexists(path):
        raise Invalid("file.exists", f"{path} exists already.", "Name another file, or move that one away.")


def _safe(text: str) -> str:
    return "".join(
        char if char in _KEPT or unicodedata.category(char) not in ("Cc", "Cf") else _escape(char) for char in text
    )


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}"
