"""Every component as a browser shows it: nothing juts out, is cut off or too small to touch; focus shows; arrows turn.

The pictures are laid into `.shots`, to be looked at: nothing here compares pixels.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from litestar import Router
from playwright.sync_api import Browser, Page

from amanat.demo import design
from api.cast import Desk
from e2e.conftest import Open, browsers
from e2e.test_every_page import NARROW, WIDE, faults

SHOTS = Path(__file__).resolve().parents[2] / ".shots"
LOOKS = ("en-light", "en-dark", "ur-light", "ur-dark")
WIDTHS = (WIDE["width"], NARROW["width"])

INSIDE = """() => [...document.querySelectorAll(".specimen")].flatMap((specimen) => {
  const called = `${specimen.closest(".look").id} ${specimen.querySelector("figcaption").textContent}`;
  const root = specimen.querySelector("div").shadowRoot;
  return [...root.querySelectorAll("*")].map((element) => [called, element]);
})"""
"""All elements of all specimens, each with what its specimen is called."""

MEASURED = """([judge, inside]) => eval(inside)().flatMap(([called, element]) => {
  const wrong = eval(judge)(element);
  return wrong ? [`${called}: ${wrong} ${element.outerHTML.slice(0, 120)}`] : [];
})"""

JUTS_OUT = """(element) => {
  const box = element.getBoundingClientRect();
  const scrolls = element.parentElement?.closest("pre, select, textarea, .scrolls, dialog");
  return box.width && !scrolls && (box.left < -0.5 || box.right > innerWidth + 0.5) ? `from ${box.left} to ${box.right}` : "";
}"""
"""What is partly beyond the screen, to the side where one reads and to the other."""

CUT_OFF = """(element) => {
  const style = getComputedStyle(element);
  const holds = element.matches("input, select, textarea") || style.clipPath !== "none";
  const wider = style.overflowX !== "visible" && style.overflowX !== "auto" && element.scrollWidth > element.clientWidth + 1;
  const higher = style.overflowY !== "visible" && style.overflowY !== "auto" && element.scrollHeight > element.clientHeight + 1;
  return !holds && element.clientWidth && (wider || higher) ? `hides ${element.scrollWidth}x${element.scrollHeight} of` : "";
}"""
"""What hides a piece of what it holds; fields scroll, and what only is read out hides all."""

TOO_SMALL = """(element) => {
  if (!element.matches("button, select, summary, input:not([type=hidden]), [role=option], a.button")) return "";
  const touched = element.matches("[type=checkbox], [type=radio]") ? element.closest("label") : element;
  const box = touched.getBoundingClientRect();
  return box.width && (box.width < 24 || box.height < 24) ? `${box.width}x${box.height}` : "";
}"""
"""What one touches of less than 24 by 24 px (WCAG 2.2, 2.5.8); a tick with its words is one target."""

NO_RING = """(element) => {
  if (!element.matches("a[href], button, select, textarea, summary, input:not([type=hidden])")) return "";
  if (!element.checkVisibility()) return "";
  element.focus({focusVisible: true});
  const style = getComputedStyle(element);
  const shown = style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2;
  return shown && element.matches(":focus-visible") ? "" : `outline ${style.outlineStyle} ${style.outlineWidth}`;
}"""
"""What can be reached by keyboard and does not show that it was."""

TURNED = """([look]) => [...document.querySelectorAll(`#${look} .specimen > div`)]
  .flatMap(({shadowRoot}) => [...shadowRoot.querySelectorAll(".icon")])
  .map((icon) => [icon.classList.contains("turns"), getComputedStyle(icon).transform === "matrix(-1, 0, 0, 1, 0, 0)"])"""
"""Of each icon whether it points the way one reads, and whether it is mirrored."""

ALONE = """(look) => document.querySelectorAll(".look").forEach((each) => { each.hidden = look !== "" && each.id !== look; })"""
"""Hide all looks but one; of no name, none."""


@pytest.fixture(scope="module")
def demo(desks: dict[str, Desk]) -> Desk:
    """A node with the page that only those of the demo have."""
    desks["pk"].node.app.register(Router("/", route_handlers=design.ROUTES, include_in_schema=False))
    return desks["pk"]


@pytest.fixture(scope="module", params=WIDTHS)
def page(request: pytest.FixtureRequest, demo: Desk, chromium: Browser) -> Iterator[Page]:
    """The page, on a desk and on a phone, once for all that is asked of it there."""
    size = {"width": request.param, "height": 900}
    with browsers(chromium) as opened:
        page = opened(demo, viewport=size, bypass_csp=True, reduced_motion="reduce").page("/design")
        page.evaluate("document.fonts.ready")
        yield page


def measured(page: Page, judge: str) -> list[str]:
    return cast("list[str]", page.evaluate(MEASURED, [judge, INSIDE]))


def test_all_looks_are_there_to_be_seen(page: Page) -> None:
    assert [each.get_attribute("id") for each in page.locator(".look").all()] == list(LOOKS)
    SHOTS.mkdir(exist_ok=True)
    for look in LOOKS:
        page.evaluate(ALONE, look)  # a browser paints the whole of a page for a picture of a part of it
        shot = SHOTS / f"design-{look}-{cast('dict[str, int]', page.viewport_size)['width']}.png"
        page.locator(f"#{look}").screenshot(path=shot, timeout=60_000)
        assert shot.stat().st_size > 100_000
    page.evaluate(ALONE, "")


@pytest.mark.parametrize(
    "judge", [JUTS_OUT, CUT_OFF, TOO_SMALL, NO_RING], ids=["juts out", "cut off", "too small", "no ring"]
)
def test_no_component_is_hard_to_see_or_to_touch(page: Page, judge: str) -> None:
    assert measured(page, judge) == []
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert beyond <= 0


def test_what_points_the_way_one_reads_is_mirrored_and_nothing_else(page: Page) -> None:
    for look in LOOKS:
        icons = page.evaluate(TURNED, [look])
        assert {(turns, mirrored) for turns, mirrored in icons} == {(False, False), (True, look.startswith("ur"))}


def test_each_look_has_its_ground_whatever_the_reader_likes(page: Page) -> None:
    ground = "look => getComputedStyle(document.getElementById(look)).backgroundColor"
    for scheme in ("dark", "light"):  # the page goes on to others as it came
        page.emulate_media(color_scheme=scheme)
        light, dark = page.evaluate(ground, "ur-light"), page.evaluate(ground, "ur-dark")
        assert (light, dark) == (page.evaluate(ground, "en-light"), page.evaluate(ground, "en-dark"))
        assert light != dark


def test_no_component_shuts_anybody_out(demo: Desk, browsing: Open) -> None:
    page = browsing(demo, viewport=WIDE, bypass_csp=True, reduced_motion="reduce").page("/design")
    assert faults(page) == []


def test_the_judges_find_what_is_wrong(demo: Desk, browsing: Open) -> None:
    """Else a component that they never looked at would be without fault."""
    page = browsing(demo, viewport=NARROW, bypass_csp=True).page("/design")
    page.evaluate("""() => {
      const stage = document.querySelector(".specimen > div").shadowRoot.querySelector(".stage");
      stage.innerHTML = '<p style="inline-size: 900px">x</p><p style="overflow: hidden; block-size: 9px">y</p>'
        + '<button style="min-block-size: 0; padding: 0; inline-size: 9px; outline: none"></button>';
    }""")
    for judge in (JUTS_OUT, CUT_OFF, TOO_SMALL, NO_RING):
        assert len(measured(page, judge)) == 1
