"""How long over 64 kbit/s with 800 ms of delay until a page can be used on a telephone? Cold, warm, and with a form.

Ours: a served node and Chromium at 390 x 844, whose link it makes slow itself (`Network.emulateNetworkConditions`: each
request waits 800 ms, and all share the 64 kbit/s). A view is usable once all of the page's text was read and its first
paint is past; scripts and fonts come after. In three languages: with nothing kept from before (cold), then a form
posted at once while the rest is under way; with all of it kept (warm), and a form posted then, until the page that
answers it is usable. Opening a connection is not delayed so: over TLS 1.3 it is two delays more at first. The peer is
what nobody can do without: two delays, and the bytes of the page and its style at 64 kbit/s. The last line is peer /
ours for the slowest cold view.
"""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page

from amanat.exchange.caller import form_word
from browsing import chromium, signed_in
from message import Desk, desks
from message import page as page_of

WIDTH, HEIGHT, DELAY, BYTES_A_SECOND = 390, 844, 0.8, 8000
FORM = "form.language"
LANGUAGES = ("en", "ps", "ur")
VIEW_WANTED, POST_WANTED, PATIENCE = 10.0, 3.0, 120_000
USABLE = """() => {
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  const [page] = performance.getEntriesByType("navigation");
  return paint && page.domInteractive > 0 && Math.max(paint.startTime, page.domInteractive);
}"""
"""Milliseconds from a navigation's begin until its page was usable; 0 before it is."""
CAME = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter((each) => each.responseEnd > 0 && each.transferSize > 0 && each.initiatorType !== "fetch")
  .map((each) => [each.name.split("/").pop().replace(/[?].*/, "") || "page", each.encodedBodySize, each.responseEnd])"""


@dataclass(frozen=True)
class Visit:
    """Seconds until a page was usable, cold and warm, and until a form's answer was; and what came, by its end."""

    path: str
    language: str
    cold: float
    at_once: float
    warm: float
    post: float
    came: list[tuple[str, int, float]]


def slow(context: BrowserContext) -> Page:
    """A new page whose link is slow."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    link = context.new_cdp_session(page)
    link.send("Network.enable")
    conditions: dict[str, Any] = {"offline": False, "latency": DELAY * 1e3}
    both = {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
    link.send("Network.emulateNetworkConditions", conditions | both)
    return page


def viewed(page: Page, url: str) -> float:
    """Seconds until a page could be used."""
    page.goto(url, wait_until="commit")
    return float(page.wait_for_function(USABLE).json_value()) / 1e3


def posted(page: Page) -> float:
    """Seconds from the sending of the form until the page that answers it could be used."""
    page.evaluate("window.before = true")
    begun = time.time()
    page.evaluate(f"setTimeout(() => document.querySelector('{FORM}').requestSubmit())")
    page.wait_for_function("() => window.before === undefined")
    usable = float(page.wait_for_function(USABLE).json_value())
    return float(page.evaluate("performance.timeOrigin")) / 1e3 + usable / 1e3 - begun


def settled(page: Page) -> list[tuple[str, int, float]]:
    """Wait until all that a page asked for is here; return what came, its bytes, and when."""
    page.wait_for_function("() => document.readyState === 'complete' && document.fonts.status === 'loaded'")
    page.wait_for_timeout(3_000)  # what a script asks for after all else
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    return [(name, int(size), end / 1e3) for name, size, end in page.evaluate(CAME)]


def visit(browser: Browser, desk: Desk, path: str, language: str) -> Visit:
    """Go there by a browser that was never here, and once more."""
    said = {"form": form_word(desk.cookies[0]), "language": language, "back": "/"}
    httpx.post(f"{desk.url}/language", data=said, headers=desk.headers(), follow_redirects=False)
    with signed_in(browser, desk, WIDTH, HEIGHT) as context:
        page = slow(context)
        cold, at_once = viewed(page, desk.url + path), posted(page)
    with signed_in(browser, desk, WIDTH, HEIGHT) as context:
        page = slow(context)
        cold = max(cold, viewed(page, desk.url + path))
        came = settled(page)
        page.close()
        page = slow(context)
        warm = viewed(page, desk.url + path)
        settled(page)
        return Visit(path, language, cold, at_once, warm, posted(page), came)


def told(each: Visit) -> Visit:
    """Print how a visit was; return it."""
    print(
        f"{each.path} in {each.language}: usable within {each.cold:.1f} s cold and {each.warm:.1f} s warm; a form "
        f"answered within {each.post:.1f} s, and {each.at_once:.1f} s posted at once after the cold view"
    )
    came = (f"{name} {size / 1e3:.1f} kB by {end:.1f} s" for name, size, end in each.came)
    print(f"  cold: {', '.join(came)}", flush=True)
    return each


def floor(made: Visit) -> float:
    """Seconds that the page and its style take when nothing else is on the link."""
    needed = sum(size for name, size, _ in made.came if name.endswith(".css")) + made.came[0][1]
    return 2 * DELAY + needed / BYTES_A_SECOND


def main() -> None:
    """Visit each page in each language; print figures, what was carried, and the ratio."""
    with tempfile.TemporaryDirectory() as place, desks(Path(place)) as nodes, chromium() as browser:
        made = [
            told(visit(browser, nodes["af"], path, language))
            for path in ("/", "/liaison/desk", page_of(nodes["pk"]))
            for language in LANGUAGES
        ]
    late = [f"{each.path} in {each.language}" for each in made if each.cold > VIEW_WANTED or each.at_once > POST_WANTED]
    wanted = f"{VIEW_WANTED:.0f} s for a cold view and {POST_WANTED:.0f} s for a form"
    print(f"{wanted} are wanted: " + (f"late are {', '.join(late)}" if late else "all in time"))
    slowest = max(made, key=lambda each: each.cold)
    print(f"ratio bare_bytes_vs_cold_view {floor(slowest) / slowest.cold:.2f}")


if __name__ == "__main__":
    main()
