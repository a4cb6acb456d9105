"""What is wrong is shown to a browser as a page of ours, inside the frame to who is signed in; to a program as before."""

import httpx
import pytest

from api.cast import SignIn
from console.reading import Read

NAVIGATES = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/nothing", 404, "page.unknown"),
        ("/record/pk", 404, "page.unknown"),
        ("/records?box=x", 400, "filter.value"),
        ("/records?stat=withdrawn", 400, "filter.value"),
        ("/compose?kind=" + "x" * 300, 400, "page.form"),
        ("/record/pk/none", 404, "record.unknown"),
        ("/sign-out", 405, "page.method"),
    ],
)
def test_who_is_signed_in_is_told_inside_the_frame(
    browser: httpx.Client, sign_in: SignIn, path: str, status: int, code: str
) -> None:
    sign_in("duty")
    shown = browser.get(path, headers=NAVIGATES)
    assert (shown.status_code, shown.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert code in Read(shown.text).words
    assert "/records" in Read(shown.text).links
    assert "Sign out" in shown.text


@pytest.mark.parametrize(
    ("path", "on"),
    [
        ("/records?cursor=abc", "/records"),
        ("/records?box=x", "/records"),
        ("/drafts?cursor=abc", "/drafts"),
        ("/record/pk/none", "/records"),
        ("/draft/none", "/drafts"),
        ("/compacts/none", "/compacts"),
    ],
)
def test_one_goes_on_from_the_page_itself_or_from_the_list_of_what_is_gone(
    browser: httpx.Client, sign_in: SignIn, path: str, on: str
) -> None:
    sign_in("duty")
    shown = browser.get(path, headers=NAVIGATES)
    assert shown.status_code in {400, 403, 404}
    assert f'<a class="button" href="{on}">Go on from there</a>' in shown.text


def test_a_form_that_is_sent_twice_leads_on_to_the_list(browser: httpx.Client, sign_in: SignIn) -> None:
    word = Read(sign_in("duty").text).hidden["form"]
    shown = browser.post("/draft/none/discarding", data={"form": word, "version": "1"})
    assert (shown.status_code, 'href="/drafts">Go on from there' in shown.text) == (404, True)


def test_what_one_may_not_do_is_told_by_the_role_and_not_by_a_code(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    shown = Read(browser.get("/approvals", headers=NAVIGATES).text)
    assert "This is for the role approver; this officer is duty." in shown.words
    assert "record.approve" not in shown.words


def test_who_is_not_signed_in_is_told_without_it(browser: httpx.Client) -> None:
    browser.cookies.set("amanat_session", "A" * 43, domain="127.0.0.1")
    shown = browser.get("/nothing", headers=NAVIGATES)
    assert (shown.status_code, Read(shown.text).links) == (404, ["/"])
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]


def test_it_is_told_in_the_officers_language(browser: httpx.Client, sign_in: SignIn) -> None:
    shown = Read(sign_in("duty").text)
    browser.post("/language", data={"form": shown.hidden["form"], "language": "ps", "back": "/"})
    try:
        assert '<html lang="ps" dir="rtl">' in browser.get("/nothing", headers=NAVIGATES).text
    finally:
        browser.post("/language", data={"form": shown.hidden["form"], "language": "en", "back": "/"})


@pytest.mark.parametrize(
    ("path", "accepts"), [("/nothing", "*/*"), ("/nothing", "application/json"), ("/api/v1/nothing", "text/html")]
)
def test_a_program_is_told_as_programs_are(browser: httpx.Client, path: str, accepts: str) -> None:
    told = browser.get(path, headers={"accept": accepts})
    assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json")


def test_our_own_mistake_is_a_page_that_asks_nothing_of_the_database(
    browser: httpx.Client, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in("duty")
    monkeypatch.setattr("amanat.console.own_roles.inside", lambda *_: 1 / 0)
    shown = browser.get("/roles")
    assert (shown.status_code, "Sign out" in shown.text) == (500, False)
    assert "node.fault" in Read(shown.text).words


def test_the_sign_beside_a_pages_title_is_declared_and_served(browser: httpx.Client) -> None:
    (address,) = [part.split('"')[0] for part in browser.get("/sign-in").text.split('href="')[1:2]]
    assert address.endswith(".svg")
    assert browser.get(address).headers["content-type"].startswith("image/svg+xml")
