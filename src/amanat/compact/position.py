"""Where in a TOML text a key stands, and how deep it goes: tomllib says what was written, not on which line.

Multi-line strings and comments are blanked first, so that a text inside one is never taken for a key.
"""

import re
import tomllib
from collections.abc import Sequence
from typing import Any

# What is not closed reaches to the end, so that no text takes more than one pass.
_OPAQUE = re.compile(
    r'"""(?:\\?.)*?(?:"""|\Z)' r"|'''.*?(?:'''|\Z)" r'|"(?:[^"\\\n]|\\[^\n])*+"?' r"|'[^'\n]*+'?" r"|#[^\n]*+",
    re.DOTALL,
)
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_PART = r'(?:[A-Za-z0-9_-]+|"[^"\n]*"|' + r"'[^'\n]*')"
_KEYS = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_LINE = re.compile(rf"[ \t]*(?:\[[ \t]*(?P<table>{_KEYS})[ \t]*\]|(?P<key>{_KEYS})[ \t]*=)")
_STEP = re.compile(r"[\[\]{}.=,\n]")
_NUMBER = re.compile(r"[=,\[][ \t\n]*[+-]?(?:0[xob]|[0-9]+_)")


def line_of(text: str, path: Sequence[str]) -> int:
    """Return the line, from 1, of the key at `path`, or of the nearest table above it that is written out."""
    best, best_length = 1, 0
    prefix: tuple[str, ...] = ()
    for number, line in enumerate(_blank(text, keep_strings=True).split("\n"), 1):
        match = _LINE.match(line)
        if match is None:
            continue
        if match["table"]:
            found = prefix = _parts(match["table"])
        else:
            found = prefix + _parts(match["key"])
        common = _common(found, path)
        if common > best_length:
            best, best_length = number, common
    return best


def depth(text: str) -> int:
    """Return how deep a text is nested outside strings and comments: brackets, braces, and the dots of a key."""
    level = deepest = dots = 0
    for step in _STEP.findall(_blank(text, keep_strings=False)):
        if step == ".":
            dots += 1
        else:
            dots = 0
            level += (step in "[{") - (step in "]}")
        deepest = max(deepest, level + dots)
    return deepest


def odd_number(text: str) -> int | None:
    """Return the line, from 1, of the first number whose digits are not plainly decimal (0o17, 1_0), or None."""
    blanked = _blank(text, keep_strings=False)
    found = _NUMBER.search(blanked)
    return None if found is None else blanked.count("\n", 0, found.end()) + 1


def written(text: str, path: Sequence[str], value: str) -> bool:
    """Whether the text at `path` stands there letter for letter, no escape making it read otherwise than it is."""
    opening = "\n".join(text.split("\n")[line_of(text, path) - 1 :]).partition("=")[2].lstrip(" \t")
    quotes = ("'''", '"""', "'", '"')
    return any(opening.startswith((f"{each}{value}{each}", f"{each}\n{value}{each}")) for each in quotes)


def dotted(path: Sequence[str]) -> str:
    """Return a path as it is written in TOML: kinds."intelligence.report".title."""
    return ".".join(part[:80] if _WORD.fullmatch(part) else f'"{part[:80]}"' for part in path)


def _blank(text: str, *, keep_strings: bool) -> str:
    def blank(match: re.Match[str]) -> str:
        found = match[0]
        short_string = found[:3] not in ('"""', "'''")
        return found if short_string and keep_strings else "\n" * found.count("\n")

    return _OPAQUE.sub(blank, text)


def _parts(keys: str) -> tuple[str, ...]:
    """Read a dotted key as tomllib does, by asking it where it is not plainly one word."""
    if _WORD.fullmatch(keys):
        return (keys,)
    parts = []
    table: Any = tomllib.loads(f"{keys} = 0")
    while isinstance(table, dict):
        ((part, table),) = table.items()
        parts.append(part)
    return tuple(parts)


def _common(found: Sequence[str], path: Sequence[str]) -> int:
    """Return how many parts of `path` the key `found` spells, or 0 when it leads elsewhere."""
    length = min(len(found), len(path))
    return length if tuple(found[:length]) == tuple(path[:length]) else 0
