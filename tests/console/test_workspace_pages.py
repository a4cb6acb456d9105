"""A workspace is plugged in by its folder: its pages, its count, what it has for Now, and its words in each language."""

import importlib
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import MetaData, delete

from amanat import workspaces
from amanat.console import app, languages, rendering, said, shell, titles
from amanat.console import words as worded
from amanat.console import workspaces as pages
from amanat.console.languages import catalogue, first, parse
from amanat.exchange.means import Turn, begin, look
from amanat.officer.may import Actor, Role
from amanat.party.lexicon import Language
from amanat.record.kind import Kinds
from amanat.record.notices import NOTICES
from amanat.store import drafts
from amanat.workspace import Ring, Views, Workspace
from api.cast import Desk, desk
from border import Border
from console.extract import TRANSLATED, template, template_of
from console.gates.workspace import ASKED, WORKSPACE
from console.reading import HOSTILE, Read
from side import REPORT

FOLDER = Path(__file__).parent / "gates"
FOUND = "amanat.workspaces.gates"
PAGES = ("/gates/ask", "/gates/openings", "/gates/opening?id=1")
ASKS = "An opening is asked for: %(title)s"
FOLLOWS = "If nobody answers by then, the gate stays shut."


@pytest.fixture(scope="module", autouse=True)
def plugged_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The folder lies among the others, as if it were shipped."""
    among = tmp_path_factory.mktemp("workspaces")
    shutil.copytree(FOLDER, among / "gates")
    (among / "gates" / "workspace.py").rename(among / "gates" / "__init__.py")
    workspaces.__path__.append(str(among))
    forget()
    yield
    workspaces.__path__.remove(str(among))
    sys.modules.pop(FOUND, None)
    forget()


def forget() -> None:
    """Let all be read anew that a node reads once."""
    importlib.invalidate_caches()
    read_once: list[Any] = [
        workspaces.find,
        worded.words,
        languages.catalogue,
        rendering.environment,
        vars(said)["_patterns"],
        vars(titles)["_sentences"],
        vars(shell)["_all_places"],
        pages.routes,
    ]
    for each in read_once:
        each.cache_clear()


@pytest.fixture(scope="module")
def af(border: Border) -> Iterator[Desk]:
    """The node of one side, whose officers know of gates."""
    side = border.af
    side.means = replace(side.means, kinds=Kinds([REPORT, *NOTICES, *WORKSPACE.kinds]))
    WORKSPACE.views.tables.create_all(side.means.engine)
    with desk(side) as served:
        yield served


@pytest.fixture
def asks(af: Desk) -> Iterator[Callable[..., None]]:
    """Let somebody ask for openings, which are forgotten after the test."""

    def put(id_: str, gate: str = "Exercise", hours: int = 1, *, names_person: bool = False) -> None:
        now = af.side.means.now()
        row = {"id": id_, "gate": gate, "since": now.isoformat(), "due": (now + timedelta(hours=hours)).isoformat()}
        with begin(af.side.means) as turn:
            turn.tx.execute(ASKED.insert(), {**row, "names_person": names_person})

    yield put
    with begin(af.side.means) as turn:
        turn.tx.execute(delete(ASKED))


def page(af: Desk, role: Role, path: str, language: Language = "en", status: int = 200) -> str:
    """What an officer of that role is shown, in a language."""
    af.speak(role, language)
    answer = af.http.get(path, headers=af.session(role))
    assert answer.status_code == status, answer.text
    return answer.text


def rail(af: Desk, role: Role) -> list[tuple[str, str]]:
    """Where the rail leads, with what waits there."""
    (listed,) = re.findall(r'<ul id="places".*?</ul>', page(af, role, "/"), re.DOTALL)
    return re.findall(r'href="(/gates[^"]*|/records\?[^"]*)".*?(?:badge">(\d+)<|</a>)', listed)


def within(af: Desk, role: Role, path: str) -> tuple[list[str], list[str]]:
    """Where one may go within the workspace, and where one is."""
    (listed,) = re.findall(r'<ul class="within">.*?</ul>', page(af, role, path), re.DOTALL)
    return re.findall(r'href="([^"]*)"', listed), re.findall(r'href="([^"]*)" aria-current="page"', listed)


# --- where one goes ---------------------------------------------------------------------------------------------------


def test_the_rail_leads_to_the_first_page_that_one_may_open(af: Desk, asks: Callable[..., None]) -> None:
    asks("1")
    reports = ("/records?workspace=intelligence", "")
    assert rail(af, "duty") == [("/gates/ask", "1"), reports]
    assert rail(af, "observer") == [("/gates/openings", "1"), reports]
    assert rail(af, "auditor") == []


def test_within_a_workspace_one_goes_on_to_its_pages_and_records(af: Desk) -> None:
    records = "/records?workspace=gates"
    assert within(af, "duty", "/gates/ask") == (["/gates/ask", "/gates/openings", records], ["/gates/ask"])
    assert within(af, "duty", records)[1] == [records]
    assert within(af, "observer", "/gates/openings") == (["/gates/openings", records], ["/gates/openings"])
    assert within(af, "duty", "/gates/opening?id=1")[1] == []
    assert '<a href="/gates/ask" data-key="g" aria-current="page">' in page(af, "duty", "/gates/opening?id=1")


def test_a_workspace_without_pages_is_its_records(af: Desk) -> None:
    assert 'class="within"' not in page(af, "duty", "/records?workspace=intelligence")


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("observer", "/gates/ask", 403),
        ("auditor", "/gates/openings", 403),
        ("duty", "/gates/none", 404),
        ("duty", "/gates", 404),
        ("duty", "/gates/opening", 400),
        ("duty", "/gates/opening?id=1&id=2", 400),
    ],
)
def test_a_page_is_shown_to_who_may_open_it_and_for_what_it_can_read(
    af: Desk, role: Role, path: str, status: int
) -> None:
    page(af, role, path, status=status)


def test_who_is_not_signed_in_is_led_to_where_one_signs_in(af: Desk) -> None:
    assert [af.http.get(path).headers["location"].partition("?")[0] for path in PAGES] == ["/sign-in"] * 3


def test_no_workspace_stands_where_the_core_does() -> None:
    """Its pages are at its name."""
    taken = {route.split("/")[1] for area in app.AREAS for handler in area.ROUTES for route in handler.paths}
    assert {"records", "draft", "compose"} <= taken
    assert taken.isdisjoint(each.name for each in workspaces.find())


# --- what one is shown ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", *TRANSLATED])
def test_pages_are_shown_in_four_languages(af: Desk, asks: Callable[..., None], language: Language, path: str) -> None:
    asks("1")
    shown = page(af, "duty", path, language)
    assert f'<html lang="{language}"' in shown
    held = catalogue(language)
    english = {"/gates/ask": "Of whom", "/gates/openings": "Openings asked for"}.get(path, "Gates")
    assert held.said(english) in shown
    assert (held.said(english) == english) == (language == "en")
    assert held.said("Sign out") in shown
    title = {"/gates/ask": "Ask for an opening: %(party)s", "/gates/openings": "Openings asked for: %(party)s"}
    said_ = held.said(title.get(path, "An opening: %(party)s")).partition("%")[0]
    assert re.search(f"<title>{re.escape(said_)}[\u2068]?af[\u2069]?</title>", shown)


def test_what_others_wrote_is_words_and_no_markup(af: Desk, asks: Callable[..., None]) -> None:
    asks("1", HOSTILE)
    for path in ("/", "/gates/openings", "/gates/opening?id=1"):
        shown = Read(page(af, "duty", path))
        assert HOSTILE[:25] in shown.words
        assert "img" not in shown.tags


@pytest.fixture(scope="module")
def wanted() -> set[str]:
    """What it says on pages, of its codes and for Now, and nothing that the console says already."""
    return {first(each.id) for each in template_of(WORKSPACE, FOLDER, template()) if each.id}


@pytest.mark.parametrize("language", TRANSLATED)
def test_its_own_catalogue_is_whole(language: Language, wanted: set[str]) -> None:
    held = [each for each in parse(language, FOUND) if each.id]
    assert {first(each.id) for each in held} == wanted
    assert {"Gates", "Of whom", "Opening of a gate", ASKS, FOLLOWS} <= wanted
    assert "Sign out" not in wanted
    assert [each.id for each in held if not each.string or not all(each.string)] == []


# --- what waits -------------------------------------------------------------------------------------------------------


def matters(af: Desk, role: Role, language: Language = "en") -> list[str]:
    """The matters that Now shows, in its order."""
    shown = page(af, role, "/", language)
    return re.findall(r'<li id="[^"]*" data-item.*?</li>', shown, re.DOTALL)


def test_what_waits_there_stands_among_all_that_waits_by_when_it_is_late(
    border: Border, af: Desk, asks: Callable[..., None]
) -> None:
    report = border.pk.send("af").record.fields.id
    border.carry("pk", "af")
    asks("later", hours=100)
    asks("soon", "Exercise bridge")
    found = [re.findall('id="([^"]*)"', each)[0] for each in matters(af, "duty")]
    assert found == ["gates.asked--soon", f"read-pk-{report}", "gates.asked--later"]
    answer = af.get("duty", "/waiting")
    assert [(each["what"], each.get("matter", "")) for each in answer][::2] == [("workspace", "gates.asked")] * 2
    border.af.open(("pk", report))


@pytest.mark.parametrize("language", ["en", *TRANSLATED])
def test_it_says_what_is_to_be_done_and_what_follows_and_leads_to_where_one_does_it(
    af: Desk, asks: Callable[..., None], language: Language
) -> None:
    asks("1", "Exercise bridge")
    (shown,) = matters(af, "duty", language)
    held = catalogue(language)
    assert held.said(ASKS).partition("%")[0].strip() in shown
    assert "<bdi>Exercise bridge</bdi>" in shown
    assert held.said(FOLLOWS) in shown
    assert "#key-round" in shown
    (leads,) = Read(shown).links
    assert leads == "/gates/opening?id=1"
    assert "Exercise bridge" in Read(page(af, "duty", leads)).words


def test_it_waits_for_who_may_act_on_it_and_names_nobody(af: Desk, asks: Callable[..., None]) -> None:
    asks("1", "Exercise Nobody", names_person=True)
    assert (matters(af, "observer"), af.get("observer", "/waiting")) == ([], [])
    (shown,) = matters(af, "duty")
    assert ("Exercise Nobody" in shown, "names a person" in shown) == (False, True)
    assert "Exercise Nobody" not in str(af.get("duty", "/waiting"))


# --- what rings -------------------------------------------------------------------------------------------------------


def ringing(shown: str) -> list[str]:
    """The rows of what rings on a page."""
    (section,) = re.findall(r'<section id="rings".*?</section>', shown, re.DOTALL)
    return re.findall(r'<li class="ring.*?</li>', section, re.DOTALL)


@pytest.mark.parametrize("language", ["en", *TRANSLATED])
@pytest.mark.parametrize("path", ["/", "/gates/openings", "/records", "/password", "/rings"])
def test_what_rings_rings_on_every_page_of_who_may_open_it(
    af: Desk, asks: Callable[..., None], language: Language, path: str
) -> None:
    asks("1", HOSTILE)
    (row,) = ringing(page(af, "duty", path, language))
    assert catalogue(language).said("Somebody is at the gate") in row
    assert "img" not in Read(row).tags
    assert Read(row).links == ["/gates/opening?id=1"]
    due = af.side.means.now() + timedelta(hours=1)
    assert (" data-urgent" in row, f'data-until="{due.isoformat()}"' in row) == (True, True)
    assert ringing(page(af, "observer", "/", language)) == []


def test_what_sounds_stands_first_and_what_need_not_be_passed_on_has_no_clock(
    af: Desk, asks: Callable[..., None]
) -> None:
    asks("1", "Exercise quiet", names_person=True)
    asks("2", "Exercise loud")
    loud, quiet = ringing(page(af, "duty", "/"))
    assert ("Exercise loud" in loud, " data-urgent" in loud, "data-until" in loud) == (True, True, True)
    assert ("Exercise quiet" in quiet, " data-urgent" in quiet, "data-until" in quiet) == (True, False, False)


def test_the_most_urgent_stands_first_then_what_is_passed_on_first_and_last_what_nobody_passes_on(
    af: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = af.side.means.now()

    def rings(_turn: Turn, _actor: Actor) -> Iterator[Ring]:
        for of, urgency, minutes, urgent in (
            ("quiet", "flash", 1, False),
            ("climbed", "routine", 1, True),
            ("never", "immediate", None, True),
            ("late", "immediate", 9, True),
            ("soon", "immediate", 2, True),
            ("flash", "flash", None, True),
        ):
            due = None if minutes is None else now + timedelta(minutes=minutes)
            yield Ring("gates.rings", of, "pk", now, due, "/", urgent=urgent, urgency=urgency)

    space = Workspace("calls", "bell", (), Views(MetaData(), 1), rings=rings)
    monkeypatch.setattr(shell, "find", lambda: (space,))
    with look(af.side.means) as turn:
        found = shell.ringing(turn, Actor(1, "torkham/duty", ("duty",), frozenset(), "console"))
    assert [each.of for each in found] == ["flash", "soon", "late", "never", "climbed", "quiet"]


def test_nothing_rings_where_nobody_calls_nor_for_who_may_read_nothing(af: Desk, asks: Callable[..., None]) -> None:
    assert ringing(page(af, "duty", "/rings")) == []
    asks("1")
    assert ringing(page(af, "auditor", "/rings")) == []


# --- what one fills in ------------------------------------------------------------------------------------------------


def kept(af: Desk) -> int:
    with look(af.side.means) as turn:
        return len(drafts.page(turn.tx, "", 100))


def fill_in(af: Desk, role: Role = "duty", word: str | None = None, **form: Any) -> httpx.Response:
    session = af.session(role)
    given = {"form": session["x-amanat-form"] if word is None else word, **form}
    return af.http.post("/gates/ask", headers={"cookie": session["cookie"]}, data=given)


def test_a_form_becomes_a_draft_that_goes_the_way_of_every_draft(af: Desk) -> None:
    before, sent = kept(af), len(af.side.received())
    done = fill_in(af, gate=HOSTILE[:60], to="pk")
    assert (done.status_code, kept(af)) == (303, before + 1)
    path = done.headers["location"]
    shown = page(af, "duty", path)
    assert "Draft: Opening of a gate" in Read(shown).words
    assert "img" not in Read(shown).tags
    draft = af.get("duty", path.replace("/draft/", "/drafts/"))
    assert (draft["form"]["kind"], draft["form"]["body"]) == ("gates.opening", {"gate": HOSTILE[:60]})
    assert len(af.side.received()) == sent
    (row,) = af.noted("record.compose", path[1:].replace("/", ":"))
    assert row.officer == af.officer("duty").id


@pytest.mark.parametrize(
    ("role", "word", "form", "status"),
    [
        ("duty", "", {"gate": "Exercise", "to": "pk"}, 403),
        ("duty", "0" * 64, {"gate": "Exercise", "to": "pk"}, 403),
        ("observer", None, {"gate": "Exercise", "to": "pk"}, 403),
        ("duty", None, {"gate": "x" * 61, "to": "pk"}, 400),
        ("duty", None, {"gate": ["Exercise", "Exercise"], "to": "pk"}, 400),
    ],
    ids=["no word", "another session's word", "who may not", "what cannot be read", "a field twice"],
)
def test_a_form_that_is_refused_leaves_no_draft(
    af: Desk, role: Role, word: str | None, form: dict[str, Any], status: int
) -> None:
    before = kept(af)
    assert fill_in(af, role, word, **form).status_code == status
    assert kept(af) == before


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [({"gate": "x" * 61}, 400, "form.field"), ({"gate": "Exercise gate", "compact": "none"}, 403, "compact.unknown")],
    ids=["what cannot be read", "what the workspace refuses"],
)
def test_a_form_that_is_refused_is_shown_again_with_what_was_typed(
    af: Desk, form: dict[str, Any], status: int, code: str
) -> None:
    before = kept(af)
    again = fill_in(af, to="pk", **form)
    assert (again.status_code, kept(af)) == (status, before)
    shown = Read(again.text)
    assert ("Ask for an opening" in shown.words, code in shown.words) == (True, True)
    assert f'value="{form["gate"]}"' in again.text
    assert "<option selected>pk</option>" in again.text
    assert shown.hidden["form"]


def test_who_may_write_drafts_fills_in_no_page_that_one_may_not_open(
    monkeypatch: pytest.MonkeyPatch, border: Border
) -> None:
    """A page's own permission holds for its form too."""
    shut = replace(WORKSPACE, pages=(replace(WORKSPACE.pages[0], permission="audit.read"),), deeds=())
    monkeypatch.setattr(pages, "find", lambda: (shut,))
    monkeypatch.setattr(pages, "routes", pages.routes.__wrapped__)
    WORKSPACE.views.tables.create_all(border.pk.means.engine)
    with desk(border.pk) as pk:
        assert (fill_in(pk, gate="Exercise", to="af").status_code, kept(pk)) == (403, 0)


