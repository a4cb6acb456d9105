"""A compact's bytes as text, and its text as TOML (a lexicon's too): bounded, nothing in it unseen."""

import tomllib
from collections.abc import Iterator
from typing import Any

from amanat.compact.position import depth, odd_number
from amanat.party.errors import Invalid
from amanat.party.types import first_hidden, quoted

MAX_BYTES = 256 * 1024
MAX_DEPTH = 8

_BLANKS = "\n\t"


def read_text(data: bytes, what: str = "compact") -> str:
    """Return the text of what people write: bounded, UTF-8, nothing in it that an eye cannot see. Raises `Invalid`."""
    if len(data) > MAX_BYTES:
        raise Invalid("compact.size", f"The {what} has {len(data)} bytes; at most {MAX_BYTES} are read.", "Shorten it.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise Invalid(
            "compact.utf8", f"Line {number} of the {what} is not UTF-8.", "Save the file as UTF-8."
        ) from error
    hidden = first_hidden(text, _BLANKS)
    if hidden is not None:
        number = text.count("\n", 0, text.index(hidden)) + 1
        raise Invalid(
            "compact.character",
            f"Line {number} of the {what} holds U+{ord(hidden):04X}, which nobody sees.",
            "Take it out; lines end in a line feed alone, and direction marks are not needed.",
        )
    return text


def read_toml(text: str, what: str = "compact") -> dict[str, Any]:
    """Parse TOML, refusing what is nested too deep for it and what escapes would hide in a value. Raises `Invalid`."""
    if depth(text) > MAX_DEPTH:
        raise Invalid("compact.depth", f"The {what} is nested deeper than {MAX_DEPTH} levels.", "Flatten it.")
    try:
        document = tomllib.loads(text)
    except ValueError as error:
        says, _, where = str(error).removesuffix(")").partition(" (at ")
        raise Invalid(
            "compact.syntax",
            f"The {what} is not TOML at {where or 'some number'}: {quoted(says)}.",
            "Correct that line.",
        ) from error
    number = odd_number(text)
    if number is not None:
        raise Invalid(
            "compact.value",
            f"Line {number} of the {what} holds a number that is not plainly decimal, and so is easily misread.",
            "Write it in the digits 0 to 9 alone, like 365.",
        )
    for value in _strings(document):
        if first_hidden(value, _BLANKS) is not None:
            raise Invalid(
                "compact.character",
                f"An escape in the {what} puts a character nobody sees into {value[:40]!r}.",
                "Write the text as it is to be read.",
            )
    return document


def _strings(document: dict[str, Any]) -> Iterator[str]:
    """Yield every key and text of a document, however deep."""
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
