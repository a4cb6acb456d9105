"""Signing in on a page: one comes to where one was going, and to no other site; the name need not be typed twice."""

import re

import httpx
import pytest

from amanat.exchange.caller import COOKIE
from amanat.exchange.means import begin
from amanat.officer import sessions
from amanat.officer.may import PROOF_LASTS
from api.cast import API, Desk, SignIn, draft, person
from console.reading import Read
from officer.cast import SPOKEN

WRONG = "wrong wrong wrong"
ELSEWHERE = [
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "evil.example",
    " /records",
    "/ä",
    "/" + "x" * 2000,
    "",
]


def test_who_signs_in_comes_to_where_one_was_going(browser: httpx.Client, sign_in: SignIn) -> None:
    going = "/records?box=unread&text=three+lorries"
    asked = browser.get(going)
    assert asked.url.path == "/sign-in"
    assert Read(asked.text).hidden["next"] == going
    wrong = sign_in(password=WRONG, next=going)
    assert (wrong.status_code, Read(wrong.text).hidden["next"]) == (401, going)
    assert sign_in(next=going).url.raw_path.decode() == going


def test_who_wrote_while_the_session_ended_is_told_so_and_led_back(
    af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    assert "What you typed last" not in browser.get("/sign-in").text
    hidden = Read(sign_in().text).hidden
    draft = browser.post("/compose", data={"form": hidden["form"], "choice": "pk-af intelligence.report"})
    with begin(af.side.means) as turn:
        sessions.end(turn.tx, browser.cookies[COOKIE])
    saved = browser.post(draft.url.path, files={"do": (None, "save")})
    assert saved.url.path == "/sign-in"
    assert "Your session is over. What you typed last was not kept." in saved.text
    assert Read(saved.text).hidden["next"] == draft.url.path
    assert "What you typed last" not in sign_in().text


def test_the_language_is_changed_on_the_way(browser: httpx.Client) -> None:
    hidden = Read(browser.get("/records?box=in").text).hidden
    shown = browser.post("/sign-in/language", data={"form": hidden["form"], "back": hidden["back"], "language": "ur"})
    assert 'lang="ur"' in shown.text
    assert Read(shown.text).hidden["next"] == "/records?box=in"


@pytest.mark.parametrize("address", ELSEWHERE)
def test_signing_in_leads_to_no_other_site(browser: httpx.Client, sign_in: SignIn, address: str) -> None:
    assert Read(browser.get("/sign-in", params={"next": address}).text).hidden["next"] == "/"
    assert sign_in(next=address).history[0].headers["location"] == "/"


def test_a_wrong_password_leaves_the_name_that_was_typed(sign_in: SignIn) -> None:
    wrong = sign_in(password=WRONG, name='x."<b>')
    assert wrong.status_code == 401
    assert 'value="x.&#34;&lt;b&gt;"' in wrong.text
    assert WRONG not in wrong.text


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_session_is_never_one_that_the_browser_brought_along(browser: httpx.Client, sign_in: SignIn) -> None:
    """Whoever plants a cookie before the sign-in knows nothing of what comes after it."""
    browser.cookies.set(COOKIE, "A" * 43, domain="127.0.0.1")
    sign_in()
    first = browser.cookies[COOKIE]
    browser.cookies.delete(COOKIE, domain="127.0.0.1")
    browser.cookies.set(COOKIE, first, domain="127.0.0.1")
    sign_in()
    assert browser.cookies.get(COOKIE) not in {"A" * 43, first}


def test_one_knows_ones_own_session_by_its_browser_and_address_and_no_more_is_kept_of_either(
    browser: httpx.Client, sign_in: SignIn
) -> None:
    said = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0; machine 4711) Gecko/20100101 Firefox/145.0"
    browser.headers["user-agent"] = said
    sign_in("analyst")
    shown = browser.get("/sessions")
    assert re.search("this session.*Firefox, Linux.*127.0.0.1", Read(shown.text).words)
    assert ("4711" in shown.text, "145.0" in shown.text) == (False, False)


