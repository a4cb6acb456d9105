"""What a calendar says to others' programs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from amanat.workspaces.liaison import icalendar
from amanat.workspaces.liaison.icalendar import Event, uid, written
from amanat.workspaces.liaison.tests.icalendar_read import plain, read, values

AT = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
EVENT = Event(uid("pk", "1"), AT, AT + timedelta(days=1), AT + timedelta(days=1, hours=2), "Flag meeting")


def test_an_event_has_what_the_standard_asks_of_one() -> None:
    data = written("Meetings", [replace(EVENT, at=(34.1, 71.1), location="Torkham", sequence=2, status="CANCELLED")])
    assert read(data) == [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Amanat//Liaison//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("NAME", "Meetings"),
        ("X-WR-CALNAME", "Meetings"),
        ("BEGIN", "VEVENT"),
        ("UID", "pk:1@amanat"),
        ("DTSTAMP", "20261124T063000Z"),
        ("SEQUENCE", "2"),
        ("STATUS", "CANCELLED"),
        ("DTSTART", "20261125T063000Z"),
        ("DTEND", "20261125T083000Z"),
        ("SUMMARY", "Flag meeting"),
        ("LOCATION", "Torkham"),
        ("GEO", "34.100000;71.100000"),
        ("TRANSP", "OPAQUE"),
        ("END", "VEVENT"),
        ("END", "VCALENDAR"),
    ]


def test_a_whole_day_is_a_date_and_no_moment() -> None:
    data = written("x", [replace(EVENT, begins=date(2026, 11, 24), ends=date(2026, 11, 25), free=True)])
    assert ("DTSTART;VALUE=DATE", "20261124") in read(data)
    assert ("DTEND;VALUE=DATE", "20261125") in read(data)
    assert values(data, "TRANSP") == ["TRANSPARENT"]


def test_events_stand_in_the_order_of_their_beginnings_whatever_order_they_came_in() -> None:
    later = replace(EVENT, uid="pk:2@amanat", begins=EVENT.begins + timedelta(days=3))
    assert written("x", [later, EVENT]) == written("x", [EVENT, later])
    assert values(written("x", [later, EVENT]), "UID") == ["pk:1@amanat", "pk:2@amanat"]


def test_words_in_a_calendar_begin_no_line_of_their_own() -> None:
    hostile = "one\r\nEND:VCALENDAR\r\nBEGIN:VALARM; , \\n \x07 \u202e\u2028"
    data = written(hostile, [replace(EVENT, summary=hostile, location=hostile, url=f"https://x\r\nX:{hostile}")])
    assert [name for name, _ in read(data)].count("END") == 2
    assert plain(values(data, "SUMMARY")[0]).startswith("one\nEND:VCALENDAR\nBEGIN:VALARM; , \\n")


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cf", "Zl", "Zp", "Co", "Cs")), max_size=300))
def test_what_is_said_comes_back_as_it_was_in_lines_of_no_more_than_75_octets(said: str) -> None:
    data = written("x", [replace(EVENT, summary=said, description=said + "\n" + said)])
    assert plain(values(data, "SUMMARY")[0]) == said
    assert plain("".join(values(data, "DESCRIPTION"))) == said + "\n" + said


def test_the_joiners_that_persian_and_urdu_need_stay() -> None:
    data = written("x", [replace(EVENT, summary="می\u200cشود")])
    assert values(data, "SUMMARY") == ["می\u200cشود"]
    assert icalendar.MEDIA.startswith("text/calendar")
