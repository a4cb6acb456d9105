"""What the benches of browsers share: Chromium as officers have one, signed in at a served node."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from amanat.exchange.caller import COOKIE
from e2e.conftest import QUIET
from message import Desk


@contextmanager
def chromium() -> Iterator[Browser]:
    """Lend the browser; serve nodes before, for it begins threads."""
    found = shutil.which("chromium")
    if found is None:
        raise SystemExit("error: chromium is not installed: `apt-get install chromium`, then again")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@contextmanager
def signed_in(browser: Browser, desk: Desk, width: int, height: int) -> Iterator[BrowserContext]:
    """Lend a browser that was never here before and keeps nothing, of the first officer of that desk."""
    context = browser.new_context(viewport={"width": width, "height": height})
    context.add_cookies([{"name": COOKIE, "value": desk.cookies[0], "url": desk.url}])
    yield context
    context.close()
