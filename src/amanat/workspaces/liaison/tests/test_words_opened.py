"""Free words about a matter that is no call: who is shown them, each look noted; what waits; and the page."""

import re

import msgspec
import pytest

from amanat.exchange import doing
from amanat.exchange.means import Turn, look
from amanat.officer.may import Actor, at_machine
from amanat.record.record import Record
from amanat.seal.chunks import address as seal_address
from amanat.workspace import Sent
from amanat.workspaces.liaison import free_words, matters
from amanat.workspaces.liaison.kinds import Named, Text
from amanat.workspaces.liaison.pages import text as text_page
from amanat.workspaces.liaison.tests.lines import DUTY, PERSON, Hotline, named, press, saved
from amanat.workspaces.liaison.tests.words_cast import (
    ELSEWHERE,
    PAGES,
    begun,
    opened,
    page,
    signed_day,
    utter,
    waiting,
    words,
)
from api.cast import Desk
from console.reading import Read


@pytest.fixture(autouse=True)
def _a_day_is_a_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matters, "PAGES", PAGES)


@pytest.fixture
def day(line: Hotline) -> Record:
    return signed_day(line)


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
