"""The plain pages: signing in, the inbox, one record; without a script, and with nothing that another wrote as markup."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import httpx
import pytest

from amanat import node
from amanat.console.own_roles import MAY
from amanat.exchange.caller import COOKIE, Gate
from amanat.exchange.means import begin
from amanat.officer import account, audit
from amanat.officer.audit import Search
from amanat.officer.may import PERMISSIONS, ROLES, Role, permitted
from api.cast import Desk
from border import Border
from officer.cast import CHEAP, SPOKEN, kept
from side import Report

WRONG = "wrong wrong wrong"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> Exercise Nobody"


class Read(HTMLParser):
    """What a browser would make of a page: its tags, its words, and its forms' hidden fields."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.hidden: dict[str, str] = {}
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        assert not [name for name in said if name.startswith("on") or name == "style"]
        if said.get("type") == "hidden":
            self.hidden[said["name"]] = said["value"]
        if tag == "a":
            self.links.append(said["href"])

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture
def browser(af: Desk) -> Iterator[httpx.Client]:
    """A browser that was never here."""
    gate: Gate = af.node.app.state.gate
    gate.signing_in.left.clear()
    with httpx.Client(base_url=af.node.url, follow_redirects=True) as client:
        yield client


@pytest.fixture
def sign_in(af: Desk, browser: httpx.Client) -> Callable[..., httpx.Response]:
    """Sign in as the officer of a role."""

    def typed(role: str = "analyst", password: str = SPOKEN, **form: str) -> httpx.Response:
        af.officer(role)  # type: ignore[arg-type]
        shown = Read(browser.get("/sign-in").text)
        return browser.post("/sign-in", data={"name": f"x.{role}", "password": password, **shown.hidden, **form})

    return typed


@pytest.fixture(scope="module")
def came(border: Border, af: Desk) -> dict[str, str]:
    """The ids of a record that names a person, in words that would be markup, and of one that names nobody."""
    hostile = {**border.pk.person(), "body": Report(HOSTILE, names_person=True)}
    person = border.pk.with_file("af", **hostile)
    plain = border.pk.send("af", text="three lorries at Torkham", exercise=True)
    border.settle()
    assert af.side.received()
    return {"person": person.record.fields.id, "plain": plain.record.fields.id}


# --- signing in -------------------------------------------------------------------------------------------------------


def test_who_is_not_signed_in_is_led_to_where_one_signs_in(browser: httpx.Client) -> None:
    for path in ("/", "/inbox", "/record/pk/none"):
        answer = browser.get(path)
        assert (answer.status_code, answer.url.path) == (200, "/sign-in")


@pytest.mark.parametrize("role", ROLES)
def test_signing_in_leads_each_role_to_a_page_that_it_may_see(
    browser: httpx.Client, sign_in: Callable[..., httpx.Response], role: Role
) -> None:
    """One that reads no record is told what it may do, and is shown no link that refuses."""
    first = sign_in(role)
    reads = role in PERMISSIONS["record.read"]
    assert (first.status_code, first.url.path) == (200, "/inbox" if reads else "/roles")
    for link in Read(first.text).links:
        assert browser.get(link).status_code == 200, link
    own = Read(browser.get("/roles").text).words
    assert role in own
    assert {name for name, says in MAY.items() if says in own} == permitted([role])


def test_signing_in_leads_to_the_inbox_and_signing_out_ends_it(
    browser: httpx.Client, sign_in: Callable[..., httpx.Response]
) -> None:
    inbox = sign_in()
    assert inbox.url.path == "/inbox"
    assert browser.post("/sign-out", data={"form": Read(inbox.text).hidden["form"]}).url.path == "/sign-in"
    assert browser.get("/inbox").url.path == "/sign-in"


def test_the_form_may_be_shown_twice_before_it_is_sent(af: Desk, browser: httpx.Client) -> None:
    """In two windows, or by a browser that reads ahead of its officer."""
    af.officer("analyst")
    first, second = (Read(browser.get("/sign-in").text).hidden for _ in range(2))
    wrong = browser.post("/sign-in", data={"name": "x.analyst", "password": WRONG, **second})
    assert (wrong.status_code, Read(wrong.text).hidden) == (401, first)
    assert browser.post("/sign-in", data={"name": "x.analyst", "password": SPOKEN, **first}).url.path == "/inbox"


