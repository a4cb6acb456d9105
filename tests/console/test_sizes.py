"""What a post on a line of 64 kbit/s waits for: a page is there to be read and worked with in under 50 KB.

Scripts come after it and add to a page that does all it does without them; the whole of it is under 200 KB.
"""

from collections.abc import Callable

import httpx
import pytest

from amanat.console.built import asset
from amanat.console.languages import SPOKEN
from amanat.exchange.means import begin
from amanat.officer import account
from amanat.party.lexicon import Language
from api.cast import Desk

FIRST_VIEW, WHOLE = 50_000, 200_000
AS_BROWSERS_ASK = {"accept-encoding": "gzip, deflate, br"}


def carried(browser: httpx.Client, path: str) -> int:
    """How many bytes of content come over the line."""
    with browser.stream("GET", path, headers=AS_BROWSERS_ASK) as answer:
        assert answer.status_code == 200
        return sum(map(len, answer.iter_raw()))


@pytest.mark.parametrize("language", SPOKEN)
def test_the_first_view_of_a_page_is_small(
    af: Desk, browser: httpx.Client, sign_in: Callable[..., httpx.Response], came: dict[str, str], language: Language
) -> None:
    duty = af.officer("duty").id
    with begin(af.side.means) as turn:
        account.speak(turn.tx, duty, language)
    sign_in("duty")
    looks = sum(carried(browser, asset(each)) for each in ("src/console.css", "icons.svg"))
    pages = {path: looks + carried(browser, path) for path in ("/", "/records", f"/record/pk/{came['plain']}")}
    assert {path: size for path, size in pages.items() if size >= FIRST_VIEW} == {}
    assert max(pages.values()) + carried(browser, asset("src/console.ts")) < WHOLE
