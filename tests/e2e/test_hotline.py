"""The hotline between two nodes and two browsers, one in Urdu and one in Pashto: from the ring to the read-back, live."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from amanat.exchange.means import look
from amanat.workspaces.liaison import calls, phrasebook, rules
from amanat.workspaces.liaison.rules import Facts
from border import Border
from e2e.conftest import Open
from e2e.two_sides import Served, served
from wire import eventually

PLACE = "33.86, 70.05"


class Hotline(Served):
    """The two, and the only call between them."""

    def facts(self, party: str) -> Facts:
        """The only call, as a party has it."""
        with look(self.border.sides[party].means) as turn:
            (found,) = [each for each in calls.recent(turn) if not each.rung.test]
            whole = calls.one(turn, found.rung.key.party, found.rung.key.id)
        assert whole is not None
        return whole


@pytest.fixture
def hotline(border: Border) -> Iterator[Hotline]:
    """Nodes that say by themselves what they have to, by a clock that runs; no test call is due."""
    with served(border) as made:
        yield Hotline(made.border, made.nodes, made.desks, made.ways)


def say(page: Page, phrase: str, *values: str) -> None:
    """Choose a phrase of the composer by its number's page, fill in its slots, and say it."""
    page.goto(f"{page.url.partition('&phrase')[0].partition('&done')[0].partition('#')[0]}&phrase={phrase}")
    for number, value in enumerate(values):
        field = page.locator(f"#compose [name=slot{number}]")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("#compose form.saying button.main-act").click()


def text(phrase: str, language: str) -> str:
    """The longest part of a phrase between its slots, in a language."""
    entry = phrasebook.entry(phrase)
    assert entry is not None
    return max((piece for piece, is_slot in phrasebook.pieces(entry, language) if not is_slot), key=len).strip()  # type: ignore[arg-type]


def test_a_call_is_rung_opened_read_back_and_answered_over_a_link_that_is_cut(hotline: Hotline, browsing: Open) -> None:
    there, here = browsing(hotline.desks["pk"]), browsing(hotline.desks["af"])
    there.become("duty", "ur")
    here.become("duty", "ps")
    pk, af = there.page("/liaison/desk"), here.page("/liaison/desk")

    # who has the desk open is known to the other side
    expect(pk.locator("#hotline-kurram dd").first.locator(".state.good")).to_be_visible()

    # it rings, on whatever page, and in the title
    pk.locator("#ring-kurram button[value=immediate]").click()
    expect(af.locator("#rings .ring.is-urgent")).to_be_visible()
    expect(af).to_have_title(re.compile("☎"))
    expect(pk.locator(".call-steps .is-good")).to_have_count(2)  # rung, delivered
    af.locator("#rings .ring .act a").click()
    af.locator("#opening button.main-act").click()
    expect(pk.locator(".call-steps .is-good")).to_have_count(3)
    expect(af.locator("#rings .ring.is-urgent")).to_have_count(0)

    # each reads it in their own language
    say(pk, "fire.cease", PLACE, "2026-11-25 14:30")
    expect(af.locator("#said .theirs .phrase")).to_contain_text(text("fire.cease", "ps"))
    expect(pk.locator("#said .ours .phrase")).to_contain_text(text("fire.cease", "ur"))

    # a read-back that differs alarms both; nothing of the original is in sight meanwhile
    read_back(af, PLACE, "2026-11-25 15:30")
    expect(pk.locator("#said [role=alert]")).to_be_visible()
    expect(af.locator("#said [role=alert]")).to_be_visible()
    read_back(af, PLACE, "2026-11-25 14:30")
    expect(pk.locator("#said .ours .state.good").last).to_be_visible()
    expect(pk.locator("#said [role=alert]")).to_have_count(0)

    # what is said while the link is cut comes once it is healed, once, and in order
    hotline.cut()
    say(af, "fire.ceased", PLACE, "2026-11-25 14:30")
    say(af, "talk.thanks")
    say(pk, "talk.stand-by", "5")
    time.sleep(2)
    assert len(hotline.facts("pk").uttered) < len(hotline.facts("af").uttered) + 1
    hotline.heal()
    eventually(lambda: ids(hotline, "pk") == ids(hotline, "af") and len(ids(hotline, "pk")) == 6)
    expect(pk.locator("#said .theirs .phrase").last).to_contain_text(text("talk.thanks", "ur"))
    assert rules.state(hotline.facts("pk"), hotline.border.clock()) == "answered"


def read_back(page: Page, *values: str) -> None:
    """Read the last phrase of theirs back, with nothing of it in sight."""
    page.locator("#said .theirs a.button").last.click()
    assert "33.86" not in page.locator("main").inner_text()
    fields = page.locator("#read-back input[name^=slot]")
    for number, value in enumerate(values):
        fields.nth(number).fill(value)
    page.locator("#read-back button.main-act").click()


def ids(hotline: Hotline, party: str) -> list[str]:
    """What was said, in the order in which a party shows it."""
    return [each.key.id for each in rules.in_order(hotline.facts(party).uttered)]
