"""What a form did is told on the page that follows, in words of a closed list, and that page begins there."""

import re

import httpx
import pytest

from amanat.console.done import on_to
from amanat.exchange.caller import COOKIE
from api.cast import SignIn
from console.reading import Read

TOLD = re.compile(r'<p role="status" class="[^"]*" tabindex="-1" autofocus>.*?<span>(.*?)</span></p>', re.DOTALL)


@pytest.mark.parametrize("path", ["/records", "/records?text=x", "/drafts", "/sessions", "/"])
def test_a_page_tells_what_was_done_before_it_and_begins_there(
    browser: httpx.Client, sign_in: SignIn, path: str
) -> None:
    sign_in("duty")
    location = on_to(browser.cookies[COOKIE], path, "filter-kept").url
    assert TOLD.findall(browser.get(location).text) == ["The filter is kept."]
    assert TOLD.findall(browser.get(path).text) == []


def test_an_address_tells_nothing_in_words_of_its_own(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    shown = browser.get("/drafts?done=call+5551234")
    assert (TOLD.findall(shown.text), "5551234" in Read(shown.text).words) == ([], False)


def test_a_link_that_somebody_else_wrote_tells_nobody_that_something_was_done(
    browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("duty")
    by_another = on_to("A" * 43, "/approvals", "destroyed").url
    for link in ("/drafts?done=held", "/drafts?done=held.", by_another.replace("/approvals", "/drafts")):
        assert TOLD.findall(browser.get(link).text) == [], link


def test_a_filter_that_was_kept_and_forgotten_is_said_to_be(browser: httpx.Client, sign_in: SignIn) -> None:
    page = sign_in("duty")
    form = {"form": Read(page.text).hidden["form"], "name": "lorries", "address": "/records?text=lorries"}
    kept = browser.post("/records/saved", data=form)
    gone = browser.post("/records/saved", data=form | {"does": "forget"})
    assert [TOLD.findall(each.text) for each in (kept, gone)] == [
        ["The filter is kept."],
        ["The filter was forgotten."],
    ]
