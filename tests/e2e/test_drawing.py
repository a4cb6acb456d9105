"""A shape drawn on the map, by mouse and by keyboard, and the map of all, in a real browser."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from api.cast import Desk
from e2e.conftest import PATIENCE, QUIET, Open

GIVEN = {
    "event": "shelling", "near": "Torkham (AF)", "urgent": "immediate", "severity": "extreme", "certainty": "observed",
    "shape": "point", "places": "34.12, 71.09", "metres": "4000", "since": "now", "until": "2026-11-26 18:00",
    "shelter": "on", "exercise": "on",
}  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser that draws without a graphics card."""
    found = shutil.which("chromium")
    assert found, "chromium is not installed: `apt-get install chromium`, then again"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*QUIET, "--enable-unsafe-swiftshader"])
        yield browser
        browser.close()


@pytest.fixture
def page(desks: dict[str, Desk], browsing: Open) -> Page:
    """The form of a warning, with no shape yet."""
    browser = browsing(desks["af"], viewport={"width": 1280, "height": 1000})
    browser.become("duty", "en")
    return browser.page("/liaison/warn")


def opened(page: Page, name: str = "Draw on the map") -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_selector(".map[data-drawn]")


def lines(page: Page) -> list[str]:
    return page.locator("[data-places]").input_value().splitlines()


def test_nothing_of_the_map_is_loaded_before_somebody_asks_for_it(page: Page) -> None:
    asked = page.evaluate("performance.getEntriesByType('resource').map(({name}) => name)")
    assert [each for each in asked if re.search("region|maplibre|draw|board|reach", each)] == []


def test_what_is_pressed_on_is_a_line_of_the_field_and_what_is_typed_is_drawn(page: Page) -> None:
    page.locator("[data-form]").select_option("corridor")
    opened(page)
    for x, y in ((100, 100), (220, 140)):
        page.locator(".map canvas").click(position={"x": x, "y": y})
    assert len(lines(page)) == 2
    assert all(re.fullmatch(r"-?\d+\.\d{5}, -?\d+\.\d{5}", each) for each in lines(page))
    expect(page.locator(".on-map-mark.corner")).to_have_count(2)
    page.get_by_role("button", name="Take the last back").click()
    expect(page.locator(".on-map-mark.corner")).to_have_count(1)
    page.locator("[data-places]").fill("34.1, 71.1\nTorkham (AF)\n33.9, 70.1")
    expect(page.locator(".on-map-mark.corner")).to_have_count(2)
    expect(page.locator("[data-unread]")).to_be_visible()


def test_a_place_is_moved_by_dragging_it_and_a_name_between_is_kept(page: Page) -> None:
    page.locator("[data-form]").select_option("corridor")
    page.locator("[data-places]").fill("34.1, 71.1\nTorkham (AF)\n33.9, 70.1")
    opened(page)
    corner = page.locator(".on-map-mark.corner").first
    corner.scroll_into_view_if_needed()
    box = corner.bounding_box()
    assert box
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] - 52, box["y"] + 48, steps=6)
    page.mouse.up()
    first, name, last = lines(page)
    assert first != "34.1, 71.1"
    assert (name, last) == ("Torkham (AF)", "33.9, 70.1")


def test_all_of_it_goes_by_keyboard(page: Page) -> None:
    page.locator("[data-form]").select_option("area")
    button = page.get_by_role("button", name="Draw on the map", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".map[data-drawn]")
    expect(page.locator(".map canvas")).to_be_focused()
    for keys in (("ArrowRight",), ("ArrowDown", "ArrowDown"), ("ArrowLeft", "Shift+ArrowLeft")):
        for key in keys:
            page.keyboard.press(key)
        page.keyboard.press("Enter")
    assert len(lines(page)) == 3
    (north, _), (south, _), (_, west) = ([float(each) for each in line.split(", ")] for line in lines(page))
    assert south < north
    assert west < float(lines(page)[1].split(", ")[1])
    page.keyboard.press("Backspace")
    assert len(lines(page)) == 2
    page.keyboard.press("Escape")
    expect(page.locator(".map")).to_have_count(0)
    expect(button).to_be_focused()
    assert len(lines(page)) == 2
    assert page.url.endswith("/liaison/warn")


def test_a_point_has_one_place(page: Page) -> None:
    opened(page)
    for x, y in ((100, 100), (220, 140)):
        page.locator(".map canvas").click(position={"x": x, "y": y})
    assert len(lines(page)) == 1


@pytest.mark.parametrize(
    ("places", "metres", "marks"),
    [("95.0, 71.1", "4000", 0), ("34.1, 71.1", "-20000", 1), ("34.1, 71.1", "1e9", 1), ("89.999, 71.1", "100000", 1)],
)
def test_what_is_out_of_range_is_neither_hidden_nor_drawn_wrong_and_is_refused(
    page: Page, places: str, metres: str, marks: int
) -> None:
    page.locator("[name=near]").fill("Torkham (AF)")
    for name in ("since", "until"):
        page.locator(f"[name={name}]").fill({"since": "now", "until": "2027-01-26 18:00"}[name])
    page.locator("[name=shelter]").check()
    page.locator("[data-places]").fill(places)
    page.locator("[data-metres]").fill(metres)
    opened(page)
    expect(page.locator(".on-map-mark.corner")).to_have_count(marks)
    if not marks:
        expect(page.locator("[data-unread]")).to_be_visible()
    page.locator("[data-metres]").fill(metres)  # drawn anew while the map is open
    page.get_by_role("button", name="See what the public is told").click()
    expect(page.locator(".problem")).to_be_visible()
    expect(page.locator("#preview")).to_have_count(0)
    assert (lines(page), page.locator("[data-metres]").input_value()) == ([places], metres)


def test_the_map_of_all_draws_its_table_and_each_row_finds_its_mark(desks: dict[str, Desk], browsing: Open) -> None:
    given = desks["af"].http.post("/liaison/warn-public", data=GIVEN, headers=desks["af"].session("duty"))
    assert given.status_code == 303, given.text
    browser = browsing(desks["af"], viewport={"width": 1280, "height": 1000})
    browser.become("duty", "en")
    page = browser.page("/liaison/map")
    row = page.locator("tr[data-feature]").first
    expect(row).to_contain_text("Shelling")
    opened(page, "Draw the map")
    expect(page.locator(".on-map-mark.number")).to_have_count(page.locator("tr[data-feature]").count())
    row.get_by_role("button").click()
    expect(page.locator("[data-told]")).to_contain_text("Shelling")
    page.locator(".on-map-mark.number.warnings").first.click()
    expect(row.get_by_role("link")).to_be_focused()
