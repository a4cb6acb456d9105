"""The plain pages: signing in, the inbox, one record; read without a script, and with nothing that another wrote as markup."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from litestar import Litestar

from amanat import node
from amanat.console.built import asset
from amanat.console.words import WORDS
from amanat.exchange.caller import BY_ITSELF, COOKIE
from amanat.exchange.means import begin
from amanat.officer import account, factor
from amanat.officer.may import ROLES, Role, permitted
from api.cast import Desk, SignIn
from border import Border
from console.reading import HOSTILE, Read
from officer.cast import CHEAP, SPARE, SPOKEN, kept

WRONG = "wrong wrong wrong"


# --- signing in -------------------------------------------------------------------------------------------------------


def test_who_is_not_signed_in_is_led_to_where_one_signs_in(browser: httpx.Client) -> None:
    for path in ("/", "/records", "/record/pk/none"):
        answer = browser.get(path)
        assert (answer.status_code, answer.url.path) == (200, "/sign-in")


@pytest.mark.parametrize("role", ROLES)
def test_signing_in_leads_each_role_to_a_page_that_it_may_see(
    browser: httpx.Client, sign_in: SignIn, role: Role
) -> None:
    """All are shown what waits for them, and no link that refuses."""
    first = sign_in(role)
    assert (first.status_code, first.url.path) == (200, "/")
    for link in Read(first.text).links:
        assert browser.get(link).status_code == 200, link
    own = Read(browser.get("/roles").text).words
    assert role in own
    assert {name for name, says in WORDS["permission"].items() if says in own} == permitted([role])


def test_signing_in_leads_to_what_waits_and_signing_out_ends_it(browser: httpx.Client, sign_in: SignIn) -> None:
    first = sign_in()
    assert first.url.path == "/"
    assert browser.post("/sign-out", data={"form": Read(first.text).hidden["form"]}).url.path == "/sign-in"
    assert browser.get("/records").url.path == "/sign-in"


def test_the_form_may_be_shown_twice_before_it_is_sent(af: Desk, browser: httpx.Client) -> None:
    """In two windows, or by a browser that reads ahead of its officer."""
    analyst = af.officer("analyst").id
    with begin(af.side.means) as turn:
        factor.set_recovery(turn.tx, analyst, SPARE)
    first, second = (Read(browser.get("/sign-in").text).hidden for _ in range(2))
    wrong = browser.post("/sign-in", data={"name": "x.analyst", "password": WRONG, **second})
    assert (wrong.status_code, Read(wrong.text).hidden) == (401, first)
    assert (
        browser.post("/sign-in", data={"name": "x.analyst", "password": SPOKEN, "code": SPARE[0], **first}).url.path
        == "/"
    )


def test_a_cookie_that_is_none_of_ours_is_not_built_upon(browser: httpx.Client) -> None:
    browser.cookies.set("amanat_form", "x", domain="127.0.0.1")
    (cookie,) = browser.get("/sign-in").headers.get_list("set-cookie")
    assert re.match(r"amanat_form=[A-Za-z0-9_-]{43};", cookie)


def test_the_cookie_is_for_this_site_and_no_script(af: Desk, browser: httpx.Client, sign_in: SignIn) -> None:
    begun = sign_in().history[0]
    (cookie,) = [each for each in begun.headers.get_list("set-cookie") if each.startswith(COOKIE)]
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    assert "Secure" not in cookie  # it is served without TLS here
    af.node.app.state.tls = True
    try:
        (cookie,) = browser.get("/sign-in").headers.get_list("set-cookie")
        assert "Secure" in cookie.split("; ")
    finally:
        af.node.app.state.tls = False


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(sign_in: SignIn) -> None:
    wrong = [sign_in(password=WRONG), sign_in(name="nobody")]
    assert {each.status_code for each in wrong} == {401}
    assert len({re.sub(r'value="([0-9a-f]{64}|x\.analyst|nobody)"', "", each.text) for each in wrong}) == 1


@pytest.mark.parametrize("word", ["", "0" * 64])
def test_a_form_of_another_page_signs_nobody_in(sign_in: SignIn, word: str) -> None:
    answer = sign_in(form=word)
    assert (answer.status_code, answer.url.path) == (403, "/sign-in")


def test_a_page_of_another_session_signs_nobody_out(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in()
    assert browser.post("/sign-out", data={"form": "0" * 64}).status_code == 403
    assert browser.post("/sign-out").status_code == 403
    assert browser.get("/records").url.path == "/records"


def test_passwords_are_tried_so_often_and_no_more(af: Desk, sign_in: SignIn) -> None:
    statuses = [sign_in(password=WRONG).status_code for _ in range(12)]
    assert statuses[:10] == [401] * 10
    assert statuses[-1] == 429
    analyst = af.officer("analyst").id
    with begin(af.side.means) as turn:
        account.unlock(turn.tx, analyst)


def test_who_signs_in_over_the_api_is_held_to_the_same(af: Desk, browser: httpx.Client) -> None:
    duty = af.officer("duty").id
    with begin(af.side.means) as turn:
        factor.set_recovery(turn.tx, duty, SPARE)
    answer = browser.post("/api/v1/session", json={"name": "x.duty", "password": SPOKEN, "code": SPARE[0]})
    assert answer.status_code == 201
    word = answer.json()["form"]
    assert browser.get("/api/v1/session").json()["roles"] == ["duty"]
    assert browser.delete("/api/v1/session").status_code == 403
    assert browser.delete("/api/v1/session", headers={"x-amanat-form": word}).json() == {"form": ""}
    assert browser.get("/api/v1/session").status_code == 401
    assert browser.post("/api/v1/session", json={"name": "x.duty", "password": "no"}).status_code == 401


# --- pages ------------------------------------------------------------------------------------------------------------


LEAST = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def paths(app: Litestar) -> Iterator[str]:
    """Every page there is, with something in place of each parameter."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if handler.fn.__module__.startswith("amanat.console.") and "GET" in handler.http_methods:
                yield re.sub(r"{.*?}", "none", route.path)


