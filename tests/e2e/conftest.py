"""A browser as officers have one, Debian's Chromium, that comes to nodes of the border and to nothing else."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from amanat.exchange.caller import COOKIE
from amanat.officer.may import Role
from amanat.party.lexicon import Language
from api.cast import Desk
from border import Border, meet
from wire import TRUST, connected

PATIENCE = 20_000  # milliseconds
WITHIN = ("data", "blob")  # schemes of what a page has with it
QUIET = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]  # fmt: skip
"""A browser of its own accord asks nobody anything, and finds nobody but this machine; as root it cannot have its sandbox."""


@dataclass
class Watched:
    """A browser of one officer, and what went wrong in it: errors of scripts, and requests to anywhere else."""

    desk: Desk
    context: BrowserContext
    wrong: list[str] = field(default_factory=list)

    def page(self, path: str) -> Page:
        """A new page, that shows this path."""
        page = self.context.new_page()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.goto(self.desk.node.url + path)
        return page

    def become(self, role: Role, language: Language) -> None:
        """Be signed in as the officer of that role, who reads that language."""
        secret = self.desk.session(role)["cookie"].partition("=")[2]
        self.context.add_cookies([{"name": COOKIE, "value": secret, "url": self.desk.node.url}])
        self.desk.speak(role, language)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith("[.WebGL-"):  # how a driver performs
            self.wrong.append(message.text)


Open = Callable[..., Watched]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser, once for the tests of a file: as long as it is open, no other test of this process can run a loop."""
    found = shutil.which("chromium")
    assert found, "chromium is not installed: `apt-get install chromium`, then again"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@contextmanager
def browsers(chromium: Browser) -> Iterator[Open]:
    """Open browsers that were never here; at the end, nothing went wrong in any of them."""
    opened = list[Watched]()

    def new(desk: Desk, **options: object) -> Watched:
        context = chromium.new_context(**options)  # type: ignore[arg-type]  # as Playwright takes them
        made = Watched(desk, context)
        context.set_default_timeout(PATIENCE)
        here = urlsplit(desk.node.url).netloc

        def watch(request: Request) -> None:
            to = urlsplit(request.url)
            if to.netloc != here and to.scheme not in WITHIN:
                made.wrong.append(f"asked for {request.url}")

        context.on("request", watch)  # where requests are routed, a browser keeps nothing of what it loaded
        opened.append(made)
        return made

    yield new
    for each in opened:
        each.context.close()
    assert [each.wrong for each in opened] == [[]] * len(opened)


@pytest.fixture
def browsing(chromium: Browser) -> Iterator[Open]:
    """Browsers for one test."""
    with browsers(chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def border(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Border]:
    """Three parties that have met."""
    with meet(tmp_path_factory.mktemp("border")) as met:
        yield met


@pytest.fixture(scope="module")
def desks(border: Border) -> Iterator[dict[str, Desk]]:
    """The nodes of two of them, with lines to one another, and their officers."""
    with connected(border, "pk", "af") as nodes, ExitStack() as open_:
        yield {
            party: Desk(node, open_.enter_context(httpx.Client(base_url=node.url, timeout=30, verify=TRUST)))
            for party, node in nodes.items()
        }
