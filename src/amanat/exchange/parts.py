"""A page's form as it is sent with files (RFC 7578): its fields and its files, one after the other, as they come.

Law: nothing of it is kept by the way, neither on the disk nor in a memory of forms; what is not asked for is not read.
Whoever refuses a file may go on to the fields after it: what is left of the file is read past, if it has an end.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from multipart import MultipartSegment, ParserError, PushMultipartParser  # type: ignore[import-untyped]  # it has none

from amanat.party.errors import Invalid
from amanat.record.attachment import MAX_ATTACHMENT_BYTES
from amanat.record.record import MAX_RECORD_BYTES

Fields = Mapping[str, tuple[str, ...]]
"""The fields of a form by name, each with all that was typed for it."""

MAX_TEXT: Final = 2 * MAX_RECORD_BYTES
"""Bytes that all fields of a form may have together: a record's body, and as much again for what stands around it."""

MAX_PAST: Final = MAX_ATTACHMENT_BYTES
"""Bytes of refused files that are read past in a form: as many as a file may have that is taken."""

_END: Final = "end"
"""What comes after the last part of a form that came whole."""

_BOUNDARY: Final = re.compile(r'boundary="?([A-Za-z0-9\'()+_,./:=?-]{1,70})"?(?:;|$)')


@dataclass(slots=True)
class Parts:
    """A form on its way in. Its first field is the word of the page that it comes from."""

    events: AsyncGenerator[Any, None]
    left: int = MAX_TEXT
    past: int = 0
    ended: bool = False

    async def word(self) -> str:
        """Return the word, when the first field is that; "" else. To be asked once, and first."""
        segment = await self._segment()
        return await self._text() if segment is not None and segment.name == "form" and not segment.filename else ""

    async def fields(self) -> dict[str, tuple[str, ...]]:
        """Return the fields up to the end, each with all that was typed for it; a file as text.

        Raises `Invalid`.
        """
        found: dict[str, tuple[str, ...]] = {}
        while (segment := await self._segment()) is not None:
            found[segment.name] = (*found.get(segment.name, ()), await self._text())
        return found

    async def until_file(self) -> tuple[dict[str, tuple[str, ...]], str]:
        """Return the fields up to the first file, and that file's name; "" where none follows.

        Raises `Invalid`.
        """
        found: dict[str, tuple[str, ...]] = {}
        while (segment := await self._segment()) is not None:
            if segment.filename:
                return found, segment.filename
            found[segment.name] = (*found.get(segment.name, ()), await self._text())
        return found, ""

    async def file(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the file that the fields were read up to. Raises `Invalid` when its end never came."""
        async for event in self.events:
            if event is None:
                return
            if isinstance(event, MultipartSegment) or event is _END:
                break
            yield bytes(event)
        raise not_whole()

    async def _segment(self) -> Any:  # noqa: ANN401 - the parser's own head of a part
        """Return the next part, past what is left of the one before; None at the end. Raises `Invalid` without one."""
        if self.ended:
            return None
        async for event in self.events:
            if isinstance(event, MultipartSegment):
                return event
            if event is _END:
                self.ended = True
                return None
            self.past += len(event or b"")
            if self.past > MAX_PAST:
                raise _too_much()
        raise not_whole()

    async def _text(self) -> str:
        read = bytearray()
        async for piece in self.file():
            self.left -= len(piece)
            if self.left < 0:
                raise _too_much()
            read += piece
        try:
            return read.decode()
        except UnicodeDecodeError as error:
            raise Invalid("form.text", "A part of the form is no text in UTF-8.", "Choose a text file.") from error


def parts(content_type: str, pieces: AsyncIterator[bytes]) -> Parts | None:
    """Return a form that comes with files; None for a body that is none."""
    boundary = _BOUNDARY.search(content_type) if content_type.lower().startswith("multipart/form-data") else None
    return None if boundary is None else Parts(_events(boundary[1].encode(), pieces))


async def _events(boundary: bytes, pieces: AsyncIterator[bytes]) -> AsyncGenerator[Any, None]:
    """Yield what the parser finds: each part's head, its bytes, None at its end, and `_END` after all."""
    with PushMultipartParser(boundary, max_segment_count=4096, strict=True) as parser:
        try:
            async for piece in pieces:
                for event in parser.parse(piece):
                    yield event
            parser.close()
            yield _END
        except ParserError as error:
            raise not_whole() from error


def _too_much() -> Invalid:
    return Invalid("form.size", "The form holds more than a record may.", "Send less at once.")


def not_whole() -> Invalid:
    """Return what is said of a form that is none, or that broke off."""
    return Invalid("form.parts", "The form did not come whole.", "Load the page anew and send it again.")
