"""Free words in a call: shown as they are, translated beside the original, and written as a draft bound to the call."""

import re

import httpx

from amanat.record.record import Record
from amanat.workspaces.liaison.tests.lines import GRADED, Hotline, named, saved
from amanat.workspaces.liaison.tests.lines import call_page as page
from amanat.workspaces.liaison.tests.lines import press as post
from api.cast import Desk
from console.reading import Read


def test_free_words_stand_as_they_are_with_translations_bound_to_them(
    line: Hotline, at: dict[str, Desk], call: Record
) -> None:
    text = line.write("pk", call, "کام آج صبح شروع ہوا <b>", "ur")
    line.carry()
    translated = line.write("af", call, "The works began this morning.", "en", text)
    line.carry()
    for party in ("pk", "af"):
        shown = page(at[party], call)
        assert "کام آج صبح شروع ہوا &lt;b&gt;" in shown
        of_text = shown.partition(f'id="m-{text.key[1]}"')[2].partition("</li>")[0]
        assert "The works began this morning." in of_text
        assert f'id="m-{translated.key[1]}"' not in shown
    assert f"&amp;of={named(text)}" in page(at["af"], call)


def test_who_may_not_look_at_persons_is_shown_no_free_words(line: Hotline, at: dict[str, Desk], call: Record) -> None:
    line.write("pk", call, "words of whom nobody knows")
    line.carry()
    shown = page(at["af"], call, role="observer")
    assert "words of whom" not in shown
    assert "Free words, which count as naming a person." in Read(shown).words


def written(at: Desk, call: Record, text: str, of_: str = "") -> httpx.Response:
    """The draft that free words become."""
    answer = post(at, "text", call, language="en", text=text, of=of_)
    assert answer.status_code == 303, answer.text
    return at.http.get(answer.headers["location"], headers=at.session("duty"))


def test_free_words_become_a_draft_that_asks_for_nothing_that_follows_from_the_call(
    at: dict[str, Desk], call: Record
) -> None:
    draft = written(at["af"], call, "The works began.")
    form = draft.text.partition('class="draft"')[2].partition("</form>")[0]
    assert "The works began." in form
    assert "In the call on Kurram" in Read(form).words
    typed = set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]*)"', form)) - {"form", "version", "upload"}
    assert typed == {"body/language", "body/text", *GRADED}
    assert ("data-sketch" in form, 'data-records="upload"' in form) == (True, True)
    empty = post(at["af"], "text", call, language="en", text="  ", of="")
    assert "liaison.text-empty" in empty.text


def test_free_words_lead_back_to_the_call_where_they_are_the_newest(
    line: Hotline, at: dict[str, Desk], call: Record
) -> None:
    draft = written(at["af"], call, "The works began.")
    changed = {"body/text": "They began anew.", "body/language": "en", "to": "obs", "handling/tlp": "TLP:CLEAR"}
    referred = {"relation": "about", "name": named(call)}
    sent = saved(at["af"], draft, **changed, **referred, **{"exercise": "yes", "body/about/id": "0" * 36})
    assert sent.status_code == 303, sent.text
    to = sent.headers["location"]
    assert re.fullmatch(rf"/liaison/call\?party=pk&id={call.key[1]}&done=[^#]*#m-[0-9a-f-]{{36}}", to), to
    shown = at["af"].http.get(to, headers=at["af"].session("duty")).text
    assert f'id="{to.partition("#")[2]}"' in shown
    assert "They began anew." in shown
    whole = at["af"].ask("duty", "GET", f"/records/af/{to.rpartition('#m-')[2]}").json()["record"]
    assert (whole["audience"], whole["handling"]["tlp"], "exercise" in whole) == (["pk"], "TLP:AMBER", False)
    assert whole["body"]["about"] == {"party": "pk", "id": call.key[1]}
    assert [each["relation"] for each in whole["refs"]] == ["answers"]
    line.carry()
    assert "They began anew." in page(at["pk"], call)


def test_a_translation_is_written_beside_what_it_translates(line: Hotline, at: dict[str, Desk], call: Record) -> None:
    text = line.write("pk", call, "کام آج صبح شروع ہوا", "ur")
    line.carry()
    looks = len(at["af"].noted("record.person", named(text)))
    draft = written(at["af"], call, "The works began this morning.", named(text))
    assert "کام آج صبح شروع ہوا" in draft.text.partition("<figure")[2].partition("</figure>")[0]
    assert "A translation, in the call on Kurram" in Read(draft.text).words
    assert len(at["af"].noted("record.person", named(text))) > looks
    sent = saved(at["af"], draft, **{"body/text": "The works began today.", "body/language": "en"})
    assert sent.headers["location"].endswith(f"#m-{text.key[1]}")
    shown = page(at["af"], call).partition(f'id="m-{text.key[1]}"')[2].partition("</li>")[0]
    assert "The works began today." in shown
