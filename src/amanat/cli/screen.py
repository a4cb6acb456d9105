"""What a command says and asks: data to stdout, talk to stderr, passphrases by prompt or file.

Law: whatever is printed may quote the other party, so characters that could rule a terminal are shown as escapes, and
in a table, an error or a line of JSON no text can begin a line of its own.
"""

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import msgspec
import typer
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from amanat.party.errors import Invalid

MIN_PASSPHRASE = 8
PATIENCE = 0.5  # seconds before a bar is shown: what is done sooner needs none
TITLE = 60  # columns of a title in a pipe
_JOINERS = "\u200c\u200d"  # letters of Urdu, Pashto and Dari as they are written
_UNSEEN = ("Cc", "Cf", "Zl", "Zp")


def show(text: str) -> None:
    """Print data to stdout."""
    sys.stdout.write(_safe(text, "\n\t") + "\n")


def show_json(value: object) -> None:
    """Print one JSON object on one line of stdout."""
    line = msgspec.json.format(msgspec.json.encode(value), indent=-1)
    sys.stdout.write(_safe(line.decode()) + "\n")


def show_body(data: bytes) -> None:
    """Print JSON that somebody wrote, indented for reading."""
    show(msgspec.json.format(data).decode())


def show_rows(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table to stdout: for a terminal folded, with its headings if any; in a pipe aligned, one line a row."""
    cells = [[_safe(cell) for cell in row] for row in rows]
    if on_terminal() and headings:
        table = Table(box=None, pad_edge=False)
        for column, heading in enumerate(headings):
            table.add_column(heading, no_wrap=column == 0, overflow="fold")  # what is typed again stands whole
        for row in cells:
            table.add_row(*row)
        Console(markup=False, highlight=False).print(table)
        return
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        sys.stdout.write("  ".join(map(str.ljust, row, widths)).rstrip() + "\n")


def show_records(rows: Sequence[Sequence[str]]) -> None:
    """Print records, each by its name, what is said of it, and last its title.

    In a pipe aligned, one line a record, its title cut; on a terminal two lines, so that the name stands whole and the
    rest is cut to the terminal's width. That there are none is said.
    """
    if not rows:
        say("Nothing.")
    if not on_terminal():
        show_rows((), [[*rest, _cut(title, TITLE)] for *rest, title in rows])
        return
    width = Console().width
    said = [[_safe(cell) for cell in cells] for _, *cells in rows]
    widths = [max(map(cell_len, column)) for column in zip(*said, strict=True)]
    for (name, *_), cells in zip(rows, said, strict=True):
        line = "  ".join(cell + " " * (wide - cell_len(cell)) for cell, wide in zip(cells, widths, strict=True))
        sys.stdout.write(f"{_safe(name)}\n{_cut(f'  {line}'.rstrip(), width)}\n")


def on_terminal() -> bool:
    """Whether somebody reads what is printed, and no program."""
    return sys.stdout.isatty()


def many(count: int, noun: str, plural: str = "") -> str:
    """Say how many: "1 act", "2 acts", "2 entries"."""
    return f"{count} {noun}" if count == 1 else f"{count} {plural or f'{noun}s'}"


def say(text: str) -> None:
    """Tell the operator something, on stderr."""
    sys.stderr.write(_safe(text, "\n\t") + "\n")


def fail(says: str, mend: str) -> None:
    """Print an error and what to do about it, on stderr; a refusal and a bug look the same, the exit code differs."""
    sys.stderr.write(f"error: {_safe(says)}\nhint: {_safe(mend)}\n")


@contextmanager
def bar(doing: str, total: int | None = None) -> Iterator[tuple[Progress, TaskID]]:
    """A bar on stderr that says how far a long work is; silent on anything but a terminal, and in its first moment."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    begun = Timer(PATIENCE, progress.start)
    begun.daemon = True
    begun.start()
    try:
        yield progress, progress.add_task(doing, total=total)
    finally:
        begun.cancel()
        begun.join()
        progress.stop()


def track(items: Iterable[Any], doing: str, total: int | None = None) -> Iterator[Any]:
    """Yield the items while a bar says how far it is."""
    with bar(doing, total) as (progress, task):
        for item in items:
            yield item
            progress.advance(task)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be taken back; `yes` answers beforehand. Raises `typer.Abort` on no."""
    if yes:
        return
    sys.stderr.write(f"{_safe(question)} [y/N]: ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        sys.stderr.write("\n")
    if answer.strip().lower() not in ("y", "yes"):
        raise typer.Abort


def passphrase(file: Path | None, what: str, *, new: bool = False) -> str:
    """Return a passphrase from the first line of a file, or ask for it (twice if new).

    Raises `Invalid` if it is to be new and is short or was typed two ways, or where nobody can be asked without its being seen.
    """
    text = _spoken(file, "passphrase", what, new=new)
    if new and len(text) < MIN_PASSPHRASE:
        raise Invalid(
            "passphrase.short",
            f"A passphrase has at least {MIN_PASSPHRASE} characters; this one has {len(text)}.",
            "Take five or six words drawn by dice.",
        )
    return text


def new_password(file: Path | None, whose: str) -> str:
    """Return a new password as `passphrase` does; its rules are the accounts' own."""
    return _spoken(file, "password", whose, new=True)


def read_file(path: Path, limit: int = 4 * 1024 * 1024) -> bytes:
    """Read a whole file of at most `limit` bytes. Raises `Invalid` when it is larger."""
    if path.stat().st_size > limit:
        raise Invalid(
            "file.size", f"{path} has {path.stat().st_size} bytes; at most {limit} are read.", "Give the right file."
        )
    return path.read_bytes()


def read_text(path: Path) -> str:
    """Read a whole text file. Raises `Invalid` when it is not UTF-8."""
    try:
        return read_file(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("file.utf8", f"{path} is not UTF-8.", "Give a text file, saved as UTF-8.") from error


def require_new(*paths: Path) -> None:
    """Raise `Invalid` when a file to be written stands already, or has no folder to stand in.

    Asked before anything else is done; what people signed is never overwritten by the way.
    """
    for path in paths:
        if os.path.lexists(path):
            raise Invalid("file.exists", f"{path} exists already.", "Name another file, or move that one away.")
        if not path.parent.is_dir():
            raise Invalid("file.folder", f"There is no folder {path.parent} for {path.name}.", "Make it first.")


def _spoken(file: Path | None, word: str, what: str, *, new: bool) -> str:
    """Return a secret from the first line of a file, or ask for it without echo, twice if new. Raises `Invalid`."""
    if file is not None:
        text = read_text(file).split("\n", 1)[0].rstrip("\r")
    elif sys.stdin.isatty():
        text = str(typer.prompt(f"{word.capitalize()} of {what}", hide_input=True, err=True))
        if new and text != typer.prompt("Once more", hide_input=True, err=True):
            raise Invalid(
                "passphrase.differs", f"The two {word}s typed differ.", "Give the command again; nothing was done."
            )
    else:
        raise Invalid(
            "passphrase.terminal",
            f"There is no terminal to ask for the {word} of {what}.",
            f"Give it by --{word}-file.",
        )
    return text


def _cut(text: str, columns: int) -> str:
    """Cut a line to so many columns, and show that it was."""
    line = Text(text)
    line.truncate(columns, overflow="ellipsis")
    return line.plain


def _safe(text: str, kept: str = "") -> str:
    return "".join(
        char if char in kept + _JOINERS or unicodedata.category(char) not in _UNSEEN else json.dumps(char)[1:-1]
        for char in text
    )
