"""Free words about a matter that is no call: what is a matter, and that both sides have the same words about it.

The matter is a day of the hotline that was signed: no more of it is needed than that it is a record of liaison.
"""

from itertools import permutations

import pytest
from sqlalchemy import insert, select, update

from amanat.exchange.means import begin, look
from amanat.officer.may import at_machine
from amanat.party.errors import Invalid, Refused
from amanat.record.record import Record
from amanat.store.tables import RECORD
from amanat.workspaces.liaison import free_words, matters, views
from amanat.workspaces.liaison.kinds import MOST_TEXTS, Named, Text
from amanat.workspaces.liaison.pages import text as text_page
from amanat.workspaces.liaison.tests.lines import DUTY, Hotline, named
from amanat.workspaces.liaison.tests.words_cast import ELSEWHERE, PAGES, begun, days, signed_day, utter, waiting, words


@pytest.fixture(autouse=True)
def _a_day_is_a_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matters, "PAGES", PAGES)


@pytest.fixture
def day(line: Hotline) -> Record:
    return signed_day(line)


# --- what a matter is -------------------------------------------------------------------------------------------------


def test_a_record_that_begins_a_matter_is_one_with_its_title_and_its_page(line: Hotline, day: Record) -> None:
    with look(line.side("af").means) as turn:
        found = matters.matter(turn, *day.key)
    assert found is not None
    assert (found.key, found.name, found.compact) == (Named(*day.key), "liaison.day", "pk-af")
    assert (found.path, found.exercise) == (f"/liaison/days?party=pk&id={day.key[1]}", False)
    assert found.title.startswith("Log of kurram")
    assert found.expires == day.fields.handling.expires


