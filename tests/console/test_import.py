"""A foreign file as the body of a draft: read and shown first, kept only when the officer says so."""

import json
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from amanat.record.kind import Kinds
from amanat.record.notices import NOTICES
from amanat.workspaces import find
from api.cast import Desk, SignIn, desk
from border import Border
from console.reading import Read

REPORT = next(kind for workspace in find() for kind in workspace.kinds if kind.name == "intelligence.report")
BUNDLE = bytes(REPORT.examples[0].bundle)
HOSTILE = BUNDLE.replace(b"Mortar fire near the line", b"<script>alert(1)</script><img src=x>")


@pytest.fixture(scope="module")
def af(border: Border) -> Iterator[Desk]:
    """The node of one side, with the kind of the workspace."""
    side = border.af
    side.means = replace(side.means, kinds=Kinds([REPORT, *NOTICES]))
    with desk(side) as served:
        yield served


@pytest.fixture
def path(browser: httpx.Client, sign_in: SignIn) -> str:
    """Where a draft that was just begun takes in a file."""
    sign_in("analyst")
    form = {**Read(browser.get("/compose").text).hidden, "choice": "pk-af intelligence.report"}
    return f"{browser.post('/compose', data=form).url.path}/import"


def given(browser: httpx.Client, path: str, **said: str) -> httpx.Response:
    """Send the form of the page, with what was typed."""
    hidden = Read(browser.get(path).text).hidden
    first = {"form": hidden["form"], "version": hidden["version"], **said}
    return browser.post(path, files=[(name, (None, value)) for name, value in first.items()])


def body(af: Desk, path: str) -> dict[str, object]:
    kept: dict[str, object] = af.get("duty", f"/drafts/{path.split('/')[2]}")["form"]["body"]
    return kept


def test_what_is_pasted_is_shown_in_words_and_nothing_is_kept(af: Desk, browser: httpx.Client, path: str) -> None:
    page = given(browser, path, text=HOSTILE.decode())
    shown = Read(page.text)
    assert "<script>alert(1)</script>" in shown.words
    assert "Kurram" in shown.words
    assert (len(shown.scripts), "img" in shown.tags) == (1, False)
    assert body(af, path) == {}


def test_of_a_long_file_is_said_how_much_is_in_it_and_all_of_it_can_be_opened(browser: httpx.Client, path: str) -> None:
    bundle = json.loads(BUNDLE)
    place = bundle["objects"][1]
    bundle["objects"] += [
        place | {"id": f"location--{number:08d}-2a55-4f0e-9a3b-6f1f5d0c9e03", "name": f"Post {number}"}
        for number in range(100)
    ]
    page = given(browser, path, text=json.dumps(bundle)).text
    words = Read(page).words
    assert "It holds 103 parts." in words
    assert "Show 91 more parts" in words
    first, _, rest = page.partition('<details class="rest">')
    assert ("Post 8" in first, "Post 9" in first) == (True, False)
    assert all(f"Post {number}" in Read(rest.partition("</details>")[0]).words for number in range(9, 100))


def test_its_tab_says_what_the_file_is_for(browser: httpx.Client, path: str) -> None:
    assert "<title>Take in a file: Intelligence report</title>" in browser.get(path).text


def test_what_was_shown_is_taken_in_when_the_officer_says_so(af: Desk, browser: httpx.Client, path: str) -> None:
    hidden = Read(browser.get(path).text).hidden
    word = [("form", (None, hidden["form"])), ("version", (None, "1"))]
    seen = browser.post(path, files=[*word, ("file", ("a.json", BUNDLE, "application/json"))])
    kept = Read(seen.text).hidden
    taken = browser.post(path, files=[(name, (None, kept[name])) for name in ("form", "version", "take", "text")])
    assert taken.url.path == path.removesuffix("/import")
    assert "Kurram" in taken.text
    assert set(body(af, path)) == {"bundle"}


def test_what_is_no_such_file_is_told_where_it_is_wrong_and_stays_to_be_mended(
    af: Desk, browser: httpx.Client, path: str
) -> None:
    page = given(browser, path, text='{"type": "bundle",,}')
    assert (page.status_code, "line 1" in page.text, "&#34;bundle&#34;,,}" in page.text) == (400, True, True)
    nothing = given(browser, path, text=" ")
    assert (nothing.status_code, "import.empty" in nothing.text) == (400, True)
    assert body(af, path) == {}


def test_bytes_that_are_no_text_are_told_so(browser: httpx.Client, path: str) -> None:
    hidden = Read(browser.get(path).text).hidden
    answer = browser.post(path, files=[("form", (None, hidden["form"])), ("file", ("a.json", b"\xff\xfe", "x/y"))])
    assert (answer.status_code, "form.text" in answer.text) == (400, True)


def test_a_draft_that_a_colleague_changed_meanwhile_takes_nothing_in(browser: httpx.Client, path: str) -> None:
    given(browser, path, text=BUNDLE.decode(), take="0")
    late = given(browser, path, text=BUNDLE.decode(), take="0", version="1")
    assert (late.status_code, "draft.changed" in late.text) == (412, True)


@pytest.mark.parametrize("wrong", [{"take": each} for each in ("x", "-9", "1", "9" * 40)] + [{"version": "9" * 40}])
def test_what_was_not_shown_is_not_taken_in(af: Desk, browser: httpx.Client, path: str, wrong: dict[str, str]) -> None:
    page = given(browser, path, **{"text": BUNDLE.decode(), "take": "0"} | wrong)
    assert (page.status_code, "form.number" in page.text, body(af, path)) == (400, True, {})
