"""Pages of a list, and cursors: what a page gives so that the next goes on after its last row, whatever came."""

import base64
import binascii
from typing import Generic, TypeVar

import msgspec

from amanat.party.errors import Invalid

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list, in the list's order; `next` asks for the page after it, None when there is none."""

    items: tuple[T, ...]
    next: str | None


def written(*parts: str) -> str:
    """Return the cursor of a row; only the last of its parts may hold a colon."""
    return base64.urlsafe_b64encode(":".join(parts).encode()).decode().rstrip("=")


def read(cursor: str, count: int) -> list[str]:
    """Return the parts of a cursor, so many. Raises `Invalid` for what is none."""
    try:
        parts = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode().split(":", count - 1)
    except (binascii.Error, ValueError) as error:
        raise unknown() from error
    if len(parts) != count:
        raise unknown()
    return parts


def unknown() -> Invalid:
    """Return what answers a cursor after which no page ended."""
    return Invalid("page.cursor", "No page gave this cursor.", "Begin with the first page, then follow `next`.")
