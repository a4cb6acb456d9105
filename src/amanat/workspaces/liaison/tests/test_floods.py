"""A side that floods a hotline: what rings, waits and is shown stays bounded, says how much more there is, and loses nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, event, insert, select

from amanat.exchange.means import begin, look
from amanat.officer.may import at_machine
from amanat.party.errors import Invalid
from amanat.record.record import Record
from amanat.workspaces.liaison import calls, composing, free_words, opened, quality, ringing, rules, views
from amanat.workspaces.liaison.kinds import MOST_SAID, MOST_TEXTS, Desk, Named
from amanat.workspaces.liaison.pages import call as call_page
from amanat.workspaces.liaison.pages import days as days_page
from amanat.workspaces.liaison.pages import desk as desk_page
from amanat.workspaces.liaison.pages import quality as quality_page
from amanat.workspaces.liaison.quality import Period
from amanat.workspaces.liaison.tests.lines import DUTY, Hotline, hotline, of, page
from api.cast import desk


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Hotline]:
    with hotline(tmp_path) as between:
        yield between


def flood(line: Hotline, table: Table, at: datetime, rows: list[dict[str, Any]], party: str = "af") -> None:
    """Have so many rows of a party in pk's tables, as records that it sent would leave them there."""
    same = {"party": party, "post": DUTY, "recipient": "pk", "compact": "", "exercise": False, "expires": None}
    made = [
        {**same, "id": f"{table.name}-{number:06}", "at": views.spell(at), **row} for number, row in enumerate(rows)
    ]
    with begin(line.side("pk").means) as turn:
        turn.tx.execute(insert(table), made)


def in_call(call: Record, **more: Any) -> dict[str, Any]:
    return {"matter_party": call.key[0], "matter_id": call.key[1], **more}


def said(call: Record, n: int, type_: str = "phrase") -> dict[str, Any]:
    """A row of something said whose phrase no book has."""
    return in_call(call, n=n, type=type_, body="", words="")


# --- a call -----------------------------------------------------------------------------------------------------------


@pytest.mark.promised(
    "a flooded hotline",
    "docs/threat-model.md",
    "A hotline as a weapon",
    "All of it stays a record, and of calls, messages and signs of a desk pages say how many more there are",
)
def test_of_one_side_in_a_call_no_more_is_read_than_it_may_say_and_the_rest_is_told(line: Hotline) -> None:
    rung = line.ring()
    ours = line.say("pk", rung, "talk.received")
    rows = [said(rung, 1 + number % MOST_SAID) for number in range(2 * MOST_SAID)]
    rows += [said(rung, 0, "text") for _ in range(MOST_TEXTS + 30)]
    flood(line, views.SAID, rung.fields.at, rows)
    facts = line.facts("pk", rung)
    by = [(each.key.party, bool(each.n)) for each in facts.uttered]
    assert (by.count(("af", True)), by.count(("af", False))) == (MOST_SAID, MOST_TEXTS)
    assert ours.key in [(each.key.party, each.key.id) for each in facts.uttered]  # which nothing pushed out
    assert facts.more == (("af", MOST_SAID + 30),)
    with desk(line.side("pk")) as pk:
        shown = page(pk, f"/liaison/call?party=pk&id={rung.key[1]}")
    assert "2,030 more messages of" in shown
    assert shown.count('<li id="m-') == call_page.SHOWN


def test_what_is_read_of_a_flood_is_the_same_whatever_came_first(line: Hotline) -> None:
    rung = line.ring()
    rows = [
        {**said(rung, 1), "at": views.spell(rung.fields.at + timedelta(seconds=each % 600))} for each in range(3000)
    ]
    flood(line, views.SAID, rung.fields.at, rows)
    before = line.facts("pk", rung).uttered
    with begin(line.side("pk").means) as turn:
        kept = [dict(row) for row in turn.tx.execute(select(views.SAID).where(views.SAID.c.party == "af")).mappings()]
        turn.tx.execute(views.SAID.delete().where(views.SAID.c.party == "af"))
        turn.tx.execute(insert(views.SAID), kept[::-1])
    assert line.facts("pk", rung).uttered == before
    assert len(rules.doubled(before)) == len(before) == MOST_SAID