# --- what one does at once --------------------------------------------------------------------------------------------


def answer(af: Desk, role: Role = "duty", query: str = "?id=1", **form: Any) -> httpx.Response:
    """What a deed's form brings, typed on the page of an opening."""
    session = af.session(role)
    given = {"form": session["x-amanat-form"], **form}
    return af.http.post(f"/gates/answer{query}", headers={"cookie": session["cookie"]}, data=given)


def from_af(border: Border) -> list[str]:
    border.carry("af", "pk")
    return [each.body.text for each in border.pk.received() if each.kind.name == "intelligence.report"]


def test_a_deed_is_sent_at_once_at_the_officers_post_and_told_on_the_page(
    border: Border, af: Desk, asks: Callable[..., None]
) -> None:
    asks("1")
    before = kept(af)
    session = af.session("duty")
    given = {"form": session["x-amanat-form"], "words": HOSTILE[:60]}
    done = af.http.post("/gates/answer?id=1&done=sent.0", headers={"cookie": session["cookie"]}, data=given)
    assert (done.status_code, kept(af)) == (303, before)
    assert from_af(border)[-1] == HOSTILE[:60]
    record = next(each for each in border.pk.received() if getattr(each.body, "text", "") == HOSTILE[:60])
    assert (record.fields.author.name, record.fields.exercise) == ("torkham/duty", True)
    (row,) = af.noted("record.send", f"af:{record.fields.id}")
    assert (row.officer, row.outcome) == (af.officer("duty").id, "done")
    leads = done.headers["location"]
    assert re.fullmatch(r"/gates/opening\?id=1&done=sent\.[0-9a-f]{32}", leads)
    follows = af.http.get(leads, headers=session).text
    assert "The record was sent." in Read(follows).words


