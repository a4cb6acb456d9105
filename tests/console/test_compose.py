"""Writing a record on pages that need no script: begun, filled in, saved, judged, sent, discarded, and given files."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import msgspec
import pytest

from amanat.exchange import parts as coming
from amanat.exchange.means import look
from amanat.officer.may import Role
from amanat.party.types import Line
from amanat.record.kind import Kind, Kinds
from amanat.record.notices import NOTICES
from amanat.store import drafts
from api.cast import Desk, SignIn, desk, draft, person
from border import Border
from console.reading import HOSTILE, Read, said_done
from side import REPORT


class Bus(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A bus that came to the post."""

    plate: Line
    seats: int = 0


class Buses(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Buses that came to the post."""

    says: str
    names_person: bool = False
    buses: tuple[Bus, ...] = ()


def _text(body: Buses) -> str:
    return body.says or f"{len(body.buses)} buses"


BUSES = Kind(
    "intelligence.report",
    2,
    Buses,
    "destroy",
    "Buses.",
    (),
    facts=lambda body: REPORT.facts(_as_report(body)),
    title=_text,
)


def _as_report(body: Buses) -> Any:
    return REPORT.body(body.says, names_person=body.names_person)


@pytest.fixture(scope="module")
def af(border: Border) -> Iterator[Desk]:
    """The node of one side, whose officers write of buses."""
    side = border.af
    side.means = replace(side.means, kinds=Kinds([REPORT, BUSES, *NOTICES]))
    with desk(side) as served:
        yield served


def parts(**said: str | list[str]) -> list[tuple[str, tuple[None, str]]]:
    """A form as a browser sends it in parts, its word first."""
    pairs = [
        (name.replace("__", "/"), each)
        for name, value in said.items()
        for each in ([value] if isinstance(value, str) else value)
    ]
    return [(name, (None, value)) for name, value in pairs]


def saved(page: httpx.Response, **said: str | list[str]) -> dict[str, Any]:
    """What is sent of a draft's page: what stands in its handling, and what is typed besides."""
    hidden = Read(page.text).hidden
    given = {
        "form": hidden["form"],
        "version": hidden["version"],
        "handling__tlp": "TLP:AMBER",
        "handling__codes": "H1",
    }
    return {"files": parts(**(given | {"handling__purpose": "counter-terrorism"} | said))}


def begun(browser: httpx.Client, **about: str) -> httpx.Response:
    """The page of a draft that was just begun."""
    page = Read(browser.get("/compose", params=about).text)
    form = {**page.hidden, "choice": "pk-af intelligence.report"}
    made = browser.post("/compose", data=form)
    assert made.url.path.startswith("/draft/"), made.text
    return made


def kept(af: Desk, page: httpx.Response) -> Any:
    """The form that is kept of a draft."""
    return af.get("duty", f"/drafts/{id_of(page)}")["form"]


def id_of(page: httpx.Response) -> str:
    return page.url.path.split("/")[2]


# --- beginning --------------------------------------------------------------------------------------------------------


def test_offered_is_what_the_compact_lets_this_party_send(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("analyst")
    page = Read(browser.get("/compose").text)
    assert 'value="pk-af intelligence.report"' in browser.get("/compose").text
    assert "may go to pk · obs" in page.words


def test_what_is_written_of_or_withdrawn_is_named_and_led_to(af: Desk, browser: httpx.Client, sign_in: SignIn) -> None:
    sent = af.send(to=["pk"], body={"says": "two buses"})["id"]
    sign_in("duty")
    assert f"/record/af/{sent}" in Read(browser.get("/compose", params={"supersedes": f"af:{sent}"}).text).links
    assert f"/record/af/{sent}" in Read(browser.get("/compose", params={"answers": f"af:{sent}"}).text).links
    assert "two buses" in Read(browser.get(f"/record/af/{sent}/withdrawal").text).words


def test_a_tab_says_the_kind_in_words_and_the_title_where_no_person_is_named(
    af: Desk, browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sent = af.send(to=["pk"], body={"says": "two lorries"})["id"]
    sign_in("duty")
    first = begun(browser)
    title = re.compile(r"<title>(.*?)</title>").findall
    assert title(first.text) == ["Draft: Intelligence report"]
    written = browser.post(first.url.path, **saved(first, do="save", body__says="three buses"))
    assert title(written.text) == ["Draft: three buses"]
    sending = browser.get(f"{first.url.path}/sending").text
    assert title(sending) == ["Send: three buses"]
    named = browser.post(first.url.path, **saved(written, do="save", body__says="of X", body__names_person="yes"))
    assert title(named.text) == ["Draft: Intelligence report"]
    assert title(browser.get(f"/record/af/{sent}").text) == ["two lorries"]
    assert title(browser.get(f"/record/pk/{came['person']}").text) == ["Intelligence report of pk"]


def test_a_record_and_the_one_that_took_its_place_lead_to_each_other_by_title(
    af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("duty")
    first = af.send(to=["pk"], body={"says": "two carts"})["id"]
    refs = [{"relation": "supersedes", "party": "af", "id": first}]
    second = af.send(to=["pk"], body={"says": "three carts"}, refs=refs)["id"]
    old, new = (browser.get(f"/record/af/{each}").text for each in (first, second))
    assert f'<a href="/record/af/{second}"><bdi>three carts</bdi></a>' in old
    assert f'<a href="/record/af/{first}"><bdi>two carts</bdi></a>' in new
    assert "three carts" in browser.get(f"/record/af/{first}/way").text


def test_a_reference_is_called_by_its_title_where_one_may_look_and_that_look_is_noted(
    af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    named = draft() | person() | {"to": ["pk"], "body": {"says": "of Exercise Nobody", "names_person": True}}
    held = af.ask("duty", "POST", "/records", json=named).json()["id"]
    digest = af.get("approver", f"/held/{held}")["digest"]
    assert af.ask("approver", "POST", f"/held/{held}/approval", json={"digest": digest}).status_code < 300
    refs = [{"relation": "about", "party": "af", "id": held}]
    strict = {"tlp": "TLP:AMBER", "codes": ["H1", "H2"]}
    id_ = af.send(to=["pk"], body={"says": "about that one"}, refs=refs, handling=strict)["id"]
    roles: tuple[tuple[Role, bool], ...] = (("duty", True), ("observer", False))
    for role, sees in roles:
        browser.cookies.clear()
        sign_in(role)
        before = len(af.noted("record.person", f"af:{held}", by=role))
        words = Read(browser.get(f"/record/af/{id_}").text).words
        looked = len(af.noted("record.person", f"af:{held}", by=role)) - before
        assert ("Exercise Nobody" in words, "names a person" in words, looked) == (sees, not sees, int(sees)), role


def test_who_may_not_write_is_shown_no_place_and_no_page(browser: httpx.Client, sign_in: SignIn) -> None:
    first = sign_in("approver")
    assert "/drafts" not in Read(first.text).links
    for path in ("/compose", "/drafts", "/draft/none"):
        assert browser.get(path).status_code == 403


def test_an_answer_goes_to_whom_it_answers_and_names_it(
    af: Desk, browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sign_in("duty")
    form = kept(af, begun(browser, answers=f"pk:{came['plain']}"))
    assert form["to"] == ["pk"]
    assert form["refs"] == [{"relation": "answers", "party": "pk", "id": came["plain"]}]


def test_a_later_version_begins_with_what_the_earlier_one_says(
    af: Desk, border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    earlier = border.af.send("pk", text="two lorries")
    sign_in("duty")
    page = begun(browser, supersedes=f"af:{earlier.record.fields.id}")
    form = kept(af, page)
    assert (form["to"], form["body"]) == (["pk"], {"text": "two lorries"})
    assert form["refs"][0]["relation"] == "supersedes"


@pytest.mark.parametrize("choice", ["", "nonsense", "pk-af intelligence.nothing", "none intelligence.report"])
def test_what_is_not_offered_is_not_begun_and_the_page_says_so(
    browser: httpx.Client, sign_in: SignIn, came: dict[str, str], choice: str
) -> None:
    sign_in("duty")
    about = {"answers": f"pk:{came['plain']}"}
    page = Read(browser.get("/compose", params=about).text)
    kept_before = Read(browser.get("/drafts").text).links
    again = browser.post("/compose", data={**page.hidden, "choice": choice})
    assert (again.status_code, "draft.choice" in again.text) == (400, True)
    assert about["answers"] in Read(again.text).hidden["answers"]
    assert 'value="pk-af intelligence.report"' in again.text
    assert Read(browser.get("/drafts").text).links == kept_before


# --- the form ---------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_and_judged(af: Desk, browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    page = begun(browser)
    page = browser.post(
        page.url.path,
        **saved(page, to="pk", body__says="two\r\nbuses", body__buses__0__plate="KBL 1", body__buses__0__seats="30"),
    )
    assert "It may be sent" in Read(page.text).words
    assert "Clause 4.1.a" in Read(page.text).words
    assert kept(af, page)["body"] == {
        "says": "two\nbuses",
        "names_person": False,
        "buses": [{"plate": "KBL 1", "seats": 30}],
    }
    assert kept(af, page)["handling"] == {}
    assert af.outcomes("record.compose", f"draft:{id_of(page)}").count("done") == 2


def test_what_is_empty_is_asked_for_quietly_until_it_is_saved_so(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    page = begun(browser)

    def told(page: httpx.Response) -> tuple[bool, bool]:
        words = Read(page.text).words
        return "Not all that is needed is filled in yet" in words, "from being sent" in words

    assert (told(page), 'id="wrong-' in page.text) == ((True, False), False)
    more = browser.post(page.url.path, **saved(page, do="add:body/buses"))
    assert told(more) == (True, False)
    assert told(browser.get(f"{page.url.path}/sending")) == (False, False)
    assert "draft.to" in browser.get(f"{page.url.path}/sending").text
    kept = browser.post(page.url.path, **saved(page))
    assert (told(kept), "draft.to" in kept.text) == ((False, True), True)


def test_a_flaw_stands_beside_its_field(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    page = begun(browser)
    page = browser.post(
        page.url.path,
        **saved(page, to="pk", body__says="x", body__buses__0__plate="KBL 1", body__buses__0__seats="many"),
    )
    assert 'id="body/buses/0/seats" name="body/buses/0/seats" aria-invalid="true"' in page.text
    assert 'value="many"' in page.text
    page = browser.post(page.url.path, **saved(page, to="pk", body__says="x", handling__tlp="TLP:RED"))
    assert 'name="handling/tlp" aria-invalid="true"' in page.text
    assert "clause 4.1" in page.text


HANDLING = person()["handling"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"body": {"says": "x", "buses": ["a bus"]}, "attachments": ["0" * 64]}, ["body/buses/0", "attachments"]),
        ({"handling": HANDLING | {"grading": {"scheme": "4x4", "source": "F", "information": "6"}}}, ["grading"]),
        ({"to": ["obs"]}, ["to"]),
    ],
)
def test_what_is_wrong_is_tied_to_its_field_or_to_its_group(
    wrong: dict[str, Any], told: list[str], af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("duty")
    body = {"says": "x", "names_person": "handling" in wrong}
    asked = draft() | {"to": ["pk"], "body": body} | wrong
    made = af.ask("duty", "POST", "/drafts", json=asked).json()
    page = browser.get(f"/draft/{made['head']['id']}").text
    assert re.findall(r'id="wrong-(?:handling/)?(.+?)-1"', page) == told
    described = set(" ".join(re.findall(r'aria-describedby="([^"]+)"', page)).split())
    assert described >= set(re.findall(r'id="(wrong-.+?)"', page))


def test_a_row_is_added_and_taken_out_by_a_button_and_nothing_is_kept_meanwhile(
    af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("duty")
    page = begun(browser)
    path = page.url.path
    one = {"to": "pk", "body__says": "buses", "body__buses__0__plate": "KBL 1", "body__buses__1__plate": "KBL 2"}
    more = browser.post(path, **saved(page, **one, do="add:body/buses"))
    assert [f'name="body/buses/{number}/plate"' in more.text for number in range(4)] == [True, True, True, False]
    assert 'value="KBL 2"' in more.text
    less = browser.post(path, **saved(page, **one, do="remove:body/buses/0"))
    assert "KBL 1" not in less.text
    assert 'name="body/buses/0/plate" value="KBL 2"' in less.text
    assert kept(af, page)["body"] == {}


def test_a_browser_that_runs_no_script_meets_plain_forms_and_each_has_its_word(
    browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("duty")
    page = begun(browser)
    assert page.text.count('method="post"') == page.text.count('name="form"')
    assert not [
        name for name in ("hx-", "onclick", "javascript:") if name in page.text.lower().replace("htmx-config", "")
    ]


@pytest.mark.parametrize("word", ["", "0" * 64])
def test_a_form_of_another_page_keeps_sends_and_discards_nothing(
    af: Desk, browser: httpx.Client, sign_in: SignIn, word: str
) -> None:
    sign_in("duty")
    page = begun(browser)
    path = page.url.path
    for answer in (
        browser.post("/compose", data={"form": word, "choice": "pk-af intelligence.report"}),
        browser.post(path, **saved(page, form=word, to="pk")),
        browser.post(f"{path}/import", files=parts(form=word, version="1", text="{}")),
        browser.post(f"{path}/sending", data={"form": word, "version": "1"}),
        browser.post(f"{path}/submission", data={"form": word, "version": "1"}),
        browser.post(f"{path}/discarding", data={"form": word, "version": "1"}),
    ):
        assert answer.status_code == 403
    assert af.get("duty", f"/drafts/{id_of(page)}")["head"]["version"] == 1


def test_the_word_counts_only_as_the_first_field(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    page = begun(browser)
    word = Read(page.text).hidden["form"]
    assert browser.post(page.url.path, files=parts(version="1", form=word)).status_code == 403


@pytest.mark.parametrize(
    "last", ["", 'Content-Disposition: form-data; name="upload"; filename="a.exe"\r\n\r\nx'], ids=["field", "file"]
)
def test_a_form_that_breaks_off_changes_nothing(browser: httpx.Client, sign_in: SignIn, last: str) -> None:
    sign_in("duty")
    page = begun(browser)
    head = f'--b\r\nContent-Disposition: form-data; name="form"\r\n\r\n{Read(page.text).hidden["form"]}\r\n--b\r\n'
    answer = browser.post(
        page.url.path, content=head + last, headers={"content-type": "multipart/form-data; boundary=b"}
    )
    assert (answer.status_code, "form.parts" in answer.text) == (400, True)


def test_what_is_written_is_words_and_no_markup(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    page = begun(browser)
    page = browser.post(page.url.path, **saved(page, to="pk", body__says=HOSTILE, do="send"))
    for each in (page, browser.get(page.url.path.removesuffix("/sending")), browser.get("/drafts")):
        shown = Read(each.text)
        assert len(shown.scripts) == 1
        assert "img" not in shown.tags


# --- two at once ------------------------------------------------------------------------------------------------------


def test_who_comes_late_is_shown_both_texts_and_decides(af: Desk, browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    page = begun(browser)
    path = page.url.path
    browser.post(path, **saved(page, to="pk", body__says="three buses"))
    late = browser.post(path, **saved(page, to="pk", body__says="five buses"))
    assert late.status_code == 412
    words = Read(late.text).words
    assert "three buses" in words
    assert "five buses" in words
    assert kept(af, page)["body"]["says"] == "three buses"
    assert browser.post(path, **saved(late, to="pk", body__says="five buses")).status_code == 200
    assert kept(af, page)["body"]["says"] == "five buses"


@pytest.mark.parametrize("version", ["x", "-1", "1.5", "9" * 16, "9" * 40])
def test_a_version_that_is_no_number_of_one_is_refused_and_nothing_becomes_of_the_draft(
    af: Desk, browser: httpx.Client, sign_in: SignIn, version: str
) -> None:
    sign_in("duty")
    page = begun(browser)
    path, word = page.url.path, {"form": Read(page.text).hidden["form"], "version": version}
    answers = [browser.post(path, **saved(page, version=version, to="pk", body__says="buses"))]
    answers += [browser.post(f"{path}/{act}", data=word) for act in ("sending", "submission", "discarding")]
    assert [(each.status_code, 'role="alert"' in each.text) for each in answers] == [(400, True)] * 4
    assert (kept(af, page)["body"], af.get("duty", f"/drafts/{id_of(page)}")["head"]["version"]) == ({}, 1)


# --- persons ----------------------------------------------------------------------------------------------------------


def test_to_open_a_draft_that_may_name_a_person_is_a_look_and_noted(
    af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    made = af.ask(
        "duty", "POST", "/drafts", json=draft() | {"to": ["pk"], "kind": "intelligence.report/1"} | person()
    ).json()["head"]
    sign_in("analyst")
    assert "a person" not in Read(browser.get("/drafts").text).words.replace("may name a person", "")
    before = af.outcomes("record.person", f"draft:{made['id']}").count("done")
    assert "a person" in browser.get(f"/draft/{made['id']}").text
    assert af.outcomes("record.person", f"draft:{made['id']}").count("done") == before + 1


def test_one_that_names_a_person_lacks_what_the_floors_ask_until_it_is_given(
    browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("duty")
    page = begun(browser)
    named = {"to": "pk", "body__says": "one bus", "body__names_person": "yes"}
    page = browser.post(page.url.path, **saved(page, **named))
    assert "floor 2" in Read(page.text).words
    risk = {"handling__torture": "low", "handling__death_penalty": "none", "handling__basis": "assessed here"}
    page = browser.post(
        page.url.path,
        **saved(
            page,
            **named,
            handling__codes=["H1", "H2"],
            handling__legal_basis="criminal-procedure",
            handling__scheme="4x4",
            handling__source="B",
            handling__information="2",
            **risk,
            handling__not_obtained_by_torture="yes",
            do="send",
        ),
    )
    assert "It waits here for a second person" in Read(page.text).words
    done = browser.post(page.url.path, data=Read(page.text).hidden)
    assert (done.url.path, said_done(done.url)) == ("/drafts", "held")


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_file_comes_in_with_what_is_typed_and_goes_when_it_is_unticked(
    af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("duty")
    page = begun(browser)
    path = page.url.path
    form = saved(page, to="pk", body__says="see the file")
    page = browser.post(
        path, files=[*form["files"], ("upload", ("bridge.jpg", b"two buses", "image/jpeg")), ("do", (None, "save"))]
    )
    assert "bridge.jpg: 9 bytes" in Read(page.text).words
    (address,) = kept(af, page)["attachments"]
    page = browser.post(path, **saved(page, to="pk", body__says="see the file", file=address))
    assert kept(af, page)["attachments"] == [address]
    page = browser.post(path, **saved(page, to="pk", body__says="no file"))
    assert kept(af, page)["attachments"] == []


def test_files_chosen_together_come_in_together_and_none_where_one_is_refused(
    af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("duty")
    page = begun(browser)
    path = page.url.path

    def posted(*names: str) -> httpx.Response:
        form = saved(page, to="pk", body__says="see the files")["files"]
        files = [("upload", (name, b"drawn", "image/png")) for name in names]
        return browser.post(path, files=[*form, *files, ("do", (None, "save"))])

    refused = posted("sketch.exe", "sketch.png")
    assert (refused.status_code, "attachment.type" in refused.text) == (400, True)
    assert kept(af, page)["attachments"] == []
    posted("sketch.geojson", "sketch.png")
    assert len(kept(af, page)["attachments"]) == 2


@pytest.mark.parametrize(
    "refused",
    [("bridge.jpg", b"", "attachment.size"), ("bridge.exe", b"x" * 300_000, "attachment.type")],
    ids=["empty", "of a type that is not taken"],
)
def test_a_file_that_is_refused_is_told_beside_all_that_was_typed_before_and_after_it(
    af: Desk, browser: httpx.Client, sign_in: SignIn, came: dict[str, str], refused: tuple[str, bytes, str]
) -> None:
    sign_in("duty")
    name, data, code = refused
    answered = f"pk:{came['plain']}"
    page = begun(browser, answers=answered)
    form = saved(page, to="pk", body__says="typed and not lost")["files"]
    sent = [*form, ("upload", (name, data, "image/jpeg")), *parts(ref=f"answers {answered}", do="save")]
    page = browser.post(page.url.path, files=sent)
    assert (page.status_code, code in page.text, "typed and not lost" in page.text) == (400, True, True)
    assert f'name="ref" value="answers {answered}" checked' in page.text
    assert kept(af, page)["body"] == {}


def test_of_a_file_that_is_refused_no_more_is_read_than_one_may_have_that_is_taken(
    browser: httpx.Client, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coming, "MAX_PAST", 100_000)
    sign_in("duty")
    page = begun(browser)
    sent = [*saved(page)["files"], ("upload", ("bridge.exe", b"x" * 300_000, "image/jpeg")), *parts(do="save")]
    answer = browser.post(page.url.path, files=sent)
    assert (answer.status_code, "form.size" in answer.text) == (400, True)


# --- what becomes of it -----------------------------------------------------------------------------------------------


def test_before_it_is_sent_a_page_says_who_will_receive_what_and_by_which_clause(
    af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("duty")
    page = begun(browser)
    page = browser.post(page.url.path, **saved(page, to="pk", body__says="four buses", do="send"))
    words = " ".join(Read(page.text).words.split())
    for said in ("Who will receive it", "Clause 4.1.a", "Each member may send reports", "four buses", "TLP:AMBER"):
        assert said in words
    assert kept(af, page)["body"]["says"] == "four buses"
    done = browser.post(page.url.path, data=Read(page.text).hidden)
    assert done.url.path.startswith("/record/af/")
    assert "four buses" in done.text


def test_what_changed_since_the_page_was_read_is_not_sent(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    page = begun(browser)
    path = page.url.path
    ask = browser.post(path, **saved(page, to="pk", body__says="six buses", do="send"))
    browser.post(path, **saved(browser.get(path), to="pk", body__says="seven buses"))
    late = browser.post(f"{path}/sending", data=Read(ask.text).hidden)
    assert late.status_code == 412
    assert "seven buses" in late.text


def test_an_analyst_is_offered_a_second_person_and_no_sending(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("analyst")
    page = begun(browser)
    page = browser.post(page.url.path, **saved(page, to="pk", body__says="buses", do="send"))
    assert f'action="{page.url.path}"' not in page.text
    done = browser.post(page.url.path.replace("/sending", "/submission"), data=Read(page.text).hidden)
    assert (done.url.path, said_done(done.url)) == ("/drafts", "held")


def test_one_that_cannot_be_sent_has_no_button_for_it(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    page = begun(browser)
    ask = browser.get(f"{page.url.path}/sending")
    assert "It cannot be sent as it is" in ask.text
    refused = browser.post(f"{page.url.path}/sending", data=Read(page.text).hidden)
    assert refused.status_code == 400


def test_discarding_says_what_follows_and_destroys(af: Desk, browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    page = begun(browser)
    assert "The draft is destroyed here" in page.text
    hidden = Read(page.text).hidden
    gone = browser.post(f"{page.url.path}/discarding", data={"form": hidden["form"], "version": "1"})
    assert "The draft was destroyed" in gone.text
    with look(af.side.means) as turn:
        assert drafts.one(turn.tx, id_of(page)) is None


def test_the_list_leads_from_page_to_page_and_says_why_one_was_given_back(
    border: Border, af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    border.clock.forward(minutes=1)  # those begun last come first, and other tests began some
    given = {"to": ["pk"], "body": {"says": "one to mend"}}
    held = af.ask("analyst", "POST", "/drafts", json=draft() | given).json()["head"]
    waits = af.http.post(
        f"/api/v1/drafts/{held['id']}/submission", headers=af.session("analyst") | {"if-match": '"1"'}
    ).json()
    back = af.ask(
        "approver", "POST", f"/held/{waits['id']}/return", json={"digest": waits["digest"], "reason": "say which gate"}
    )
    assert back.status_code == 200, back.text
    sign_in("analyst")
    first = Read(browser.get("/drafts").text)
    assert "say which gate" in first.words
    for number in range(51):
        af.ask("duty", "POST", "/drafts", json=draft() | given | {"body": {"says": f"list {number}"}})
    page = Read(browser.get("/drafts").text)
    (older,) = [each for each in page.links if "cursor=" in each]
    assert browser.get(older).status_code == 200