def test_a_cookie_that_is_none_of_ours_is_not_built_upon(browser: httpx.Client) -> None:
    browser.cookies.set("amanat_form", "x", domain="127.0.0.1")
    (cookie,) = browser.get("/sign-in").headers.get_list("set-cookie")
    assert re.match(r"amanat_form=[A-Za-z0-9_-]{43};", cookie)


def test_the_cookie_is_for_this_site_and_no_script(
    af: Desk, browser: httpx.Client, sign_in: Callable[..., httpx.Response]
) -> None:
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


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(sign_in: Callable[..., httpx.Response]) -> None:
    wrong = [sign_in(password=WRONG), sign_in(name="nobody")]
    assert {each.status_code for each in wrong} == {401}
    assert len({re.sub(r'value="[0-9a-f]{64}"', "", each.text) for each in wrong}) == 1


@pytest.mark.parametrize("word", ["", "0" * 64])
def test_a_form_of_another_page_signs_nobody_in(sign_in: Callable[..., httpx.Response], word: str) -> None:
    answer = sign_in(form=word)
    assert (answer.status_code, answer.url.path) == (403, "/sign-in")


def test_a_page_of_another_session_signs_nobody_out(
    browser: httpx.Client, sign_in: Callable[..., httpx.Response]
) -> None:
    sign_in()
    assert browser.post("/sign-out", data={"form": "0" * 64}).status_code == 403
    assert browser.post("/sign-out").status_code == 403
    assert browser.get("/inbox").url.path == "/inbox"


def test_passwords_are_tried_so_often_and_no_more(af: Desk, sign_in: Callable[..., httpx.Response]) -> None:
    statuses = [sign_in(password=WRONG).status_code for _ in range(12)]
    assert statuses[:10] == [401] * 10
    assert statuses[-1] == 429
    analyst = af.officer("analyst").id
    with begin(af.side.means) as turn:
        account.unlock(turn.tx, analyst)


def test_who_signs_in_over_the_api_is_held_to_the_same(af: Desk, browser: httpx.Client) -> None:
    af.officer("duty")
    answer = browser.post("/api/v1/session", json={"name": "x.duty", "password": SPOKEN})
    assert answer.status_code == 201
    word = answer.json()["form"]
    assert browser.get("/api/v1/session").json()["roles"] == ["duty"]
    assert browser.delete("/api/v1/session").status_code == 403
    assert browser.delete("/api/v1/session", headers={"x-amanat-form": word}).json() == {"form": ""}
    assert browser.get("/api/v1/session").status_code == 401
    assert browser.post("/api/v1/session", json={"name": "x.duty", "password": "no"}).status_code == 401


# --- pages ------------------------------------------------------------------------------------------------------------


def test_every_page_is_without_script_and_lets_a_browser_do_the_least(
    browser: httpx.Client, sign_in: Callable[..., httpx.Response], came: dict[str, str]
) -> None:
    pages = [
        browser.get("/sign-in"),
        sign_in("duty"),
        browser.get(f"/record/pk/{came['person']}"),
        browser.get("/inbox?box=x"),
    ]
    for page in pages:
        assert "script" not in Read(page.text).tags
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in page.headers


def test_what_others_wrote_is_words_and_no_markup(
    browser: httpx.Client, sign_in: Callable[..., httpx.Response], came: dict[str, str]
) -> None:
    sign_in("duty")
    shown = Read(browser.get(f"/record/pk/{came['person']}").text)
    assert "<script>alert(1)</script>" in shown.words
    assert not {"script", "img"} & set(shown.tags)
    searched = Read(browser.get("/inbox", params={"text": HOSTILE[:40]}).text)
    assert "<script>alert(1)" in searched.words
    assert not {"script", "img"} & set(searched.tags)


def test_a_record_is_shown_with_its_way(
    browser: httpx.Client, sign_in: Callable[..., httpx.Response], came: dict[str, str]
) -> None:
    sign_in("duty")
    shown = Read(browser.get(f"/record/pk/{came['plain']}").text)
    assert "EXERCISE EXERCISE EXERCISE" in shown.words
    assert "three lorries at Torkham" in shown.words
    for step in ("composed", "sealed", "logged", "countersigned"):
        assert step in shown.words


def test_a_look_at_a_person_on_a_page_is_noted_and_refused_to_who_may_not(
    af: Desk, browser: httpx.Client, sign_in: Callable[..., httpx.Response], came: dict[str, str]
) -> None:
    sign_in("approver")
    browser.get(f"/record/pk/{came['person']}")
    who = af.officer("approver").id
    with begin(af.side.means) as turn:
        rows = audit.search(turn.tx, Search(officer=who, act="record.person"))
    assert {row.subject for row in rows} == {f"pk:{came['person']}"}
    browser.cookies.clear()
    sign_in("observer")
    refused = browser.get(f"/record/pk/{came['person']}")
    assert refused.status_code == 403
    assert "Exercise Nobody" not in refused.text


