"""Cursors: what a page of a list gives so that the next one goes on after its last row, whatever came meanwhile."""

import base64
import binascii

from amanat.party.errors import Invalid


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
