"""Which site a browser came to, by whose domain it keeps passkeys; none where a browser keeps none.

Law: an address of numbers has no passkeys, nor has plain HTTP but on this very machine (`localhost`).
"""

import ipaddress
from typing import Any

from litestar import Request

from amanat.exchange import signing_in
from amanat.officer.passkey import Site


def site_of(request: Request[Any, Any, Any]) -> Site | None:
    """Return the site that a request came to, as the browser names it; None where it can have no passkeys."""
    host = request.headers.get("host", "").lower()
    domain = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    tls = signing_in.over_tls(request)
    if not domain or _numbers(domain) or not (tls or domain == "localhost"):
        return None
    return Site(domain, f"{'https' if tls else 'http'}://{host}")


def _numbers(domain: str) -> bool:
    try:
        ipaddress.ip_address(domain.strip("[]"))
    except ValueError:
        return False
    return True
