"""iCalendar as RFC 5545 has it: read back by a reader of its grammar that knows nothing of the writer."""

import re
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from amanat.workspaces.liaison.icalendar import Event, calendar

AT = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
Property = tuple[str, str]


def event(**more: object) -> Event:
    given_: dict[str, object] = {
        "uid": "pk:1@amanat",
        "sequence": 2,
        "stamp": AT,
        "since": AT,
        "until": AT + timedelta(hours=2),
        "summary": "pk: works",
        "status": "CONFIRMED",
    }
    return Event(**given_ | more)  # type: ignore[arg-type]


def read(data: bytes) -> list[Property]:
    """The content lines of a calendar: unfolded, and parted at the first colon (section 3.1)."""
    assert data.endswith(b"\r\n")
    lines = data[:-2].split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    for line in lines:
        line.decode()  # no character is cut in two
    unfolded = re.sub(rb"\r\n ", b"", data[:-2]).decode().split("\r\n")
    return [(name, value) for name, _, value in (line.partition(":") for line in unfolded)]


def plain(text: str) -> str:
    """A TEXT value as it was meant (section 3.3.11)."""
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text)


def test_an_event_says_what_it_is() -> None:
    data = calendar("Notices", [event(categories=("works", "pk"), description="One.\nTwo", place=(34.1, 71.12345))])
    assert read(data) == [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Amanat//Liaison//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("X-WR-CALNAME", "Notices"),
        ("BEGIN", "VEVENT"),
        ("UID", "pk:1@amanat"),
        ("DTSTAMP", "20261201T040000Z"),
        ("DTSTART", "20261201T040000Z"),
        ("DTEND", "20261201T060000Z"),
        ("SEQUENCE", "2"),
        ("STATUS", "CONFIRMED"),
        ("SUMMARY", "pk: works"),
        ("CATEGORIES", "works,pk"),
        ("DESCRIPTION", "One.\\nTwo"),
        ("GEO", "34.10000;71.12345"),
        ("TRANSP", "TRANSPARENT"),
        ("END", "VEVENT"),
        ("END", "VCALENDAR"),
    ]


def test_a_calendar_without_events_is_one() -> None:
    assert read(calendar("Notices", []))[-1] == ("END", "VCALENDAR")


def test_times_are_those_of_utc() -> None:
    kabul = timezone(timedelta(hours=4, minutes=30))
    assert ("DTSTART", "20261201T040000Z") in read(calendar("it", [event(since=AT.astimezone(kabul))]))


@given(st.text(max_size=300))
def test_whatever_stands_in_a_text_is_read_back_and_begins_nothing_else(text: str) -> None:
    found = read(calendar("it", [event(summary=text)]))
    assert [value for name, value in found if name == "BEGIN"] == ["VCALENDAR", "VEVENT"]
    (said,) = [value for name, value in found if name == "SUMMARY"]
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    assert plain(said) == "".join(each for each in kept if each == "\n" or each.isprintable())
