"""A desk on watch at night: its pages live and ring, show nothing of anybody, and go on once its officer says who it is."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from sqlalchemy import delete

from amanat.exchange import watches
from amanat.exchange.means import begin
from amanat.officer.sessions import IDLE
from amanat.store.tables import WATCH
from api.cast import Desk, SignIn
from border import Border
from console.reading import Read
from officer.cast import SPARE, SPOKEN, acting_as

NIGHT = int(IDLE.total_seconds())


@pytest.fixture
def resting(border: Border, af: Desk, sign_in: SignIn) -> Iterator[Callable[[], None]]:
    """Sign in, take the watch, and be away until the session rests."""

    def rest() -> None:
        sign_in("duty")
        with begin(af.side.means) as turn:
            watches.take(turn, acting_as(af.officer("duty")))
        border.clock.forward(seconds=NIGHT)

    yield rest
    with begin(af.side.means) as turn:
        turn.tx.execute(delete(WATCH))


ASKS = "type your password to go on. What rings is heard meanwhile"


def rests(page: httpx.Response) -> bool:
    """Whether a page says that one was away; one that is awake holds those words for its script alone."""
    assert page.status_code == 200, page.text
    return bool(re.search(r'<div id="rests" data-live=""><p>.*href="/prove', page.text))


@pytest.mark.usefixtures("came")
def test_pages_of_a_session_that_rests_show_the_bar_and_nothing_that_came(
    came: dict[str, str], browser: httpx.Client, resting: Callable[[], None]
) -> None:
    resting()
    page = browser.get("/")
    assert rests(page)
    assert ('data-rests="1"' in page.text, "data-since=" in page.text, "Sign out" in page.text) == (True, True, True)
    assert 'href="/records"' not in page.text
    assert not [id_ for id_ in came.values() if id_ in page.text]


@pytest.mark.parametrize("path", ["/records", "/drafts", "/logs", "/tokens", "/second-factor", "/compose"])
def test_whoever_asks_for_more_is_asked_who_it_is_and_led_back(
    browser: httpx.Client, resting: Callable[[], None], path: str
) -> None:
    resting()
    asked = browser.get(path)
    assert (asked.url.path, ASKS in Read(asked.text).words) == ("/prove", True)
    back = browser.post("/prove", data={**Read(asked.text).hidden, "typed": SPOKEN})
    assert (back.status_code, back.url.path) == (200, path)
    assert (rests(back), 'data-rests="1"' in back.text) == (False, False)


def test_a_code_wakes_it_too(browser: httpx.Client, resting: Callable[[], None]) -> None:
    resting()
    asked = browser.get("/records")
    back = browser.post("/prove", data={**Read(asked.text).hidden, "typed": SPARE[1]})
    assert (back.status_code, back.url.path) == (200, "/records")


def test_a_wrong_password_wakes_nobody_and_five_end_it(browser: httpx.Client, resting: Callable[[], None]) -> None:
    resting()
    asked = browser.get("/records")
    for _ in range(4):
        asked = browser.post("/prove", data={**Read(asked.text).hidden, "typed": "five loud lorries at noon"})
        assert (asked.status_code, asked.url.path) == (401, "/prove")
    assert browser.get("/records").url.path == "/prove"
    browser.post("/prove", data={**Read(asked.text).hidden, "typed": "five loud lorries at noon"})
    assert browser.get("/records").url.path == "/sign-in"


def test_to_look_at_what_it_shows_wakes_it_not(
    border: Border, browser: httpx.Client, resting: Callable[[], None]
) -> None:
    resting()
    for _ in range(3):
        assert rests(browser.get("/compacts"))
        border.clock.forward(seconds=120)
    assert browser.get("/records").url.path == "/prove"


def test_who_has_no_watch_signs_in_anew(border: Border, browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    border.clock.forward(seconds=NIGHT)
    assert browser.get("/").url.path == "/sign-in"
