"""Events as iCalendar has them (RFC 5545), for whoever keeps a calendar elsewhere.

Law: pure, and the same bytes for the same events: times are UTC, lines end in CRLF and are folded at 75 octets, and
text is escaped, so that nothing that stands in an event can begin another.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

Status = Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]

PRODUCT: Final = "-//Amanat//Liaison//EN"
LONGEST: Final = 75
"""Octets of a line, its end left out (section 3.1)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: `uid` stays when it changes and `sequence` rises; `stamp` is when it was last said."""

    uid: str
    sequence: int
    stamp: datetime
    since: datetime
    until: datetime
    summary: str
    status: Status
    categories: tuple[str, ...] = ()
    description: str = ""
    place: tuple[float, float] | None = None


def calendar(name: str, events: Iterable[Event]) -> bytes:
    """Return a calendar of these events, in their order (section 3.4)."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines.append(f"X-WR-CALNAME:{escaped(name)}")
    for each in events:
        lines += _event(each)
    return "".join(f"{folded}\r\n" for line in (*lines, "END:VCALENDAR") for folded in _folded(line)).encode()


def escaped(text: str) -> str:
    """Return a text as a property has it (section 3.3.11): what would end it is written out, controls are left out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    seen = "".join(each for each in plain if each == "\n" or each.isprintable())
    return seen.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _event(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(event.uid)}"
    yield f"DTSTAMP:{_time(event.stamp)}"
    yield f"DTSTART:{_time(event.since)}"
    yield f"DTEND:{_time(event.until)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"STATUS:{event.status}"
    yield f"SUMMARY:{escaped(event.summary)}"
    if event.categories:
        yield f"CATEGORIES:{','.join(map(escaped, event.categories))}"
    if event.description:
        yield f"DESCRIPTION:{escaped(event.description)}"
    if event.place:
        yield f"GEO:{event.place[0]:.5f};{event.place[1]:.5f}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _time(time: datetime) -> str:
    """Return a time in UTC (section 3.3.5, form 2)."""
    return f"{time.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _folded(line: str) -> Iterator[str]:
    """Yield a line in pieces of at most 75 octets, each after the first behind a space; no character is cut in two."""
    piece, size = "", 0
    for each in line:
        width = len(each.encode())
        if size + width > LONGEST:
            yield piece
            piece, size = " ", 1
        piece, size = piece + each, size + width
    yield piece