def test_every_page_lets_a_browser_do_the_least(
    af: Desk, browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    pages = [
        browser.get("/sign-in"),
        sign_in("duty"),
        browser.get(f"/record/pk/{came['person']}"),
        browser.get("/records?box=x"),
        *(browser.get(path) for path in paths(af.node.app)),
    ]
    for page in pages:
        shown = Read(page.text)
        assert set(shown.scripts) <= {asset("src/console.ts")}
        assert "style" not in shown.tags
        assert page.headers["content-security-policy"] == LEAST
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in page.headers


def test_what_htmx_may_do_is_the_least(browser: httpx.Client) -> None:
    (config,) = re.findall(r"<meta name=\"htmx-config\" content='(.*)'>", browser.get("/sign-in").text)
    assert json.loads(config) == {
        "allowEval": False,
        "allowScriptTags": False,
        "historyCacheSize": 0,
        "includeIndicatorStyles": False,
        "selfRequestsOnly": True,
    }


def test_what_others_wrote_is_words_and_no_markup(browser: httpx.Client, sign_in: SignIn, came: dict[str, str]) -> None:
    sign_in("duty")
    shown = Read(browser.get(f"/record/pk/{came['person']}").text)
    assert "<script>alert(1)</script>" in shown.words
    assert (shown.scripts, "img" in shown.tags) == ([asset("src/console.ts")], False)
    searched = Read(browser.get("/records", params={"text": HOSTILE[:40]}).text)
    assert "<script>alert(1)" in searched.words
    assert (searched.scripts, "img" in searched.tags) == ([asset("src/console.ts")], False)


def test_a_record_is_shown_with_its_way(browser: httpx.Client, sign_in: SignIn, came: dict[str, str]) -> None:
    sign_in("duty")
    shown = Read(browser.get(f"/record/pk/{came['plain']}").text)
    assert "EXERCISE EXERCISE EXERCISE" in shown.words
    assert "three lorries at Torkham" in shown.words
    for step in ("composed", "sealed", "logged", "countersigned"):
        assert step in shown.words


def test_a_look_at_a_person_on_a_page_is_noted_and_refused_to_who_may_not(
    af: Desk, browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sign_in("approver")
    browser.get(f"/record/pk/{came['person']}")
    browser.get("/records", headers={BY_ITSELF: "1"})
    assert [row.subject for row in af.noted("record.person", by="approver")] == [f"pk:{came['person']}"]
    browser.cookies.clear()
    sign_in("observer")
    refused = browser.get(f"/record/pk/{came['person']}")
    assert refused.status_code == 403
    assert "Exercise Nobody" not in refused.text


def test_a_list_leads_from_page_to_page(border: Border, browser: httpx.Client, sign_in: SignIn) -> None:
    for number in range(51):
        border.pk.send("af", text=f"bus {number}")
    border.carry("pk", "af")
    sign_in("observer")
    first = Read(browser.get("/records", params={"text": "bus"}).text)
    (older,) = [each for each in first.links if "cursor=" in each]
    second = Read(browser.get(older).text)
    assert [sum("/record/pk/" in link for link in page.links) for page in (first, second)] == [50, 1]


@pytest.mark.parametrize("path", ["/record/pk/none", "/nothing"])
def test_what_is_not_here_is_told(browser: httpx.Client, sign_in: SignIn, path: str) -> None:
    sign_in("duty")
    assert browser.get(path).status_code == 404


# --- pressing read ----------------------------------------------------------------------------------------------------


def opened(af: Desk) -> int:
    """How many times somebody at this node was noted to have pressed read."""
    return len(af.noted("record.acknowledge"))


def test_to_look_at_a_page_opens_nothing_and_a_button_does_once(
    af: Desk, browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sign_in("analyst")
    page = f"/record/pk/{came['plain']}"
    shown = Read(browser.get(page).text)
    assert ("Sign as read" in shown.words, opened(af)) == (True, 0)
    done = browser.post(f"{page}/opened", data={"form": shown.hidden["form"]})
    assert (done.url.path, opened(af)) == (page, 1)
    assert "Read at af torkham/duty" in Read(done.text).words
    assert f'action="{page}/opened"' not in done.text


@pytest.mark.parametrize("word", ["", "0" * 64])
def test_a_page_of_another_session_opens_nothing(
    af: Desk, browser: httpx.Client, sign_in: SignIn, came: dict[str, str], word: str
) -> None:
    sign_in("analyst")
    before = opened(af)
    assert browser.post(f"/record/pk/{came['person']}/opened", data={"form": word}).status_code == 403
    assert opened(af) == before


def test_who_may_not_press_read_is_shown_no_button(
    browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sign_in("observer")
    assert "/opened" not in browser.get(f"/record/pk/{came['plain']}").text


# --- one's own password -----------------------------------------------------------------------------------------------

NEW = "eleven grey buses"


def given(af: Desk, role: Role) -> None:
    """Let an administrator set the password of that role's officer."""
    officer = af.officer(role)
    with begin(af.side.means) as turn:
        account.set_password(turn.tx, officer.id, kept(sign_in=officer.sign_in), turn.now, given=True)


def test_who_comes_in_by_a_password_that_another_set_is_led_to_change_it_and_then_to_work(
    af: Desk, browser: httpx.Client, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "COST", CHEAP)
    given(af, "operator")
    shown = sign_in("operator")
    assert (shown.url.path, browser.get("/records").url.path) == ("/password", "/password")
    assert "Somebody else set this password" in shown.text
    form = {"form": Read(shown.text).hidden["form"]}
    two_ways = browser.post("/password", data={**form, "old": SPOKEN, "new": NEW, "again": "x" * 12})
    assert (two_ways.status_code, "typed in two ways" in two_ways.text) == (400, True)
    wrong = browser.post("/password", data={**form, "old": WRONG, "new": NEW, "again": NEW})
    assert (wrong.status_code, "not the password of this officer" in wrong.text) == (401, True)
    done = browser.post("/password", data={**form, "old": SPOKEN, "new": NEW, "again": NEW})
    assert (done.status_code, done.url.path) == (200, "/")
    browser.cookies.clear()
    assert sign_in("operator", password=NEW).url.path == "/"
    assert sign_in("operator", password=SPOKEN).url.path == "/sign-in"


def test_who_has_a_password_that_another_set_can_sign_out(af: Desk, browser: httpx.Client, sign_in: SignIn) -> None:
    given(af, "approver")
    shown = sign_in("approver")
    assert browser.post("/sign-out", data={"form": Read(shown.text).hidden["form"]}).url.path == "/sign-in"
    assert browser.get("/password").url.path == "/sign-in"


@pytest.mark.parametrize(
    ("path", "headers", "keeps"),
    [
        ("/records", {}, True),
        ("/records", {BY_ITSELF: "1"}, False),
        ("/api/v1/events", {}, False),
    ],
    ids=["an officer", "a page by itself", "a live stream"],
)
def test_what_a_page_asks_by_itself_keeps_no_session_from_ending(
    border: Border, af: Desk, path: str, headers: dict[str, str], *, keeps: bool
) -> None:
    """Whoever left a desk with a page open is signed out all the same."""
    session = {"cookie": af.session("duty")["cookie"]} | headers
    for _ in range(4):
        border.clock.forward(minutes=10)
        with af.http.stream("GET", path, headers=session) as answer:
            status = answer.status_code
    assert (status == 200) == keeps
