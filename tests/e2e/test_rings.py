"""What rings: on the page that is open within half a second, in its title, and by a sound that an officer lets sound."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import MetaData

from amanat.console import shell
from amanat.exchange import live
from amanat.exchange.means import Turn, begin
from amanat.officer.may import Actor
from amanat.workspace import Ring, Views, Workspace
from amanat.workspaces import find
from api.cast import Desk
from e2e.conftest import Open


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Ring]:
    """What rings now, of a workspace that nobody has."""
    ringing: list[Ring] = []

    def rings(_turn: Turn, _actor: Actor) -> Iterator[Ring]:
        yield from ringing

    space = Workspace("calls", "bell", (), Views(MetaData(), 1), rings=rings)
    found = find()
    monkeypatch.setattr(shell, "find", lambda: (*found, space))
    return ringing


COUNTS = """window.sounded = 0;
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...of) { window.sounded += 1; return start.apply(this, of); };
const pressed = { hasBeenActive: false };
Object.defineProperty(Navigator.prototype, "userActivation", { get: () => pressed });
addEventListener("click", () => { pressed.hasBeenActive = true; }, true);"""
"""Counts how often a sound began; nobody pressed anything before a click, though to look at a page here counts as that."""


def happens(desk: Desk) -> None:
    """Let something come, as a call does."""
    with begin(desk.side.means) as turn:
        live.tell(turn, "accepted", "pk", "1", "calls.call")


def test_a_ring_comes_at_once_and_ends_when_it_is_answered(
    desks: dict[str, Desk], browsing: Open, calls: list[Ring]
) -> None:
    af = desks["af"]
    duty = browsing(af)
    duty.become("duty", "en")
    duty.context.add_init_script(COUNTS)
    page: Page = duty.page("/records")
    title = page.title()
    expect(page.locator("#rings li")).to_have_count(0)
    page.wait_for_timeout(1000)  # the stream is open, and what a new page asks is answered
    for heard in range(2):
        now = af.side.means.now()
        calls.append(Ring("calls.rings", "Exercise line", "pk", now, now + timedelta(seconds=95), "/", urgent=True))
        began = time.monotonic()
        happens(af)
        page.locator("#rings li[data-urgent]").wait_for(timeout=3000)
        took = time.monotonic() - began
        expect(page.locator("#rings [data-until]")).to_have_text(re.compile("^1:3[0-5]$"))
        expect(page).to_have_title(re.compile("^☎ "))
        sounds = page.get_by_role("button", name="Turn on sound")
        if not heard:
            assert page.evaluate("window.sounded") == 0
            sounds.click()
        expect(sounds).to_be_hidden()
        page.wait_for_function("began => window.sounded > began", arg=heard, timeout=5000)
        calls.clear()
        happens(af)
        expect(page.locator("#rings li")).to_have_count(0, timeout=3000)
        expect(page).to_have_title(re.compile("^[^☎]*$"))
        assert took < 0.5
    assert page.title().endswith(title.partition(") ")[2] or title)
