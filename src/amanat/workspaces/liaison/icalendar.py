"""A calendar as others' programs read it: events written as iCalendar (RFC 5545).

Law: one calendar gives one text, byte for byte: every time in it is said by the records, none is the clock's. Times are
those of UTC, so that no program has to know a zone; what is said in text is folded and escaped, and so breaks out of no
line.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal

from amanat.party.types import first_hidden

MEDIA: Final = "text/calendar; charset=utf-8"

Status = Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]

_OCTETS: Final = 75
"""Of a line at most, without its end (RFC 5545 section 3.1)."""
_PRODUCT: Final = "-//Amanat//Liaison//EN"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that is, or was, to be: from `begins` on and before `ends`; of whole days both are dates.

    `uid` names it for ever ("PARTY:ID@amanat"), `stamp` is when what is said of it was said last, and `sequence` how
    often it was changed. `at` is latitude and longitude, WGS 84 degrees. `free` says that nobody is busy by it.
    """

    uid: str
    stamp: datetime
    begins: datetime | date
    ends: datetime | date
    summary: str
    status: Status = "CONFIRMED"
    sequence: int = 0
    location: str = ""
    description: str = ""
    categories: tuple[str, ...] = ()
    url: str = ""
    at: tuple[float, float] | None = None
    free: bool = False


def uid(party: str, id_: str) -> str:
    """Return what names the event of a record, the same at both sides."""
    return f"{party}:{id_}@amanat"


def written(name: str, events: Iterable[Event]) -> bytes:
    """Return the calendar of that name with these events, in the order of their beginnings."""
    ordered = sorted(events, key=lambda each: (_sorted_by(each.begins), each.uid))
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(name)}",  # RFC 7986 section 5.1
        f"X-WR-CALNAME:{_text(name)}",  # what most programs read instead
        *(line for each in ordered for line in _event(each)),
        "END:VCALENDAR",
    )
    return b"".join(map(_folded, lines))


def _event(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"DTSTAMP:{_moment(event.stamp)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"STATUS:{event.status}"
    yield _when("DTSTART", event.begins)
    yield _when("DTEND", event.ends)
    yield f"SUMMARY:{_text(event.summary)}"
    if event.location:
        yield f"LOCATION:{_text(event.location)}"
    if event.at is not None:
        yield "GEO:{:.6f};{:.6f}".format(*event.at)
    if event.description:
        yield f"DESCRIPTION:{_text(event.description)}"
    if event.categories:
        yield f"CATEGORIES:{','.join(map(_text, event.categories))}"
    if event.url:
        yield f"URL:{_unbroken(event.url)}"
    yield f"TRANSP:{'TRANSPARENT' if event.free else 'OPAQUE'}"
    yield "END:VEVENT"


def _when(name: str, time: datetime | date) -> str:
    """A time of UTC, or a whole day (section 3.3.4)."""
    return f"{name}:{_moment(time)}" if isinstance(time, datetime) else f"{name};VALUE=DATE:{time:%Y%m%d}"


def _moment(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y%m%dT%H%M%S}Z"


def _sorted_by(time: datetime | date) -> str:
    return _moment(time) if isinstance(time, datetime) else f"{time:%Y%m%d}"


def _text(said: str) -> str:
    """A value of the type TEXT (section 3.3.11): what would part it is escaped, and what nobody sees left out."""
    lines = said.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    escaped = (_unbroken(line).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") for line in lines)
    return "\\n".join(escaped)


def _unbroken(said: str) -> str:
    """A text without controls and marks of direction, of which the joiners of Persian and Urdu stay."""
    return "".join(each for each in said if first_hidden(each) is None)


def _folded(line: str) -> bytes:
    """A line as octets with its end, in pieces of at most 75 octets, none of which parts a character (section 3.1)."""
    pieces, piece = list[bytes](), b""
    for each in line:
        octets, room = each.encode(), _OCTETS - (1 if pieces else 0)
        if len(piece) + len(octets) > room:
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"
