"""Every page, light and dark, from left to right and from right to left: whoever cannot see it, or has a phone, has it whole.

Judged by axe-core against WCAG 2.2, levels A and AA. No page asks anybody but its node for anything (conftest.py).
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

import amanat.console
from amanat.officer.may import Role
from amanat.party.lexicon import Language
from api.cast import Desk
from border import Border
from console.every_page import addresses, routes
from e2e.conftest import Open

AXE = (Path(amanat.console.__file__).parent / "assets/node_modules/axe-core/axe.min.js").read_text("utf-8")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
LANGUAGES = cast("tuple[Language, ...]", ("en", "ur"))

JUDGE = """async ([levels, colours, rules]) => {
  const runOnly = rules.length ? {type: "rule", values: rules} : {type: "tag", values: levels};
  const judged = {"color-contrast": {enabled: colours}};
  const {violations} = await axe.run({runOnly, rules: judged, resultTypes: ["violations"]});
  return violations.flatMap(({id, nodes}) => nodes.map(({html, any}) => `${id}: ${html.slice(0, 160)} ${any[0]?.message ?? ""}`));
}"""


@pytest.fixture(scope="module")
def shown(border: Border, desks: dict[str, Desk]) -> Mapping[str, tuple[Role, str]]:
    """Every page by its route: whose it is, and where one of it stands."""
    record = desks["pk"].send(text="three lorries at Torkham")
    border.settle()
    return addresses(desks["af"], str(record["id"]))


def judge(page: Page, *rules: str, colours: bool = True) -> list[str]:
    """What axe-core has against a page, by these rules or by all of the levels; of colours where they are asked for."""
    return cast("list[str]", page.evaluate(JUDGE, [LEVELS, colours, list(rules)]))


def faults(page: Page, language: Language = "ur") -> list[str]:
    """All that is wrong with a page in one light and the other, and on a phone.

    Colours, which take longest, are judged where most stands on a page: in Urdu, with the English beside.
    """
    page.evaluate("source => { (0, eval)(source) }", AXE)  # which a browser that had it before has compiled
    colours = language == "ur"
    found = judge(page, colours=colours)
    if colours:
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {each}" for each in judge(page, "color-contrast")]
        page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # as Playwright takes it
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # as above
    return [*found, f"{beyond} px wider than a phone"] if beyond > 0 else found


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_shuts_anybody_out(
    desks: dict[str, Desk], shown: Mapping[str, tuple[Role, str]], browsing: Open, language: Language
) -> None:
    assert shown.keys() == routes()
    desk = desks["af"]
    pages: dict[Role | None, Page] = {}
    wrong: dict[str, list[str]] = {}
    for route, (whose, path) in shown.items():
        role = None if route == "/sign-in" else whose
        if role not in pages:
            browser = browsing(desk, viewport=WIDE, bypass_csp=True, locale=language, reduced_motion="reduce")
            if role is not None:
                browser.become(role, language)
            pages[role] = browser.page(path)
        else:  # on the same, for each new one is a process of the browser
            pages[role].goto(desk.node.url + path)
        page = pages[role]
        assert urlsplit(page.url).path == urlsplit(path).path
        assert page.locator("html").get_attribute("lang") == language
        wrong[route] = faults(page, language)
    assert {route: found for route, found in wrong.items() if found} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_above_a_page_shuts_nobody_out(desks: dict[str, Desk], browsing: Open, language: Language) -> None:
    browser = browsing(desks["af"], bypass_csp=True, reduced_motion="reduce")
    browser.become("duty", language)
    page = browser.page("/")
    page.keyboard.press("Control+k")
    assert faults(page, language) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert faults(page, language) == []


def test_a_page_says_what_went_wrong_to_everybody(desks: dict[str, Desk], browsing: Open) -> None:
    browser = browsing(desks["af"], bypass_csp=True)
    browser.become("duty", "ur")
    page = browser.page("/record/pk/none")
    assert faults(page) == []
    assert re.search("404", " ".join(browser.wrong))
    browser.wrong.clear()


def test_a_page_that_was_refused_begins_at_what_is_wrong(desks: dict[str, Desk], browsing: Open) -> None:
    """Else whoever pressed a button far below sees the page's head, and takes it for done."""
    told = {"type": "shots", "place": "33.9, 70.1", "time": "now", "minutes": "5", "exercise": "on"}
    desk = desks["af"]
    made = desk.http.post("/liaison/incident-open", data=told, headers=desk.session("duty")).headers["location"]
    browser = browsing(desk, viewport=NARROW, reduced_motion="reduce")
    browser.become("duty", "en")
    page = browser.page(made.partition("&done")[0].replace("incident?", "statement?"))
    page.locator(".second-step summary").last.click()
    page.get_by_role("button", name="Yes, propose and sign it").click()
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_be_in_viewport()
    browser.wrong.clear()  # the browser names the refusal


def test_a_form_asks_only_for_the_fields_of_what_was_chosen(desks: dict[str, Desk], browsing: Open) -> None:
    told = {"type": "shots", "place": "33.9, 70.1", "time": "now", "minutes": "5", "exercise": "on"}
    desk = desks["af"]
    made = desk.http.post("/liaison/incident-open", data=told, headers=desk.session("duty")).headers["location"]
    browser = browsing(desk)
    browser.become("duty", "en")
    page = browser.page(made.partition("&done")[0].replace("incident?", "account?"))
    statement = page.locator("#statement-0")
    for sort, asks in (("happened", ["did0", "place0"]), ("harmed", ["killed0"]), ("damage", ["damaged0", "place0"])):
        statement.locator("[name=sort0]").select_option(sort)
        for name in ("did0", "killed0", "damaged0", "place0"):
            expect(statement.locator(f"[name={name}]")).to_be_visible(visible=name in asks)
    page.goto(page.url.replace("account?", "statement?"))
    row = page.locator(".sentence:has([name=use0])")
    expect(row.locator("[name=slot0]")).to_be_hidden()
    row.locator("[name=use0]").press("Space")
    expect(row.locator("[name=slot0]")).to_be_visible()


def test_the_judge_finds_what_is_wrong(desks: dict[str, Desk], browsing: Open) -> None:
    """Else a page that it never looked at would be without fault."""
    page = browsing(desks["af"], bypass_csp=True).page("/sign-in")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\"><p id=wide>three lorries</p>')")
    page.evaluate("wide.style.cssText = 'inline-size: 900px; color: #888; background: #777'")
    found = " ".join(faults(page))
    for each in ("image-alt", "dark: color-contrast", "wider than a phone"):
        assert each in found
