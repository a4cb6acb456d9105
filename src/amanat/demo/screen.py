"""How the story is told: numbered headings, one fact a line, held or not by word as well as colour; 80 columns.

Law: nothing is said to hold that was not asked; `check` prints what it was given and gives it back.
"""

from rich.console import Console
from rich.text import Text

_INDENT = " " * 4


def heading(console: Console, number: str, text: str) -> None:
    """Begin a chapter."""
    console.print()
    console.print(Text(f"{number:<4}{text}" if number else text, "bold"))


def fact(console: Console, text: str, style: str = "") -> None:
    """Tell one fact."""
    _indented(console, Text(text, style))


def check(console: Console, text: str, *, holds: bool, word: str = "holds") -> bool:
    """Tell one thing that must hold, and whether it does; return that."""
    mark = (f"{word}  ", "green") if holds else (f"NOT {word.upper()}  ", "bold red")
    _indented(console, Text.assemble(mark, text))
    return holds


def _indented(console: Console, text: Text) -> None:
    for line in text.wrap(console, console.width - len(_INDENT)):
        line.rstrip()
        console.print(Text(_INDENT) + line)
