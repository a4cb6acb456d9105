"""`make screenshots`: play the demo, sign in at its nodes as its officers do, and take the pictures that README shows.

Law: real pages of real nodes. Whom they show is invented, and marked as an exercise; only the times differ from one play to the next.
"""

import io
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console

from amanat import demo
from amanat.party.lexicon import Language
from e2e.conftest import QUIET

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WIDTH = 1440


@dataclass(frozen=True)
class Shot:
    """One picture: at whose node, by which officer, from which page on, how high; `opens` is what is clicked there."""

    name: str
    party: str
    officer: str
    language: Language
    dark: bool
    path: str
    opens: str = ""
    height: int = 900


SHOTS = (
    Shot("now", "af", "duty", "en", dark=False, path="/"),
    Shot(
        "way-ur",
        "pk",
        "duty",
        "ur",
        dark=False,
        path="/records?exercise=yes&party=pk",
        opens="td.what a",
        height=1500,
    ),
    Shot("incident", "af", "duty", "en", dark=False, path="/liaison/incidents", opens="main td a", height=1700),
    Shot("compact-dark", "pk", "chief", "en", dark=True, path="/compacts", opens="main td a"),
)


def sign_in(page: Page, url: str, officer: str) -> None:
    """Sign in as an officer of the demo, by one click."""
    page.goto(f"{url}/sign-in")
    page.locator(f'form[action="/sign-in/as/{officer}"] button').click()
    page.wait_for_url(f"{url}/")


def speak(page: Page, language: Language) -> None:
    """Choose a language, as an officer does."""
    page.locator("details.own summary").click()
    page.locator("select[name=language]").select_option(language)
    page.locator("form.language button").click()
    page.locator(f'html[lang="{language}"]').wait_for()


def take(browser: Browser, shot: Shot, url: str) -> None:
    """Take one picture."""
    size = {"width": WIDTH, "height": shot.height}
    context = browser.new_context(viewport=size, color_scheme="dark" if shot.dark else "light", reduced_motion="reduce")  # type: ignore[arg-type]  # as Playwright takes it
    page = context.new_page()
    sign_in(page, url, shot.officer)
    speak(page, shot.language)
    page.goto(f"{url}{shot.path}")
    if shot.opens:
        page.locator(shot.opens).first.click()
    page.locator("main h1").wait_for()
    page.evaluate("document.fonts.ready")
    page.screenshot(path=FOLDER / f"{shot.name}.png")
    context.close()


def take_all(urls: Mapping[str, str]) -> None:
    """Take all pictures at nodes that are up, by party."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        for shot in SHOTS:
            take(browser, shot, urls[shot.party])
        browser.close()


def main() -> None:
    """Play the demo in a folder that is thrown away, and take the pictures while its nodes are up."""
    told = io.StringIO()

    def stay() -> None:
        take_all(dict(re.findall(r"^ +(\w+) +(http://\S+)/sign-in$", told.getvalue(), re.MULTILINE)))

    with tempfile.TemporaryDirectory() as folder:
        demo.run(Path(folder), Console(file=told, width=80), stay)


if __name__ == "__main__":
    main()
