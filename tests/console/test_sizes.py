"""What a post on a line of 64 kbit/s waits for: a page is there to be read and worked with in under 50 KB.

Scripts come after it and add to a page that does all it does without them; the whole of it is under 200 KB.
"""

from collections.abc import Mapping

import httpx
import pytest

from amanat.console.app import AREAS
from amanat.console.built import asset
from amanat.console.languages import SPOKEN
from amanat.exchange.means import begin
from amanat.officer import account
from amanat.officer.may import Role
from amanat.party.lexicon import Language
from api.cast import Desk, draft, person

FIRST_VIEW, WHOLE = 50_000, 200_000
NO_PAGES = {
    "/records/export",
    "/record/{party:str}/{id_:str}/file/{name:str}",
    "/record/{party:str}/{id_:str}/check/envelope",
    "/sign-in/passkey",
    "/passkeys/new",
}
"""What is taken out, and what scripts read."""
NOBODY: Mapping[str, str] = {}
AS_BROWSERS_ASK = {"accept-encoding": "gzip, deflate, br"}


def carried(browser: httpx.Client, path: str, session: Mapping[str, str] = NOBODY) -> int:
    """How many bytes of content come over the line."""
    with browser.stream("GET", path, headers={**AS_BROWSERS_ASK, **session}) as answer:
        assert answer.status_code == 200
        return sum(map(len, answer.iter_raw()))


@pytest.fixture(scope="module")
def pages(af: Desk, came: dict[str, str]) -> dict[str, tuple[Role, str]]:
    """Every page by its route: whose it is, and where one of it stands."""
    record, compact = f"/record/pk/{came['plain']}", "/compacts/pk-af"
    held = af.ask("duty", "POST", "/records", json={**draft(), **person(), "to": ["pk"]}).json()["id"]
    kept = af.ask("duty", "POST", "/drafts", json={**draft(), "to": ["pk"]}).json()["head"]["id"]
    ours = af.ask("duty", "POST", "/records", json={**draft(), "to": ["pk"]}).json()["id"]
    return {
        "/": ("duty", "/"),
        "/records": ("duty", "/records"),
        "/audit": ("auditor", "/audit"),
        "/record/{party:str}/{id_:str}": ("duty", record),
        "/record/{party:str}/{id_:str}/check": ("duty", f"{record}/check"),
        "/record/{party:str}/{id_:str}/way": ("duty", f"{record}/way"),
        "/record/{party:str}/{id_:str}/withdrawal": ("duty", f"/record/af/{ours}/withdrawal"),
        "/password": ("duty", "/password"),
        "/draft/{id_:str}": ("duty", f"/draft/{kept}"),
        "/draft/{id_:str}/sending": ("duty", f"/draft/{kept}/sending"),
        "/draft/{id_:str}/import": ("duty", f"/draft/{kept}/import"),
        "/tokens": ("duty", "/tokens"),
        "/parties": ("duty", "/parties"),
        "/parties/{code:str}": ("duty", "/parties/pk"),
        "/parties/{code:str}/again": ("operator", "/parties/pk/again"),
        "/sign-in": ("duty", "/sign-in"),
        "/compacts": ("duty", "/compacts"),
        "/compacts/{id_:str}": ("duty", compact),
        "/compacts/{id_:str}/question": ("duty", f"{compact}/question?kind=intelligence.report&to=pk"),
        "/compose": ("duty", "/compose"),
        "/officers": ("administrator", "/officers"),
        "/officers/new": ("administrator", "/officers/new"),
        "/officers/{sign_in:str}": ("administrator", "/officers/x.duty"),
        "/approvals": ("approver", "/approvals"),
        "/approvals/{id_:str}": ("approver", f"/approvals/{held}"),
        "/roles": ("duty", "/roles"),
        "/drafts": ("duty", "/drafts"),
        "/logs": ("duty", "/logs"),
        "/logs/{log:str}": ("duty", "/logs/pk-af"),
        "/sessions": ("duty", "/sessions"),
        "/second-factor": ("duty", "/second-factor"),
        "/passkeys": ("duty", "/passkeys"),
        "/prove": ("duty", "/prove"),
    }


def test_every_page_is_weighed(pages: dict[str, tuple[Role, str]]) -> None:
    handlers = [route for area in AREAS for route in area.ROUTES if "GET" in route.http_methods]
    assert {path for route in handlers for path in route.paths} - NO_PAGES == pages.keys()


@pytest.mark.parametrize("language", SPOKEN)
def test_the_first_view_of_a_page_is_small(
    af: Desk, browser: httpx.Client, pages: dict[str, tuple[Role, str]], language: Language
) -> None:
    officers = {role: af.officer(role).id for role, _ in pages.values()}
    with begin(af.side.means) as turn:
        for officer in officers.values():
            account.speak(turn.tx, officer, language)
    sessions = {role: af.session(role) for role in officers}
    looks = sum(carried(browser, asset(each)) for each in ("src/console.css", "icons.svg"))
    sizes = {path: looks + carried(browser, path, sessions[role]) for role, path in pages.values()}
    assert {path: size for path, size in sizes.items() if size >= FIRST_VIEW} == {}
    assert max(sizes.values()) + carried(browser, asset("src/console.ts")) < WHOLE


def test_a_page_for_which_another_site_asked_is_not_compressed(af: Desk, browser: httpx.Client) -> None:
    """Who can have a browser ask, and sees lengths alone, learns nothing of what a page holds (BREACH)."""
    coded = {
        site: browser.get("/roles", headers={**af.session("duty"), "sec-fetch-site": site}).headers.get(
            "content-encoding"
        )
        for site in ("none", "same-origin", "same-site", "cross-site")
    }
    assert coded == {"none": "gzip", "same-origin": "gzip", "same-site": None, "cross-site": None}