def test_a_deed_leads_where_its_workspace_says(af: Desk, asks: Callable[..., None]) -> None:
    asks("1")
    assert answer(af, words="leads on").headers["location"].startswith("/gates/openings?done=sent.")


def test_a_deed_that_sends_and_opens_nothing_leads_back_and_tells_nothing(af: Desk) -> None:
    assert answer(af, query="?id=1").headers["location"] == "/gates/opening?id=1"


def test_a_deed_opens_what_it_answers_which_is_noted_as_such(border: Border, af: Desk) -> None:
    report = border.pk.send("af").record
    border.settle()
    name = ":".join(report.key)
    done = answer(af, words="we read it", reads=name)
    assert done.status_code == 303, done.text
    border.settle()
    assert [row.outcome for row in af.noted("record.acknowledge", name)] == ["done"]
    kinds = [each.kind.name for each in border.pk.received()][-2:]
    assert kinds == ["record.opened", "intelligence.report"]
    alone = answer(af, reads=name)
    assert "done=opened." in alone.headers["location"]


def test_what_a_deed_sends_waits_for_a_second_person_where_that_is_agreed(border: Border, af: Desk) -> None:
    before = from_af(border)
    done = answer(af, words="Exercise Nobody", person="yes")
    assert (done.status_code, "done=held." in done.headers.get("location", done.text)) == (303, True)
    assert from_af(border) == before
    (held,) = af.get("approver", "/held")["items"]
    assert held["post"] == "torkham/duty"


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"words": "x" * 61}, (400, "form.field")),
        ({"words": "Exercise", "compact": "none"}, (403, "compact.unknown")),
        ({"words": "Exercise", "reads": "pk:none"}, (404, "record.unknown")),
    ],
    ids=["what cannot be read", "what may not be sent", "what cannot be opened"],
)
def test_a_deed_that_is_refused_is_shown_on_its_page_with_what_was_typed_and_nothing_stands(
    border: Border, af: Desk, asks: Callable[..., None], form: dict[str, Any], refusal: tuple[int, str]
) -> None:
    asks("1", "Exercise gate")
    before = from_af(border)
    again = answer(af, **form)
    assert again.status_code == refusal[0], again.text
    shown = Read(again.text)
    assert ("Exercise gate" in shown.words, refusal[1] in shown.words) == (True, True)
    assert f'value="{form["words"]}"' in again.text
    assert 'aria-invalid="true"' in again.text
    assert 'data-again="/gates/opening?id=1"' in again.text
    assert shown.hidden["form"]
    assert from_af(border) == before


@pytest.mark.parametrize(
    ("role", "query", "status"), [("observer", "?id=1", 403), ("analyst", "?id=1", 403), ("duty", "", 400)]
)
def test_a_deed_is_for_who_may_do_it_and_on_a_page_that_can_be_shown(
    border: Border, af: Desk, role: Role, query: str, status: int
) -> None:
    before = from_af(border)
    assert answer(af, role, query, words="Exercise").status_code == status
    assert from_af(border) == before


def test_a_program_sends_by_a_deed_and_opens_nothing_by_it(border: Border, af: Desk) -> None:
    """What a deed does besides is permitted by itself: that something was read is a person's word."""
    report = border.pk.send("af").record
    border.carry("pk", "af")
    before, name = from_af(border), ":".join(report.key)
    token = af.token("duty")
    done = af.http.post("/gates/answer?id=1", headers=token, data={"words": "x", "reads": name})
    assert (done.status_code, af.noted("record.acknowledge", name), from_af(border)) == (403, [], before)
    assert af.http.post("/gates/answer?id=1", headers=token, data={"words": "by a program"}).status_code == 303
    assert from_af(border) == [*before, "by a program"]
