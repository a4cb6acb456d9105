"""How often one may ask: so many at once, then so many a second; for each caller apart, in bounded memory.

Law: who asks too often is told when to come again, and keeps nobody else from being answered.
"""

import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from amanat.exchange.problem import TooMuch

MOST_CALLERS: Final = 10_000
"""How many callers are remembered. Who asked longest ago is forgotten first, and had most likely all back by then."""


@dataclass(slots=True)
class Rate:
    """A budget for each caller of `burst` requests, which fills up by `per_second`; `seconds` never goes back."""

    burst: float
    per_second: float
    seconds: Callable[[], float]
    left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, caller: str) -> None:
        """Count one request. Raises `TooMuch`."""
        now = self.seconds()
        with self._lock:
            left, at = self.left.pop(caller, (self.burst, now))
            left = min(self.burst, left + (now - at) * self.per_second)
            self.left[caller] = (max(left - 1, 0.0) if left >= 1 else left, now)
            while len(self.left) > MOST_CALLERS:
                self.left.popitem(last=False)
        if left < 1:
            raise TooMuch(
                "rate.exceeded",
                f"There were more than {self.burst:.0f} requests at once, or {self.per_second:g} a second.",
                f"Come again in {(1 - left) / self.per_second:.0f} seconds or later.",
            )


def counted(host: str) -> str:
    """Return whom to count a request for: its address, of IPv6 the network of 64 bits, which one machine may have."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address) or address.ipv4_mapped:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False))
