"""The page of a call in a real browser, on a phone and on a desk: the newest and what one says next in sight, all by keyboard."""

from functools import partial

import pytest
from playwright.sync_api import Page, expect

from amanat.record.record import Record
from amanat.workspaces.liaison.tests.lines import Hotline, of
from api.cast import Desk
from border import Border
from e2e.conftest import Open
from wire import eventually

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
MANY = 20
"""So much each side said."""

WITHIN = """each => {
  const {top, bottom, left, right} = each.getBoundingClientRect();
  return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
}"""


@pytest.fixture(scope="module")
def call(border: Border, desks: dict[str, Desk]) -> Record:
    """A call of pk's in which both sides said much, the last of it af."""
    line = Hotline(border)
    rung = line.ring(urgency="immediate")
    eventually(partial(holds, desks["af"], rung, "call-head"))
    for _ in range(MANY):
        for party, there, phrase, *slots in (("pk", "af", "fire.still", "33.9, 70.1"), ("af", "pk", "talk.received")):
            said = line.say(party, rung, phrase, *slots)
            eventually(partial(holds, desks[there], rung, said.key[1]))
    return rung


def holds(at: Desk, call: Record, text: str) -> bool:
    """Whether a text stands on the page of the call."""
    return text in at.http.get("/liaison/call", params=of(call), headers=at.session("duty")).text


def path(call: Record) -> str:
    return f"/liaison/call?party={call.key[0]}&id={call.key[1]}"


def opened(at: Desk, browsing: Open, where: str, **options: object) -> Page:
    browser = browsing(at, reduced_motion="reduce", **options)
    browser.become("duty", "en")
    return browser.page(where)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_it_opens_at_the_newest_with_what_one_says_next_in_sight(
    desks: dict[str, Desk], call: Record, browsing: Open, size: dict[str, int], *, scripts: bool
) -> None:
    page = opened(desks["af"], browsing, path(call), viewport=size, java_script_enabled=scripts)
    said = page.locator(".talk > li")
    expect(said).to_have_count(2 * MANY)
    assert said.last.evaluate(WITHIN)
    assert not said.first.evaluate(WITHIN)
    for part in ("#call-head .state", "#usual .button", "#compose [type=search]"):
        assert page.locator(part).first.evaluate(WITHIN), part
    said.first.scroll_into_view_if_needed()  # what came before is there
    assert said.first.evaluate(WITHIN)


def test_one_goes_by_keyboard_to_what_rings_and_to_what_one_says(
    border: Border, desks: dict[str, Desk], browsing: Open
) -> None:
    rung = Hotline(border).ring(urgency="flash")
    eventually(partial(holds, desks["af"], rung, "call-head"))
    page = opened(desks["af"], browsing, "/liaison/desk", viewport=PHONE)
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.value") == "immediate"
    page.keyboard.press("a")
    page.wait_for_url(f"**{path(rung)}")
    for part in ("#rings .ring", "#opening button", "#compose [type=search]"):
        assert page.locator(part).first.evaluate(WITHIN), part
    expect(page.locator("#rings .act")).to_be_hidden()  # one is there already
    page.keyboard.press("c")
    assert page.evaluate("document.activeElement.closest('#usual') !== null")
    page.goto(f"{page.url}&phrase=fire.cease#compose")
    page.keyboard.press("c")
    assert page.evaluate("document.activeElement.name") == "slot0"
    page.goto(f"{desks['af'].node.url}/records")
    page.keyboard.press("c")  # nothing is written here
    assert page.evaluate("document.activeElement === document.body")


def test_a_time_that_is_typed_stands_on_the_other_clocks_before_it_is_sent(
    desks: dict[str, Desk], call: Record, browsing: Open
) -> None:
    page = opened(desks["af"], browsing, f"{path(call)}&phrase=fire.hold")
    page.evaluate("document.querySelector('.clocks [data-clock]').dataset.clock = 'Asia/Kabul'")
    field, told = page.locator("[name=slot0]"), page.locator(".hole output")
    field.fill("14:30")
    expect(told).to_have_text("10:00Z")
    field.fill("2026-11-25 ۰۱:۳۰")
    expect(told).to_have_text("2026-11-24 21:00Z")
    field.fill("25:99")
    expect(told).to_have_text("")
