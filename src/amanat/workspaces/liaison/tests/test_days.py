"""The daily log: which records a day has, the same at both sides, who signed it, and what came after that."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from amanat.exchange.means import look
from amanat.officer.may import at_machine
from amanat.party.errors import Invalid, Refused
from amanat.workspaces.liaison import calls, days, ringing
from amanat.workspaces.liaison.days import Content
from amanat.workspaces.liaison.kinds import Desk, Outage
from amanat.workspaces.liaison.pages import days as pages
from amanat.workspaces.liaison.pages.days import Query, SignedDay
from amanat.workspaces.liaison.tests.lines import DUTY, PLACE, Hotline, hotline, page
from api.cast import desk
from console.reading import Read
from side import START

TODAY = START.date()
DAY = TODAY.isoformat()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Hotline]:
    with hotline(tmp_path) as between:
        yield between


def content(line: Hotline, party: str, day: date = TODAY) -> Content:
    with look(line.side(party).means) as turn:
        return days.content(turn, "kurram", day)


def signed(line: Hotline, party: str = "pk") -> SignedDay:
    """What a side's page says of the first day."""
    with look(line.side(party).means) as turn:
        found: SignedDay = pages.context(turn, at_machine(DUTY), Query(hotline="kurram", day=DAY))["day"]
    return found


def sign(line: Hotline, party: str) -> None:
    line.do(party, "sign-day", hotline="kurram", day=DAY)


def day_of_every_sort(line: Hotline) -> None:
    """Let a day have a record of each sort that a log has, known to both sides."""
    line.tell("pk", Desk(hotline="kurram", attended=True))
    call = line.ring("pk", "flash")
    line.border.clock.forward(seconds=1)
    said = line.say("pk", call, "fire.cease", PLACE, "14:30")
    line.carry()
    line.border.clock.forward(seconds=1)
    line.read_back("af", call, said, PLACE, "14:30")
    line.border.clock.forward(minutes=2)
    line.do(
        "af", "log-voice", hotline="kurram", by="radio", began="now", minutes="4", other=DUTY, heard="talk.received"
    )
    line.carry()
    with look(line.side("pk").means) as turn:
        (_, voice) = next(each for each in days.rows(turn, "kurram", TODAY, TODAY) if each[0] == "voice")
    line.border.clock.forward(seconds=1)
    line.do("pk", "confirm-voice", party="af", id=voice.id, agrees="yes")
    line.carry()


# --- which records ----------------------------------------------------------------------------------------------------


def test_both_sides_have_the_same_day_once_they_have_the_same_records(line: Hotline) -> None:
    day_of_every_sort(line)
    assert content(line, "pk") == content(line, "af")
    assert content(line, "pk").records == 6
    assert content(line, "pk", TODAY + timedelta(days=1)).records == 0


def test_a_record_belongs_to_the_day_of_its_own_time_and_to_its_own_hotline(line: Hotline) -> None:
    call = line.ring()
    line.do("pk", "ring", at="operations/duty", hotline="directorates", urgency="priority")
    line.border.clock.forward(days=1)
    line.say("pk", call, "talk.received")
    assert [content(line, "pk", TODAY + timedelta(days=each)).records for each in (0, 1)] == [1, 1]


def test_a_digest_is_of_names_alone_and_a_signature_adds_none(line: Hotline) -> None:
    call = line.ring()
    before = content(line, "pk")
    assert before.names == (":".join(call.key),)
    line.border.clock.forward(days=1)
    sign(line, "pk")
    assert content(line, "pk") == before


def test_many_days_are_read_as_each_would_be(line: Hotline) -> None:
    for _ in range(3):
        line.ring()
        line.border.clock.forward(days=1)
    last = TODAY + timedelta(days=3)
    with look(line.side("pk").means) as turn:
        found = days.contents(turn, "kurram", TODAY, last)
        assert found == {day: days.content(turn, "kurram", day) for day in found}
    assert len(found) == 3


