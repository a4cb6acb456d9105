"""A passkey in a real browser, with a device of the browser's own: made on one's page, signed in by, and taken away."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from amanat.exchange.means import begin
from amanat.officer import factor
from api.cast import Desk
from e2e.conftest import Open, Watched
from officer.cast import SPARE, SPOKEN

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
"""It keeps keys itself, and knows whoever holds it (WebAuthn, level 3, section 11.3)."""


@pytest.fixture
def browser(desks: dict[str, Desk], browsing: Open) -> Watched:
    """A browser that comes to a node by a name and not by numbers."""
    held = desks["af"]
    officer = held.officer("analyst")
    with begin(held.side.means) as turn:
        factor.set_recovery(turn.tx, officer.id, SPARE)
    by_name = replace(held, node=replace(held.node, url=held.node.url.replace("127.0.0.1", "localhost")))
    return browsing(by_name, locale="en")


@pytest.fixture
def page(browser: Watched) -> Iterator[Page]:
    """Where an officer signs in; the browser has a device."""
    opened = browser.page("/sign-in")
    device = opened.context.new_cdp_session(opened)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield opened
    device.detach()


def test_a_passkey_is_made_signs_in_without_a_password_and_is_taken_away(page: Page) -> None:
    page.locator("[name=name]").fill("x.analyst")
    page.locator("[name=password]").fill(SPOKEN)
    page.locator("[name=code]").fill(SPARE[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(re.sub("/[^/]*$", "/passkeys", page.url))
    expect(page.get_by_text("This browser makes no passkeys.")).to_be_hidden()
    page.get_by_label("What you call the device").fill("the desk's own (exercise)")
    page.get_by_label("Password").fill(SPOKEN)
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_text("the desk's own (exercise)")).to_be_visible()

    page.locator("details.own summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in by a passkey").click()
    expect(page.locator("#shell")).to_be_visible()

    page.goto(re.sub("/[^/]*$", "/passkeys", page.url))
    page.get_by_text("Remove …").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("the desk's own (exercise)")).to_have_count(0)


@pytest.mark.parametrize("answer", [{"status": 429, "json": {"code": "rate.exceeded"}}, {"body": "<p>Sign in</p>"}])
def test_where_the_node_asks_the_device_nothing_the_page_says_what_is_wrong(
    browser: Watched, page: Page, answer: dict[str, Any]
) -> None:
    """Too much was asked, or a page came in its place: a button that does nothing tells nobody."""
    page.route(
        "**/sign-in/passkey",
        lambda asked: asked.fulfill(**answer) if asked.request.method == "GET" else asked.continue_(),
    )
    page.get_by_role("button", name="Sign in by a passkey").click()
    expect(page.get_by_role("alert")).to_be_visible()
    browser.wrong.clear()  # the browser names each refusal


def test_a_browser_that_has_none_is_told_so_where_one_is_made(browser: Watched) -> None:
    browser.become("analyst", "en")
    browser.context.add_init_script("delete window.PublicKeyCredential")
    page = browser.page("/passkeys")
    expect(page.get_by_text("This browser makes no passkeys.")).to_be_visible()
    expect(page.get_by_role("button", name="Make a passkey")).to_be_hidden()
