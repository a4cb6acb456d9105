"""Time zones as this machine holds them: its own copy of the IANA database, else the one that the package brings."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones


def zone(name: str) -> ZoneInfo | None:
    """Return the zone of that name (IANA), or None where this machine knows none.

    Asked of the list, because a name may open what is no zone, such as the folder America.
    """
    return ZoneInfo(name) if name in _names() else None


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())