# --- who signed it ----------------------------------------------------------------------------------------------------


def test_a_day_that_both_signed_is_the_same_at_both(line: Hotline) -> None:
    day_of_every_sort(line)
    line.border.clock.forward(days=1)
    assert (signed(line).ours, signed(line).theirs, signed(line).agree) == (None, None, "")
    sign(line, "pk")
    assert signed(line).agree == ""
    line.carry()
    sign(line, "af")
    line.carry()
    assert (signed(line, "pk").agree, signed(line, "af").agree) == ("same", "same")


def test_a_day_signed_before_all_had_come_differs_until_it_is_signed_anew(line: Hotline) -> None:
    line.ring()
    line.border.clock.forward(days=1)
    sign(line, "pk")
    sign(line, "af")  # to which nothing was carried yet
    line.carry()
    theirs = signed(line, "af").ours
    assert theirs is not None
    assert (signed(line, "af").agree, theirs.same, theirs.since) == ("differs", False, 1)
    line.border.clock.forward(minutes=1)
    sign(line, "af")
    line.carry()
    assert (signed(line, "pk").agree, signed(line, "af").agree) == ("same", "same")


def test_a_day_without_a_record_can_be_signed(line: Hotline) -> None:
    line.border.clock.forward(days=1)
    sign(line, "pk")
    ours = signed(line).ours
    assert ours is not None
    assert (ours.records, ours.same) == (0, True)


def test_days_are_listed_from_the_first_on_which_anything_was_rung_or_told(line: Hotline) -> None:
    with look(line.side("pk").means) as turn:
        assert pages.context(turn, at_machine(DUTY), Query(hotline="kurram"))["listed"] == ()
    line.ring()
    line.border.clock.forward(days=2)
    with look(line.side("pk").means) as turn:
        listed = pages.context(turn, at_machine(DUTY), Query(hotline="kurram"))["listed"]
    assert [each.records for each in listed] == [0, 0, 1]


def test_a_day_that_is_not_over_is_not_signed_nor_by_a_post_of_another_hotline(line: Hotline) -> None:
    with pytest.raises(Invalid, match="not over"):
        sign(line, "pk")
    line.border.clock.forward(days=1)
    with pytest.raises(Refused):
        line.do("pk", "sign-day", at="operations/duty", hotline="kurram", day=DAY)


def waits(line: Hotline, party: str = "pk", post: str = DUTY) -> list[tuple[str, str]]:
    """What of days waits for an officer of a post, with which hotline's."""
    with look(line.side(party).means) as turn:
        actor = at_machine(post)
        listed = list(ringing.now(turn, actor))
        assert ringing.waits(turn, actor) == sum(each.matter != "liaison.day-theirs" for each in listed)
        found = [each for each in listed if each.matter.startswith("liaison.day")]
    return [(each.matter, each.id) for each in found]


def test_a_day_that_is_over_waits_for_both_signatures_for_some_days(line: Hotline) -> None:
    line.ring_test()
    assert waits(line) == []
    line.carry()
    line.border.clock.forward(days=1)
    assert waits(line) == waits(line, "af") == [("liaison.day", "kurram")]
    assert waits(line, post="operations/duty") == []  # of another hotline, on which nothing was rung
    sign(line, "pk")
    line.carry()
    assert (waits(line), waits(line, "af")) == ([("liaison.day-theirs", "kurram")], [("liaison.day", "kurram")])
    sign(line, "af")
    line.carry()
    assert waits(line) == waits(line, "af") == []
    line.border.clock.forward(days=1)
    assert waits(line) == [("liaison.day", "kurram")]  # the day of the signatures, on which nothing else was


