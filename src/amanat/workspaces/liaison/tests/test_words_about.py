"""Free words about a matter that is no call: the same on both sides, opened by one press, and never unread for ever.

The matter is a day of the hotline that was signed: no more of it is needed than that it is a record of liaison.
"""

import re
from itertools import permutations
from typing import Final

import msgspec
import pytest
from sqlalchemy import insert, select, update

from amanat.exchange import doing
from amanat.exchange.drafting import Asked, drafted
from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn, begin, look
from amanat.exchange.send import send_in
from amanat.officer.may import Actor, Role, at_machine, permitted
from amanat.party.errors import Invalid, Refused
from amanat.party.lexicon import Language
from amanat.record.record import Post, Record
from amanat.seal.chunks import address as seal_address
from amanat.store.tables import RECORD
from amanat.workspace import Sent
from amanat.workspaces.liaison import free_words, matters, views
from amanat.workspaces.liaison.free_words import FreeWords
from amanat.workspaces.liaison.kinds import MOST_TEXTS, Named, Text
from amanat.workspaces.liaison.pages import text as text_page
from amanat.workspaces.liaison.tests.lines import DUTY, PERSON, Hotline, named, press, saved
from api.cast import Desk
from console.reading import Read

PAGES: Final = {**matters.PAGES, "liaison.day": "/liaison/days"}
ELSEWHERE: Final = Named("pk", "01936e1a-7a00-7000-8000-0000000000ff")
days = iter(range(1, 24))


@pytest.fixture(autouse=True)
def _a_day_is_a_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matters, "PAGES", PAGES)


@pytest.fixture
def day(line: Hotline) -> Record:
    """A matter of pk's that is at both sides, and that nobody said anything about."""
    (signed,) = line.do("pk", "sign-day", hotline="kurram", day=f"2026-11-{next(days):02}")
    line.carry()
    return signed


def words(line: Hotline, party: str, about: Record, *roles: Role) -> FreeWords:
    actor = Actor(1, DUTY, roles, permitted(roles), "console") if roles else at_machine(DUTY)
    with look(line.side(party).means) as turn:
        return free_words.said_about(turn, actor, Named(*about.key))


def waiting(line: Hotline, party: str, about: tuple[str, str]) -> list[Waiting]:
    with look(line.side(party).means) as turn:
        found = [each for each in free_words.now(turn, at_machine(DUTY)) if (each.party, each.id) == about]
        assert free_words.waits(turn, at_machine(DUTY)) >= len(found)
    return found


def opened(line: Hotline, party: str, about: tuple[str, str]) -> None:
    line.do(party, "open-words", party=about[0], id=about[1])


def begun(line: Hotline, party: str, about: tuple[str, str], text: str = "words", of_: str = "") -> Asked:
    """What a draft of these words begins with."""
    with look(line.side(party).means) as turn:
        return text_page.draft(turn, at_machine(DUTY), text_page.Typed(*about, "en", text, of_))


def utter(line: Hotline, party: str, body: Text, like: Asked) -> Record:
    """Send words as a program of a party may that is not ours."""
    with begin(line.side(party).means) as turn:
        handling = {**like.handling, **PERSON}
        asked = msgspec.structs.replace(like, body=msgspec.to_builtins(body), handling=handling, refs=())
        (sent,) = send_in(turn, [drafted(turn, asked)], Post(party, "duty"))
    return sent.record


def page(at: Desk, about: tuple[str, str], role: Role = "duty", language: Language = "en", **more: str) -> str:
    at.speak(role, language)
    asked = {"party": about[0], "id": about[1], **more}
    answer = at.http.get("/liaison/text", params=asked, headers=at.session(role))
    assert answer.status_code == 200, answer.text
    return answer.text


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


# --- floor 7 ----------------------------------------------------------------------------------------------------------


def test_words_are_shown_to_who_may_look_at_persons_and_each_look_is_noted(
    line: Hotline, at: dict[str, Desk], day: Record
) -> None:
    text = line.write("pk", day, "words of whom nobody knows")
    line.carry()
    hidden = page(at["af"], day.key, "observer")
    assert "words of whom" not in hidden
    assert "Free words, which count as naming a person." in Read(hidden).words
    assert "Open 1 message" not in hidden
    assert at["af"].noted("record.person", named(text), "observer") == []
    assert "words of whom" in page(at["af"], day.key)
    assert len(at["af"].noted("record.person", named(text), "duty")) == 1
    with look(line.side("af").means) as turn:
        assert list(free_words.persons_of(turn, Named(*day.key))) == [text.key]


