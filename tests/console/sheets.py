"""What another's parser (pypdf) finds on sheets of paper: their text, their tags, their words in any script.

Letters are drawn from left to right, and by parts where they have dots: a PDF says in `ActualText` what a part is drawn
of, once for each part, and in `ReversedChars` that a piece runs the other way (ISO 32000-1, 14.8.2 and 14.9.4).
"""

import io
import re
from collections.abc import Mapping
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import ByteStringObject, ContentStream, TextStringObject

_CHAR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_RANGE = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_BETWEEN = re.compile(r"[\s\u2066-\u2069]")
_TEXT = (ByteStringObject, TextStringObject)
_TWICE = re.compile(r"(.)\1+", re.DOTALL)


def opened(pdf: bytes) -> PdfReader:
    """The document, read strictly."""
    return PdfReader(io.BytesIO(pdf), strict=True)


def sheets(pdf: bytes) -> list[list[str]]:
    """The pieces of text on each page, from left to right and from above to below."""
    return [_pieces(page) for page in opened(pdf).pages]


def says(pieces: list[str], words: str) -> bool:
    """Whether each of the words stands there, read in the direction of its script."""
    either = _condensed("".join(pieces)), _condensed("".join(reversed(pieces)))
    return all(any(_condensed(word) in text for text in either) for word in words.split())


def _condensed(text: str) -> str:
    """A text without spaces, and with each letter once where parts of it repeat it."""
    return _TWICE.sub(r"\1", _BETWEEN.sub("", text))


def tags(pdf: bytes) -> list[str]:
    """The tags of the document, in the order of reading."""
    found: list[str] = []
    root: Any = opened(pdf).trailer["/Root"]
    _walk(root["/StructTreeRoot"], found)
    return found


def _walk(node: Any, found: list[str]) -> None:
    held = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(held, list):
        for each in held:
            _walk(each, found)
    elif isinstance(held, dict):
        found += [str(held["/S"])] if "/S" in held else []
        _walk(held.get("/K"), found)


def _pieces(page: PageObject) -> list[str]:
    contents = page.get_contents()
    assert contents is not None
    resources: Any = page["/Resources"]
    fonts = {name: _meanings(font.get_object()) for name, font in resources["/Font"].items()}
    font: Mapping[int, str] = {}
    found, drawn, within = list[str](), list[str](), [("", None)]
    for operands, operator in ContentStream(contents, page.pdf).operations:
        if operator == b"Tf":
            font = fonts[operands[0]]
        elif operator == b"Tj":
            drawn += _drawn(operands[0], font)
        elif operator == b"TJ":
            drawn += [each for piece in operands[0] if isinstance(piece, _TEXT) for each in _drawn(piece, font)]
        elif operator in {b"BDC", b"BMC", b"EMC"}:
            found.append(_meant(drawn, *within[-1]))
            drawn = []
            if operator == b"EMC":
                within.pop()
            else:
                more: Any = operands[1] if len(operands) > 1 else None
                within.append((str(operands[0]), more.get("/ActualText") if isinstance(more, dict) else None))
    return [each for each in found if each]


def _meant(drawn: list[str], tag: str, actual: Any) -> str:
    """What a piece means that was drawn within a mark."""
    if actual is not None:
        return str(actual)
    return "".join(reversed(drawn) if tag == "/ReversedChars" else drawn)


def _drawn(said: Any, font: Mapping[int, str]) -> list[str]:
    raw = said.original_bytes
    return [font.get(int.from_bytes(raw[at : at + 2]), "") for at in range(0, len(raw), 2)]


def _meanings(font: Any) -> Mapping[int, str]:
    """What each glyph of a font stands for, by its ToUnicode map."""
    data = font["/ToUnicode"].get_object().get_data()
    found: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", data, re.DOTALL):
        found |= {
            int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in _CHAR.findall(block)
        }
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", data, re.DOTALL):
        for first, last, text in _RANGE.findall(block):
            begins = int(text, 16)
            found |= {int(first, 16) + n: chr(begins + n) for n in range(int(last, 16) - int(first, 16) + 1)}
    return found