def test_words_that_a_call_climbed_are_read_to_so_many_and_keep_no_true_one_out(line: Hotline) -> None:
    rung = line.ring(urgency="flash")
    late = rung.fields.at + timedelta(seconds=60)
    flood(line, views.ESCALATED, rung.fields.at, [in_call(rung, rank=each % 4) for each in range(1000)])
    line.border.clock.at = late
    line.tend("pk")
    facts = line.facts("pk", rung)
    assert len([each for each in facts.climbed if each.party == "af"]) <= views.MOST_CLIMBED
    assert [(each.party, each.rank) for each in rules.steps(facts)] == [("pk", 1)]


def test_who_is_no_end_of_a_hotline_says_nothing_in_its_calls(line: Hotline) -> None:
    rung = line.ring()
    flood(line, views.SAID, rung.fields.at, [said(rung, 1)], party="obs")
    assert line.facts("pk", rung).uttered == ()


def test_openings_of_one_side_are_read_to_so_many_the_earliest_first(
    line: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung = line.ring()
    line.carry()
    for post in ("torkham/duty", "torkham/commander", "kabul/duty"):
        line.side("af").open(rung.key, post)
        line.border.clock.forward(seconds=1)
    line.carry()
    monkeypatch.setattr(opened, "MOST_OPENED", 2)
    facts = line.facts("pk", rung)
    assert {each.post for each in facts.opened} == {"torkham/duty", "torkham/commander"}


def test_own_free_words_end_where_no_more_of_them_would_be_shown(line: Hotline) -> None:
    rung = line.ring()
    flood(line, views.SAID, rung.fields.at, [said(rung, 0, "text") for _ in range(MOST_TEXTS)], party="pk")
    with look(line.side("pk").means) as turn, pytest.raises(Invalid, match="texts were written"):
        free_words.require_room(turn, Named(*rung.key))


def test_more_calls_are_asked_for_at_once_than_a_database_takes_parameters(line: Hotline) -> None:
    rung = line.ring()
    said_there = line.say("pk", rung, "talk.received")
    keys = {rung.key, *(("pk", f"call-{number:06}") for number in range(40_000))}
    with look(line.side("pk").means) as turn:
        (row,) = views.calls_named(turn.tx, keys)
        assert [(each.party, each.id) for each in views.of_calls(turn.tx, views.SAID, keys)] == [said_there.key]
        assert opened.openings(turn, keys) == {}
    assert (row.party, row.id) == rung.key


# --- calls ------------------------------------------------------------------------------------------------------------


@pytest.mark.promised(
    "a flooded hotline",
    "docs/threat-model.md",
    "A hotline as a weapon",
    "All of it stays a record, and of calls, messages and signs of a desk pages say how many more there are",
)
def test_who_rings_too_often_rings_no_louder_and_what_is_rung_last_rings(line: Hotline) -> None:
    ours = line.ring("pk")
    for _ in range(calls.MOST_RUNG + 3):
        last = line.ring("af")
        line.border.clock.forward(seconds=1)
    line.carry()
    actor = replace(at_machine(DUTY), roles=("duty",))  # a session is rung by its roles
    with look(line.side("pk").means) as turn:
        recent = [(each.rung.key.party, each.rung.key.id) for each in calls.recent(turn)]
        rings = list(ringing.rings(turn, actor))
        rows = desk_page.context(turn, actor, None)["rows"]
    assert len(recent) == calls.MOST_RUNG + 1
    assert {ours.key, last.key} <= set(recent)
    assert len(rings) == calls.MOST_RUNG
    assert {row.code: row.not_rung for row in rows}["kurram"] == {"af": 3}
    with desk(line.side("pk")) as pk:
        shown = page(pk, "/liaison/desk")
        assert "3 earlier calls of" in shown
        assert "/liaison/calls?hotline=kurram" in shown
        assert page(pk, "/liaison/calls?hotline=kurram").count("data-item") > calls.MOST_RUNG - 1


def test_conversations_by_voice_wait_to_so_many(line: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringing, "MOST_LOGGED", 2)
    for _ in range(3):
        line.do("af", "log-voice", hotline="kurram", by="radio", began="now", minutes="4", other=DUTY)
        line.border.clock.forward(seconds=1)
    line.carry()
    with look(line.side("pk").means) as turn:
        waiting = [each for each in ringing.now(turn, at_machine(DUTY)) if each.matter == "liaison.voice"]
    assert len(waiting) == 2
    line.do("pk", "confirm-voice", party="af", id=waiting[0].id, agrees="yes")
    with look(line.side("pk").means) as turn:
        after = [each.id for each in ringing.now(turn, at_machine(DUTY)) if each.matter == "liaison.voice"]
    assert waiting[0].id not in after
    assert len(after) == 2


def test_what_rings_is_asked_of_indexes_and_never_of_all_that_was_ever_said(line: Hotline) -> None:
    for _ in range(2):
        line.answered(line.ring(), timedelta(seconds=5))
    asked = list[tuple[str, Any]]()
    with look(line.side("pk").means) as turn:
        event.listen(turn.tx, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
        calls.recent(turn)
        ran = [(sql, given) for sql, given in asked if "liaison_" in sql]
        plans = [turn.tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given).all() for sql, given in ran]
    steps = [row.detail for plan in plans for row in plan]
    assert any("liaison_said" in step for step in steps)
    assert [step for step in steps if step.startswith("SCAN liaison_")] == []


# --- desks and days ---------------------------------------------------------------------------------------------------


def flap(line: Hotline, count: int) -> datetime:
    """Let af's desk come and go so many times in an hour; return when that hour began."""
    hour = line.border.clock.at.replace(minute=0, second=0, microsecond=0)
    rows = [
        {"hotline": "kurram", "attended": number % 2 == 0, "at": views.spell(hour + timedelta(seconds=number))}
        for number in range(count)
    ]
    flood(line, views.DESK, hour, rows)
    return hour


@pytest.mark.promised(
    "a flooded hotline",
    "docs/threat-model.md",
    "A hotline as a weapon",
    "All of it stays a record, and of calls, messages and signs of a desk pages say how many more there are",
)
def test_a_desk_that_flaps_is_counted_to_so_many_signs_an_hour_and_stands_as_it_was_told_last(line: Hotline) -> None:
    hour = flap(line, 2000)
    within = Period(hour, hour + timedelta(hours=2))
    line.border.clock.at = within.until
    with look(line.side("pk").means) as turn:
        (held,) = [each for each in calls.lines(turn) if each.code == "kurram"]
        known = quality_page.known(turn, held, within)
        shown = quality_page.of_line(turn, held, within, within)
    assert len(known.desks) == quality.DESKS_AN_HOUR + 1
    assert (known.desks[-1].attended, known.desks[-1].at) == (False, hour + timedelta(seconds=1999))
    assert shown.flapped == {"af": 2000 - len(known.desks)}
    with desk(line.side("pk")) as pk:
        assert "1,969 signs of the desk of" in page(pk, "/liaison/quality")


def test_desks_that_come_and_go_are_one_line_of_a_log_that_opens(line: Hotline) -> None:
    line.border.clock.at = line.border.clock.at.replace(hour=8, minute=2, second=0)
    for minute in range(3):
        line.tell("af", Desk(hotline="kurram", attended=True))
        line.border.clock.forward(minutes=1 + minute)
        line.tell("af", Desk(hotline="kurram", attended=False))
        line.border.clock.forward(minutes=1)
    line.tell("pk", Desk(hotline="kurram", attended=True))
    line.carry()
    line.border.clock.forward(minutes=1)
    line.ring()
    line.border.clock.forward(minutes=1)
    line.tell("pk", Desk(hotline="kurram", attended=False))
    day = line.border.clock.at.date().isoformat()
    with look(line.side("pk").means) as turn:
        shown = days_page.context(turn, at_machine(DUTY), days_page.Query(day=day))
    assert [(each.party, each.what) for each in shown["entries"]] == [
        ("af", "desks"),
        ("pk", "attended"),
        ("pk", "call"),
        ("pk", "unattended"),
    ]
    folded = shown["entries"][0]
    assert (folded.since[11:], folded.until[11:], folded.again) == ("08:02:00Z", "08:03:00Z", 2)
    assert len(folded.told) == 6
    assert shown["day"].records == 9
    with desk(line.side("pk")) as pk:
        text = page(pk, f"/liaison/days?hotline=kurram&day={day}")
    assert "and 2 times more" in text
    assert text.count("told that somebody is at the desk") == 4


def test_a_flood_of_signs_is_one_line_and_a_long_day_has_parts(line: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    hour = flap(line, 3000)
    monkeypatch.setattr(days_page, "LINES", 4)
    line.border.clock.at = hour + timedelta(hours=1)
    for _ in range(6):
        line.ring()
        line.border.clock.forward(seconds=1)
    actor, day = at_machine(DUTY), hour.date().isoformat()
    with look(line.side("pk").means) as turn:
        parts = [days_page.context(turn, actor, days_page.Query(day=day, part=each)) for each in range(3)]
    assert [len(each["entries"]) for each in parts] == [4, 3, 0]
    folded = parts[0]["entries"][0]
    assert (len(folded.told), folded.more) == (days_page.FOLDED, 3000 - days_page.FOLDED)
    assert parts[0]["day"].records == 3006
    with desk(line.side("pk")) as pk:
        assert "part=1" in page(pk, f"/liaison/days?hotline=kurram&day={day}")
        assert "2,950 signs more" in page(pk, f"/liaison/days?hotline=kurram&day={day}")


def test_of_many_signatures_the_last_of_each_side_is_read(line: Hotline) -> None:
    line.ring()
    day = line.border.clock.at.date()
    line.border.clock.forward(days=1)
    line.do("pk", "sign-day", hotline="kurram", day=day.isoformat())
    rows = [
        {"hotline": "kurram", "day": day.isoformat(), "records": each, "digest": f"{each:064}"} for each in range(2000)
    ]
    flood(line, views.DAY, line.border.clock.at, rows)
    with look(line.side("pk").means) as turn:
        (listed,) = [
            each
            for each in days_page.context(turn, at_machine(DUTY), days_page.Query(hotline="kurram"))["listed"]
            if each.day == day.isoformat()
        ]
    assert listed.ours.same
    assert listed.theirs.records == 1999


def test_who_rings_and_says_as_usual_is_not_bounded(line: Hotline) -> None:
    rung = line.ring()
    line.carry()
    line.do("af", "open", **of(rung))
    line.say("af", rung, "talk.received")
    line.carry()
    facts = line.facts("pk", rung)
    assert (facts.more, len(facts.uttered), len(facts.opened)) == ((), 1, 1)


def test_calls_that_are_dated_far_ahead_ring_when_their_day_comes_and_push_out_no_true_one(line: Hotline) -> None:
    true = line.ring("af", urgency="flash")
    line.carry()
    asked = {"hotline": "kurram", "urgency": "flash", "test": False, "compact": true.fields.compact}
    flood(line, views.CALL, true.fields.at + timedelta(days=400), [asked] * calls.MOST_RUNG)
    with look(line.side("pk").means) as turn:
        assert [facts.rung.key.id for facts in calls.recent(turn)] == [true.key[1]]
        assert calls.not_rung(turn, composing.require_line(turn, "kurram")) == {}