@pytest.mark.parametrize("of", ["x", "a translation"])
def test_an_address_that_names_no_text_to_translate_is_no_way_round_a_noted_look(
    line: Hotline, at: dict[str, Desk], day: Record, of: str
) -> None:
    """An attack: whatever stands in the address, who is shown free words is noted to have looked at each."""
    text = line.write("pk", day, "words of whom nobody knows")
    line.carry()
    its, its_of = begun(line, "af", day.key, of_=named(text)), Named(*day.key)
    other = utter(
        line, "af", Text(about=its_of, text="the same, translated", language="en", translates=Named(*text.key)), its
    )
    assert "words of whom" in page(at["af"], day.key, of=named(other) if of == "a translation" else of)
    for each in (text, other):
        assert len(at["af"].noted("record.person", named(each), "duty")) == 1


def test_who_may_look_at_nobody_opens_nothing_and_writes_nothing(line: Hotline, day: Record) -> None:
    line.write("pk", day, "words")
    line.carry()
    seen = words(line, "af", day, "observer")
    assert (seen.may_open, seen.may_write, seen.unread, seen.shown[0].text) == (False, False, 1, None)
    desk = words(line, "af", day, "duty")
    assert (desk.may_open, desk.may_write) == (True, True)
    program = Actor(1, DUTY, (), frozenset(("record.read", "record.acknowledge", "record.compose")), "api")
    with look(line.side("af").means) as turn:
        found = free_words.said_about(turn, program, Named(*day.key))
    assert (found.may_open, found.may_write, found.shown[0].text) == (False, False, None)


# --- what waits -------------------------------------------------------------------------------------------------------


def test_words_wait_on_now_as_one_matter_until_somebody_opens_them(line: Hotline, day: Record) -> None:
    one = line.write("pk", day, "one")
    line.border.clock.forward(seconds=5)
    line.write("pk", day, "two")
    line.carry()
    (told,) = waiting(line, "af", day.key)
    assert (told.matter, told.since, told.peer) == ("liaison.text", one.fields.at, "pk")
    assert told.due is not None
    assert told.title is not None
    assert told.title.startswith("Log of kurram")
    assert told.path == f"/liaison/text?party=pk&id={day.key[1]}"
    assert waiting(line, "pk", day.key) == []  # who wrote them
    opened(line, "af", day.key)
    assert waiting(line, "af", day.key) == []
    assert words(line, "af", day).unread == 0
    line.carry()
    (post, _), *_ = words(line, "pk", day).shown[0].opened
    assert post == DUTY


def test_words_about_what_is_not_here_wait_too_and_are_opened(line: Hotline, at: dict[str, Desk], day: Record) -> None:
    like = begun(line, "pk", day.key)
    utter(line, "pk", Text(about=ELSEWHERE, text="about nothing", language="en"), like)
    line.carry()
    (told,) = waiting(line, "af", (ELSEWHERE.party, ELSEWHERE.id))
    assert (told.matter, told.title) == ("liaison.text-alone", None)
    shown = page(at["af"], (ELSEWHERE.party, ELSEWHERE.id))
    assert "They are about no matter that is here." in Read(shown).words
    assert "about nothing" in shown
    assert 'name="text"' not in shown
    asked = {"party": ELSEWHERE.party, "id": ELSEWHERE.id}
    headers = at["af"].session("duty")
    answer = at["af"].http.post("/liaison/open-words", params=asked, data=asked, headers=headers)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith("/liaison/text?party=pk&id=")
    assert waiting(line, "af", (ELSEWHERE.party, ELSEWHERE.id)) == []


