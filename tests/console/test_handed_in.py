"""What waits for a second person stands among the drafts of who wrote it, who alone reads it there and takes it back."""

from typing import Any

import httpx
import pytest

from amanat.exchange.means import look
from amanat.store import drafts, listing
from api.cast import API, Desk, SignIn, draft, person
from console.reading import Read


@pytest.fixture
def waits(af: Desk) -> str:
    """The id of a record that the duty officer handed in, and that names a person."""
    sent: dict[str, Any] = af.send("duty", "a lorry", to=["pk"], **person("whom it names"))
    return str(sent["id"])


def held(af: Desk, id_: str) -> bool:
    with look(af.side.means) as turn:
        return listing.held_one(turn.tx, id_) is not None


def test_who_wrote_it_finds_it_among_the_drafts_without_what_it_says_of_a_person(
    browser: httpx.Client, sign_in: SignIn, waits: str
) -> None:
    sign_in("duty")
    shown = Read(browser.get("/drafts").text)
    assert f"/drafts/waiting/{waits}" in shown.links
    assert "waits for a second person since" in shown.words
    assert "whom it names" not in shown.words


def test_that_more_wait_than_are_shown_is_said(
    af: Desk, browser: httpx.Client, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amanat.console.drafts.PAGE", 1)
    for _ in range(2):
        af.send("duty", "a lorry", to=["pk"], **person("whom it names"))
    sign_in("duty")
    shown = Read(browser.get("/drafts").text)
    assert "More wait; the oldest one is shown." in shown.words
    assert len([each for each in shown.links if each.startswith("/drafts/waiting/")]) == 1


def test_nobody_else_finds_it_there_nor_reads_it_nor_takes_it_back(
    af: Desk, browser: httpx.Client, sign_in: SignIn, waits: str
) -> None:
    page = sign_in("analyst")
    assert f"/drafts/waiting/{waits}" not in Read(browser.get("/drafts").text).links
    refused = browser.get(f"/drafts/waiting/{waits}")
    assert (refused.status_code, "held.other" in refused.text, "whom it names" in refused.text) == (403, True, False)
    form = {"form": Read(page.text).hidden["form"]}
    assert browser.post(f"/drafts/waiting/{waits}/taking-back", data=form).status_code == 403
    assert held(af, waits)
    assert af.outcomes("record.take-back", f"af:{waits}") == ["refused"]


def test_it_is_read_in_full_which_is_noted_and_taken_back_as_a_draft_that_nobody_gave_back(
    af: Desk, browser: httpx.Client, sign_in: SignIn, waits: str
) -> None:
    sign_in("duty")
    page = browser.get(f"/drafts/waiting/{waits}")
    assert "whom it names" in Read(page.text).words
    assert af.noted("record.person", f"af:{waits}", by="duty")
    form = {"form": Read(page.text).hidden["form"]}
    back = browser.post(f"/drafts/waiting/{waits}/taking-back", data=form)
    assert (back.url.path.startswith("/draft/"), "It was taken back" in back.text) == (True, True)
    assert not held(af, waits)
    with look(af.side.means) as turn:
        row = drafts.page(turn.tx, "", 1)[0]
    assert (row.id, row.returned, row.officer) == (back.url.path.split("/")[2], None, af.officer("duty").id)
    again = browser.post(f"/drafts/waiting/{waits}/taking-back", data=form)
    assert (again.status_code, "held.unknown" in again.text) == (404, True)


def test_a_program_takes_back_what_its_officer_wrote(af: Desk) -> None:
    sent = af.send("duty", to=["pk"], **person())
    answer = af.ask("duty", "POST", f"/held/{sent['id']}/taking-back")
    assert (answer.status_code, af.ask("duty", "GET", f"/drafts/{answer.json()['draft']}").status_code) == (200, 200)
    assert not held(af, sent["id"])


def test_what_names_nobody_is_not_said_to_name_a_person(af: Desk, browser: httpx.Client, sign_in: SignIn) -> None:
    written = af.ask("analyst", "POST", "/drafts", json=draft("a barge") | {"to": ["pk"]}).json()
    session = af.session("analyst") | {"if-match": '"1"'}
    handed = af.http.post(f"{API}/drafts/{written['head']['id']}/submission", headers=session)
    assert handed.json()["state"] == "held"
    sign_in("analyst")
    words = Read(browser.get("/drafts").text).words
    assert ("waits for a second person since" in words, "names a person" in words) == (True, False)