def test_one_ends_a_session_elsewhere_or_all_others(af: Desk, browser: httpx.Client, sign_in: SignIn) -> None:
    elsewhere = [af.session("duty") for _ in range(3)]
    sign_in("duty")
    shown = browser.get("/sessions")
    word = Read(shown.text).hidden["form"]
    id_ = shown.text.split('action="/sessions/')[1].split("/end")[0]
    assert browser.post(f"/sessions/{id_}/end", data={"form": "0" * 64}).status_code == 403
    assert browser.post(f"/sessions/{id_}/end", data={"form": word}).url.path == "/sessions"
    still = [each for each in elsewhere if af.http.get(f"{API}/session", headers=each).status_code == 200]
    assert len(still) == 2
    done = browser.post("/sessions/end", data={"form": word})
    assert (done.status_code, done.text.count("/end")) == (200, 0)
    assert {af.http.get(f"{API}/session", headers=each).status_code for each in elsewhere} == {401}
    ended = [row.subject for row in af.noted("session.end")]
    assert ended[0] == f"session:{id_}"
    assert len(set(ended)) == 3
    assert all(re.fullmatch("session:[0-9a-f]{16}", each) for each in ended)


def test_an_administrator_ends_the_sessions_of_another(af: Desk) -> None:
    hers = af.session("analyst")
    path = "/officers/x.analyst/sessions/end"
    assert af.ask("duty", "POST", path, json={"own_password": SPOKEN}).status_code == 403
    assert af.ask("administrator", "POST", path, json={"own_password": WRONG}).status_code == 401
    assert af.http.get(f"{API}/session", headers=hers).status_code == 200
    assert af.ask("administrator", "POST", path, json={"own_password": SPOKEN}).status_code == 200
    assert af.http.get(f"{API}/session", headers=hers).status_code == 401


# --- before a record on a person goes out -----------------------------------------------------------------------------


def test_a_record_on_a_person_is_not_sent_by_who_was_not_asked_lately(af: Desk) -> None:
    session = af.session("duty")
    af.side.means.now.forward(seconds=int(PROOF_LASTS.total_seconds()))  # type: ignore[attr-defined]
    plain, on_person = draft() | {"to": ["pk"]}, draft() | person() | {"to": ["pk"]}
    assert af.http.post(f"{API}/records", json=plain, headers=session).status_code == 201
    refused = af.http.post(f"{API}/records", json=on_person, headers=session)
    assert (refused.status_code, refused.json()["code"]) == (403, "session.proof")
    assert af.get("approver", "/held")["items"] == []
    af.node.app.state.gate.signing_in.left.clear()
    wrong = af.http.post(f"{API}/session/proof", json={"typed": WRONG}, headers=session)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "session.wrong")
    assert af.http.post(f"{API}/session/proof", json={"typed": SPOKEN}, headers=session).status_code == 204
    held = af.http.post(f"{API}/records", json=on_person, headers=session)
    assert (held.status_code, held.json()["state"]) == (201, "held")
    second = af.session("approver")
    af.side.means.now.forward(seconds=int(PROOF_LASTS.total_seconds()))  # type: ignore[attr-defined]
    path, digest = f"{API}/held/{held.json()['id']}/approval", {"digest": held.json()["digest"]}
    refused = af.http.post(path, json=digest, headers=second)
    assert (refused.status_code, refused.json()["code"]) == (403, "session.proof")
    assert af.ask("approver", "POST", f"/held/{held.json()['id']}/approval", json=digest).json()["state"] == "logged"


def test_the_page_that_asks_who_it_is_leads_back_and_to_no_other_site(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    shown = Read(browser.get("/prove", params={"next": "/records?box=out"}).text)
    wrong = browser.post("/prove", data={**shown.hidden, "typed": WRONG})
    assert (wrong.status_code, Read(wrong.text).hidden["next"]) == (401, "/records?box=out")
    done = browser.post("/prove", data={**shown.hidden, "typed": SPOKEN})
    assert str(done.url).endswith("/records?box=out")
    away = browser.post("/prove", data={**shown.hidden, "typed": SPOKEN, "next": "//evil.example"})
    assert away.history[0].headers["location"] == "/"
    assert browser.post("/prove", data={"typed": SPOKEN}).status_code == 403
