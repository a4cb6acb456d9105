"""What a page makes itself, in a real browser: a place pointed at on a map, a sketch, a voice note."""

import json
import re
import shutil
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from amanat.console.rendering import environment
from api.cast import Desk, draft
from e2e.conftest import PATIENCE, QUIET, Open

FIELD = """{% from "place.html" import place_field with context %}
<section id="tried"><form class="draft">{{ place_field("place", "Place", "", offered=offered) }}</form></section>"""
TORKHAM = SimpleNamespace(lat=34.13716, lon=71.08202, says="Torkham (AF)")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser that draws without a graphics card, and hears a tone where others have a microphone."""
    found = shutil.which("chromium")
    assert found, "chromium is not installed: `apt-get install chromium`, then again"
    expect.set_options(timeout=PATIENCE)
    drawn = ["--enable-unsafe-swiftshader", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*QUIET, *drawn])
        yield browser
        browser.close()


@pytest.fixture
def page(desks: dict[str, Desk], browsing: Open) -> Page:
    """A draft that takes files."""
    held = desks["af"]
    browser = browsing(held)
    browser.become("duty", "en")
    kept = held.ask("duty", "POST", "/drafts", json={**draft(), "to": ["pk"]}).json()["head"]["id"]
    return browser.page(f"/draft/{kept}")


def opened(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_selector(".map[data-drawn]")


def test_no_page_loads_the_map_before_an_officer_asks_for_it(page: Page) -> None:
    asked = page.evaluate("performance.getEntriesByType('resource').map(({name}) => name)")
    assert [each for each in asked if re.search("region|maplibre|sketch", each)] == []


def test_a_place_pointed_at_stands_in_the_field_as_exactly_as_it_was_pointed_at(page: Page) -> None:
    told = {"own_line": "the line of peace", "code": lambda each: each, "said": lambda _, says: says}
    html = environment("en").from_string(FIELD).render(offered=(TORKHAM,), **told)
    page.evaluate("html => document.getElementById('page').insertAdjacentHTML('beforeend', html)", html)
    field = page.locator("#place")
    opened(page, "On the map")
    expect(page.locator(".on-map-mark.known")).to_have_text("Torkham (AF)")
    exactly, nearer = (page.locator(f"#tried [role=status] > {each}") for each in ("span", "strong"))
    expect(exactly).to_have_text("What is pointed at now is told to within 20000 m.")
    expect(nearer).to_be_hidden()
    page.locator("#tried canvas").click(position={"x": 200, "y": 150})
    expect(exactly).to_have_text("What is pointed at now is told to within 1000 m.")
    expect(nearer).to_be_visible()
    assert not field.input_value()
    page.locator("#tried canvas").click(position={"x": 200, "y": 150})
    wide = re.fullmatch(r"(\d\d\.\d+), (\d\d\.\d+) ±(\d+) m", field.input_value())
    assert wide
    assert (28 < float(wide[1]) < 40, 60 < float(wide[2]) < 76, wide[3]) == (True, True, "1000")
    expect(nearer).to_be_hidden()
    for _ in range(6):
        page.get_by_role("button", name="Nearer").click()
    page.get_by_role("button", name="Take the middle").click()
    near = re.fullmatch(r"(\d\d\.\d+), (\d\d\.\d+) ±(\d+) m", field.input_value())
    assert near
    assert int(near[3]) * 20 < int(wide[3])
    expect(page.locator(".on-map-mark.here")).to_have_count(1)
    page.get_by_role("button", name="On the map", exact=True).click()
    expect(page.locator(".map")).to_have_count(0)


def test_a_sketch_comes_in_as_geojson_and_as_the_picture_that_was_seen(page: Page) -> None:
    opened(page, "Sketch on the map")
    canvas = page.locator(".map canvas")
    canvas.click(position={"x": 100, "y": 100})
    page.get_by_role("button", name="Path").click()
    for x in (150, 250, 300):
        canvas.click(position={"x": x, "y": 200})
    page.get_by_role("button", name="Take the last back").click()
    page.get_by_role("button", name="Area").click()
    for x, y in ((50, 50), (50, 90), (90, 90)):
        canvas.click(position={"x": x, "y": y})
    page.get_by_role("button", name="Put it with the files").click()
    expect(page.locator(".map")).to_have_count(0)
    text, size = page.evaluate(
        "(async () => { const [json, png] = document.getElementById('upload').files; return [await json.text(), png.size] })()"
    )
    shapes = [each["geometry"] for each in json.loads(text)["features"]]
    assert [each["type"] for each in shapes] == ["Point", "LineString", "Polygon"]
    assert [len(shapes[1]["coordinates"]), len(shapes[2]["coordinates"][0])] == [2, 4]
    assert size > 1000
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#attachments")).to_contain_text(re.compile(r"sketch-\d{8}-\d{6}\.geojson"))
    expect(page.locator("#attachments")).to_contain_text(re.compile(r"sketch-\d{8}-\d{6}\.png"))


def test_a_voice_note_is_recorded_heard_and_put_with_the_files(page: Page) -> None:
    page.get_by_role("button", name="Record a voice note").click()
    expect(page.locator(".recorder meter")).not_to_have_js_property("value", 0)
    expect(page.locator(".recorder time")).to_have_text("0:02")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".recorder audio")).to_have_js_property("readyState", 4)
    page.get_by_role("button", name="Throw it away").click()
    assert page.evaluate("document.getElementById('upload').files.length") == 0
    page.get_by_role("button", name="Record a voice note").click()
    expect(page.locator(".recorder time")).to_have_text("0:01")
    page.get_by_role("button", name="Stop").click()
    page.locator(".recorder").get_by_role("button", name="Put it with the files").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#attachments")).to_contain_text(re.compile(r"voice-\d{8}-\d{6}\.webm"))
