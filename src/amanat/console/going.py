"""Where somebody was going before the node asked for something else: an address that leads to this node's pages alone.

Law: what a browser would read as another site's address, or not as an address, leads to the first page.
"""

import re
from typing import Any, Final
from urllib.parse import quote

from litestar import Request

FIRST: Final = "/"
LONGEST: Final = 2000
"""Characters of an address that are kept; those of our pages are far shorter."""

_HERE: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def own(address: str) -> str:
    """Return the address where it is one of this node's own, of printable ASCII without a backslash; else the first."""
    return address if len(address) <= LONGEST and _HERE.fullmatch(address) else FIRST


def asked_for(request: Request[Any, Any, Any]) -> str:
    """Return the address of the page that is asked for, with its query; the first page's where none was only shown."""
    if request.method != "GET":
        return FIRST
    query = request.scope["query_string"].decode("ascii", "replace")
    return own(quote(request.url.path) + (f"?{query}" if query else ""))


def by_way_of(stop: str, address: str) -> str:
    """Return the address of a page that asks for something and then leads on to where one was going."""
    return stop if address == FIRST else f"{stop}?next={quote(address, safe='')}"