def test_days_of_long_ago_wait_no_more(line: Hotline) -> None:
    line.ring_test()
    line.border.clock.forward(days=1)
    with look(line.side("pk").means) as turn:
        (kurram,) = [each for each in calls.lines(turn) if each.code == "kurram"]
        assert days.unsigned(turn, kurram) == (TODAY, "pk")
    line.border.clock.forward(days=9)
    with look(line.side("pk").means) as turn:
        assert days.unsigned(turn, kurram) == (TODAY + timedelta(days=10) - days.SIGNED_WITHIN, "pk")


def test_a_day_says_what_was_in_the_way_and_by_whose_word(line: Hotline) -> None:
    line.ring()
    line.border.clock.forward(hours=3)
    now = line.border.clock()
    for party, since in (("pk", 60), ("af", 61), ("af", 20)):
        begun = now - timedelta(minutes=since)
        line.tell(party, Outage(cause="link", since=begun, until=begun + timedelta(minutes=9)))
    line.carry()
    with desk(line.side("pk")) as pk:
        shown = page(pk, f"/liaison/days?hotline=kurram&day={DAY}")
    way = " ".join(Read(shown.partition('id="outages"')[2].partition("</section>")[0].partition(">")[2]).words.split())
    assert way.count("The link was down") == 2
    assert "as both sides say" in way.partition("by one side's word alone")[0]
    assert "by the word of" in way.partition("by one side's word alone")[2]


# --- its pages --------------------------------------------------------------------------------------------------------


def test_the_log_of_a_day_says_who_did_what_in_the_order_of_time(line: Hotline) -> None:
    day_of_every_sort(line)
    with desk(line.side("af")) as af:
        shown = page(af, f"/liaison/days?hotline=kurram&day={DAY}")
    said = ("rang", "Cease fire at", "Read back", "logged a conversation", "confirmed the other side")
    places = [shown.index(each, shown.index("<tbody>")) for each in said]
    assert places == sorted(places)
    assert "Nothing was rung" not in shown


def test_free_words_stand_in_no_log(line: Hotline) -> None:
    """Each look at what may name a person is noted at its record."""
    call = line.ring()
    with look(line.side("pk").means) as turn:
        entries = pages.context(turn, at_machine(DUTY), Query(day=DAY))["entries"]
    assert [(each.what, each.key) for each in entries] == [("call", call.key)]


def test_a_day_is_signed_on_its_page_by_who_stands_at_the_hotline(line: Hotline) -> None:
    line.ring()
    line.border.clock.forward(days=1)
    with desk(line.side("pk")) as pk:
        listed = page(pk, "/liaison/days?hotline=kurram")
        assert f'name="day" value="{DAY}"' in listed
        assert f'name="day" value="{(TODAY + timedelta(days=1)).isoformat()}"' not in listed
        session = pk.session("duty")
        form = {"form": session["x-amanat-form"], "hotline": "kurram", "day": DAY}
        answer = pk.http.post("/liaison/sign-day?hotline=kurram", headers=session, data=form)
        assert answer.status_code == 303, answer.text
        again = page(pk, "/liaison/days?hotline=kurram")
        assert f'name="day" value="{DAY}"' not in again
        assert "signed at" in again
        assert "/liaison/sign-day" not in page(pk, "/liaison/days?hotline=directorates")


@pytest.mark.parametrize("asked", ["day=yesterday", "day=2999-01-01", "until=1900-01-01", "hotline=nowhere"])
def test_a_day_or_a_hotline_that_there_is_not_is_told(line: Hotline, asked: str) -> None:
    with desk(line.side("pk")) as pk:
        page(pk, f"/liaison/days?{asked}", status=400)


def test_older_and_newer_days_are_led_to(line: Hotline) -> None:
    line.ring()
    line.border.clock.forward(days=40)
    with desk(line.side("pk")) as pk:
        newest = page(pk, "/liaison/days?hotline=kurram")
        assert "until=2026-12-03" in newest
        assert 'rel="prev"' not in newest
        assert 'rel="prev"' in page(pk, "/liaison/days?hotline=kurram&until=2026-12-03")