def test_words_that_were_withdrawn_wait_no_more_and_say_so(line: Hotline, at: dict[str, Desk], day: Record) -> None:
    text = line.write("pk", day, "a mistake")
    line.carry()
    assert len(waiting(line, "af", day.key)) == 1
    answer = at["pk"].ask("duty", "POST", f"/records/pk/{text.key[1]}/withdrawal", json={"reason": "mistaken"})
    assert answer.status_code in {200, 201, 202}, answer.text
    line.carry()
    assert waiting(line, "af", day.key) == []
    assert [each.withdrawn for each in words(line, "af", day).shown] == [True]
    assert "withdrawn by who said it" in Read(page(at["af"], day.key)).words


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_says_about_what_and_lists_what_was_written_in_each_language(
    line: Hotline, at: dict[str, Desk], day: Record
) -> None:
    line.write("pk", day, "<b>one</b>")
    line.carry()
    shown = page(at["af"], day.key)
    assert "&lt;b&gt;one&lt;/b&gt;" in shown
    assert f"/liaison/days?party=pk&amp;id={day.key[1]}" in shown
    said = " ".join(Read(shown).words.split())
    assert "Back to: Log of Kurram" in said
    assert "Open 1 message" in said
    assert "&lt;b&gt;one&lt;/b&gt;" in page(at["af"], day.key, language="ur")
    pressed = press(at["af"], "open-words", day)
    assert pressed.status_code == 303
    assert pressed.headers["location"].startswith(f"/liaison/days?party=pk&id={day.key[1]}")
    assert pressed.headers["location"].endswith("#free-words")


def test_a_draft_about_a_matter_is_bound_to_it_and_leads_back_there(
    line: Hotline, at: dict[str, Desk], day: Record
) -> None:
    answer = press(at["af"], "text", day, language="en", text="We counted 12.", of="")
    draft = at["af"].http.get(answer.headers["location"], headers=at["af"].session("duty"))
    assert "About: Log of Kurram" in " ".join(Read(draft.text).words.split())
    typed = {"body/text": "We counted 13.", "body/language": "en", "to": "obs", "body/about/id": "0" * 36}
    sent = saved(at["af"], draft, **typed)
    to = sent.headers["location"]
    assert re.fullmatch(rf"/liaison/days\?party=pk&id={day.key[1]}&done=[^#]*#m-[0-9a-f-]{{36}}", to), to
    (shown,) = words(line, "af", day).shown
    assert (shown.text, shown.key.id) == ("We counted 13.", to.rpartition("#m-")[2])


def test_a_translation_is_written_beside_what_it_translates_of_any_matter(
    line: Hotline, at: dict[str, Desk], day: Record
) -> None:
    text = line.write("pk", day, "شمار درست ہے", "ur")
    line.carry()
    assert "شمار درست ہے" in page(at["af"], day.key, of=named(text)).partition("<figure")[2].partition("</figure>")[0]
    answer = press(at["af"], "text", day, language="en", text="The count is right.", of=named(text))
    draft = at["af"].http.get(answer.headers["location"], headers=at["af"].session("duty"))
    assert "A translation, about: Log of Kurram" in " ".join(Read(draft.text).words.split())
    assert "شمار درست ہے" in draft.text.partition("<figure")[2].partition("</figure>")[0]


def test_a_form_that_is_refused_keeps_what_was_typed(at: dict[str, Desk], day: Record) -> None:
    refused = press(at["af"], "text", day, language="ps", text="kept words", of="pk:nothing")
    assert "liaison.translates" in refused.text
    assert "kept words</textarea>" in refused.text
    assert '<option value="ps" selected>' in refused.text


def test_files_stand_beside_the_words_by_address(line: Hotline, at: dict[str, Desk], day: Record) -> None:
    side = line.side("pk")
    file = seal_address(side.attach("photo.jpg", b"a lorry"), "pk").hex()

    def asked(turn: Turn) -> Sent:
        made = text_page.draft(turn, at_machine(DUTY), text_page.Typed(*day.key, "en", "see the photo"))
        return Sent((msgspec.structs.replace(made, handling={**made.handling, **PERSON}, attachments=(file,)),))

    _, (sent,) = doing.do(side.means, at_machine(DUTY), "record.send", asked)
    line.carry()
    (shown,) = words(line, "af", day, "duty").shown
    assert [(each.name, each.parts, each.of) for each in shown.files] == [("photo.jpg", 1, 1)]
    assert words(line, "af", day, "observer").shown[0].files == ()
    assert f"/record/pk/{sent.record.key[1]}/file/photo.jpg" in page(at["pk"], day.key)
