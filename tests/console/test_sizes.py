"""What a post on a line of 64 kbit/s waits for: a page is there to be read and worked with in under 50 KB.

Scripts come after it and add to a page that does all it does without them; the whole of it is under 200 KB.
"""

from collections.abc import Mapping

import httpx
import pytest

from amanat.console.built import asset
from amanat.console.languages import SPOKEN
from amanat.officer.may import Role
from amanat.party.lexicon import Language
from api.cast import Desk
from console.every_page import addresses, routes

FIRST_VIEW, WHOLE = 50_000, 200_000
NOBODY: Mapping[str, str] = {}
AS_BROWSERS_ASK = {"accept-encoding": "gzip, deflate, br"}


def carried(browser: httpx.Client, path: str, session: Mapping[str, str] = NOBODY) -> int:
    """How many bytes of content come over the line."""
    with browser.stream("GET", path, headers={**AS_BROWSERS_ASK, **session}) as answer:
        assert answer.status_code == 200
        return sum(map(len, answer.iter_raw()))


@pytest.fixture(scope="module")
def pages(af: Desk, came: dict[str, str]) -> dict[str, tuple[Role, str]]:
    """Every page by its route."""
    return addresses(af, came["plain"])


def test_every_page_is_weighed(pages: dict[str, tuple[Role, str]]) -> None:
    assert routes() == pages.keys()


@pytest.mark.parametrize("language", SPOKEN)
def test_the_first_view_of_a_page_is_small(
    af: Desk, browser: httpx.Client, pages: dict[str, tuple[Role, str]], language: Language
) -> None:
    sessions = {role: af.session(role) for role, _ in pages.values()}
    for role in sessions:
        af.speak(role, language)
    looks = sum(carried(browser, asset(each)) for each in ("src/console.css", "icons.svg"))
    sizes = {path: looks + carried(browser, path, sessions[role]) for role, path in pages.values()}
    assert {path: size for path, size in sizes.items() if size >= FIRST_VIEW} == {}
    assert max(sizes.values()) + carried(browser, asset("src/console.ts")) < WHOLE


def test_a_page_for_which_another_site_asked_is_not_compressed(af: Desk, browser: httpx.Client) -> None:
    """Who can have a browser ask, and sees lengths alone, learns nothing of what a page holds (BREACH)."""
    coded = {
        site: browser.get("/roles", headers={**af.session("duty"), "sec-fetch-site": site}).headers.get(
            "content-encoding"
        )
        for site in ("none", "same-origin", "same-site", "cross-site")
    }
    assert coded == {"none": "gzip", "same-origin": "gzip", "same-site": None, "cross-site": None}
