"""Pages in four languages: which one a request is answered in, how it is changed, and what stands on the page then."""

import httpx
import pytest

from amanat.console.languages import COOKIE, SPOKEN, accepted, catalogue, known
from amanat.console.rendering import environment
from amanat.exchange.means import begin
from amanat.officer import account
from amanat.party.lexicon import Language
from api.cast import Desk, SignIn
from console.reading import Read

OTHERS: tuple[Language, ...] = ("ur", "ps", "fa-AF")


@pytest.fixture(autouse=True)
def in_english_again(af: Desk) -> None:
    """Officers of this file's node read English at the start of each test."""
    with begin(af.side.means) as turn:
        for each in account.officers(turn.tx):
            account.speak(turn.tx, each.id, "en")


def change(browser: httpx.Client, path: str, language: str, back: str = "/", **more: str) -> httpx.Response:
    """Press the button of the form that changes the language, on the page that is shown at a path."""
    shown = Read(browser.get(path).text)
    to = "/sign-in/language" if path == "/sign-in" else "/language"
    return browser.post(to, data={"form": shown.hidden["form"], "language": language, "back": back, **more})


# --- which language ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ur", "ur"),
        ("ps-AF,en;q=0.5", "ps"),
        ("fa-IR, en;q=0.9", "fa-AF"),
        ("prs", "fa-AF"),
        ("de, ur;q=0.3, ps;q=0.8", "ps"),
        ("ur;q=0, en", "en"),
        ("de, *;q=0.1", "en"),
        ("UR-pk", "ur"),
        ("ur;q=9, ;;;, en", "en"),
        ("x" * 5000, "en"),
    ],
)
def test_a_first_visit_is_answered_in_what_the_browser_asks_for(header: str, language: str) -> None:
    assert accepted(header) == language


def test_only_our_own_tags_are_known() -> None:
    assert [known(each) for each in ("fa-AF", "fa", "", "en")] == ["fa-AF", None, None, "en"]


def test_who_has_not_signed_in_is_remembered_by_a_cookie(browser: httpx.Client) -> None:
    assert 'lang="en" dir="ltr"' in browser.get("/sign-in").text
    assert 'lang="ps" dir="rtl"' in browser.get("/sign-in", headers={"accept-language": "ps"}).text
    shown = change(browser, "/sign-in", "ur", "/sign-in")
    assert shown.url.path == "/sign-in"
    assert '<html lang="ur" dir="rtl">' in shown.text
    assert browser.cookies[COOKIE] == "ur"
    assert '<html lang="ur" dir="rtl">' in browser.get("/sign-in", headers={"accept-language": "ps"}).text


def test_an_officer_keeps_a_language_whatever_the_browser_says(
    af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("duty")
    shown = change(browser, "/roles", "fa-AF", "/roles")
    assert shown.url.path == "/roles"
    assert '<html lang="fa-AF" dir="rtl">' in shown.text
    browser.cookies.clear()
    assert '<html lang="fa-AF" dir="rtl">' in sign_in("duty").text
    with begin(af.side.means) as turn:
        assert account.officer(turn.tx, af.officer("duty").id).language == "fa-AF"


def test_a_problem_is_told_in_the_officers_language(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    change(browser, "/roles", "ur")
    shown = browser.get("/record/pk/none")
    assert shown.status_code == 404
    assert '<html lang="ur" dir="rtl">' in shown.text
    assert '<small class="beside" lang="en" dir="ltr">' in shown.text


# --- changing it ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["", "0" * 64])
def test_another_sites_page_changes_nobodys_language(browser: httpx.Client, sign_in: SignIn, word: str) -> None:
    assert change(browser, "/sign-in", "ur", form=word).status_code == 403
    sign_in("duty")
    assert change(browser, "/roles", "ur", form=word).status_code == 403
    assert 'lang="en"' in browser.get("/roles").text


def test_a_language_that_is_none_is_refused(browser: httpx.Client) -> None:
    refused = change(browser, "/sign-in", "de")
    assert (refused.status_code, COOKIE in browser.cookies) == (400, False)


@pytest.mark.parametrize("back", ["//example.org", "https://example.org/", "/\\example.org", "", "/a b", "x"])
def test_no_form_leads_to_another_site(browser: httpx.Client, back: str) -> None:
    assert change(browser, "/sign-in", "en", back).history[0].headers["location"] == "/"


def test_the_form_leads_back_to_its_page(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    shown = Read(browser.get("/records?box=out&text=a").text)
    assert shown.hidden["back"] == "/records?box=out&text=a"


# --- what stands on a page --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", OTHERS)
def test_every_page_is_shown_in_every_language(
    browser: httpx.Client, sign_in: SignIn, came: dict[str, str], language: Language
) -> None:
    sign_in("duty")
    change(browser, "/roles", language)
    for path in ("/records", "/records?box=out&text=nothing", "/roles", "/password", f"/record/pk/{came['plain']}"):
        shown = browser.get(path)
        assert shown.status_code == 200
        assert f'<html lang="{language}" dir="rtl">' in shown.text
        assert catalogue(language).said("Sign out") in shown.text


def test_the_english_stands_beside_what_nobody_reviewed_and_never_where_no_markup_may(
    browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("duty")
    shown = change(browser, "/roles", "ps", "/roles").text
    beside = '<small class="beside" lang="en" dir="ltr"> Your post</small>'
    assert f'<span class="said">{catalogue("ps").said("Your post")}{beside}</span>' in shown
    title = shown[shown.index("<title>") : shown.index("</title>")]
    assert "beside" not in title
    assert "What you may do" not in title


@pytest.mark.parametrize("language", SPOKEN)
def test_words_of_a_template_take_plurals_and_escape_what_is_filled_in(language: Language) -> None:
    made = environment(language).from_string('{{ ngettext("%(size)s byte", "%(size)s bytes", n, size=who) }}')
    assert "<b>" not in made.render(n=1, who="<b>")
    assert ("bytes" in made.render(n=2, who="2"), "byte" in made.render(n=1, who="1")) == (True, True)


def test_what_a_template_is_compiled_to_is_of_no_language() -> None:
    """It is compiled once for all, and a filter of what stands in it is compiled in."""
    ours, *others = (environment(code) for code in SPOKEN)
    for each in others:
        assert (each.filters, each.tests, each.bytecode_cache) == (ours.filters, ours.tests, ours.bytecode_cache)
    for code, written in {"en": "1,234", "fa-AF": "۱٬۲۳۴"}.items():
        assert written in environment(code).from_string("{{ 1234|number }}").render()