def test_a_list_leads_from_page_to_page(
    border: Border, browser: httpx.Client, sign_in: Callable[..., httpx.Response]
) -> None:
    for number in range(51):
        border.pk.send("af", text=f"bus {number}")
    border.carry("pk", "af")
    sign_in("observer")
    first = Read(browser.get("/inbox", params={"text": "bus"}).text)
    (older,) = [each for each in first.links if "cursor=" in each]
    second = Read(browser.get(older).text)
    assert [sum("/record/pk/" in link for link in page.links) for page in (first, second)] == [50, 1]


@pytest.mark.parametrize("path", ["/record/pk/none", "/static/app.py", "/static/..%2fapp.py", "/nothing"])
def test_what_is_not_here_is_told(browser: httpx.Client, sign_in: Callable[..., httpx.Response], path: str) -> None:
    sign_in("duty")
    assert browser.get(path).status_code == 404


def test_the_style_is_given_to_anybody(browser: httpx.Client) -> None:
    assert browser.get("/static/console.css").headers["content-type"].startswith("text/css")


# --- pressing read ----------------------------------------------------------------------------------------------------


def opened(af: Desk) -> int:
    """How many times somebody at this node was noted to have pressed read."""
    with begin(af.side.means) as turn:
        return len(audit.search(turn.tx, Search(act="record.acknowledge")))


def test_to_look_at_a_page_opens_nothing_and_a_button_does_once(
    af: Desk, browser: httpx.Client, sign_in: Callable[..., httpx.Response], came: dict[str, str]
) -> None:
    sign_in("analyst")
    page = f"/record/pk/{came['plain']}"
    shown = Read(browser.get(page).text)
    assert ("Read" in shown.words.split(), opened(af)) == (True, 0)
    done = browser.post(f"{page}/opened", data={"form": shown.hidden["form"]})
    assert (done.url.path, opened(af)) == (page, 1)
    assert "Read at af torkham/duty" in done.text.replace('<span class="code">', "").replace("</span>", "")
    assert f'action="{page}/opened"' not in done.text


@pytest.mark.parametrize("word", ["", "0" * 64])
def test_a_page_of_another_session_opens_nothing(
    af: Desk, browser: httpx.Client, sign_in: Callable[..., httpx.Response], came: dict[str, str], word: str
) -> None:
    sign_in("analyst")
    before = opened(af)
    assert browser.post(f"/record/pk/{came['person']}/opened", data={"form": word}).status_code == 403
    assert opened(af) == before


def test_who_may_not_press_read_is_shown_no_button(
    browser: httpx.Client, sign_in: Callable[..., httpx.Response], came: dict[str, str]
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
    af: Desk, browser: httpx.Client, sign_in: Callable[..., httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "COST", CHEAP)
    given(af, "operator")
    shown = sign_in("operator")
    assert (shown.url.path, browser.get("/inbox").url.path) == ("/password", "/password")
    assert "Somebody else set this password" in shown.text
    form = {"form": Read(shown.text).hidden["form"]}
    two_ways = browser.post("/password", data={**form, "old": SPOKEN, "new": NEW, "again": "x" * 12})
    assert (two_ways.status_code, "typed in two ways" in two_ways.text) == (400, True)
    wrong = browser.post("/password", data={**form, "old": WRONG, "new": NEW, "again": NEW})
    assert (wrong.status_code, "Nobody was signed in" in wrong.text) == (401, True)
    done = browser.post("/password", data={**form, "old": SPOKEN, "new": NEW, "again": NEW})
    assert (done.status_code, done.url.path) == (200, "/roles")
    browser.cookies.clear()
    assert sign_in("operator", password=NEW).url.path == "/roles"
    assert sign_in("operator", password=SPOKEN).url.path == "/sign-in"


def test_who_has_a_password_that_another_set_can_sign_out(
    af: Desk, browser: httpx.Client, sign_in: Callable[..., httpx.Response]
) -> None:
    given(af, "approver")
    shown = sign_in("approver")
    assert browser.post("/sign-out", data={"form": Read(shown.text).hidden["form"]}).url.path == "/sign-in"
    assert browser.get("/password").url.path == "/sign-in"
