"""Pages of a list, and cursors: what a page gives so that the next goes on after its last row, whatever came."""

import base64
import binascii
from typing import Annotated, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from amanat.party.errors import Invalid

T = TypeVar("T")

ById = Annotated[str, QueryParameter(pattern=r"^([0-9a-f-]{36})?$")]
"""The cursor of a page's address where that is the id of the last row of the page before; "" for the first page."""


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
    return Invalid(
        "page.cursor", "No page of this list gave the cursor that it is to go on from.", "Begin with its first page."
    )
