"""The journey of a report between two officers, each at a browser, in English and from right to left, by keyboard too.

What waits comes in by itself, is looked at and signed as read, and the other side sees that by itself.
"""

import re
from typing import cast

import pytest
from playwright.sync_api import Page, expect

from amanat.console.languages import SPOKEN
from amanat.exchange.means import begin
from amanat.officer import factor
from amanat.party.lexicon import Language
from api.cast import Desk
from e2e.conftest import Open, Watched
from officer.cast import SPARE
from officer.cast import SPOKEN as PASSWORD

LANGUAGES = cast("tuple[Language, ...]", ("en", "ur"))
READ = ".way .step:has([href$='#eye'])"
"""The step of a record's way that says at which post it was read."""
NEVER_LEFT = "window.neverLeft"


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, desks: dict[str, Desk]) -> Language:
    """What the receiving officer reads."""
    desks["af"].speak("duty", request.param)
    return cast("Language", request.param)


@pytest.fixture
def receiver(desks: dict[str, Desk], browsing: Open, language: Language) -> Page:
    """Where nobody is signed in yet; the browser asks for the officer's language, and all recovery codes are good."""
    officer = desks["af"].officer("duty")
    with begin(desks["af"].side.means) as turn:
        factor.set_recovery(turn.tx, officer.id, SPARE)
    return browsing(desks["af"], locale=language).page("/")


@pytest.fixture
def sender(desks: dict[str, Desk], browsing: Open) -> Watched:
    """The other side's browser."""
    made = browsing(desks["pk"])
    made.become("duty", "en")
    return made


def arrives(desks: dict[str, Desk], page: Page) -> str:
    """Let a report come while its receiver looks at what waits; return its id."""
    page.evaluate(f"{NEVER_LEFT} = true")
    id_ = str(desks["pk"].send(text="three lorries at Torkham")["id"])
    expect(page.locator(f"#read-pk-{id_} a")).to_be_visible()
    assert page.evaluate(NEVER_LEFT)
    return id_


def is_seen(page: Page, language: Language) -> None:
    """The page is in that language, runs its way, and says in its title how much waits."""
    expect(page.locator("html")).to_have_attribute("dir", SPOKEN[language].direction)
    expect(page).to_have_title(re.compile(r"^\(\d+\) "))


def test_a_report_comes_in_by_itself_and_its_sender_sees_by_himself_that_it_was_read(
    desks: dict[str, Desk], receiver: Page, sender: Watched, language: Language
) -> None:
    page = receiver
    page.locator("[name=name]").fill("x.duty")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=code]").fill(SPARE[0])
    page.locator("form.narrow button").click()
    expect(page.locator(".rail [aria-current]")).to_have_attribute("href", "/")
    id_ = arrives(desks, page)
    of_sender = sender.page(f"/record/pk/{id_}")
    is_seen(page, language)
    page.locator(f"#read-pk-{id_} a").click()
    expect(page.locator("pre")).to_contain_text("three lorries at Torkham")
    of_sender.evaluate(f"{NEVER_LEFT} = true")
    assert of_sender.locator(READ).count() == 0
    page.locator("main form button").click()
    expect(page.locator(READ)).to_have_count(1)
    expect(of_sender.locator(READ)).to_contain_text("af torkham/duty")
    assert of_sender.evaluate(NEVER_LEFT)


def listens(page: Page) -> None:
    """The page hears keys: what only a script does is offered."""
    expect(page.locator(".find")).to_be_visible()


def press_until(page: Page, key: str, selector: str) -> None:
    """Press a key until the focus is there, as one does who has no mouse."""
    for _ in range(60):
        if page.evaluate("chosen => document.activeElement.matches(chosen)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(selector)


def test_all_of_it_goes_by_keyboard_alone(desks: dict[str, Desk], receiver: Page, language: Language) -> None:
    page, keys = receiver, receiver.keyboard
    press_until(page, "Tab", "[name=name]")
    keys.type("x.duty")
    press_until(page, "Tab", "[name=password]")
    keys.type(PASSWORD)
    press_until(page, "Tab", "[name=code]")
    keys.type(SPARE[0])
    keys.press("Enter")
    expect(page.locator(".rail [aria-current]")).to_have_attribute("href", "/")
    id_ = arrives(desks, page)
    is_seen(page, language)
    press_until(page, "j", f"#read-pk-{id_} a")
    keys.press("Enter")
    expect(page.locator("pre")).to_contain_text("three lorries at Torkham")
    press_until(page, "Tab", "main form button")
    keys.press("Enter")
    expect(page.locator(READ)).to_have_count(1)
    listens(page)
    keys.press("g")
    keys.press("r")
    expect(page.locator(".rail [aria-current]")).to_have_attribute("href", "/records")
    listens(page)
    press_until(page, "j", "#found [data-item] a")
    keys.press("o")
    expect(page).to_have_url(re.compile("/record/pk/"))
    listens(page)
    keys.press("Control+k")
    keys.type("three lorries")
    press_until_chosen(page, "ArrowDown", "palette-search")
    keys.press("Enter")
    expect(page).to_have_url(re.compile(r"/records\?text=three\+lorries$"))
    listens(page)
    press_until(page, "j", "#found [data-item] a")
    keys.press("o")
    expect(page.locator("pre")).to_contain_text("three lorries at Torkham")
    listens(page)
    for line, path in (("palette-compose", "/compose"), ("palette-sign-out", "/sign-in")):
        listens(page)
        keys.press("Control+k")
        press_until_chosen(page, "ArrowDown", line)
        keys.press("Enter")
        expect(page).to_have_url(re.compile(f"{path}$"))


def press_until_chosen(page: Page, key: str, id_: str) -> None:
    """Press a key in the palette until it stands on that line."""
    for _ in range(40):
        if page.locator("#palette [role=combobox]").get_attribute("aria-activedescendant") == id_:
            return
        page.keyboard.press(key)
    raise AssertionError(id_)


def test_the_palette_asks_for_records_when_one_goes_there_and_not_while_one_types(
    desks: dict[str, Desk], sender: Watched
) -> None:
    """Each list of records is noted as a look at the persons in it."""
    id_ = desks["pk"].send(text="three lorries at Torkham")["id"]
    page = sender.page("/drafts")
    listens(page)
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url.removeprefix(desks["pk"].node.url)))
    for typed, path in (("lorries", "/records?text=lorries"), (f"pk:{id_}", f"/record/pk/{id_}")):
        page.keyboard.press("Control+k")
        page.keyboard.type(typed[:2], delay=300)
        page.keyboard.type(typed[2:])
        expect(page.locator("#palette-search bdi").first).to_have_text(typed)
        page.keyboard.press("Enter")
        expect(page).to_have_url(desks["pk"].node.url + path)
        listens(page)
    assert [path for path in asked if path.startswith("/record")] == ["/records?text=lorries", f"/record/pk/{id_}"]


def test_the_palette_chooses_nothing_beforehand_that_ends_something(sender: Watched) -> None:
    page = sender.page("/drafts")
    listens(page)
    chosen = page.locator("#palette [role=combobox]")
    page.keyboard.press("Control+k")
    page.keyboard.type("sign")
    expect(chosen).to_have_attribute("aria-activedescendant", "palette-sessions")
    page.keyboard.type(" out")
    expect(page.locator("#palette [role=option]:visible").last).to_have_id("palette-sign-out")
    expect(chosen).to_have_attribute("aria-activedescendant", "palette-search")