def test_a_step_leads_to_the_page_of_what_began_its_matter_where_that_is_here(
    line: Hotline, call: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = line.say("af", call, "talk.received")
    with look(line.side("af").means) as turn:
        assert matters.matter(turn, *said.key) is None
        monkeypatch.setattr(matters, "STEPS", {"liaison.message": "liaison.call"})
        found = matters.matter(turn, *said.key)
        assert found is not None
        assert (found.key, found.path) == (Named(*said.key), f"/liaison/call?party=pk&id={call.key[1]}")
        monkeypatch.setattr(matters, "STEPS", {"liaison.message": "liaison.incident"})
        assert matters.matter(turn, *said.key) is None
        assert matters.matter(turn, "pk", ELSEWHERE.id) is None


def test_what_was_destroyed_is_no_matter_and_what_names_a_person_has_no_title(
    line: Hotline, call: Record, day: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = line.write("pk", day, "of whom nobody knows")
    monkeypatch.setattr(matters, "PAGES", {**PAGES, "liaison.text": "/liaison/text"})
    monkeypatch.setattr(matters, "STEPS", {"liaison.message": "liaison.call"})
    said = line.say("af", call, "talk.received")
    with begin(line.side("af").means) as turn:
        turn.tx.execute(update(RECORD).where(RECORD.c.id == call.key[1]).values(data=None))
        assert matters.matter(turn, *call.key) is None
        assert matters.matter(turn, *said.key) is None
    with look(line.side("pk").means) as turn:
        found = matters.matter(turn, *text.key)
    assert found is not None
    assert found.title == ""


# --- written, and the same on both sides ------------------------------------------------------------------------------


def test_words_about_a_matter_go_to_the_other_side_of_its_compact_and_end_with_it(line: Hotline, day: Record) -> None:
    text = line.write("af", day, "The count of that day was wrong.")
    assert (text.fields.audience, text.body.about) == (("pk",), Named(*day.key))
    assert [(each.relation, each.party, each.id) for each in text.fields.refs] == [("answers", *day.key)]
    own = line.write("pk", day, "We counted again.")
    assert (own.fields.audience, own.fields.refs[0].relation) == (("af",), "about")
    ends, expires = day.fields.handling.expires, text.fields.handling.expires
    assert ends is not None
    assert expires is not None
    assert expires <= ends


def test_both_sides_show_the_same_words_with_translations_in_what_they_are_of(line: Hotline, day: Record) -> None:
    one = line.write("pk", day, "شمار درست ہے", "ur")
    line.carry()
    line.write("af", day, "The count is right.", "en", one)
    line.border.clock.forward(seconds=5)
    last = line.write("af", day, "We signed too.")
    line.carry()
    for party in ("pk", "af"):
        shown = words(line, party, day).shown
        assert [(each.text, each.language) for each in shown] == [("شمار درست ہے", "ur"), ("We signed too.", "en")]
        assert [each.text for each in shown[0].translations] == ["The count is right."]
        assert (shown[1].key, shown[1].own) == (Named(*last.key), party == "af")


def test_whatever_came_first_the_same_is_shown(line: Hotline, day: Record) -> None:
    one = line.write("pk", day, "one")
    line.write("pk", day, "translated", "ur", one)
    line.write("pk", day, "two")
    shown = words(line, "pk", day).shown
    its = (views.SAID.c.matter_party == day.key[0], views.SAID.c.matter_id == day.key[1])
    with begin(line.side("pk").means) as turn:
        kept = [dict(row) for row in turn.tx.execute(select(views.SAID).where(*its)).mappings()]
        for order in permutations(kept):
            turn.tx.execute(views.SAID.delete().where(*its))
            turn.tx.execute(insert(views.SAID), list(order))
            assert free_words.said_about(turn, at_machine(DUTY), Named(*day.key)).shown == shown


def test_words_that_come_before_what_they_are_about_stand_there_once_it_came(line: Hotline) -> None:
    (signed,) = line.do("pk", "sign-day", hotline="kurram", day=f"2026-11-{next(days):02}")
    like = begun(line, "pk", signed.key)
    text = utter(line, "pk", Text(about=Named("pk", signed.key[1]), text="before", language="en"), like)
    line.border.insert("af", line.border.bundle("pk", "af"))
    assert [each.key for each in words(line, "af", signed).shown] == [Named(*text.key)]


def test_words_in_a_call_stay_in_the_call_alone(line: Hotline, call: Record, day: Record) -> None:
    line.write("pk", call, "in the call")
    line.write("pk", day, "about the day")
    line.carry()
    assert [each.text for each in words(line, "af", day).shown] == ["about the day"]
    assert [each.text for each in words(line, "af", call).shown] == ["in the call"]
    assert waiting(line, "af", call.key) == []
    assert [each.type for each in line.facts("af", call).uttered] == ["text"]


# --- refused ----------------------------------------------------------------------------------------------------------


def test_nothing_is_written_about_what_is_not_here_or_is_no_matter(line: Hotline, call: Record) -> None:
    said = line.say("af", call, "talk.received")
    for about in (ELSEWHERE.party, ELSEWHERE.id), said.key:
        with pytest.raises(Invalid, match="No matter") as wrong:
            begun(line, "af", about)
        assert wrong.value.code == "liaison.matter"


def test_no_empty_words_are_written_and_nothing_translated_but_a_text_about_the_same(
    line: Hotline, day: Record, call: Record
) -> None:
    other = line.write("pk", call, "in the call")
    with pytest.raises(Invalid, match="no words"):
        begun(line, "pk", day.key, "  ")
    for of_ in (named(other), named(day), "pk", ":"):
        with pytest.raises(Invalid, match="no text about this matter"):
            begun(line, "pk", day.key, "words", of_)


def test_in_a_call_only_its_posts_write(line: Hotline, call: Record) -> None:
    typed = text_page.Typed(*call.key, "en", "words")
    elsewhere = at_machine("karachi/duty")
    with look(line.side("pk").means) as turn, pytest.raises(Refused, match="not one of those that stand"):
        text_page.draft(turn, elsewhere, typed)
    with look(line.side("af").means) as turn:
        assert not free_words.said_about(turn, elsewhere, Named(*call.key)).may_write


def test_of_one_side_no_more_is_read_than_it_may_write_and_the_rest_is_told(line: Hotline, day: Record) -> None:
    same = {"post": DUTY, "recipient": "af", "compact": "", "exercise": False, "expires": None, "type": "text"}
    its = {"at": views.spell(day.fields.at), "matter_party": "pk", "matter_id": day.key[1], "n": 0, "body": ""}
    rows = [
        {**same, **its, "party": "pk", "id": f"flood-{day.key[1]}-{n:04}", "words": ""} for n in range(MOST_TEXTS + 3)
    ]
    for party in ("pk", "af"):
        with begin(line.side(party).means) as turn:
            turn.tx.execute(insert(views.SAID), rows)
    ours = line.write("af", day, "ours")
    found = words(line, "af", day)
    assert (len(found.shown), found.more) == (MOST_TEXTS + 1, (("pk", 3),))
    assert Named(*ours.key) in [each.key for each in found.shown]  # which nothing pushed out
    with pytest.raises(Invalid, match="texts were written by this side"):
        begun(line, "pk", day.key)
