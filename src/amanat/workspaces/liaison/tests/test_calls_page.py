"""The list of calls: what a row says, what it is narrowed down to, and that page by page each call stands once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from amanat.exchange.means import look
from amanat.officer.may import at_machine
from amanat.party.errors import Invalid
from amanat.record.record import Record
from amanat.workspaces.liaison.pages import calls
from amanat.workspaces.liaison.pages.calls import Listed, Query
from amanat.workspaces.liaison.tests.lines import DUTY, PLACE, Hotline, hotline, page
from api.cast import desk
from console.reading import Read


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Hotline]:
    with hotline(tmp_path) as between:
        yield between


def listed(line: Hotline, party: str = "pk", **asked: str) -> list[Listed]:
    """All that a side lists, from its first page to its last."""
    found, query = list[Listed](), Query(**asked)  # type: ignore[arg-type]
    while True:
        with look(line.side(party).means) as turn:
            shown = calls.context(turn, at_machine(DUTY), query)
        found += shown["listed"]
        if not shown["next"]:
            return found
        query = Query(**asked, cursor=shown["next"].rpartition("cursor=")[2])  # type: ignore[arg-type]


def ids(line: Hotline, party: str = "pk", **asked: str) -> list[str]:
    return [each.facts.rung.key.id for each in listed(line, party, **asked)]


def name(*calls_: Record) -> list[str]:
    return [each.key[1] for each in calls_]


def test_a_row_says_how_far_a_call_came_how_soon_it_was_answered_and_how_much_was_said(line: Hotline) -> None:
    call = line.ring("pk", "flash")
    line.answered(call, timedelta(seconds=40))
    for party in ("pk", "af"):
        (row,) = listed(line, party)
        assert (row.state, row.climbed, row.after, row.said) == ("answered", 0, timedelta(seconds=40), 1)


def test_a_call_that_nobody_opened_shows_so_and_what_it_climbed(line: Hotline) -> None:
    line.ring("pk", "flash")
    line.carry()
    line.border.clock.forward(minutes=5)
    (row,) = listed(line)
    assert (row.state, row.after) == ("unanswered", None)


def test_the_newest_call_stands_first_and_page_by_page_each_stands_once(
    line: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "SHOWN", 2)
    rung = [line.ring() for _ in range(3)]  # within one second
    line.border.clock.forward(minutes=1)
    rung += [line.ring(), line.ring()]
    found = ids(line)
    assert sorted(found) == sorted(name(*rung))
    assert set(found[:2]) == set(name(*rung[3:]))


def test_it_is_narrowed_down_by_hotline_tests_and_answers(line: Hotline) -> None:
    answered, test = line.ring(), line.ring_test()
    (other,) = line.do("pk", "ring", at="operations/duty", hotline="directorates", urgency="priority")
    line.answered(answered, timedelta(minutes=1))
    assert ids(line, hotline="directorates") == name(other)
    assert ids(line, tests="yes") == name(test)
    assert ids(line, answered="yes") == name(answered)
    assert set(ids(line, answered="no")) == set(name(test, other))
    assert ids(line, hotline="kurram", tests="no", answered="no") == []


@pytest.mark.parametrize("words", ["cease fire", "فائر بند", "ډزې ودروئ", "فیر قطع"])
def test_it_is_searched_for_words_of_a_phrase_in_whatever_language_it_was_said(line: Hotline, words: str) -> None:
    call = line.ring("pk", "flash")
    line.say("pk", call, "fire.cease", PLACE, "14:30")
    line.ring()
    assert ids(line, words=words) == name(call)
    assert ids(line, words=f"{words} xyzzy") == []


def test_days_are_those_of_the_own_zone_both_ends_among_them(line: Hotline) -> None:
    call = line.ring()
    assert ids(line, since="2026-11-24", until="2026-11-24") == name(call)
    assert ids(line, since="2026-11-25") == ids(line, until="2026-11-23") == []
    assert ids(line, since="0001-01-01", until="9999-12-31") == name(call)


@pytest.mark.parametrize(
    "asked", [{"since": "yesterday"}, {"since": "2026-11-25", "until": "2026-11-24"}, {"cursor": "x"}]
)
def test_what_cannot_be_asked_is_refused(line: Hotline, asked: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        listed(line, **asked)


def test_the_page_leads_to_each_call_and_to_the_file_of_its_days(line: Hotline) -> None:
    call = line.ring("pk", "flash", exercise="on")
    line.answered(call, timedelta(seconds=40))
    with desk(line.side("pk")) as pk:
        shown = page(pk, "/liaison/calls?since=2026-11-24")
        assert "EXERCISE" in shown
        assert "40 seconds" in shown
        links = Read(shown).links
        assert f"/liaison/call?party=pk&id={call.key[1]}" in links
        assert "/records?workspace=liaison&since=2026-11-24" in links
        assert "No call is like that." in page(pk, "/liaison/calls?words=xyzzy")
        assert "No call is like that." in page(pk, "/liaison/calls?hotline=%3Cscript%3E")
        page(pk, "/liaison/calls?tests=perhaps", status=400)


def test_before_the_first_call_the_page_says_what_will_stand_there(line: Hotline) -> None:
    with desk(line.side("af")) as af:
        assert "Nobody has rung yet." in page(af, "/liaison/calls")
