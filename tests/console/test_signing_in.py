"""Signing in on a page: one comes to where one was going, and to no other site; the name need not be typed twice."""

from collections.abc import Callable

import httpx
import pytest

from console.reading import Read

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


def test_who_signs_in_comes_to_where_one_was_going(
    browser: httpx.Client, sign_in: Callable[..., httpx.Response]
) -> None:
    going = "/records?box=unread&text=three+lorries"
    asked = browser.get(going)
    assert asked.url.path == "/sign-in"
    assert Read(asked.text).hidden["next"] == going
    wrong = sign_in(password=WRONG, next=going)
    assert (wrong.status_code, Read(wrong.text).hidden["next"]) == (401, going)
    assert sign_in(next=going).url.raw_path.decode() == going


def test_the_language_is_changed_on_the_way(browser: httpx.Client) -> None:
    hidden = Read(browser.get("/records?box=in").text).hidden
    shown = browser.post("/sign-in/language", data={"form": hidden["form"], "back": hidden["back"], "language": "ur"})
    assert 'lang="ur"' in shown.text
    assert Read(shown.text).hidden["next"] == "/records?box=in"


@pytest.mark.parametrize("address", ELSEWHERE)
def test_signing_in_leads_to_no_other_site(
    browser: httpx.Client, sign_in: Callable[..., httpx.Response], address: str
) -> None:
    assert Read(browser.get("/sign-in", params={"next": address}).text).hidden["next"] == "/"
    assert sign_in(next=address).history[0].headers["location"] == "/"


def test_a_wrong_password_leaves_the_name_that_was_typed(sign_in: Callable[..., httpx.Response]) -> None:
    wrong = sign_in(password=WRONG, name='x."<b>')
    assert wrong.status_code == 401
    assert 'value="x.&#34;&lt;b&gt;"' in wrong.text
    assert WRONG not in wrong.text
